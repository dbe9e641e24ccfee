"""The lock pins every dependency by hash and says nothing about where it came from."""

from __future__ import annotations

import re
import tomllib
from itertools import chain

import pytest

from tests.house.source import ROOT

REQUIREMENT = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^ ;\\]+)")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}$")


@pytest.fixture(scope="module")
def requirements() -> list[list[str]]:
    """The lock's requirements, each as its line and the lines that belong to it."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace(" \\\n", "\n")
    found: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith(" "):
            found[-1].append(line)
        elif line and not line.startswith("#"):
            found.append([line])
    return found


def test_every_requirement_is_pinned(requirements: list[list[str]]) -> None:
    """Each requirement names one exact version."""
    assert len(requirements) > 100
    assert [each[0] for each in requirements if not REQUIREMENT.match(each[0])] == []


def test_every_requirement_has_hashes(requirements: list[list[str]]) -> None:
    """Each requirement is followed by SHA-256 hashes and nothing else."""
    bare = [each[0] for each in requirements if len(each) == 1]
    other = [line for each in requirements for line in each[1:] if not HASH.match(line)]
    assert (bare, other) == ([], [])


def test_lock_names_no_address() -> None:
    """No index, link, file or host stands in the lock."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert re.findall(r"://|@ |^-|--(?!hash)[a-z-]+|file:|localhost", text, re.MULTILINE) == []


def test_lock_covers_every_dependency(requirements: list[list[str]]) -> None:
    """Whatever pyproject.toml asks for, extras included, is in the lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    names = {re.split(r"[^A-Za-z0-9._-]", each)[0].lower() for each in asked}
    locked = {match["name"] for each in requirements if (match := REQUIREMENT.match(each[0]))}
    assert names - locked == set()
