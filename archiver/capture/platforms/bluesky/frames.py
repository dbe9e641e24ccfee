"""Messages of an event stream (atproto.com/specs/event-stream): whose each is.

A server's stream tells of every repository on it. Messages about others are left out
before anything is stored; of the last of them the position alone stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import FormatError
from archiver.formats.dag_cbor import parts, read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archiver.formats.dag_cbor import Part

__all__ = ["Frame", "choose", "frame_of"]

_MESSAGE = 1


class Frame(NamedTuple):
    """One message: its kind (``#commit``; "" for an error), its body's members and place.

    ``parts`` are places in the bytes that it was read from.
    """

    kind: str
    values: Mapping[str, object]
    parts: Mapping[str, Part]
    start: int
    end: int

    def text(self, name: str) -> str:
        """Return a text of the body, empty where there is none."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    @property
    def position(self) -> int:
        """Where in the stream it stands; -1 where it does not say."""
        value = self.values.get("seq")
        return value if isinstance(value, int) and not isinstance(value, bool) else -1

    @property
    def owner(self) -> str:
        """The DID of the account that it is about, empty where it is about none."""
        return self.text("repo") or self.text("did")


def frame_of(data: bytes, start: int, end: int) -> Frame | None:
    """Read the message in ``data[start:end]``, or return None where it is none."""
    try:
        header, middle = read(data, start)
        values, last = read(data, middle)
        places, _ = parts(data, middle)
    except FormatError:
        return None
    if not isinstance(header, dict) or not isinstance(values, dict) or last != end:
        return None
    kind = header.get("t")
    named = header.get("op") == _MESSAGE and isinstance(kind, str)
    return Frame(str(kind) if named else "", values, places, middle, end)


def choose(did: str, found: Sequence[bytes]) -> list[bytes]:
    """Say what may be stored of messages (`archiver.record.Request.choose`).

    What can't be read is kept: nobody knows whose it is.
    """
    frames = [frame_of(one, 0, len(one)) for one in found]
    kept = [
        one if frame is None or frame.owner in {"", did} else b""
        for one, frame in zip(found, frames, strict=True)
    ]
    last = frames[-1] if frames else None
    if last is not None and not kept[-1] and last.position >= 0:
        kept[-1] = _position(found[-1], last)
    return kept


def _position(data: bytes, frame: Frame) -> bytes:
    """Return a message without all but its header and its place in the stream."""
    place = frame.parts["seq"]
    return data[: frame.start] + b"\xa1\x63seq" + data[place.start : place.end]
