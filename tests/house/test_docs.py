"""The documentation says what is so."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.house.source import ROOT, name_of, project_files

LINK = re.compile(r"(?<!!)\[[^\]]+\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")


def test_links_between_pages_lead_somewhere() -> None:
    """Each relative link of each page leads to a file of the project."""
    broken = [
        f"{name_of(page)} -> {target}"
        for page in project_files()
        if page.suffix == ".md"
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_readme_is_short() -> None:
    """The README stays under 120 lines."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 120


def test_reference_pages_are_up_to_date() -> None:
    """The pages of docs/reference/ are what the code writes."""
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_make_help_lists_every_target() -> None:
    """``make`` alone lists all targets that the Makefile declares."""
    declared = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert declared is not None
    shown = subprocess.run(["make"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert re.findall(r"^  make ([a-z-]+)", shown, re.MULTILINE) == declared[1].split()


def test_decisions_name_their_price() -> None:
    """Each architecture decision has a heading that names its negative consequences."""
    without = [
        name_of(page)
        for page in sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
        if not re.search(r"^#+ .*negative", page.read_text("utf-8"), re.MULTILINE | re.IGNORECASE)
    ]
    assert without == []
