"""The receiver: answers platforms at ``/hooks/<handle>``, once what they sent is durable.

Nothing is believed before the judge has looked at the raw body, and nothing is answered with
200 before it is on disk. An unknown handle is read, judged and refused like a forged delivery,
so that nobody learns which accounts there are. Each refusal leaves one line in the log, without
body, query or header values.
"""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from archiver.edges.defects import told
from archiver.edges.group_commit import GroupCommit
from archiver.errors import ArchiverError
from archiver.receiving import Incoming, Ruling

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence

    from archiver.edges.inbox import Inbox
    from archiver.edges.receiver_limits import Limits
    from archiver.receiving import Judge

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

__all__ = ["PREFIX", "Hooks"]

PREFIX = "/hooks/"

_log = logging.getLogger("archiver.receiver")

_METHODS = frozenset({"GET", "POST"})
_TYPES = frozenset(
    {
        *("application/json", "application/xml", "text/xml", "application/atom+xml"),
        *("application/rss+xml", "application/rdf+xml", "application/feed+json"),
        *("application/x-www-form-urlencoded", "application/scim+json"),
    }
)  # fmt: skip
"""Media types that platforms send (RFC 9110 §8.3.1, without parameters)."""
_LARGE = 256 << 10
_LONGEST_HANDLE = 64
_DURABLE_SECONDS = 30.0
"""Within which a delivery is durable, or its sender is asked to come again."""
_WAITS = {503: b"30", 429: b"30"}


class Refusal(Exception):  # noqa: N818 - never leaves this module
    """A request that is answered without being judged."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Hooks:
    """The ASGI application behind ``/hooks/``; `begin` it in its event loop.

    Args:
        judge: says what is genuine.
        limits: of requests.
    """

    def __init__(self, judge: Judge, limits: Limits) -> None:
        self._judge = judge
        self._limits = limits
        self._commit: GroupCommit | None = None
        self._requests = 0
        self._held = 0
        self.counts: dict[int, int] = {}

    def begin(self, inbox: Inbox) -> None:
        """Begin to keep deliveries in an inbox."""
        self._commit = GroupCommit(inbox)

    async def end(self) -> None:
        """Keep what waits, and close the inbox."""
        if self._commit is not None:
            await self._commit.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        incoming = None
        self._requests += 1
        try:
            _check_head(scope, self._limits.body)
            self._check_room()
            incoming = await self._read(scope, receive)
            if incoming is None:
                return  # its sender has gone
            ruling = await self._rule(incoming)
            if ruling.letters:
                ruling = await self._keep(ruling)
        except Refusal as refusal:
            ruling = Ruling(refusal.status, refusal.reason)
        finally:
            self._requests -= 1
            self._held -= len(incoming.body) if incoming else 0
        self._note(ruling, scope)
        await _answer(ruling, send, close=incoming is None)

    def _check_room(self) -> None:
        """Refuse what there is no room for. Raises `Refusal`."""
        if self._requests > self._limits.requests:
            raise Refusal(503, "too many requests at once")

    async def unknown(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Answer a request to any other address."""
        ruling = Ruling(404, "no such address")
        self._note(ruling, scope)
        await _answer(ruling, send, close=True)

    async def _read(self, scope: Scope, receive: Receive) -> Incoming | None:
        """Read a request to its end, within the limits; None where its sender has gone."""
        body, held, whole = bytearray(), 0, False
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    body += message.get("body", b"")
                    self._held += len(body) - held
                    held, more = len(body), message.get("more_body", False)
                    if held > self._limits.body:
                        raise Refusal(413, "the body is too large")
                    if self._held > self._limits.held:
                        raise Refusal(503, "too much is being received at once")
            whole = True
        except TimeoutError:
            raise Refusal(408, "the body does not come to its end") from None
        finally:
            self._held -= 0 if whole else held
        return _incoming(scope, bytes(body))

    async def _rule(self, incoming: Incoming) -> Ruling:
        """Judge a request; a large body beside the loop, so that others are answered meanwhile."""
        try:
            if len(incoming.body) < _LARGE:
                return self._judge.rule(incoming)
            return await asyncio.to_thread(self._judge.rule, incoming)
        except Exception as error:  # noqa: BLE001 - its sender shall come again once it is mended
            raise Refusal(503, told(error)) from None

    async def _keep(self, ruling: Ruling) -> Ruling:
        """Have letters durable; say what is answered then."""
        if self._commit is None:
            raise Refusal(503, "the receiver is not ready")
        try:
            async with asyncio.timeout(_DURABLE_SECONDS):
                done = await self._commit.keep(ruling.letters)
        except TimeoutError:
            raise Refusal(503, "the disk is too slow") from None
        for one in done:
            if isinstance(one, ArchiverError):
                raise Refusal(503, f"not kept: {one.message}")
        return ruling if any(done) else ruling._replace(reason="kept already")

    def _note(self, ruling: Ruling, scope: Scope) -> None:
        """Count an answer; leave a line in the log of what was refused."""
        self.counts[ruling.status] = self.counts.get(ruling.status, 0) + 1
        refused = ruling.status >= HTTPStatus.BAD_REQUEST
        client = scope.get("client")
        _log.log(
            logging.WARNING if refused else logging.DEBUG,
            "%s %d: %s (%s, from %s)",
            "refused" if refused else "answered",
            ruling.status,
            _plain(ruling.reason),
            self._named(scope),
            client[0] if client else "unknown",
        )

    def _named(self, scope: Scope) -> str:
        """Return whose address was called, by the account's name; others are not quoted."""
        return self._judge.hooks().get(_handle(scope), "no account")


def _check_head(scope: Scope, largest: int) -> None:
    """Refuse what needs no body to be refused. Raises `Refusal`."""
    if scope["method"] not in _METHODS:
        raise Refusal(405, "neither GET nor POST")
    raw = bytes(scope["raw_path"]) + b"?" + bytes(scope["query_string"])
    if not raw.isascii() or not raw.decode("ascii").isprintable():
        raise Refusal(400, "the address has characters that none may have")
    headers = _first(scope["headers"])
    if scope["method"] == "GET":
        return
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise Refusal(415, "the body is coded")
    media_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if media_type.decode("latin-1") not in _TYPES:
        raise Refusal(415, "not a media type that platforms send")
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length[:20]) > largest:
        raise Refusal(413, "the body is too large")


def _first(headers: Sequence[tuple[bytes, bytes]]) -> Mapping[bytes, bytes]:
    return dict(reversed(headers))


def _handle(scope: Scope) -> str:
    handle = str(scope["path"]).removeprefix(PREFIX)
    return handle if len(handle) <= _LONGEST_HANDLE else ""


def _incoming(scope: Scope, body: bytes) -> Incoming:
    raw, query = bytes(scope["raw_path"]), bytes(scope["query_string"])
    target = (raw + b"?" + query if query else raw).decode("ascii")
    headers = tuple((a.decode("latin-1"), b.decode("latin-1")) for a, b in scope["headers"])
    client = scope.get("client")
    peer = str(client[0]) if client else ""
    return Incoming(scope["method"], _handle(scope), target, headers, body, peer)


def _plain(text: str) -> str:
    return "".join(one if one.isprintable() else "?" for one in text)[:200]


async def _answer(ruling: Ruling, send: Send, *, close: bool) -> None:
    """Send an answer; ``close``: what is left of the request is not read."""
    headers = [(b"content-length", str(len(ruling.body)).encode())]
    if ruling.content_type:
        headers.append((b"content-type", ruling.content_type.encode("latin-1", "replace")))
        headers.append((b"x-content-type-options", b"nosniff"))
    if ruling.status in _WAITS:
        headers.append((b"retry-after", _WAITS[ruling.status]))
    if ruling.status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append((b"allow", b"GET, POST"))
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": ruling.status, "headers": headers})
    await send({"type": "http.response.body", "body": ruling.body})
