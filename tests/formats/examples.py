"""The worked examples of ``docs/formats``: indented lines of a label, two spaces, a value."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["read_examples"]

DOCS = Path(__file__).parents[2] / "docs" / "formats"
LINE = re.compile(r"    (?P<label>\S.{10} )(?P<value>\S.*)|     {12,}(?P<more>[0-9a-f ]+)")


def read_examples(name: str, heading: str) -> dict[str, str]:
    """Return the labelled values after ``heading``; hex of several lines is joined."""
    text = (DOCS / name).read_text(encoding="utf-8").split(heading, 1)[1]
    values: dict[str, str] = {}
    label = ""
    for line in text.splitlines():
        if found := LINE.fullmatch(line):
            label = (found["label"] or label).strip()
            values[label] = values.get(label, "") + (found["value"] or found["more"])
    return values
