"""The byte-level pages: every worked example is what the code computes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from archiver.capture.platforms import CONNECTORS
from archiver.columns import CONTEXT, FIELDS
from archiver.header_text import escaped
from tests.docs.examples import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CASES = [(page, example) for page, examples in EXAMPLES.items() for example in examples]


def _blocks(text: str) -> str:
    """Return the indented blocks of a page, as they would be without their indentation."""
    lines = (line.removeprefix("    ") for line in text.splitlines())
    return "\n".join(line.rstrip() for line in lines)


@pytest.mark.parametrize(("page", "example"), CASES, ids=[f.__name__ for _, f in CASES])
def test_examples_compute(repo_root: Path, page: str, example: Callable[[], str]) -> None:
    """The page shows the example exactly as the code makes it."""
    text = (repo_root / "docs" / "formats" / page).read_text("utf-8")
    expected = "\n".join(line.rstrip() for line in example().rstrip().splitlines())
    assert expected in _blocks(text)


def test_every_column_is_described(repo_root: Path) -> None:
    """The page of rows has each column with its number, and no other."""
    text = (repo_root / "docs" / "formats" / "rows.md").read_text("utf-8")
    shown = re.findall(r"^\| (\d+) \| `(\w+)` \| (\w+) \|", text, re.MULTILINE)
    columns = [(str(column.id), column.name, column.type) for column in (*CONTEXT, *FIELDS)]
    assert shown == columns


def test_every_digest_is_listed(repo_root: Path) -> None:
    """The page of rows has the places that each connector declares, and no other."""
    text = (repo_root / "docs" / "formats" / "rows.md").read_text("utf-8")
    table = text.partition("| platform | places |")[2].partition("\n\n")[0]
    shown = {
        row.split("|")[1].strip(): re.findall("`(.+?)`", row) for row in table.splitlines()[2:]
    }
    declared = {one: [".".join(d.where) for d in CONNECTORS[one].digests] for one in CONNECTORS}
    assert {name: set(places) for name, places in shown.items()} == {
        name: set(places) for name, places in declared.items()
    }


def test_every_format_is_listed(repo_root: Path) -> None:
    """The list of formats links to each page beside it."""
    folder = repo_root / "docs" / "formats"
    listed = set(re.findall(r"\]\((\w[\w-]*\.md)\)", (folder / "README.md").read_text("utf-8")))
    assert listed == {path.name for path in folder.glob("*.md")} - {"README.md"}


def test_header_values_are_escaped_as_the_page_says(repo_root: Path) -> None:
    """The page's texts have the values beside them."""
    text = (repo_root / "docs" / "formats" / "record-warc.md").read_text("utf-8")
    shown = {escaped(one) for one in ("https://city.example/a%0Ab", "a\nb", "a\\nb")}
    table = text.partition("| text | value |")[2].partition("\n\n")[0]
    assert {re.findall("`([^`]+)` [|]$", row)[0] for row in table.splitlines()[2:]} == shown
