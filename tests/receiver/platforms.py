"""Stand-ins of platforms that send what happens, and a receiver that they send to."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.demo.city import City
from archiver.demo.facebook import hooks
from archiver.demo.facebook.api import Facebook
from archiver.demo.instagram.api import Instagram
from archiver.demo.instagram.life import CityAccount
from archiver.demo.mastodon.api import Mastodon
from archiver.demo.mastodon.webhooks import send_to
from archiver.demo.server import CityServer
from archiver.demo.x.api import XApi
from archiver.demo.x.hooks import Hooks
from archiver.demo.x.seed import Square
from archiver.demo.x.tokens import CONSUMER_SECRET
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.flows.ledger import read_state
from archiver.wire import create_archive
from tests.chaos.helpers import PATIENCE
from tests.chaos.truth import Quiet, rows
from tests.demo.listening import Hamlet
from tests.receiver.events import SECRET
from tests.receiver.serving import Served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from archiver.demo.answer import Service
    from archiver.demo.facebook.life import CityPage
    from archiver.flows.archive import Archive

    Send = Callable[[Sequence[tuple[str, str]], bytes], None]

JSON = ("Content-Type", "application/json")
WORDS = "You will regret this"
"""What somebody says who takes it back at once."""


@dataclass(slots=True)
class Platform:
    """A stand-in with the city's account on it.

    Args:
        path: what follows the server's address in the account's.
        credential: what the account needs.
        service: what answers.
        connect: has the platform send from now on; is given its own address.
        comment: lets somebody comment on the city's; returns the comment's id.
        delete: takes a comment back.
    """

    path: str
    credential: Mapping[str, str]
    service: Service
    connect: Callable[[str, Send], object]
    comment: Callable[[], str]
    delete: Callable[[str], object]


def facebook(page: CityPage) -> Platform:
    """Return Facebook with a Page."""
    service, post = Facebook(page), next(iter(page.posts))
    return Platform(
        f"/{page.name}", service.credential, service,
        lambda _url, send: _meta(page, service, "page", page.city.id, send),
        lambda: page.comment(post, page.crowd[0], WORDS).id,
        page.delete_comment,
    )  # fmt: skip


def instagram() -> Platform:
    """Return Instagram with an account."""
    account = CityAccount()
    service = Instagram(account)
    return Platform(
        f"/{account.handle}", service.credential, service,
        lambda _url, send: _meta(account, service, "instagram", account.number, send),
        lambda: account.remark(account.own[0], account.crowd[0], WORDS).id,
        account.erase,
    )  # fmt: skip


def _meta(page: CityPage | CityAccount, service: Facebook, kind: str, whose: str,
          send: Send) -> None:  # fmt: skip
    def tell(change: hooks.Change) -> None:
        body = hooks.delivery(whose, [change], int(page.now.timestamp()), kind=kind)
        send((JSON, ("X-Hub-Signature-256", hooks.signature(service.app_secret, body))), body)

    page.listeners.append(tell)


def x() -> Platform:
    """Return X with an account."""
    network = Square()
    api = XApi(network)
    city, ann = network.city.id, network.residents[0]
    post = next(one.id for one in network.posts.values() if one.author == city)
    return Platform(
        "/Quillwater", api.tokens.credential, api,
        lambda url, send: Hooks(
            network, CONSUMER_SECRET, url, lambda sent: send(sent.headers, sent.body)
        ),
        lambda: str(network.post(ann, WORDS, answers=post).id),
        lambda name: network.delete(int(name)),
    )  # fmt: skip


def mastodon() -> Platform:
    """Return a Mastodon with an account."""
    town = Hamlet()
    service = Mastodon(town)
    return Platform(
        "/@quillwater", {"token": service.token, "webhook_secret": SECRET}, service,
        lambda url, send: send_to(
            town, url, SECRET, lambda sent: send(sent.headers, sent.body)
        ),
        lambda: str(town.post(town.ann, f"@quillwater {WORDS}", answers=town.old[0]).id),
        lambda name: town.delete(int(name)),
    )  # fmt: skip


@contextmanager
def standing(folder: Path, platforms: Mapping[str, Platform]) -> Iterator[Served]:
    """Yield a receiver that all of them send to, each known from a first capture.

    The accounts have the platforms' names. What comes is settled beside the receiver at once.
    """
    here = Served(folder)
    create_archive(here.settings)
    with ExitStack() as open_:
        for name, one in platforms.items():
            server = open_.enter_context(CityServer(City(), one.service))
            archive = here.archive()
            about = {"name": name, "platform": name, "url": server.url + one.path}
            accounts.add(archive, about, one.credential)
            accounts.approve(archive, name, "Clerk")
            assert capture(archive, name, "backfill", Quiet()).incomplete == {}
            one.connect(server.url, _sender(here, name))
        here.start("--settle-every", "0.2")
        open_.callback(lambda: here.process is None or here.stop())
        yield here


def _sender(here: Served, name: str) -> Send:
    def send(headers: Sequence[tuple[str, str]], body: bytes) -> None:
        assert here.post(here.path(name), body, {"X-Hub-Signature": "", **dict(headers)}) == 200

    return send


def observed(archive: Archive, name: str, native_id: str) -> list[dict[str, str]]:
    """Return every row about a thing of an account's, and of events that tell of it, in order."""
    return [
        row
        for row in rows(archive)
        if row["account"] == name
        if row["native_id"] == native_id or row["native_id"].startswith(f"{native_id}/event/")
    ]


def settled(here: Served, name: str, native_id: str, kind: str) -> None:
    """Wait until a thing itself was observed to be in a state."""
    ends, size, archive = time.monotonic() + PATIENCE, 0, here.archive()
    while True:
        now = read_state(archive).size
        if now != size:
            size, found = now, observed(archive, name, native_id)
            if any((one["native_id"], one["kind"]) == (native_id, kind) for one in found):
                return
        assert time.monotonic() < ends, here.log()
        time.sleep(0.3)
