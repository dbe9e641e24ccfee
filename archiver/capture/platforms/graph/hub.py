"""Meta's webhooks: handshake and signature (developers.facebook.com/docs/graph-api/webhooks).

Every body is signed with the app's secret (`archiver.capture.signatures`). One address may
serve all accounts of an app: ``entry[].id`` says which.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from archiver.capture import signatures
from archiver.capture.delivery import Rejected, Reply
from archiver.capture.platforms.graph.cutting import node_of
from archiver.capture.times import unix_time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from archiver.capture.delivery import Delivery, Verified

__all__ = ["handshake", "verify"]

_LONGEST_CHALLENGE = 500


def handshake(delivery: Delivery, secrets: Mapping[str, str]) -> Reply | None:
    """Return the challenge of a subscription whose verify token is ours, 403 for another's."""
    try:
        query = parse_qs(urlsplit(delivery.target).query)
    except ValueError:
        return None
    asked = {name: values[0] for name, values in query.items()}
    if delivery.method != "GET" or asked.get("hub.mode") != "subscribe":
        return None
    token, challenge = secrets.get("verify_token", ""), asked.get("hub.challenge", "")
    same = hmac.compare_digest(token.encode(), asked.get("hub.verify_token", "").encode())
    fit = challenge.isascii() and challenge.isprintable() and len(challenge) <= _LONGEST_CHALLENGE
    if not token or not same or not challenge or not fit:
        return Reply(403, "text/plain", b"not ours\n")
    return Reply(200, "text/plain", challenge.encode())


def verify(
    delivery: Delivery, secrets: Mapping[str, str], now: datetime, kind: str
) -> Verified | Rejected:
    """Say whether a delivery is signed by the app, and tells of ``kind`` (``page``).

    Meta sends again for a day and more: no age is too old.
    """
    secret = secrets.get("app_secret", "")
    if delivery.method != "POST":
        return Rejected(405, "a delivery is a POST request")
    if not secret:
        return Rejected(403, "the account has no app_secret to check signatures with")
    signed = signatures.check(signatures.META, delivery, (secret,), now)
    if isinstance(signed, Rejected):
        return signed
    node = node_of(delivery.body)
    entries = node.get("entry")
    if node.get("object") != kind or not isinstance(entries, list) or not entries:
        return Rejected(400, f"not a delivery about a {kind}")
    found = [one for one in entries if isinstance(one, dict)]
    ids = dict.fromkeys(str(one["id"]) for one in found if isinstance(one.get("id"), str | int))
    return signed._replace(to=tuple(ids), signed_at=_signed_at(found))


def _signed_at(entries: list[dict[str, Any]]) -> str:
    """Return when the newest entry was made up, by Meta's clock."""
    times = [unix_time(str(one.get("time", ""))).at for one in entries]
    return max(times, default="")
