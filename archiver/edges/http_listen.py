"""Listening: the answers that do not end, event streams and WebSockets.

They are read for as long as the request says; the tape keeps what came. What we answer in
a WebSocket are the pongs and the goodbye that RFC 6455 asks of a client, nothing else.
"""

from __future__ import annotations

import secrets
from base64 import b64encode
from hashlib import sha1
from typing import TYPE_CHECKING

from archiver.edges.http_tee import OverLimitError
from archiver.formats import websocket
from archiver.formats.http1_framing import are_too_small

if TYPE_CHECKING:
    import httpcore

    from archiver.edges.http_tee import Tape
    from archiver.formats.http1_framing import Framed

__all__ = ["handshake", "listen"]

_READ = 65_536
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455 §1.3."""
_ANSWERS = {websocket.PING: websocket.PONG, websocket.CLOSE: websocket.CLOSE}


def handshake() -> list[tuple[str, str]]:
    """Return the headers that ask for a WebSocket (RFC 6455 §4.1), with a key of its own."""
    key = b64encode(secrets.token_bytes(16)).decode()
    return [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", key),
    ]


def _is_accepted(sent: bytes, accepted: list[str]) -> bool:
    """Tell whether the server answers the very key that we sent (§4.2.2)."""
    lines = (line.partition(b": ") for line in sent.split(b"\r\n"))
    keys = [value for name, _, value in lines if name.lower() == b"sec-websocket-key"]
    digests = (sha1(key + _GUID).digest() for key in keys)  # noqa: S324 - RFC 6455 has it so
    return accepted == [b64encode(digest).decode() for digest in digests]


def listen(response: httpcore.Response, tape: Tape, framed: Framed) -> str:
    """Read until the answer ends or, by way of `httpcore.ReadTimeout`, time is over.

    ``framed`` is its head. Returns "", or why it is no answer to what we asked. Raises
    `OverLimitError` for an answer in more small pieces than we take.
    """
    if framed.status != 101:  # noqa: PLR2004 - RFC 9110 §15.2.2
        for parts, _ in enumerate(response.iter_stream()):
            if are_too_small(parts, tape.received.tell()):
                raise OverLimitError
        return ""
    if not _is_accepted(tape.sent.getvalue(), framed.values("sec-websocket-accept")):
        return "the server opened another protocol than we asked for"
    _talk(response.extensions["network_stream"], tape, framed.body_start)
    return ""


def _talk(stream: httpcore.NetworkStream, tape: Tape, at: int) -> None:
    """Read frames; answer pings and a goodbye. ``at``: where they begin on the tape.

    A frame is looked at once all of it is there, not with every piece that comes; and
    nothing is looked at after what is no frame.
    """
    broken = False
    while stream.read(_READ):
        begin = at
        head = bytes(tape.received.getbuffer()[at : at + websocket.LONGEST_HEAD])
        if broken or websocket.length(head) > tape.received.tell() - at:
            continue
        came = bytes(tape.received.getbuffer()[at:])
        for frame in websocket.frames(came):
            at += frame.end - frame.begin
            payload = came[frame.start : frame.end][:125]
            if frame.opcode in _ANSWERS:
                _say(
                    stream,
                    tape,
                    websocket.control(_ANSWERS[frame.opcode], payload, mask=secrets.token_bytes(4)),
                )
            if frame.opcode == websocket.CLOSE:
                return
        broken = at == begin


def _say(stream: httpcore.NetworkStream, tape: Tape, frame: bytes) -> None:
    """Send a control frame that the tape forgets: masked, it would hide an echoed secret."""
    before = tape.sent.tell()
    stream.write(frame)
    tape.sent.seek(before)
    tape.sent.truncate()
