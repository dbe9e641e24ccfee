"""The table of problems: every code that connectors and the core name is in it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import archiver.capture
from archiver.capture.connector import Problem
from archiver.capture.problems import PASSING, PROBLEMS, Action, code_of, kind_of, told

SOURCES = sorted(Path(archiver.capture.__path__[0]).rglob("*.py"))


def named() -> set[str]:
    """Return all codes that a `Problem` is made of with a literal."""
    calls = (
        node
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem"
    )
    first = (call.args[0] for call in calls if call.args)
    return {str(one.value) for one in first if isinstance(one, ast.Constant)}


def test_every_code_in_use_is_in_the_table() -> None:
    """Else a typing error would be taken for a body that nobody documents."""
    assert len(named()) > 5
    assert named() <= set(PROBLEMS)


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_says_what_it_is(code: str) -> None:
    """In words for people; one that is no trouble needs no mending, any other says how."""
    kind = PROBLEMS[code]
    assert kind.says
    assert bool(kind.mend) is (kind.action is not Action.TAKE)
    assert code_of(told(Problem(code, "a: b"))) == code
    assert kind_of(Problem(code, "")) is kind


def test_what_may_pass_is_what_another_try_may_bring() -> None:
    """Refusals are none of it: to meet them again is no reason to read all anew."""
    assert set(PASSING) == {"transient", "rate", "quota", "budget", "sunset", "schema"}
    assert kind_of(Problem("never heard of", "")) is PROBLEMS["schema"]
