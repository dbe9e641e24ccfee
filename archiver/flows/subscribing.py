"""Subscribing at a hub: asked for once by a person, and again each day by whoever settles."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archiver.capture import websub
from archiver.capture.connector import Problem, Site
from archiver.capture.delivery import Subscribes, Subscription
from archiver.errors import ArchiverError, CaptureError, KeyStoreError, RefusedError, UsageError
from archiver.flows.accounts import find
from archiver.flows.connectors import connector
from archiver.flows.hooks import path_of
from archiver.formats.http1 import parse_response
from archiver.formats.parquet import canonical_time
from archiver.record import Request
from archiver.registry.accounts import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.archive import Archive
    from archiver.formats.http1 import HttpResponse

__all__ = ["renew_due", "subscribe", "unsubscribe"]

RENEW = timedelta(days=1)
"""After which a subscription is asked for again; hubs grant longer ones than that."""
AGAIN = timedelta(hours=1)
_PREFIX = "webhooks/"


def subscribe(archive: Archive, name: str, base: str, hub: str) -> Subscription:
    """Ask the hub that an approved account's feed names to send us its news.

    The hub asks the receiver, which must run, whether we mean it.

    Args:
        archive: where the account is registered.
        name: of the account.
        base: the address under which the hub reaches the receiver.
        hub: the hub's address as whoever asks has read it: it is sent our secret.

    Raises:
        UsageError: the platform has no hubs, or the feed names another one.
        CaptureError: the feed or the hub can't be read, or the hub refuses.
    """
    found = _found(archive, name)
    if found.hub != hub:
        raise UsageError(
            f"its hub is {found.hub}, which would be sent our address and a secret",
            where=name, code="hub-unconfirmed", mend=f"give --hub {found.hub} if that is right",
        )  # fmt: skip
    _ask(archive, name, "subscribe", found, base)
    at = canonical_time(archive.clock.now())
    kept = {"name": name, "hub": found.hub, "topic": found.topic, "base": base, "at": at}
    archive.home.write(_place(archive, name), json.dumps(kept).encode())
    return found


def unsubscribe(archive: Archive, name: str) -> Subscription:
    """Ask the hub to send us nothing more. Raises as `subscribe`."""
    data = archive.home.read(_place(archive, name))
    if data is None:
        raise UsageError("no subscription is kept", where=name, mend="see `archiver webhook list`")
    kept = json.loads(data)
    found = Subscription(kept["hub"], kept["topic"])
    _ask(archive, name, "unsubscribe", found, kept["base"])
    archive.home.remove(_place(archive, name))
    return found


def renew_due(archive: Archive) -> Iterator[tuple[str, ArchiverError]]:
    """Ask again for each subscription that is a day old; yield whose could not be renewed, and why.

    It is tried again an hour later.
    """
    now = archive.clock.now()
    for place in archive.home.names(_PREFIX):
        kept = json.loads(archive.home.read(place) or b"{}")
        if kept and now - datetime.fromisoformat(kept["at"]) >= RENEW:
            try:
                subscribe(archive, kept["name"], kept["base"], kept["hub"])
            except ArchiverError as error:
                kept["at"] = canonical_time(now - RENEW + AGAIN)
                archive.home.write(place, json.dumps(kept).encode())
                yield kept["name"], error


def _found(archive: Archive, name: str) -> Subscription:
    """Return hub and topic as the account's address names them now."""
    account = find(archive, name)
    one = connector(account.platform)
    if account.status != Status.APPROVED or not isinstance(one, Subscribes):
        raise RefusedError(
            "only approved accounts of platforms with hubs can be subscribed to",
            where=name, code="account-no-hub", mend="see `archiver connector list`",
        )  # fmt: skip
    answer = _sent(archive, name, Request(account.url), {})
    found = one.subscription(Site(account.name, account.url, authorised=False), answer)
    if isinstance(found, Problem):
        raise CaptureError(found.message, where=name, mend="read it as before: by polling")
    return found


def _ask(archive: Archive, name: str, mode: str, found: Subscription, base: str) -> None:
    """Send a request to a hub. A secret is made once, and kept as the account's credential."""
    account = find(archive, name)
    secret = _secret(archive, name)
    back = websub.callback(base + path_of(account), found.topic, secret)
    request = websub.request(mode, found, back, secret)
    answer = _sent(archive, name, request, {"hub_secret": secret})
    if not 200 <= answer.status < 300:  # noqa: PLR2004 - W3C WebSub §5.1: 202, or another success
        raise CaptureError(
            f"the hub refuses: {answer.status_line[:200]}", where=found.hub,
            mend="see whether it reaches the receiver at the address that it was given",
        )  # fmt: skip


def _secret(archive: Archive, name: str) -> str:
    """Return the secret of an account's subscription, made where it has no credential at all."""
    try:
        credential = archive.credential(name)
    except KeyStoreError as error:
        if error.code != "credential-missing":
            raise
        secret = archive.chance.bytes(32).hex()
        archive.save_credential(name, {"hub_secret": secret})
        return secret
    if not credential.get("hub_secret"):
        raise UsageError(
            "its credential has no hub_secret", where=name,
            mend="give all of it again with `archiver account credential`, and hub_secret=- with "
            "random characters",
        )  # fmt: skip
    return credential["hub_secret"]


def _sent(archive: Archive, name: str, request: Request, secrets: dict[str, str]) -> HttpResponse:
    """Send a request of which nothing is kept: it tells of no content, and of our secret."""
    handle = find(archive, name).handle
    with (
        archive.open_spool(handle) as spool,
        archive.open_recorder(spool, secrets, (), request.url) as recorder,
    ):
        return parse_response(recorder.log_in(request), method=request.method)


def _place(archive: Archive, name: str) -> str:
    return f"{_PREFIX}{find(archive, name).handle}.json"
