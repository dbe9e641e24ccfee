"""Load files: what is written is read back, and what is wrong is named."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import FormatError, UsageError
from archiver.produce.bates import Bates, Scheme
from archiver.produce.dat import ALTERED, read_dat, write_dat
from archiver.produce.load_check import check_dat, check_opt
from archiver.produce.opt import Page, pages_of, read_opt, write_opt
from tests.produce.chats import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = ("BEGBATES", "ENDBATES", "TEXT")
DOCUMENTS = (
    {"BEGBATES": "EX00000001", "ENDBATES": "EX00000002", "TEXT": "one\r\ntwo"},
    {"BEGBATES": "EX00000003", "ENDBATES": "EX00000003", "TEXT": HOSTILE},
)


def dat(documents: Sequence[dict[str, str]] = DOCUMENTS, names: Sequence[str] = NAMES) -> bytes:
    """Return a load file."""
    return b"".join(write_dat(names, documents))


def test_what_is_written_is_right() -> None:
    """It has no fault; only what it can't have is written otherwise, and that is told."""
    assert check_dat(dat(), None) == []
    read = read_dat(dat())
    assert read.encoding == "utf-8"
    assert read.names == [*NAMES, ALTERED]
    assert read.lines[0] == ["EX00000001", "EX00000002", "one\ntwo", ""]
    assert read.lines[1][3] == "Y"
    assert not {"\x14", "þ", "®", "\x00"} & set(read.lines[1][2])


def test_other_readers_agree() -> None:
    """The standard library and pandas read the same fields."""
    text = dat().decode("utf-8-sig")
    lines = list(csv.reader(StringIO(text, newline=""), delimiter="\x14", quotechar="þ"))
    assert [[one.replace("®", "\n") for one in line] for line in lines[1:]] == read_dat(dat()).lines
    frame = pd.read_csv(StringIO(text), sep="\x14", quotechar="þ", engine="python", dtype=str)
    assert list(frame["ENDBATES"]) == ["EX00000002", "EX00000003"]


@given(st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=2), max_size=5))
def test_any_text_keeps_its_place(texts: list[list[str]]) -> None:
    """Whatever a field says, each line has its fields, and unaltered ones are as they were."""
    documents = [dict(zip(("A", "B"), pair, strict=True)) for pair in texts]
    read = read_dat(dat(documents, ("A", "B")))
    assert len(read.lines) == len(texts)
    for line, pair in zip(read.lines, texts, strict=True):
        assert len(line) == 3
        if not line[2]:
            assert line[:2] == [one.replace("\r\n", "\n").replace("\r", "\n") for one in pair]


def _line(*fields: str) -> bytes:
    return "\x14".join(f"þ{one}þ" for one in fields).encode() + b"\r\n"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (dat()[3:], "dat-encoding"),
        (dat().replace(b"\r\n", b"\n"), "dat-lines"),
        (dat(names=("BEGBATES", "BEGBATES")), "dat-header"),
        (dat() + _line("EX00000004"), "dat-fields"),
        (b"\xef\xbb\xbf" + _line("BEGBATES|ENDBATES"), "dat-form"),
        (b"\xef\xbb\xbf", "dat-form"),
        (b"\xef\xbb\xbf\xff", "dat-form"),
        (dat(names=("TEXT", "OTHER")), "bates-none"),
        (dat([{"BEGBATES": "", "ENDBATES": ""}]), "bates-form"),
        (dat([{"BEGBATES": "EX2", "ENDBATES": "EX1"}]), "bates-order"),
        (dat([DOCUMENTS[0], DOCUMENTS[0]]), "bates-twice"),
        (dat([DOCUMENTS[0], {"BEGBATES": "EX00000009", "ENDBATES": "EX00000009"}]), "bates-gap"),
        (dat([{"TEXTLINK": r".\VOL001\TEXT\a.txt", **DOCUMENTS[0]}],
             (*NAMES, "TEXTLINK")), "load-file"),
        (dat([{"TEXTLINK": r"..\..\secret", **DOCUMENTS[0]}], (*NAMES, "TEXTLINK")), "load-path"),
        (dat([{"TEXTLINK": r"C:\secret", **DOCUMENTS[0]}], (*NAMES, "TEXTLINK")), "load-path"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_dat_is_named(data: bytes, code: str) -> None:
    """Each defect has its code, its place, and what to do."""
    faults = check_dat(data, lambda _: False)
    assert code in {one.code for one in faults}
    assert all(one.where and one.what and one.mend for one in faults)


def opt() -> bytes:
    """Return a load file of two documents with three pages."""
    first = [("EX00000001", "IMAGES/001/a.tif"), ("EX00000002", "IMAGES/001/b.tif")]
    pages = [*pages_of("VOL001", first), *pages_of("VOL001", [("EX00000003", "IMAGES/001/c.tif")])]
    return b"".join(write_opt(pages))


def test_pages_are_read_back() -> None:
    """What was written is read, and has no fault."""
    assert opt().splitlines()[0] == rb"EX00000001,VOL001,.\IMAGES\001\a.tif,Y,,,2"
    assert read_opt(opt())[1] == Page("EX00000002", "VOL001", "IMAGES/001/b.tif", begins=False)
    assert check_opt(opt(), lambda path: path.startswith("IMAGES/001/")) == []
    with pytest.raises(FormatError):
        list(write_opt([Page("EX1", "VOL001", "a,b.tif", begins=True)]))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (opt().replace(b"Y,,,2", b"Y,,,3"), "opt-pages"),
        (opt().replace(b"Y,,,2", b",,,"), "opt-break"),
        (opt().replace(b"Y,,,2", b"X,,,2"), "opt-form"),
        (b"EX1,VOL001\r\n", "opt-form"),
        (b"\xff", "opt-form"),
        (opt() + opt(), "bates-twice"),
        (opt().replace(b"EX00000003", b"EX00000004"), "bates-gap"),
        (opt().replace(rb".\IMAGES", rb"\\host\IMAGES"), "load-path"),
        (opt(), "load-file"),
    ],
)
def test_what_is_wrong_with_an_opt_is_named(data: bytes, code: str) -> None:
    """Each defect has its code, its place, and what to do."""
    faults = check_opt(data, lambda _: False)
    assert code in {one.code for one in faults}
    assert all(one.where and one.what and one.mend for one in faults)


def test_numbers_follow_each_other() -> None:
    """Numbers have a fixed width and a prefix, and end where the digits do."""
    scheme = Scheme("WEST-CHI", 4)
    assert scheme.number(7) == "WEST-CHI0007"
    assert Bates.read(scheme.number(8)).follows(Bates.read(scheme.number(7)))
    assert not Bates.read("A0008").follows(Bates.read("B0007"))
    for value in (0, 10_000):
        with pytest.raises(UsageError):
            scheme.number(value)
    for prefix, width in (("a", 8), ("EX1", 8), ("", 8), ("EX", 2), ("E X", 8), ("EX\n", 8)):
        with pytest.raises(UsageError):
            Scheme(prefix, width)
