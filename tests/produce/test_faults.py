"""The page about productions names every fault there is, and no other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def test_the_page_has_every_code(repo_root: Path) -> None:
    """What checks can say is what docs/productions.md explains."""
    sources = (repo_root / "archiver" / "produce").glob("*_check.py")
    text = "".join(path.read_text("utf-8") for path in sources)
    made = set(re.findall(r'Fault\(\s*"([a-z-]+)"', text))
    page = (repo_root / "docs" / "productions.md").read_text("utf-8")
    checks = page.partition("## Checking a volume")[2]
    assert made == set(re.findall(r"^\| `([a-z-]+)`", checks, re.MULTILINE))
