"""Feeds by WebSub, with a real receiver and a hub: asked for, meant, sent, renewed, ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from archiver.capture import websub
from archiver.capture.connector import Problem, Site
from archiver.capture.delivery import Delivery, Subscribes, Subscription
from archiver.capture.platforms.feed import Feed
from archiver.errors import CaptureError, UsageError
from archiver.flows import accounts, subscribing
from archiver.flows.verify import verify
from tests.capture.platforms.helpers import answer
from tests.chaos.truth import Quiet, rows
from tests.doubles import FixedClock
from tests.edges.store_helpers import memory_folder
from tests.receiver.hub import Hub
from tests.receiver.serving import BASE, Served, served, stored

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "news"
TOPIC = "https://news.example/feed"
RSS = (
    b'<rss xmlns:a="http://www.w3.org/2005/Atom"><channel><a:link rel="hub" '
    b'href="https://hub.example/"/><a:link rel="self" href="https://x.example/r"/>'
    b"<item><a:link rel='hub' href='https://evil.example/'/></item></channel></rss>"
)
JSON_FEED = (
    b'{"version":"https://jsonfeed.org/version/1.1","feed_url":"https://x.example/j",'
    b'"hubs":[{"type":"rssCloud","url":"https://no.example/"},'
    b'{"type":"WebSub","url":"https://hub.example/"}]}'
)
SECRETS = {"hub_secret": "sentinel-hub-secret"}


@pytest.fixture
def place() -> Iterator[tuple[Served, Hub]]:
    """A receiver, a hub that reaches it, and an approved feed."""
    with memory_folder() as folder, served(folder) as made:

        def reach(back: str) -> str:
            return f"http://127.0.0.1:{made.port}{back.removeprefix(BASE)}"

        with Hub(reach) as hub:
            archive = made.archive()
            about = {"name": NAME, "platform": "feed", "url": f"{hub.url}/feed"}
            accounts.add(archive, about, {})
            accounts.approve(archive, NAME, "Clerk")
            made.start("--no-settle", "--settle-every", "0.2")
            yield made, hub


def test_from_the_subscription_to_the_record(place: tuple[Served, Hub]) -> None:
    """A person confirms the hub; it asks back; what it sends is sealed; then no more."""
    made, hub = place
    archive = made.archive()
    with pytest.raises(UsageError, match="would be sent our address and a secret"):
        subscribing.subscribe(archive, NAME, BASE, "")
    found = subscribing.subscribe(archive, NAME, BASE, f"{hub.url}/hub")
    assert found == Subscription(f"{hub.url}/hub", f"{hub.url}/feed")
    ((back, secret),) = hub.subscribers.items()
    assert back.startswith(f"{BASE}/hooks/")
    hub.items.append(("1", "First news"))
    assert hub.publish() == [200]
    hub.algorithm = "sha1"
    hub.items.append(("2", "Second news"))
    assert hub.publish() == [200]
    hub.subscribers[back] = "another secret"
    hub.items.append(("3", "Forged news"))
    assert hub.publish() == [403]
    hub.subscribers[back] = secret
    assert made.stop() == 0
    made.run("webhook", "settle", NAME, "--json")
    titles = [row["title"] for row in rows(archive) if row["stream"] == "posts"]
    assert titles == ["First news", "Second news"]
    checked = verify(archive, Quiet(), deep=True)
    assert (checked.findings, checked.unreadable) == ([], 0)
    assert secret not in made.log()
    for name, content in stored(made.folder):
        assert secret.encode() not in content or "/credentials/" in name, name


def test_it_is_renewed_each_day_and_ended(place: tuple[Served, Hub]) -> None:
    """Not before, and an hour later where the hub is gone; it asks back each time."""
    made, hub = place
    archive = made.archive()
    subscribing.subscribe(archive, NAME, BASE, f"{hub.url}/hub")
    assert (list(subscribing.renew_due(archive)), len(hub.leases)) == ([], 1)
    later = FixedClock(archive.clock.now() + timedelta(days=1, seconds=1))
    tomorrow = replace(archive, clock=later)
    assert (list(subscribing.renew_due(tomorrow)), len(hub.leases)) == ([], 2)
    assert (list(subscribing.renew_due(tomorrow)), len(hub.leases)) == ([], 2)
    subscribing.unsubscribe(archive, NAME)
    assert hub.subscribers == {}
    with pytest.raises(UsageError, match="no subscription"):
        subscribing.unsubscribe(archive, NAME)
    subscribing.subscribe(tomorrow, NAME, BASE, f"{hub.url}/hub")
    next_day = replace(archive, clock=FixedClock(later.now() + timedelta(days=1)))
    made.stop()  # so that the hub can't ask back
    ((name, error),) = subscribing.renew_due(next_day)
    assert (name, type(error)) == (NAME, CaptureError)
    assert list(subscribing.renew_due(next_day)) == []


def asked(**given: str) -> Delivery:
    """Return a hub's question, changed as told."""
    back = websub.callback("/hooks/x", TOPIC, SECRETS["hub_secret"])
    fields = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    plain = {"mode": "subscribe", "topic": TOPIC, "challenge": "c", "lease_seconds": "9"}
    fields |= {f"hub.{name}": value for name, value in plain.items()}
    fields |= {name.replace("__", "."): value for name, value in given.items()}
    query = "&".join(f"{name}={value}" for name, value in fields.items() if value)
    return Delivery("GET", f"/hooks/x?{query}", (), b"")


def test_only_what_was_asked_for_is_confirmed() -> None:
    """For our topic, with our code; the challenge comes back as it is."""
    one = Feed()
    assert isinstance(one, Subscribes)
    for mode in ("subscribe", "unsubscribe"):
        reply = one.handshake(asked(hub__mode=mode), SECRETS)
        assert reply is not None
        assert (reply.status, reply.body) == (200, b"c")
    denied = one.handshake(asked(hub__mode="denied", hub__challenge=""), SECRETS)
    assert denied is not None
    assert denied.body == b""
    for wrong in (
        asked(hub__topic="https://elsewhere.example/"),
        asked(topic="https://elsewhere.example/", hub__topic="https://elsewhere.example/"),
        asked(code="0" * 32),
        asked(code=""),
        asked(hub__mode="publish"),
        asked(hub__challenge=""),
        Delivery("GET", "/hooks/x", (), b""),
        Delivery("GET", "/hooks/x?" + "a=1&" * 99, (), b""),
    ):
        assert one.handshake(wrong, SECRETS) is None
    assert one.handshake(asked(), {"hub_secret": "another secret"}) is None
    assert one.handshake(asked(), {}) is None


@pytest.mark.parametrize(
    ("body", "headers", "found"),
    [
        (
            b"<rss><channel></channel></rss>",
            (("Link", '<https://hub.example/>; rel="hub", <https://x.example/f>; rel=self'),),
            Subscription("https://hub.example/", "https://x.example/f"),
        ),
        (
            RSS,
            (),
            Subscription("https://hub.example/", "https://x.example/r"),
        ),
        (
            JSON_FEED,
            (),
            Subscription("https://hub.example/", "https://x.example/j"),
        ),
        (b"<rss><channel></channel></rss>", (), None),
        (b'{"feed_url":7}', (), None),
        (b"", (("Link", "<javascript:x>; rel=hub, <file:///x>; rel=self"),), None),
    ],
)
def test_hubs_are_found(
    body: bytes, headers: tuple[tuple[str, str], ...], found: Subscription | None
) -> None:
    """In headers, in the feed, in a JSON feed; never in an item."""
    site = Site(NAME, "https://x.example/f", authorised=False)
    told = Feed().subscription(site, answer(body, 200, *headers))
    assert told == found or (found is None and isinstance(told, Problem))
