"""Whose a delivery is: routed by the platform's own ids, kept where nobody is found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.capture.connector import Listing
from archiver.capture.delivery import Delivery, Rejected, Reply, Verified
from archiver.capture.platforms import CONNECTORS
from archiver.capture.platforms.feed import Feed
from archiver.capture.settled import Settled
from archiver.errors import KeyStoreError, UsageError
from archiver.flows import accounts, connectors
from archiver.flows.credentials import check_credential, login_of
from archiver.flows.hooks import HookJudge, hooks_of
from archiver.flows.ledger import read_state
from archiver.flows.settle import seal_settled
from archiver.ids import new_uuid
from archiver.receiving import Incoming, Ruling
from archiver.record import Excerpt, Observation, Request
from tests.flows.helpers import founded, open_archive

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from archiver.capture.connector import Site
    from archiver.flows.archive import Archive

SECRET = "sentinel-app-secret"


class Pages(Feed):
    """A platform that sends, at one address, what concerns several pages."""

    platform = "pages"
    credential_fields: tuple[str, ...] = ("token",)
    secret_fields: tuple[str, ...] = ("token",)
    webhook_fields: tuple[str, ...] = ("app_secret",)

    def handshake(self, delivery: Delivery, secrets: Mapping[str, str]) -> Reply | None:
        """Confirm whatever names the secret."""
        meant = secrets["app_secret"] in delivery.target
        return Reply(200, "text/plain", b"yes") if meant else None

    def verify_webhook(
        self, delivery: Delivery, secrets: Mapping[str, str], now: datetime
    ) -> Verified | Rejected:
        """Believe what names the secret; the body names the pages."""
        if delivery.header("x-secret") != secrets["app_secret"]:
            return Rejected(401, "another secret")
        if delivery.body == b"malformed":
            return Rejected(400, "no pages in it")
        return Verified(tuple(delivery.body.decode().split()), scheme="named")

    def deliveries(self, site: Site) -> Listing:
        """Cut it as posts."""
        where = Request(site.url)
        return Listing("deliveries", "posts", where, "private", "deliveries", exhaustive=False)


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """An archive with three pages, of which two are known by their ids."""
    monkeypatch.setattr(connectors, "CONNECTORS", {**CONNECTORS, "pages": Pages()})
    store = founded(tmp_path / "home")
    kept: dict[str, Mapping[str, str]] = {}

    def credential(name: str) -> Mapping[str, str]:
        if name not in kept:
            raise KeyStoreError("no credential", where=name, code="credential-missing")
        return kept[name]

    opened = open_archive(store, tmp_path / "home")
    made = replace(opened, credential=credential, save_credential=kept.__setitem__)
    for name in ("one", "two", "three"):
        about = {"name": name, "platform": "pages", "url": f"https://pages.example/{name}"}
        accounts.add(made, about, {"token": f"token-of-{name}", "app_secret": SECRET})
        accounts.approve(made, name, "Clerk")
    for name, native_id in (("one", "101"), ("two", "102")):
        handle = accounts.find(made, name).handle
        seen = Observation(
            platform="pages", account=name, stream="profile", native_id=native_id, kind="present",
            sensitivity="public", captured_at="2026-11-20T09:00:00.000000Z",
            excerpts=(Excerpt("item", b"{}"),), row={"name": name}, parser="feed/1",
        )  # fmt: skip
        profile = Settled(observations=[(new_uuid(made.chance), seen)])
        seal_settled(made, read_state(made), handle, profile)
    return made


def sent(archive: Archive, body: bytes, secret: str = SECRET, to: str = "one") -> Ruling:
    """Send a body to the address of a page."""
    handle = accounts.find(archive, to).handle
    headers = (("x-secret", secret), ("content-type", "application/json"))
    incoming = Incoming("POST", handle, f"/hooks/{handle}?x=1", headers, body, "192.0.2.9")
    return HookJudge(archive, "https://hooks.example.gov").rule(incoming)


def receivers(archive: Archive, ruling: Ruling) -> list[str]:
    """Return the names of the accounts that a delivery is kept for."""
    names = {one.handle: one.name for one in accounts.registry(archive).values()}
    return [names[letter.account] for letter in ruling.letters]


@pytest.mark.parametrize(
    ("body", "expected", "unrouted"),
    [
        (b"", ["one"], ""),
        (b"101", ["one"], ""),
        (b"102", ["two"], ""),
        (b"101 102", ["one", "two"], ""),
        (b"102 102", ["two"], ""),
        (b"999", ["one"], "999"),
        (b"102 999 998", ["two", "one"], "999 998"),
    ],
)
def test_deliveries_go_to_whom_they_name(
    archive: Archive, body: bytes, expected: list[str], unrouted: str
) -> None:
    """What is nobody's stays with the address that was called, and says so."""
    ruling = sent(archive, body)
    assert ruling.status == 200
    assert receivers(archive, ruling) == expected
    told = [letter.exchange.purpose.get("unrouted", "") for letter in ruling.letters]
    assert told == [unrouted if name == "one" else "" for name in expected]


def test_what_is_stored_of_it(archive: Archive) -> None:
    """The public address, the sender's, the scheme; and no secret."""
    (letter,) = sent(archive, b"101").letters
    exchange = letter.exchange
    assert exchange.url.startswith("https://hooks.example.gov/hooks/")
    assert (exchange.ip_address, exchange.purpose["scheme"]) == ("192.0.2.9", "named")
    assert SECRET.encode() not in exchange.request
    assert b"x-secret: [replaced: app_secret]" in exchange.request


def test_refusals(archive: Archive) -> None:
    """Forged is 403 whatever the connector calls it; malformed is what the connector says."""
    assert (sent(archive, b"101", "forged").status, sent(archive, b"101", "").status) == (403, 403)
    assert sent(archive, b"malformed").status == 400
    accounts.retire(archive, "one", "Clerk")
    assert sent(archive, b"101").status == 403  # nobody is captured there any more


def test_a_secret_made_a_moment_ago_is_known(archive: Archive) -> None:
    """Once a second at most, a handshake that was not understood has the secret read again."""
    judge = HookJudge(archive, "https://x.example")
    handle = accounts.find(archive, "one").handle
    archive.save_credential("one", {"token": "token-of-one", "app_secret": "a-newer-secret"})

    def asked(secret: str) -> int:
        return judge.rule(Incoming("GET", handle, f"/hooks/{handle}?{secret}", (), b"")).status

    assert asked("a-newer-secret") == 200
    archive.save_credential("one", {"token": "token-of-one", "app_secret": "the-newest-one"})
    assert asked("the-newest-one") == 403  # the clock of this archive stands still


@pytest.mark.parametrize(
    ("secret", "lacking"),
    [("", "has none of app_secret"), ("short", "fewer than 6 characters")],
)
def test_what_is_lacking_is_said(archive: Archive, secret: str, lacking: str) -> None:
    """And nothing is believed until it is there."""
    archive.save_credential("two", {"token": "token-of-two", "app_secret": secret})
    two = next(one for one in hooks_of(archive) if one.account.name == "two")
    assert lacking in two.lacking
    assert sent(archive, b"102", secret, to="two").status == 403


def test_which_credentials_are_whole() -> None:
    """All that logs in, or nothing of it, and whatever checks deliveries besides."""
    one = Pages()
    for good in ({"token": "t"}, {"token": "t", "app_secret": "s"}, {"app_secret": "s"}, {}):
        check_credential(one, "name", good)
    assert login_of(one, {"token": "t", "app_secret": "s"}) == {"token": "t"}
    with pytest.raises(UsageError, match="has not the fields"):
        check_credential(one, "name", {"app_secret": "s"}, login=True)
    with pytest.raises(UsageError, match="has not the fields"):
        check_credential(one, "name", {"token": "t", "other": "x"})
