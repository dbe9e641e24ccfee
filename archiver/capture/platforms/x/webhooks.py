"""Whether a delivery is X's: the challenge and the signature (docs.x.com/x-api/webhooks).

Both are HMAC-SHA256 with the app's consumer secret, in base64 after ``sha256=``: of the
challenge's token, and of the raw body. The signature says nothing of when it was made: an
event is told from its replay by its id alone.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from archiver.capture.delivery import Rejected, Reply, Verified
from archiver.capture.platforms.x.events import told_to

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.delivery import Delivery

__all__ = ["SECRET", "SIGNATURE", "handshake", "signature", "verify"]

SECRET = "consumer_secret"  # noqa: S105 - the name of a field
SIGNATURE = "x-twitter-webhooks-signature"
_BAD_REQUEST, _UNAUTHORISED, _FORBIDDEN = 400, 401, 403
_LONGEST_TOKEN = 1000


def signature(secret: str, message: bytes) -> str:
    """Return the signature of a message as X writes it."""
    digest = hmac.new(secret.encode("utf-8", "surrogatepass"), message, sha256).digest()
    return f"sha256={b64encode(digest).decode()}"


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
    body = json.dumps({"response_token": signature(secret, token.encode())}).encode()
    return Reply(200, "application/json", body)


def _small(query: str) -> bool:
    return query.count("&") < 100 and len(query) <= 4 * _LONGEST_TOKEN  # noqa: PLR2004 - parse_qs's own bound


def verify(delivery: Delivery, secrets: Mapping[str, str]) -> Verified | Rejected:
    """Say whether a delivery is genuine, and for which account."""
    secret = secrets.get(SECRET, "")
    if not secret:
        return Rejected(_FORBIDDEN, "there is no consumer_secret to check deliveries with")
    if delivery.method != "POST":
        return Rejected(_BAD_REQUEST, "events come by POST")
    sent = delivery.header(SIGNATURE)
    if not sent:
        return Rejected(_UNAUTHORISED, f"no {SIGNATURE} header")
    expected = signature(secret, delivery.body).encode()
    if not hmac.compare_digest(expected, sent.encode("utf-8", "surrogatepass")):
        return Rejected(_FORBIDDEN, "the signature is not that of the body")
    return Verified(told_to(delivery.body))
