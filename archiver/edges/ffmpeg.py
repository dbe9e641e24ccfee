"""The program ffmpeg, which masks video and sound where it is installed.

What goes in and comes out stays in memory (``memfd``): nothing of a private file lies on a disk. It
reads no other file and no address, and it has no environment.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from archiver.errors import ArchiverError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Ffmpeg"]

LONGEST = 3600
"""Seconds after which it is stopped."""


class Ffmpeg:
    """Runs it (`archiver.redact.timed.Masker`). ``program``: its path; empty: where it is found."""

    def __init__(self, program: str = "") -> None:
        self._program = program

    def mask(self, data: bytes, formats: str, arguments: Sequence[str], into: str) -> bytes:
        """Return a file made of another.

        Raises `ArchiverError` (``ffmpeg-missing``) where it is not installed, `RefusedError`
        (``mask-impossible``) where the file is damaged, of another format, or takes too long.
        """
        program = self._program or shutil.which("ffmpeg")
        if not program:
            raise ArchiverError(
                "ffmpeg is not installed: parts of video and sound can't be masked",
                code="ffmpeg-missing",
                mend="install ffmpeg, or withhold the record as a whole, with --whole",
            )
        with _memory("input") as source, _memory("output") as target:
            _fill(source, data)
            command = [
                *(program, "-nostdin", "-hide_banner", "-loglevel", "error", "-xerror", "-y"),
                *("-protocol_whitelist", "file", "-format_whitelist", formats),
                *("-i", f"/proc/self/fd/{source}", *arguments),
                *("-f", into, f"/proc/self/fd/{target}"),
            ]
            _run(command, (source, target))
            made = os.pread(target, os.fstat(target).st_size, 0)
        if not made:
            raise _impossible("nothing was left of it")
        return made


def _run(command: Sequence[str], files: tuple[int, int]) -> None:
    """Run it to its end. What it says is not told: it may quote the file."""
    try:
        done = subprocess.run(  # noqa: S603 - no shell; a fixed program, arguments made of numbers
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            pass_fds=files,
            env={},
            timeout=LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _impossible("it takes too long") from error
    except OSError as error:
        raise ArchiverError(
            f"ffmpeg can't be started: {error.strerror}",
            code="ffmpeg-missing",
            mend="install ffmpeg, or withhold the record as a whole, with --whole",
        ) from error
    if done.returncode:
        raise _impossible("it is damaged, or of a format that is not read")


@contextmanager
def _memory(name: str) -> Iterator[int]:
    fd = os.memfd_create(name)
    try:
        yield fd
    finally:
        os.close(fd)


def _fill(fd: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(fd, left) :]


def _impossible(why: str) -> RefusedError:
    return RefusedError(
        f"the file can't be masked: {why}",
        code="mask-impossible",
        mend="withhold the record as a whole, with --whole and the reason",
    )
