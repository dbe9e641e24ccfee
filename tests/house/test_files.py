"""What no file of the project may hold."""

from __future__ import annotations

import re

from tests.house.source import name_of, project_files

# Put together here so that this file does not hold them itself.
_FOLDERS = ("work/", "root/", "farm/", "home/[a-z]", "Users/[A-Za-z]", "opt/wheels", "opt/pypi")
MACHINE_PATH = re.compile(rb"(?<![A-Za-z0-9_.])/(?:%s)" % "|".join(_FOLDERS).encode())
_REGISTRIES = (r"pypi\.org", r"pythonhosted\.org", r"registry\.npmjs", r"deb\.debian\.org")
REGISTRY = re.compile("|".join(_REGISTRIES).encode())


def _holding(pattern: re.Pattern[bytes]) -> list[str]:
    """Return where a pattern occurs, as file, line and text."""
    return [
        f"{name_of(path)}:{number} {match[0].decode()}"
        for path in project_files()
        for number, line in enumerate(path.read_bytes().splitlines(), start=1)
        if (match := pattern.search(line))
    ]


def test_no_file_names_a_machine_path() -> None:
    """No file knows in which folder of which machine it was written."""
    assert _holding(MACHINE_PATH) == []


def test_no_file_names_a_package_registry() -> None:
    """Where packages come from is the business of the machine that installs them."""
    assert _holding(REGISTRY) == []


def test_no_file_is_left_to_be_done() -> None:
    """Nothing is put off in the code: no such marks in any file."""
    marks = re.compile(rb"\b(?:%s)\b" % b"|".join((b"TO" + b"DO", b"FIX" + b"ME", b"X" + b"XX")))
    assert _holding(marks) == []
