"""Deliveries: what a platform sends us by itself (webhooks), before anybody believes it. Pure.

The receiver asks the connector whether a delivery is genuine, keeps it, and answers. Its
body is cut later, by `Connector.split`, under the listing of `Receives.deliveries`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from archiver.capture.connector import Connector

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from archiver.capture.connector import Listing, Problem, Site
    from archiver.formats.http1 import HttpResponse

__all__ = [
    "Chooses",
    "Delivery",
    "Receives",
    "Rejected",
    "Reply",
    "Subscribes",
    "Subscription",
    "Verified",
]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request that came in: method, path with query, headers as received, raw body."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """Return the first header of that name (any case), empty where there is none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")


class Reply(NamedTuple):
    """What is answered to a handshake: status, media type, body."""

    status: int
    content_type: str
    body: bytes


class Verified(NamedTuple):
    """A genuine delivery.

    ``to``: the platform's own ids of the accounts it tells of, where one address serves
    several accounts; empty where it is for the account that the address belongs to.
    ``signed_at``: when it was signed by the platform's clock (canonical time), empty where
    the signature says nothing of it. ``scheme``: how it was found genuine, in a few words
    that are recorded (`archiver.capture.signatures`).
    """

    to: tuple[str, ...] = ()
    signed_at: str = ""
    scheme: str = ""


class Rejected(NamedTuple):
    """Why a delivery is not believed, in words without any secret, and the status to answer."""

    status: int
    reason: str


class Subscription(NamedTuple):
    """What to ask a hub for: its address, and that of the topic (W3C WebSub §5.1)."""

    hub: str
    topic: str


@runtime_checkable
class Receives(Connector, Protocol):
    """A platform that sends what happens to an address of ours."""

    webhook_fields: tuple[str, ...]
    """Names of the credential's fields that deliveries are checked with, e.g. ``app_secret``."""

    def handshake(self, delivery: Delivery, secrets: Mapping[str, str]) -> Reply | None:
        """Return the answer to a request that asks whether the address is ours, or None.

        Pure; never raises on any bytes.
        """
        ...

    def verify_webhook(
        self, delivery: Delivery, secrets: Mapping[str, str], now: datetime
    ) -> Verified | Rejected:
        """Say whether a delivery is genuine, over its raw body, in constant time, and fresh.

        Pure; never raises on any bytes.
        """
        ...

    def deliveries(self, site: Site) -> Listing:
        """Return the listing under which deliveries are cut; it proves no absence."""
        ...


@runtime_checkable
class Chooses(Receives, Protocol):
    """A platform whose deliveries also tell of people who are none of the account's business."""

    def may_keep(self, site: Site, delivery: Delivery) -> bool:
        """Say whether a genuine delivery tells of the account, and so may be stored.

        What may not is answered and counted, and nothing of it is kept. Pure; never raises on
        any bytes.
        """
        ...


@runtime_checkable
class Subscribes(Receives, Protocol):
    """A platform to which we say, again and again, that it shall send."""

    def subscription(self, site: Site, response: HttpResponse) -> Subscription | Problem:
        """Return where and to what to subscribe, as the answer at the account's address says."""
        ...
