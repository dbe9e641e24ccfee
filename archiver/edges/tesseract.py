"""The program tesseract, which reads texts in pictures where a city wants that.

A picture goes in and text comes out by pipes: nothing of a private file lies on a disk. It is given
pictures that were made anew (`archiver.formats.derived.pictures`), never a stranger's bytes.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
from functools import cached_property

__all__ = ["Tesseract"]

LONGEST = 120.0
"""Seconds for one picture."""
MOST_MEMORY = 4 << 30
_ENVIRONMENT = {"OMP_THREAD_LIMIT": "1"}


class Tesseract:
    """Runs it.

    Args:
        languages: as it names them, with ``+`` between: ``eng+spa``.
        program: its path; empty: where it is found.
        longest: seconds for one picture.
    """

    def __init__(self, languages: str, program: str = "", *, longest: float = LONGEST) -> None:
        self._languages, self._longest = languages, longest
        self._program = program or shutil.which("tesseract") or ""

    @cached_property
    def stamp(self) -> str:
        """Its version and languages, or that it can't be used."""
        if self._missing:
            return f"no OCR ({self._missing})"
        told = self._run("--version")
        return f"tesseract {told.split()[1] if len(told.split()) > 1 else '?'} {self._languages}"

    @cached_property
    def _missing(self) -> str:
        """Why it can't be used; empty: it can."""
        if not self._program:
            return "tesseract is not installed"
        known = self._run("--list-langs").split()
        lacking = [one for one in self._languages.split("+") if one not in known]
        return f"tesseract has not the language {lacking[0]}" if lacking else ""

    def read(self, picture: bytes) -> tuple[str, str]:
        """Return the text of a picture (PNG), and why there is none; empty: it was read."""
        if self._missing:
            return "", f"a picture: {self._missing}"
        command = [self._program, "stdin", "stdout", "-l", self._languages, "--psm", "3"]
        process = subprocess.Popen(  # noqa: S603 - no shell; a program of the settings' choice
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
        )
        with process:
            resource.prlimit(process.pid, resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
            try:
                out, _ = process.communicate(picture, timeout=self._longest)
            except subprocess.TimeoutExpired:
                process.kill()
                return "", "a picture whose text takes too long to read"
        if process.returncode:
            return "", "a picture whose text could not be read"
        return out.decode("utf-8", "replace").replace("\f", "\n").strip(), ""

    def _run(self, argument: str) -> str:
        done = subprocess.run(  # noqa: S603 - as above
            [self._program, argument],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=_ENVIRONMENT,
            timeout=self._longest,
            check=False,
        )
        return (done.stdout + done.stderr).decode("utf-8", "replace")
