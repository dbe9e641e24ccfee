"""Checking load files (DAT, OPT): their form, their numbers, the files that they name. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from archiver.errors import FormatError
from archiver.produce.bates import Bates
from archiver.produce.dat import read_dat
from archiver.produce.fault import Fault
from archiver.produce.opt import read_opt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from archiver.produce.dat import Dat

    Exists = Callable[[str], bool]
    """Tells whether a file is there, by its path in the volume, with ``/``."""

__all__ = ["check_dat", "check_opt"]

_FIRST = ("BEGBATES", "FIRSTBATES", "BEGDOC", "BEGDOC#", "DOCID")
_LAST = ("ENDBATES", "LASTBATES", "ENDDOC", "ENDDOC#")
_FILES = ("NATIVELINK", "TEXTLINK", "NATIVEPATH", "TEXTPATH", "OCRPATH", "LINK")


def check_dat(data: bytes, exists: Exists | None) -> list[Fault]:
    """Return everything that is wrong with a Concordance file; ``exists``: None to ask of none."""
    try:
        dat = read_dat(data)
    except FormatError as error:
        return [Fault("dat-form", error.where or "file", error.message, error.mend)]
    return [*_form(data, dat), *_dat_numbers(dat), *_dat_files(dat, exists)]


def _form(data: bytes, dat: Dat) -> Iterator[Fault]:
    if not dat.encoding:
        mend = "write it as UTF-8 with a byte order mark"
        yield Fault("dat-encoding", "file", "nothing says which encoding it has", mend)
    if dat.encoding in ("", "utf-8") and data.count(b"\n") != data.count(b"\r\n"):
        yield Fault("dat-lines", "file", "lines that end with LF alone", "end them with CR LF")
    if len(dat.names) < 2:  # noqa: PLR2004 - of one column nobody can tell what parts them
        mend = "part columns by U+0014, quote them by U+00FE"
        yield Fault("dat-form", "line 1", "one column", mend)
    for name in sorted(one for one, count in Counter(dat.names).items() if not one or count > 1):
        what = f"{name} is there twice" if name else "a field without a name"
        yield Fault("dat-header", "line 1", what, "name each field once")
    for number, line in enumerate(dat.lines, 2):
        if len(line) != len(dat.names):
            what = f"{len(line)} fields, where the header has {len(dat.names)}"
            yield Fault("dat-fields", f"line {number}", what, "write the line anew")


def _dat_numbers(dat: Dat) -> Iterator[Fault]:
    first = next((name for name in _FIRST if name in dat.names), "")
    if not first:
        mend = f"one of {', '.join(_FIRST)}"
        yield Fault("bates-none", "line 1", "no field with the first number", mend)
        return
    last = next((name for name in _LAST if name in dat.names), first)
    places = dat.names.index(first), dat.names.index(last)
    ranges = (
        (f"line {number}", line[places[0]], line[places[1]])
        for number, line in enumerate(dat.lines, 2)
        if len(line) == len(dat.names)
    )
    yield from _numbers(ranges)


def _numbers(ranges: Iterable[tuple[str, str, str]]) -> Iterator[Fault]:
    """Yield where numbers are none, run back, overlap, or leave a gap."""
    before: Bates | None = None
    for where, first, last in ranges:
        try:
            begins, ends = Bates.read(first), Bates.read(last)
        except FormatError as error:
            yield Fault("bates-form", where, f"{error.where!r} is no number", error.mend)
            continue
        if ends[:2] != begins[:2] or ends.value < begins.value:
            yield Fault("bates-order", where, f"ends with {last} before {first}", "number it anew")
        elif before and begins[:2] == before[:2] and begins.value <= before.value:
            yield Fault("bates-twice", where, f"{first} was there before", "number it anew")
        elif before and begins[:2] == before[:2] and not begins.follows(before):
            what = f"{begins.value - before.value - 1} numbers are left out before {first}"
            yield Fault("bates-gap", where, what, "say why, or number it anew")
        before = ends


def _dat_files(dat: Dat, exists: Exists | None) -> Iterator[Fault]:
    places = [place for place, name in enumerate(dat.names) if name.upper() in _FILES]
    for number, line in enumerate(dat.lines, 2):
        for path in (line[place] for place in places if place < len(line) and line[place]):
            yield from _file(f"line {number}", path.replace("\\", "/").removeprefix("./"), exists)


def _file(where: str, path: str, exists: Exists | None) -> Iterator[Fault]:
    if path.startswith("/") or ":" in path or ".." in path.split("/"):
        yield Fault("load-path", where, f"{path} leads out of the volume", "name it from there")
    elif exists and not exists(path):
        yield Fault("load-file", where, f"{path} is not there", "add it, or take out its name")


def check_opt(data: bytes, exists: Exists | None) -> list[Fault]:
    """Return everything that is wrong with an Opticon file; ``exists``: None to ask of none."""
    try:
        pages = read_opt(data)
    except FormatError as error:
        return [Fault("opt-form", error.where or "file", error.message, error.mend)]
    faults = list(_numbers((f"line {n}", one.number, one.number) for n, one in enumerate(pages, 1)))
    if pages and not pages[0].begins:
        faults.append(Fault("opt-break", "line 1", "no document begins", "put a Y there"))
    starts = [place for place, one in enumerate(pages) if one.begins]
    for start, end in _documents(starts, len(pages)):
        told = pages[start].pages
        if told is not None and told != end - start:
            what = f"{told} pages, where {end - start} follow"
            faults.append(Fault("opt-pages", f"line {start + 1}", what, "count them anew"))
    for number, one in enumerate(pages, 1):
        faults += _file(f"line {number}", one.path, exists)
    return faults


def _documents(starts: Sequence[int], end: int) -> Iterator[tuple[int, int]]:
    yield from zip(starts, [*starts[1:], end], strict=True)
