"""Whether a delivery is X's: the challenge and the signature (docs.x.com/x-api/webhooks).

Both are signed with the app's consumer secret (`archiver.capture.signatures`): the challenge's
token, and the raw body. The signature says nothing of when it was made: an event is told from
its replay by its id alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from archiver.capture import signatures
from archiver.capture.delivery import Rejected
from archiver.capture.platforms.x.events import told_to

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from archiver.capture.delivery import Delivery, Reply, Verified

__all__ = ["SECRET", "handshake", "verify"]

SECRET = "consumer_secret"  # noqa: S105 - the name of a field
_BAD_REQUEST, _FORBIDDEN = 400, 403
_LONGEST_TOKEN = 1000


def handshake(delivery: Delivery, secrets: Mapping[str, str]) -> Reply | None:
    """Return the answer to a challenge (CRC), None where the request is none.

    A token that is no plain text is no challenge of X's: the reply would sign anything.
    """
    if delivery.method != "GET":
        return None
    query = delivery.target.partition("?")[2]
    token = parse_qs(query, max_num_fields=100).get("crc_token", [""])[0] if _small(query) else ""
    secret = secrets.get(SECRET, "")
    if not token or not secret or not token.isprintable() or len(token) > _LONGEST_TOKEN:
        return None
    return signatures.crc_reply(token, secret)


def _small(query: str) -> bool:
    return query.count("&") < 100 and len(query) <= 4 * _LONGEST_TOKEN  # noqa: PLR2004 - parse_qs's own bound


def verify(delivery: Delivery, secrets: Mapping[str, str], now: datetime) -> Verified | Rejected:
    """Say whether a delivery is genuine, and for which account."""
    secret = secrets.get(SECRET, "")
    if not secret:
        return Rejected(_FORBIDDEN, "there is no consumer_secret to check deliveries with")
    if delivery.method != "POST":
        return Rejected(_BAD_REQUEST, "events come by POST")
    found = signatures.check(signatures.X, delivery, (secret,), now)
    return found if isinstance(found, Rejected) else found._replace(to=told_to(delivery.body))
