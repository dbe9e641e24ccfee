"""Exemptions: data of a jurisdiction that fits its schema, cited only while it is in force."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from archiver.errors import FormatError, UsageError
from archiver.redact.detect import KINDS
from archiver.redact.exemptions import read_exemptions

ROOT = Path(__file__).parents[2]
SCHEMA = (ROOT / "schemas" / "exemptions.json").read_bytes()
SHIPPED = [
    (one.name, one.read_bytes()) for one in sorted((ROOT / "schemas/exemptions").glob("*.yaml"))
]
ONE = """
schema: civic-archive/exemptions/1
jurisdiction: {place}
title: A law
exemptions:
  - code: {code}
    citation: Section 1
    title: Private
    confidence: unconfirmed
    effective: {effective}
    expires: {expires}
    kinds: [phone]
"""
TOLD = {"place": "US-XX", "code": "1(a)", "effective": "2026-01-01", "expires": "2027-01-01"}


def file(**more: str) -> tuple[str, bytes]:
    """Return a file of one exemption."""
    return "own.yaml", ONE.format(**(TOLD | more)).encode()


def test_what_is_shipped_fits_and_covers_every_kind() -> None:
    """Each has a citation and says how sure it is; each kind has one to propose, in each state."""
    every = read_exemptions(SCHEMA, SHIPPED)
    places = {one.jurisdiction for one in every.by_code.values()}
    assert places == {"US-IL", "US-WI"}
    for place in places:
        own = read_exemptions(SCHEMA, SHIPPED, place)
        assert all(own.proposed(kind) for kind in KINDS)
    assert every.by_code["7(1)(b)"].citation == "5 ILCS 140/7(1)(b)"
    assert not {one.confidence for one in every.by_code.values()} & {"primary"}


def test_the_schema_knows_the_kinds_of_detectors() -> None:
    """An exemption can be proposed for what is found, and for nothing else."""
    for kind in KINDS:
        assert f'"{kind}"'.encode() in SCHEMA
    with pytest.raises(FormatError):
        read_exemptions(SCHEMA, [("x", file()[1].replace(b"[phone]", b"[shoe-size]"))])


def test_no_module_knows_a_state_by_name() -> None:
    """Law is data."""
    for path in (ROOT / "archiver" / "redact").glob("*.py"):
        text = path.read_text("utf-8")
        assert not any(name in text for name in ("ILCS", "Illinois", "Wisconsin", "US-IL", "7(1)"))


@pytest.mark.parametrize(
    ("day", "good"), [("2025-12-31", False), ("2026-01-01", True), ("2027-01-01", False)]
)
def test_it_is_cited_while_it_is_in_force(day: str, good: bool) -> None:  # noqa: FBT001 - a table
    """From its first day on, up to its last."""
    own = read_exemptions(SCHEMA, [file()], "US-XX")
    if good:
        assert own.cited("1(a)", date.fromisoformat(day)).title == "Private"
        return
    with pytest.raises(UsageError) as caught:
        own.cited("1(a)", date.fromisoformat(day))
    assert caught.value.code == "exemption-unknown"


def test_a_jurisdiction_has_what_it_is_a_part_of() -> None:
    """Federal exemptions may be cited in each state, those of another state not."""
    files = [file(place="US", code="f"), file(), file(place="US-X", code="o")]
    assert set(read_exemptions(SCHEMA, files, "US-XX").by_code) == {"f", "1(a)"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"- a",
        b"\xff",
        b"a: [",
        file()[1].replace(b"confidence: unconfirmed", b"confidence: sure"),
        file(effective="2026-13-01")[1],
        file(code="'see 1(a)!'")[1],
    ],
)
def test_what_does_not_fit_is_refused(data: bytes) -> None:
    """Before anything is cited."""
    with pytest.raises(FormatError):
        read_exemptions(SCHEMA, [("own.yaml", data)])


def test_a_code_is_there_once() -> None:
    """Two laws behind one sign would tell nobody which."""
    with pytest.raises(FormatError, match="twice"):
        read_exemptions(SCHEMA, [file(), file()])
