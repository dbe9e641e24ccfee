"""Runs the command line in this process, as a person or a program would see it."""

from __future__ import annotations

import io
import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest

from archiver.cli.main import main

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
HOSTILE = "Call me\x1b[2J\x1b]0;owned\x07 \x9b31m\u202egnp.exe\u2066 \U000e0041 now"
"""Text that would clear a screen, name a window, colour, and turn the direction of reading."""


class Ran(NamedTuple):
    """What one command did: its exit code, and the bytes it sent."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        """What a person reads on standard output."""
        return self.stdout.decode()

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on standard output, which follows its schema."""
        found: dict[str, Any] = json.loads(self.stdout)
        name = found["schema"].split("/")[2]
        validator(f"cli/{name}").validate(found)
        return found

    @property
    def finding(self) -> dict[str, str]:
        """The one finding of a command that could not be done."""
        found = self.document
        assert found["ok"] is False
        assert found["data"] is None
        (finding,) = found["findings"]
        return dict(finding)


@cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    """Return a validator for a schema of the project."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


class _Stream(io.TextIOWrapper):
    """A standard stream over bytes in memory, which stay there when it is left."""

    def __init__(self, data: io.BytesIO) -> None:
        super().__init__(data, "utf-8", write_through=True)

    def __exit__(self, *_: object) -> None:
        self.detach()


def run(folder: Path, *arguments: str, stdin: str = "", **environ: str) -> Ran:
    """Run a command on the archive and home in ``folder``."""
    out, err = io.BytesIO(), io.BytesIO()
    with pytest.MonkeyPatch.context() as patch, _Stream(out) as text, _Stream(err) as errors:
        patch.setattr("sys.stdout", text)
        patch.setattr("sys.stderr", errors)
        patch.chdir(folder)
        patch.setenv("ARCHIVER_ARCHIVE", str(folder / "archive"))
        patch.setenv("ARCHIVER_HOME", str(folder / "home"))
        for name, value in environ.items():
            patch.setenv(name, value)
        patch.setattr("sys.stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as left:
            main(arguments)
    return Ran(int(left.value.code or 0), out.getvalue(), err.getvalue())
