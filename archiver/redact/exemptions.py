"""Exemptions: under which law something may be withheld. Data of a jurisdiction, no state by name.

A file (YAML, ``schemas/exemptions.json``) has those of one jurisdiction; a city may add its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import yaml
from jsonschema import Draft202012Validator

from archiver.errors import FormatError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Exemption", "Exemptions", "read_exemptions"]

_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Exemption:
    """One exemption.

    ``code`` stands in place of what is withheld. ``confidence``: how sure it is that the law says
    so (``primary secondary unconfirmed``). ``effective``, ``expires``: the first day on which it
    may be cited, and on which no more; None: not known. ``kinds``: what detectors propose it for.
    """

    code: str
    jurisdiction: str
    citation: str
    title: str
    confidence: str
    effective: date | None = None
    expires: date | None = None
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Exemptions:
    """All exemptions that may be cited, by code."""

    by_code: Mapping[str, Exemption]

    def cited(self, code: str, day: date) -> Exemption:
        """Return the exemption of a code.

        Raises `UsageError` (``exemption-unknown``) where there is none, or the law had none then.
        """
        one = self.by_code.get(code)
        if one is None:
            raise UsageError(
                "no such exemption",
                where=code,
                code="exemption-unknown",
                mend=f"one of {', '.join(sorted(self.by_code)) or 'none: give --exemptions FILE'}",
            )
        early = one.effective is not None and day < one.effective
        if early or (one.expires is not None and day >= one.expires):
            raise UsageError(
                "the exemption may not be cited on that day",
                where=f"{code}, {day.isoformat()}",
                code="exemption-unknown",
                mend="cite one that is in force",
            )
        return one

    def proposed(self, kind: str) -> tuple[str, ...]:
        """Return the codes of those that a kind may fall under, in the order of the files."""
        return tuple(code for code, one in self.by_code.items() if kind in one.kinds)


def read_exemptions(
    schema: bytes, files: Iterable[tuple[str, bytes]], jurisdiction: str = ""
) -> Exemptions:
    """Return the exemptions of files (name, bytes) that fit the schema.

    ``jurisdiction``: only those of it, and of what it is a part of; empty: all. Raises
    `FormatError` for a file that does not fit, or a code that is there twice.
    """
    validator = Draft202012Validator(json.loads(schema))
    found: dict[str, Exemption] = {}
    for name, data in files:
        document = _read(validator, name, data)
        place = document["jurisdiction"]
        if jurisdiction and jurisdiction != place and not jurisdiction.startswith(f"{place}-"):
            continue
        for one in document["exemptions"]:
            if one["code"] in found:
                raise FormatError("an exemption is there twice", where=f"{name}: {one['code']}")
            found[one["code"]] = _exemption(place, one)
    return Exemptions(found)


def _read(validator: Draft202012Validator, name: str, data: bytes) -> dict[str, Any]:
    try:
        document = yaml.load(data, Loader=yaml.BaseLoader)  # noqa: S506 - makes texts alone
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(f"no YAML: {error}"[:200], where=name) from error
    errors: Sequence[Any] = sorted(validator.iter_errors(document), key=str)
    if errors:
        raise FormatError(f"not exemptions: {errors[0].message}"[:200], where=name)
    return dict(document)


def _exemption(jurisdiction: str, one: Mapping[str, Any]) -> Exemption:
    return Exemption(
        code=one["code"],
        jurisdiction=jurisdiction,
        citation=one["citation"],
        title=one["title"],
        confidence=one["confidence"],
        effective=_day(one["effective"]),
        expires=_day(one.get("expires", _UNKNOWN)),
        kinds=frozenset(one.get("kinds", ())),
    )


def _day(text: str) -> date | None:
    if text == _UNKNOWN:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise FormatError("not a day", where=text) from error
