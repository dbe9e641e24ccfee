"""The process that reads files: what it gives, and that nothing a file does harms whoever asks."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from archiver.edges import file_reader as code
from archiver.edges.file_reader import ProcessReader
from archiver.edges.tesseract import Tesseract
from tests.formats.derived import files

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

DOCX = files.docx("<w:p><w:t>salt</w:t></w:p>")


def test_files_are_read_one_after_another() -> None:
    """By one process, which is gone afterwards; what is plain needs none."""
    reader = ProcessReader()
    with reader.opened() as read:
        assert read(b"pepper", "a.txt", "") == ("pepper", "civic-archiver text/1", "")
        assert read(b"", "a.txt", "").left == ""
        assert read(files.scan("x", "PNG"), "a.png", "").left.startswith("a picture")
        assert read(DOCX, "a.docx", "").text.strip() == "salt"
        assert read(files.pdf("sugar"), "a.pdf", "").text.startswith("sugar")
        assert read(files.encrypted_pdf("x", "y"), "a.pdf", "").left == "it is encrypted"
        assert read(DOCX, "a.docx", "").text.strip() == "salt"
    assert "pypdf" in reader.stamp


def test_a_file_that_takes_too_long_is_given_up() -> None:
    """It is told, and the next one is read."""
    slow = b"<html>" + b"<" * 20_000_000
    with ProcessReader(longest=3).opened() as read:
        assert "takes too long" in read(slow, "a.html", "").left
        assert read(DOCX, "a.docx", "").text.strip() == "salt"


def test_what_reads_may_die(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever kills it: the file is told as unread."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with ProcessReader().opened() as read:
        assert "stopped" in read(DOCX, "a.docx", "").left


def test_a_bomb_in_a_pdf_is_unread() -> None:
    """Its page unpacks to more than a reader may have."""
    with ProcessReader(longest=30).opened() as read:
        found = read(files.bomb_pdf(120 << 20), "a.pdf", "")
    assert found.left
    assert len(found.text) < 100


def test_large_files_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound is told."""
    monkeypatch.setattr(code, "LARGEST", 1 << 20)
    with ProcessReader().opened() as read:
        assert read(bytes(1 + (1 << 20)), "a.txt", "").left == "it is larger than 1 MiB"


def _program(folder: Path, lines: str) -> str:
    """Return a program in the place of tesseract: here none can be told to be slow or broken."""
    path = folder / "tesseract"
    path.write_text(f"#!/bin/sh\n{lines}\n", "utf-8")
    path.chmod(0o755)
    return os.fspath(path)


KNOWS = 'case "$1" in --version) echo tesseract 5.9;; --list-langs) echo eng; exit;; esac\n'


def test_ocr_that_is_not_there_is_told(tmp_path: Path) -> None:
    """Not installed, or without the language: each picture is unread, and the stamp says so."""
    lacking = Tesseract("eng")
    lacking._program = ""
    other = Tesseract("spa", _program(tmp_path, KNOWS))
    for ocr, why in (
        (lacking, "tesseract is not installed"),
        (other, "tesseract has not the language spa"),
    ):
        assert ocr.read(b"x") == ("", f"a picture: {why}")
        assert why in ProcessReader(ocr).stamp
    with ProcessReader(lacking).opened() as read:
        assert "not installed" in read(files.scan("x", "PNG"), "a.png", "").left


def test_ocr_that_fails_is_told(tmp_path: Path) -> None:
    """It ends with an error, or does not end."""
    failing = Tesseract("eng", _program(tmp_path, KNOWS + "cat > /dev/null; exit 1"))
    assert failing.stamp == "tesseract 5.9 eng"
    assert failing.read(b"x") == ("", "a picture whose text could not be read")
    slow = Tesseract("eng", _program(tmp_path, KNOWS + "exec sleep 60"), longest=0.2)
    slow.__dict__["_missing"] = ""
    assert slow.read(b"x") == ("", "a picture whose text takes too long to read")
