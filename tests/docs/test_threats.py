"""The guarantees of docs/THREATS.md: each is held by tests that exist."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
GUARANTEE = re.compile(r"^\*\*G(\d+)\.", re.MULTILINE)


def _guarantees(repo_root: Path) -> list[str]:
    text = (repo_root / "docs" / "THREATS.md").read_text("utf-8")
    section = text.partition("## What holds")[2].partition("\n## ")[0]
    return GUARANTEE.split(section)[1:]


def test_guarantees_are_numbered(repo_root: Path) -> None:
    """Guarantees count from 1 without a hole; a number is for ever."""
    numbers = [int(number) for number in _guarantees(repo_root)[::2]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers


def test_each_guarantee_names_a_test_that_exists(repo_root: Path) -> None:
    """No guarantee without a test, no test that is not there."""
    found = _guarantees(repo_root)
    for number, text in zip(found[::2], found[1::2], strict=True):
        named = TEST.findall(text)
        assert named, f"G{number} names no test"
        for file, name in named:
            tree = ast.parse((repo_root / file).read_text("utf-8"))
            functions = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
            assert name in functions, f"G{number}: {file}::{name}"
