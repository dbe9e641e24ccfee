"""A document as plain text, the same that its pages say: for readers, and for searches. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.columns import COLUMNS
from archiver.produce.shown import BODY, Shown, codes, local, made_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from archiver.produce.document import Document, Native, Version
    from archiver.produce.profile import Profile

__all__ = ["Passage", "Told", "tell", "text_of", "time_of"]

_APART = frozenset(BODY) | {"markup", "volatile", "listed", "extra"}
"""Columns that are not told as facts: what somebody wrote, and what only programs read."""


class Passage(NamedTuple):
    """One version: what it is, what is known of it, what it says."""

    heading: str
    facts: tuple[tuple[str, str], ...]
    body: str


class Told(NamedTuple):
    """A document as it is told: its title, what is known of it, its versions, its files."""

    title: str
    facts: tuple[tuple[str, str], ...]
    passages: tuple[Passage, ...]
    files: tuple[str, ...]


def tell(document: Document, profile: Profile, paths: Sequence[str]) -> Told:
    """Return what text and pages say of a document; ``paths``: of its files, "" withheld."""
    made, source = made_at(document, profile)
    facts = (
        ("Record", document.record),
        ("Account", f"{document.account} ({document.platform})"),
        ("Custodian", document.custodian),
        ("Author", Shown(document.latest, profile).author),
        ("Captured" if source == "captured_at" else "Created", time_of(made, profile.zone)),
        ("State", document.state),
        ("Answers", document.parent),
        ("Thread", document.thread),
        ("Tags", "; ".join(document.tags)),
        ("Withheld under", codes(document.exemptions)),
    )
    title = document.title or f"{document.stream}: {document.record}"
    passages = tuple(_passages(document, profile))
    files = tuple(map(_file, document.natives, paths))
    return Told(title, tuple(one for one in facts if one[1]), passages, files)


def _passages(document: Document, profile: Profile) -> Iterator[Passage]:
    count = len(document.versions)
    for number, version in enumerate(document.versions, 1):
        heading = f"Version {number} of {count}: {version.kind}"
        shown = Shown(version, profile)
        yield Passage(heading, tuple(_facts(version, shown, profile)), shown.body)


def _facts(version: Version, shown: Shown, profile: Profile) -> Iterator[tuple[str, str]]:
    yield "captured_at", time_of(version.captured_at, profile.zone)
    yield "entry of the ledger", str(version.leaf)
    names = [one for one in COLUMNS if one in version.fields or one in version.closed]
    for name in names:
        if name not in _APART:
            yield name, shown.field(name)
    for name in BODY:
        if name in version.closed:
            yield name, shown.field(name)


def _file(native: Native, path: str) -> str:
    if native.withheld:
        return f"File withheld under {codes(native.withheld)}"
    made = ", parts of it taken out" if native.masked else ""
    where = f"Provided in native format: {path}" if path else "Not part of this production"
    return f"{where} ({native.media_type or 'unknown type'}, {native.size} bytes{made})"


def time_of(moment: str, zone: str) -> str:
    """Return a canonical time as people of a zone read it, with its distance from UTC."""
    there = local(moment, zone)
    if there is None:
        return moment
    fraction = f".{there.microsecond:06}" if there.microsecond else ""
    return f"{there:%Y-%m-%d %H:%M:%S}{fraction} {there:%z}"


def text_of(told: Told, number: str) -> str:
    """Return all that is told of a document, under its first number."""
    lines = [number, told.title, "", *(f"{name}: {value}" for name, value in told.facts)]
    for one in told.passages:
        lines += ["", one.heading, *(f"{name}: {value}" for name, value in one.facts)]
        lines += ["", one.body] if one.body else []
    lines += ["", *told.files] if told.files else []
    return "\n".join(lines) + "\n"
