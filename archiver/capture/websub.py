"""WebSub as a subscriber (W3C Recommendation, 2018-01-23): discovery, callback, verification. Pure.

A callback carries its topic, and a code made with the subscription's secret: so a hub's
question whether we meant it (§5.3) is answered without anything being remembered, and by nobody
for a topic of his own choosing. Hubs keep the query of a callback as it is (§5.1).
"""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

from archiver.capture.delivery import Reply, Subscription
from archiver.capture.urls import web_address
from archiver.record import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from archiver.capture.delivery import Delivery
    from archiver.formats.http1 import HttpResponse

__all__ = ["LEASE", "callback", "confirmed", "header_links", "request", "subscription"]

LEASE = 10 * 86_400
"""Seconds that a subscription is asked to last: what hubs grant where nothing is asked (§5.1)."""

_LINK = re.compile(r'<([^>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^\s;,"]+))*)')
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))', re.IGNORECASE)
_MODES = frozenset({"subscribe", "unsubscribe"})


def header_links(response: HttpResponse) -> list[tuple[str, str]]:
    """Return relation and address of each link in the headers (RFC 8288 §3)."""
    found = []
    for target, parameters in _LINK.findall(", ".join(response.values("link"))):
        rel = _REL.search(parameters)
        words = (rel[1] or rel[2] or "").lower().split() if rel else []
        found += [(word, target) for word in words]
    return found


def subscription(links: Iterable[tuple[str, str]]) -> Subscription | None:
    """Return hub and topic as links name them (§4), None where either is missing."""
    hub = topic = ""
    for rel, target in links:
        if rel == "hub":
            hub = hub or web_address(target)
        elif rel == "self":
            topic = topic or web_address(target)
    return Subscription(hub, topic) if hub and topic else None


def callback(address: str, topic: str, secret: str) -> str:
    """Return the address that a hub shall send a topic to."""
    return f"{address}?{urlencode({'topic': topic, 'code': _code(topic, secret)})}"


def request(mode: str, found: Subscription, back: str, secret: str) -> Request:
    """Return what is sent to a hub (§5.1): ``subscribe`` or ``unsubscribe``."""
    fields = {
        "hub.callback": back,
        "hub.mode": mode,
        "hub.topic": found.topic,
        "hub.lease_seconds": str(LEASE),
        "hub.secret": secret,
    }
    kind = ("Content-Type", "application/x-www-form-urlencoded")
    return Request(found.hub, "POST", (kind,), urlencode(fields).encode())


def confirmed(delivery: Delivery, secrets: Mapping[str, str]) -> Reply | None:
    """Return the answer to a hub that asks whether we meant it (§5.3), or None. Never raises."""
    try:
        asked = parse_qs(urlsplit(delivery.target).query, max_num_fields=20)
    except ValueError:
        return None
    one = {name: values[0] for name, values in asked.items() if len(values) == 1}
    topic, secret = one.get("topic", ""), secrets.get("hub_secret", "")
    if not secret or not topic or one.get("hub.topic") != topic:
        return None
    given = one.get("code", "").encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(_code(topic, secret).encode(), given):
        return None
    if one.get("hub.mode") == "denied":
        return Reply(200, "text/plain", b"")  # §5.2: there is nothing to confirm
    if one.get("hub.mode") not in _MODES or "hub.challenge" not in one:
        return None
    body = one["hub.challenge"].encode("utf-8", "surrogatepass")
    return Reply(200, "application/octet-stream", body)


def _code(topic: str, secret: str) -> str:
    made = hmac.new(
        secret.encode("utf-8", "surrogatepass"),
        b"civic-archive/websub/v1\n" + topic.encode("utf-8", "surrogatepass"),
        "sha256",
    )
    return made.hexdigest()[:32]
