"""Certificates of destruction from the command line: written, read as PDF, checked offline."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pypdf import PdfReader

from tests.cli.terminal import run, validator

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

__all__ = ["certified"]


def certified(folder: Path, order: str, records: Collection[str], key: str) -> None:
    """Have an order that is done certified, and look at all that is written."""
    out = ("disposition", "certificate", order, "--out", "certified")
    _refused(folder, order, out)
    ran = run(folder, *out, "--records", "--json")
    data = ran.document["data"]
    assert (data["outcome"], data["counts"]["records_gone"]) == ("destroyed", len(records))
    assert "unreported" not in {one["code"] for one in data["not_shown"]}
    text = (folder / data["files"]["json"]).read_bytes()
    validator("certificate-of-destruction").validate(json.loads(text))
    page = folder / data["files"]["pdf"]
    for record in records:
        for one in (text, ran.stdout, page.read_bytes()):
            assert record.encode() not in one
    listed = folder / data["files"]["records"]
    assert listed.stat().st_mode & 0o777 == 0o600
    assert json.loads(listed.read_text())["ordered"] == sorted(records)
    again = run(folder, *out)
    assert again.code == 0, "the same once more is no other file"
    assert "can't be excluded" in again.text
    _read(page, order)
    _checked(folder, data["files"]["json"], key)


def _refused(folder: Path, order: str, out: tuple[str, ...]) -> None:
    """See that a file in the place of the folder stops it, and another certificate stays."""
    (folder / "taken").write_bytes(b"")
    assert run(folder, *out[:-1], "taken", "--json").finding["code"] == "usage"
    there = folder / "certified" / f"certificate-of-destruction-{order}.pdf"
    there.parent.mkdir()
    there.write_bytes(b"another")
    assert run(folder, *out, "--json").finding["code"] == "file-exists"
    assert there.read_bytes() == b"another"
    there.unlink()


def _read(page: Path, order: str) -> None:
    """Read a PDF as people do."""
    text = " ".join(one.extract_text() for one in PdfReader(page).pages)
    for words in ("Certificate of destruction", "anna", "item 7", "all gone", order):
        assert words in text


def _checked(folder: Path, file: str, key: str) -> None:
    """Check a certificate without its archive: it holds; with one day changed it does not."""
    (folder / "archive").rename(folder / "away")
    ran = run(folder, "check", file, "--key", key, "--json")
    data = ran.document["data"]
    assert (ran.code, data["shown"]["outcome"]) == (0, "destroyed")
    said = run(folder, "check", file, "--key", key).text
    assert "The certificate holds" in said
    assert "NOT shown: Copies that nobody declared" in said
    path = folder / file
    text = path.read_bytes()
    path.write_bytes(text.replace(b'"began": "20', b'"began": "19'))
    ran = run(folder, "check", file, "--key", key, "--json")
    assert (ran.code, ran.finding["code"]) == (1, "integrity")
    path.write_bytes(text[:-2])
    assert run(folder, "check", file, "--key", key, "--json").finding["code"] == "format"
    (folder / "away").rename(folder / "archive")
