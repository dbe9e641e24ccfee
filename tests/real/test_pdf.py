"""What we write as PDF is read by the tools of others: qpdf and poppler."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.formats.pdf import pdf
from tests.formats.test_pdf import WHEN, page
from tests.real.packages import need, program, run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real


def test_others_read_it(tmp_path: Path) -> None:
    """It has no error, is tagged, says its words in order, and brings its fonts with it."""
    need(("qpdf", "poppler-utils"), ("qpdf", "pdftotext", "pdfinfo", "pdffonts"))
    file = tmp_path / "page.pdf"
    file.write_bytes(pdf(page("Žluťoučký words"), WHEN))
    assert b"No syntax or stream encoding errors" in run(program("qpdf"), "--check", file)
    text = run(program("pdftotext"), file, "-").decode()
    assert text.index("Title") < text.index("Heading") < text.index("ab" * 32)
    assert text.count("Žluťoučký words") > 60
    assert b"Tagged:          yes" in run(program("pdfinfo"), file)
    fonts = run(program("pdffonts"), file).decode().splitlines()[2:]
    assert fonts
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in fonts)
