"""`archiver reparse` as people and programs have it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from archiver.flows import connectors
from tests.cli.terminal import run
from tests.flows.test_generations import Newer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Captured


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the blog read by a parser a version later."""
    monkeypatch.setattr(connectors, "CONNECTORS", {"wordpress": Newer()})


def test_nothing_to_do_where_versions_are_equal(captured: Captured) -> None:
    """All is up to date; there is no next step."""
    said = run(captured.folder, "reparse", "city-blog")
    assert said.code == 0
    assert re.search(r"0 records read again, 0 differ; [1-9]\d* are up to date", said.text)
    assert "Next" not in said.text


@pytest.mark.usefixtures("newer")
def test_people_read_what_differs(captured: Captured) -> None:
    """Streams, fields, counts; examples by record; what to do next. Private texts are not told."""
    said = run(captured.folder, "reparse", "city-blog")
    assert said.code == 0
    assert re.search(r"^posts +summary +\d+ +\d+ +0", said.text, re.MULTILINE)
    assert re.search(r"^  wordpress:city-blog:posts:\S+  summary$", said.text, re.MULTILINE)
    assert "Next: archiver reparse city-blog --apply" in said.text
    assert "city-blog:comments" not in said.text
    assert captured.secret not in said.text


@pytest.mark.usefixtures("newer")
def test_programs_read_one_document_before_and_after(copy: Path) -> None:
    """What was shown is what is sealed, once; then it is found, and all verifies."""
    (shown,) = run(copy, "reparse", "--json").document["data"]
    (sealed,) = run(copy, "reparse", "--apply", "--json").document["data"]
    differ = sum(one["differ"] for one in shown["streams"].values())
    assert (shown["made"], sealed["made"], sealed["streams"]) == (0, differ, shown["streams"])
    assert differ > 0
    again = run(copy, "reparse", "--apply")
    assert "0 newer generations sealed" in again.text
    assert run(copy, "verify", "--deep").code == 0
    assert run(copy, "search", "titled", "--json").document["data"]["hits"]


def test_an_unknown_account_is_named(captured: Captured) -> None:
    """A plain error, and which accounts there are."""
    ran = run(captured.folder, "reparse", "no-such-account", "--json")
    assert (ran.code, ran.finding["code"]) == (2, "account-unknown")
