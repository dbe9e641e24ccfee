"""What the process that reads files is asked, and answers: messages, their length before them."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from typing import BinaryIO

__all__ = ["Answer", "Asked", "receive", "send"]

_LENGTH = Struct("<Q")


class Asked(msgspec.Struct):
    """A file, and whether pictures in it are wanted."""

    data: bytes
    name: str
    media_type: str
    pictures: bool


class Answer(msgspec.Struct):
    """What was gathered (`archiver.formats.derived.gathered.Gathered`): texts and pictures.

    ``parts``: text and bytes, of which no union can be declared. ``spent``: it took more memory
    than there is, so whatever comes next needs a new process.
    """

    parts: list[Any]
    by: list[str]
    lacks: dict[str, int]
    spent: bool = False


def send(file: BinaryIO, message: Asked | Answer) -> None:
    """Write a message with its length before it."""
    data = msgspec.msgpack.encode(message)
    file.write(_LENGTH.pack(len(data)))
    file.write(data)
    file.flush()


def receive(file: BinaryIO, kind: type[Any]) -> Any:  # noqa: ANN401 - a message of that kind
    """Return the next message; None where there is none, or not all of it."""
    head = file.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    data = file.read(length)
    return msgspec.msgpack.decode(data, type=kind) if len(data) == length else None
