"""Texts in pictures are read by the real tesseract: scans, pages of PDFs, pictures in documents."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.edges.file_reader import ProcessReader
from archiver.edges.tesseract import Tesseract
from archiver.flows.search import Query, search
from tests.flows.filed import seal_file
from tests.flows.helpers import founded, open_archive
from tests.formats.derived import files
from tests.real.packages import need

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real


def test_pictures_are_read(tmp_path: Path) -> None:
    """Found, marked as read by it, and nothing of them is named as unread any more."""
    need(("tesseract-ocr",), ("tesseract",))
    archive = open_archive(founded(tmp_path), tmp_path)
    for name, data in {
        "scan.png": files.scan("Zebra 4711", "PNG"),
        "scan.tiff": files.scan("Zebra 4711", "TIFF"),
        "scan.pdf": files.scan("Zebra 4711", "PDF"),
        "a.docx": files.docx("", **{"word__media__image1.png": files.scan("Zebra 4711", "PNG")}),
        "text.pdf": files.pdf("Giraffe"),
    }.items():
        seal_file(archive, name, name, data)
    assert len(search(archive, Query("zebra")).unsearchable) == 5
    ocr = Tesseract("eng")
    got = search(replace(archive, files=ProcessReader(ocr)), Query('"zebra 4711"'))
    told = {one["in_file"]["name"]: one["in_file"]["by"] for one in got.hits}
    assert set(told) == {"scan.png", "scan.tiff", "scan.pdf", "a.docx"}
    assert all(ocr.stamp in by for by in told.values())
    assert ocr.stamp.startswith("tesseract ")
    assert (got.unsearchable, got.complete) == ([], True)


def test_a_language_that_is_not_there_is_named() -> None:
    """Beside the real program."""
    need(("tesseract-ocr",), ("tesseract",))
    assert Tesseract("eng+tlh").read(b"x") == ("", "a picture: tesseract has not the language tlh")
