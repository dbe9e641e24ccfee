"""The stand-in's admin webhooks: each status of the server, as it is written or edited.

Source: docs.joinmastodon.org/admin/webhooks; the headers are those of
app/workers/webhooks/delivery_worker.rb.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, NamedTuple

from archiver.demo.mastodon.entities import Entities

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.demo.mastodon.instance import Instance, Status

__all__ = ["Sent", "send_to"]


class Sent(NamedTuple):
    """One request to whoever registered: its headers and body."""

    headers: tuple[tuple[str, str], ...]
    body: bytes


def send_to(
    instance: Instance, base: str, secret: str, send: Callable[[Sent], None]
) -> Callable[[], None]:
    """Have a server send its statuses from now on; return what ends that.

    Args:
        instance: the server's content.
        base: its own address, which stands in what it says.
        secret: of the webhook.
        send: is given each request.
    """
    view = Entities(instance, base, login=False)

    def hook(event: str, status: Status) -> None:
        at = instance.now.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        told = {"event": event, "created_at": at, "object": view.status(status)}
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        made = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        kind = ("Content-Type", "application/json")
        send(Sent((kind, ("X-Hub-Signature", f"sha256={made}")), body))

    instance.hooks.append(hook)
    return lambda: instance.hooks.remove(hook)
