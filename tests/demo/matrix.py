"""The stand-in homeserver, served, and an archive of the city's account in this process."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.demo.city import City
from archiver.demo.matrix.api import Matrix
from archiver.demo.matrix.life import Chat
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

    from archiver.demo.matrix.rooms import Event, Room
    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport

ACCOUNT = "city-chat"
Row = dict[str, str]
Thing = tuple[str, str]
STREAMS = {
    "m.room.message": "messages",
    "m.room.encrypted": "messages",
    "m.reaction": "reactions",
    "m.room.member": "subscribers",
}
KINDS = {"join": "present", "invite": "held", "leave": "removed", "ban": "removed"}


@dataclass(slots=True)
class Stage:
    """The chat, its API and server, and an archive with its approved account."""

    chat: Chat
    service: Matrix
    server: CityServer
    archive: Archive
    clock: FixedClock
    folder: Path

    def archive_files(self) -> list[Path]:
        """Return every file of the archive."""
        return [path for path in (self.folder / "archive").rglob("*") if path.is_file()]

    def capture(self, mode: str) -> CaptureReport:
        """Capture the account; nothing may be left open or unexplained."""
        report = capture(self.archive, ACCOUNT, mode, Quiet())
        assert report.incomplete == {}
        assert all(one["unexplained"] == 0 for one in report.streams.values())
        return report

    def asked(self) -> list[str]:
        """Return the addresses of all requests that were answered so far."""
        return [one.path for one in self.server.log]


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """Yield a stage with an approved account."""
    chat, clock = Chat(), FixedClock(datetime.now(UTC))
    service = Matrix(chat)
    settings = Settings(str(folder / "archive"), folder / "home")
    archive = replace(create_archive(settings), clock=clock)
    with CityServer(City(), service) as server:
        about = {"name": ACCOUNT, "platform": "matrix", "url": f"{server.url}/{chat.user}"}
        accounts.add(archive, about, {"user": "city", "password": chat.secret})
        accounts.approve(archive, ACCOUNT, "Clerk")
        yield Stage(chat, service, server, archive, clock, folder)


def truth(chat: Chat) -> dict[Thing, Row]:
    """Return what every record should say now: stream and id -> columns, with ``kind``."""
    found: dict[Thing, Row] = {
        ("profile", chat.user): {"kind": "present", "name": chat.names[chat.user]},
        ("profile", f"{chat.user}/m.direct"): {"kind": "present"},
    }
    for room in chat.rooms.values():
        standing = room.membership(chat.user)
        if standing:
            word = "leave" if standing == "ban" else standing
            found["profile", room.id] = {"kind": KINDS[standing], "state": word}
        if room.seen_by(chat.user) is not None:
            found |= _room(chat, room)
    return found


def _room(chat: Chat, room: Room) -> dict[Thing, Row]:
    names = {kind: event.content for (kind, _), event in room.state.items()}
    found: dict[Thing, Row] = {
        ("pages", room.id): {
            "kind": "present",
            "title": names.get("m.room.name", {}).get("name", ""),
            "text": names.get("m.room.topic", {}).get("topic", ""),
        }
    }
    for (kind, user), event in room.state.items():
        if kind == "m.room.member":
            state = str(event.content["membership"])
            found["subscribers", f"{room.id}/{user}"] = {"kind": KINDS[state], "state": state}
    for event in room.events:
        stream = STREAMS.get(event.type, "moderation")
        found[stream, f"{room.id}/{event.id}"] = _event(room, event)
        if event.id in room.redacted and stream == "messages":
            text = event.content["body"]
            one = {"kind": "hidden", "text": text, "author_id": event.sender}
            found[stream, f"{room.id}/{event.id} unredacted"] = one
        url = event.content.get("url", "")
        if event.id not in room.redacted and str(url).startswith("mxc://"):
            digest = sha256(chat.files[url[6:]][1]).hexdigest()
            found["media", url[6:]] = {"kind": "present", "file_sha256": digest}
    return found


def _event(room: Room, event: Event) -> Row:
    """Return what the record of one event says."""
    if event.id in room.redacted:
        return {"kind": "removed", "state": "redacted", "text": "", "author_id": event.sender}
    row = {"kind": "present"}
    if event.type == "m.room.message":
        said = room.last_edit(event.id) or event
        content = said.content.get("m.new_content", said.content)
        row |= {"text": content["body"], "author_id": event.sender, "thread_id": room.id}
    elif event.type == "m.room.encrypted":
        row["state"] = "encrypted"
    elif event.type == "m.room.redaction":
        row["parent_id"] = f"{room.id}/{event.redacts}"
    elif event.type == "m.reaction":
        row["parent_id"] = f"{room.id}/{event.content['m.relates_to']['event_id']}"
    return row


def history(archive: Archive) -> dict[Thing, list[Row]]:
    """Return the observations of every thing of the platform's, oldest first."""
    found: dict[Thing, list[Row]] = {}
    for row in rows(archive):
        if row["stream"] != "workflow" and row["kind"] not in {"listing", "residue"}:
            found.setdefault((row["stream"], row["native_id"]), []).append(row)
    return found


def wrong(chat: Chat, archive: Archive) -> list[str]:
    """Name each thing that the archive lacks, invents or tells otherwise than the chat."""
    wanted, have = truth(chat), history(archive)
    said = [f"missing {thing}" for thing in wanted.keys() - have.keys()]
    said += [f"invented {thing}" for thing in have.keys() - wanted.keys()]
    for thing in wanted.keys() & have.keys():
        row = have[thing][-1]
        kind = dict.fromkeys(("edited", "extended", "restored"), "present").get(
            row["kind"], row["kind"]
        )
        seen = {**row, "kind": kind}
        said += [
            f"{thing} {name}: {seen.get(name, '')!r}, not {value!r}"
            for name, value in wanted[thing].items()
            if seen.get(name, "") != value
        ]
    return said


def news(stage: Stage, before: dict[Thing, list[Row]]) -> dict[str, dict[str, str]]:
    """Return what was observed since ``before``: stream -> native id -> kinds."""
    found: dict[str, dict[str, str]] = {}
    for (stream, name), seen in history(stage.archive).items():
        new = seen[len(before.get((stream, name), ())) :]
        if new:
            found.setdefault(stream, {})[name] = " ".join(row["kind"] for row in new)
    return found
