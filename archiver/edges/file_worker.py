"""The process that reads files from strangers: it may be stopped, and has nothing to take.

It is given a file at a time on its standard input, and answers on its standard output. It has no
environment, opens no file for writing, and may use so much memory and no more.
"""

from __future__ import annotations

import os
import resource
import sys
from struct import Struct
from typing import TYPE_CHECKING, Any

import msgspec

from archiver.formats.derived.derive import gather

if TYPE_CHECKING:
    from typing import BinaryIO

__all__ = ["Answer", "Asked", "receive", "send"]

MOST_MEMORY = 3 << 30
MOST_OPEN = 64
_LENGTH = Struct("<Q")


class Asked(msgspec.Struct):
    """A file, and whether pictures in it are wanted."""

    data: bytes
    name: str
    media_type: str
    pictures: bool


class Answer(msgspec.Struct):
    """What was gathered (`archiver.formats.derived.gathered.Gathered`): texts and pictures.

    ``parts``: text and bytes, which no union can be declared of.
    ``spent``: it took more memory than there is, so whatever comes next needs a new process.
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


def _answer(asked: Asked) -> Answer:
    try:
        found = gather(asked.data, asked.name, asked.media_type, pictures=asked.pictures)
        return Answer(found.parts, sorted(found.by), dict(found.lacks))
    except MemoryError:
        return Answer([], [], {"it takes more memory than it may": 1}, spent=True)
    except Exception:  # noqa: BLE001 - whatever a library makes of a hostile file is told of that file
        return Answer([], [], {"it is damaged, or of a form that is not known": 1})


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_OPEN, MOST_OPEN))


def main() -> None:
    """Answer until nothing more is asked."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    _limit()
    while asked := receive(sys.stdin.buffer, Asked):
        send(answers, _answer(asked))


if __name__ == "__main__":
    main()
