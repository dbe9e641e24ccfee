"""A genuine delivery as an exchange: the platform's request, and what we answer. Pure.

The request is written out from what the server read of it: names of headers in lower case, a
body that came in chunks without them. Credentials are replaced once the signature was checked
over the raw body, and what the check found stands in the purpose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.formats.http1 import DELIVERY
from archiver.formats.replacement import Secrets, scrub, scrub_url
from archiver.record import Exchange

if TYPE_CHECKING:
    from archiver.capture.connector import Listing
    from archiver.capture.delivery import Delivery, Verified

__all__ = ["ACCEPTED", "Arrival", "exchange_of"]

ACCEPTED = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
"""What is answered to a delivery once it is durable, byte for byte."""

_LONGEST_TOLD = 1_000
"""Characters of ids that are nobody's: it is to be seen that there are some, and which."""
_UNCHUNKED = "request-body transfer-encoding 1 decoded"


class Arrival(NamedTuple):
    """How a delivery came: to which address, when (canonical time), from where, over what TLS."""

    url: str
    at: str
    ip_address: str = ""
    clock_source: str = "system clock"


def exchange_of(
    delivery: Delivery,
    verified: Verified,
    listing: Listing,
    arrival: Arrival,
    secrets: Secrets,
    unrouted: tuple[str, ...] = (),
) -> Exchange:
    """Return a delivery fit to be stored, without lane and number.

    Args:
        delivery: what came.
        verified: what the connector found of it.
        listing: under which it is cut (`Receives.deliveries`).
        arrival: how it came.
        secrets: values that must not be stored.
        unrouted: ids of accounts it tells of that nobody here captures.
    """
    request, chunked = _written(delivery)
    clean = scrub(request, b"", secrets)  # our answer has nothing of anybody's
    url, in_url = scrub_url(arrival.url, secrets)
    purpose = {
        "role": DELIVERY,
        "listing": listing.name,
        "stream": listing.stream,
        "group": listing.group,
        "sensitivity": listing.sensitivity,
        "exhaustive": "no",
        "scheme": verified.scheme or "by its connector",
    }
    if verified.signed_at:
        purpose["signed_at"] = verified.signed_at
    if unrouted:
        purpose["unrouted"] = secrets.clean(" ".join(unrouted)[:_LONGEST_TOLD])
    return Exchange(
        lane="",
        number=0,
        url=url,
        captured_at=arrival.at,
        request=clean.request,
        response=ACCEPTED,
        ip_address=arrival.ip_address,
        replacements=((_UNCHUNKED,) if chunked else ()) + in_url + clean.replacements,
        purpose=purpose,
        clock_source=arrival.clock_source,
    )


def _written(delivery: Delivery) -> tuple[bytes, bool]:
    """Return the request as bytes, and whether its body came in chunks."""
    kept = [
        (name, value)
        for name, value in delivery.headers
        if name.lower() not in {"transfer-encoding", "content-length"}
    ]
    chunked = any(name.lower() == "transfer-encoding" for name, _ in delivery.headers)
    kept.append(("content-length", str(len(delivery.body))))
    head = f"{delivery.method} {delivery.target} HTTP/1.1\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in kept)
    return head.encode("latin-1", "replace") + b"\r\n" + delivery.body, chunked
