"""The process that reads files from strangers: it may be stopped, and has nothing to take.

It is given a file at a time on its standard input, and answers on its standard output. It has no
environment, opens no file for writing, and may use so much memory and no more.
"""

from __future__ import annotations

import os
import resource
import sys

from archiver.edges.file_messages import Answer, Asked, receive, send
from archiver.formats.derived.derive import gather

__all__ = ["main"]

MOST_MEMORY = 3 << 30
MOST_OPEN = 64


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
