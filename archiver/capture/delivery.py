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

    from archiver.capture.connector import Listing, Site

__all__ = ["Delivery", "Receives", "Rejected", "Reply", "Verified"]


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
    the signature says nothing of it.
    """

    to: tuple[str, ...] = ()
    signed_at: str = ""


class Rejected(NamedTuple):
    """Why a delivery is not believed, in words without any secret, and the status to answer."""

    status: int
    reason: str


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
