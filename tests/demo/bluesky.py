"""The stand-in network, served, an archive of its account, and what it must hold."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.capture.platforms.bluesky.listings import COLLECTIONS
from archiver.demo.bluesky.life import CityNetwork
from archiver.demo.bluesky.network import POST
from archiver.demo.bluesky.service import Bluesky
from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.settings import Settings
from archiver.wire import create_archive
from tests.chaos.truth import Quiet, rows
from tests.doubles import FixedClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.demo.bluesky.network import Record
    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport

ACCOUNT = "city-sky"
GONE = ("absent", "deleted")
Row = dict[str, str]
Things = dict[tuple[str, str], Row]


@dataclass(slots=True)
class Stage:
    """The network, its server, and an archive with its approved account."""

    network: CityNetwork
    server: CityServer
    archive: Archive

    def capture(self, mode: str) -> CaptureReport:
        """Capture the account; nothing may be left open."""
        report = capture(self.archive, ACCOUNT, mode, Quiet())
        assert report.incomplete == {}
        return report

    def news(self, before: dict[tuple[str, str], list[Row]]) -> dict[str, dict[str, str]]:
        """Return what was observed since ``before``: stream -> native id -> kinds."""
        found: dict[str, dict[str, str]] = {}
        for (stream, name), seen in history(self.archive).items():
            new = seen[len(before.get((stream, name), ())) :]
            if new:
                found.setdefault(stream, {})[name] = " ".join(row["kind"] for row in new)
        return found


@contextmanager
def staged(
    folder: Path, *, login: bool = True, uses: int = 1 << 60, throttle: int = 0, largest: int = 13
) -> Iterator[Stage]:
    """Yield a stage whose pages are small (see `archiver.demo.bluesky.service.Bluesky`).

    With a login the account is named by its handle, without one by its DID.
    """
    network, clock = CityNetwork(), FixedClock(datetime.now(UTC))
    service = Bluesky(network, uses=uses, throttle=throttle, largest=largest)
    settings = Settings(str(folder / "archive"), folder / "home")
    archive = replace(create_archive(settings), clock=clock)
    with CityServer(City(), service) as server:
        url = f"{server.url}/profile/{network.user if login else network.city}"
        about = {"name": ACCOUNT, "platform": "bluesky", "url": url}
        credential = {"handle": network.user, "password": network.secret} if login else {}
        accounts.add(archive, about, credential)
        accounts.approve(archive, ACCOUNT, "Clerk")
        yield Stage(network, server, archive)


def history(archive: Archive) -> dict[tuple[str, str], list[Row]]:
    """Return the observations of every thing of the platform's, oldest first."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows(archive):
        if row["stream"] != "workflow" and row["kind"] != "listing":
            found.setdefault((row["stream"], row["native_id"]), []).append(row)
    return found


def wrong(network: CityNetwork, archive: Archive, *, login: bool = True) -> list[str]:
    """Name each thing that the archive lacks, invents or tells otherwise than the network."""
    wanted = repository(network) | (shown(network) if login else {})
    latest = {thing: seen[-1] for thing, seen in history(archive).items()}
    have = {thing: row for thing, row in latest.items() if row["kind"] not in GONE}
    said = [f"missing {thing}" for thing in wanted.keys() - have.keys()]
    said += [f"invented {thing}" for thing in have.keys() - wanted.keys() - _remains(network, have)]
    for thing in wanted.keys() & have.keys():
        said += [
            f"{thing} {name}: {have[thing].get(name, '')!r}, not {value!r}"
            for name, value in wanted[thing].items()
            if have[thing].get(name, "") != value
        ]
    return said


def _remains(network: CityNetwork, have: Things) -> set[tuple[str, str]]:
    """Return what stays as last seen: notifications of what is gone, older repositories."""
    gates = network.of("app.bsky.feed.threadgate", network.city)
    hidden = {uri for gate in gates for uri in gate.value["hiddenReplies"]}
    told = {thing: f"at:{thing[1].partition('at:')[2]}" for thing in have if thing[0] == "messages"}
    gone = {thing for thing, uri in told.items() if uri not in network.records or uri in hidden}
    gone |= {thing for thing, uri in told.items() if uri.split("/")[2] in _blocked(network)}
    return gone | {thing for thing in have if thing[1].startswith("repository/")}


def repository(network: CityNetwork) -> Things:
    """Return what anybody can read of the account's repository."""
    found: Things = {("profile", "repository"): {"handle": network.user}}
    for one in network.records.values():
        if one.did == network.city:
            stream = COLLECTIONS[one.collection]
            made = {"created": one.value["createdAt"]} if "createdAt" in one.value else {}
            text = {"text": one.value["text"]} if one.collection == POST else {}
            found[stream, one.uri] = {"state": "", **made, **text}
    for (did, cid), (data, _) in network.blobs.items():
        if did == network.city and any(cid in str(one.value) for one in network.of(POST, did)):
            found["media", cid] = {"file_sha256": sha256(data).hexdigest()}
    rev = network.accounts[network.city].rev
    return found | {("profile", "commit"): {}, ("media", f"repository/{rev}"): {}}


def shown(network: CityNetwork) -> Things:
    """Return what the AppView shows the account: views, talk, reactions, people."""
    found: Things = {("profile", "view"): {"handle": network.user, "roles": ""}}
    for one in network.of(POST, network.city):
        label = ", ".join(network.labels.get(one.uri, []))
        found["moderation", f"{one.uri}/view"] = {"text": one.value["text"], "state": label}
    for one in network.of("app.bsky.feed.repost", network.city):
        text = network.record(one.value["subject"]["uri"]).value["text"]
        found["posts", f"{one.uri}/view"] = {"text": text}
    return found | _talk(network) | _reactions(network) | _people(network) | _answers_told(network)


def _talk(network: CityNetwork) -> Things:
    found: Things = {}
    gates = network.of("app.bsky.feed.threadgate", network.city)
    hidden = {uri for gate in gates for uri in gate.value["hiddenReplies"]}
    blocked = _blocked(network)
    for one in network.of(POST):
        root = one.value.get("reply", {}).get("root", {}).get("uri", "")
        quoted = one.value.get("embed", {}).get("record", {}).get("uri", "")
        if f"at://{network.city}/" in root:
            kind = "hidden" if one.uri in hidden or one.did in blocked else "present"
            closed = one.did in blocked
            said = {} if closed else {"text": one.value["text"], "author_id": one.did}
            said |= {} if closed else {"parent_id": one.value["reply"]["parent"]["uri"]}
            found["comments", one.uri] = {"now": kind, **said}
        if f"at://{network.city}/" in quoted:
            found["comments", f"{one.uri}/quote"] = {"text": one.value["text"]}
    for row in found.values():
        row.pop("now", None)
    return _answered(network) | found


def _answered(network: CityNetwork) -> Things:
    """Return what the account's answers in threads of others answer, up to the first post."""
    found: Things = {}
    for one in network.of(POST, network.city):
        root = one.value.get("reply", {}).get("root", {}).get("uri", "")
        if root and not root.startswith(f"at://{network.city}/"):
            for uri in filter(network.records.get, _above(network, one)):
                text = network.record(uri).value["text"]
                found["comments", uri] = {"text": text, "author_id": uri.split("/")[2]}
    return found


def _reactions(network: CityNetwork) -> Things:
    found: Things = {}
    for what in ("like", "repost"):
        for one in network.of(f"app.bsky.feed.{what}"):
            uri = one.value["subject"]["uri"]
            about = {"author_id": one.did, "parent_id": uri, "state": what}
            if uri.startswith(f"at://{network.city}/"):
                found["reactions", f"{uri}/{what}/{one.did}"] = about
                found |= _told(network, what, one)
    return found


def _blocked(network: CityNetwork) -> set[str]:
    return {one.value["subject"] for one in network.of("app.bsky.graph.block", network.city)}


def _told(network: CityNetwork, reason: str, one: Record) -> Things:
    silent = one.did in {network.city, *network.accounts[network.city].mutes, *_blocked(network)}
    name = ("messages", f"notification/{reason}/{one.uri}")
    return {} if silent else {name: {"title": reason, "author_id": one.did}}


def _people(network: CityNetwork) -> Things:
    found: Things = {}
    for one in network.of("app.bsky.graph.follow"):
        if one.value["subject"] == network.city:
            handle = network.accounts[one.did].handle
            found["subscribers", f"follower/{one.did}"] = {
                "handle": handle,
                "roles": '["follower"]',
            }
            found |= _told(network, "follow", one)
        if one.did == network.city:
            about = {"handle": network.accounts[one.value["subject"]].handle}
            found["subscribers", f"following/{one.value['subject']}"] = about
    for one in network.of("app.bsky.graph.block", network.city):
        found["moderation", f"block/{one.value['subject']}"] = {"state": "blocked"}
    for did in network.accounts[network.city].mutes:
        found["moderation", f"mute/{did}"] = {"state": "muted"}
    return found


def _answers_told(network: CityNetwork) -> Things:
    """Return notifications of quotes, and of answers up to four levels below a post."""
    found: Things = {}
    own = f"at://{network.city}/"
    gates = network.of("app.bsky.feed.threadgate", network.city)
    hidden = {uri for gate in gates for uri in gate.value["hiddenReplies"]}
    for one in network.of(POST):
        if one.value.get("embed", {}).get("record", {}).get("uri", "").startswith(own):
            found |= _told(network, "quote", one)
        chain = [one.uri, *_above(network, one)][:5]
        heard = next((n for n, uri in enumerate(chain) if n and uri.startswith(own)), 0)
        if heard and not hidden.intersection(chain[:heard]):
            found |= _told(network, "reply", one)
    return found


def _above(network: CityNetwork, one: Record) -> list[str]:
    uri = one.value.get("reply", {}).get("parent", {}).get("uri", "")
    above = network.records.get(uri)
    return [uri, *(_above(network, above) if above else [])] if uri else []
