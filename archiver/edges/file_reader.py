"""Reads the text of files in a process of its own, stopped when it takes too long.

Files come from strangers, and libraries that read them have faults. So nothing of a file is read
in the process that has the keys, but for what is text as it stands.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from functools import cached_property
from threading import Timer
from typing import TYPE_CHECKING

from archiver.edges.file_messages import Answer, Asked, receive, send
from archiver.errors import FormatError
from archiver.formats.derived.gathered import Derived, Gathered, joined
from archiver.formats.derived.kinds import PICTURE_UNREAD, UNREADABLE, kind_of
from archiver.formats.derived.plain import charset_of, decoded
from archiver.formats.derived.stamp import OWN, STAMP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archiver.edges.tesseract import Tesseract

__all__ = ["ProcessReader"]

LONGEST = 120.0
"""Seconds for one file without its pictures."""

LARGEST = 256 << 20
"""Bytes of a file: a larger one is not read."""


class ProcessReader:
    """Reads files (`archiver.formats.derived.reader.FileReader`).

    Args:
        ocr: reads texts in pictures; None: nothing does.
        longest: seconds for one file.
    """

    def __init__(self, ocr: Tesseract | None = None, *, longest: float = LONGEST) -> None:
        self._ocr, self._longest = ocr, longest

    @cached_property
    def stamp(self) -> str:
        """All that decides what is read."""
        return f"{STAMP}, {self._ocr.stamp}" if self._ocr else STAMP

    @contextmanager
    def opened(self) -> Iterator[Callable[[bytes, str, str], Derived]]:
        """Return what reads one file after another; its process ends with this."""
        worker = _Worker(self._longest)
        try:
            yield lambda data, name, kind: self._read(worker, data, name, kind)
        finally:
            worker.stop()

    def _read(self, worker: _Worker, data: bytes, name: str, media_type: str) -> Derived:
        if len(data) > LARGEST:
            return Derived("", "", f"it is larger than {LARGEST >> 20} MiB")
        kind = kind_of(data, name, media_type)
        if kind in UNREADABLE:
            return Derived("", "", UNREADABLE[kind])
        if kind == "picture" and self._ocr is None:
            return Derived("", "", PICTURE_UNREAD)
        if kind == "empty":
            return Derived("", OWN, "")
        if kind == "text":
            return _as_it_stands(data, media_type)
        return self._told(worker.ask(Asked(data, name, media_type, self._ocr is not None)))

    def _told(self, answer: Answer) -> Derived:
        """Return an answer as text, with the texts of its pictures in their places."""
        texts, by, lacks = list[str](), set(answer.by), Counter(answer.lacks)
        for part in answer.parts:
            if isinstance(part, str):
                texts.append(part)
            elif self._ocr is not None:
                text, why = self._ocr.read(part)
                by.add(self._ocr.stamp)
                texts += [text] if text.strip() else []
                lacks.update([why] if why else [])
        return joined(texts, by, lacks)


def _as_it_stands(data: bytes, media_type: str) -> Derived:
    gathered = Gathered(by={OWN})
    try:
        gathered.say(decoded(data, charset_of(media_type)))
    except FormatError as error:
        gathered.lack(error.message)
    return joined(
        [part for part in gathered.parts if isinstance(part, str)], gathered.by, gathered.lacks
    )


class _Worker:
    """The process, started when it is first asked."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, asked: Asked) -> Answer:
        """Return what it answers; where it is stopped or stops, why."""
        process = self._started()
        late = Timer(self._longest, process.kill)
        late.start()
        try:
            answer = self._asked(process, asked)
        finally:
            late.cancel()
            late.join()
        if answer is None:
            self.stop()
            known = "it takes too long, or too much memory: what reads it was stopped"
            return Answer([], [], {known: 1})
        if answer.spent:
            self.stop()
        return answer

    def _asked(self, process: subprocess.Popen[bytes], asked: Asked) -> Answer | None:
        source, target = process.stdout, process.stdin
        if source is None or target is None:
            raise AssertionError  # both are pipes
        try:
            send(target, asked)  # type: ignore[arg-type]  # typeshed: a pipe is no BinaryIO
        except BrokenPipeError:
            return None
        made: Answer | None = receive(source, Answer)  # type: ignore[arg-type]  # as above
        return made

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-m", "archiver.edges.file_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},
            )
        return self._process

    def stop(self) -> None:
        """Stop it, if it runs."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except BrokenPipeError:  # what it did not take any more
                continue
        process.wait()
