"""What a certificate says under the rules of one court: data, never code. Pure.

``schemas/certificate-text.json`` is the open form of such a text, ``docs/certificates.md``
explains it. Only a text that somebody has confirmed gives a certificate that may be signed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

import yaml

from archiver.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "PLACES",
    "Confidence",
    "Confirmed",
    "CourtText",
    "Declaration",
    "Kind",
    "Rule",
    "filled",
    "parse",
    "read_text",
]

Kind = Literal["regular-activity", "electronic-process", "digital-copy"]
"""What a rule is about, however a court numbers it: Fed. R. Evid. 902(11), (13), (14)."""
Confidence = Literal["primary", "secondary", "unconfirmed"]
"""How far the rule was read: its own text, another's quotation, not at all."""

PLACES = frozenset(
    (
        *("algorithm", "archive", "files", "first", "keeper", "last", "made"),
        *("manifest_sha256", "name", "origin", "records", "root", "size"),
        *("software", "title", "versions"),
    )
)
"""Names that may stand in braces in a text."""

_PLACE = re.compile(r"\{([^{}]*)\}")
_MEND = "docs/certificates.md says how a text is written"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Who read which source when, and found that the text is right."""

    by: str
    office: str
    on: str
    read: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``effective`` and ``expires``: None where nobody knows, or never."""

    kind: Kind
    rule: str
    title: str
    citation: str
    effective: date | None
    expires: date | None
    confidence: Confidence
    paragraphs: tuple[str, ...]

    def in_force(self, day: date) -> bool:
        """Tell whether it may be certified under on a day; of one without a day nobody knows."""
        since = self.effective is None or self.effective <= day
        return since and (self.expires is None or day < self.expires)


@dataclass(frozen=True, slots=True)
class Declaration:
    """The words above the line for a signature, and where they stand."""

    citation: str
    confidence: Confidence
    text: str


@dataclass(frozen=True, slots=True)
class CourtText:
    """The text of one court. ``digest``: SHA-256 (hex) of its file."""

    text: str
    version: str
    court: str
    jurisdiction: str
    confirmed: Confirmed | None
    rules: tuple[Rule, ...]
    declaration: Declaration
    digest: str

    def rule(self, kind: str) -> Rule | None:
        """Return the rule of a kind, None where the court has none."""
        return next((one for one in self.rules if one.kind == kind), None)


def read_text(data: bytes, where: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return what a YAML file says; each value is text. Raises `FormatError`."""
    try:
        return yaml.load(data, Loader=yaml.BaseLoader)  # noqa: S506 - it makes nothing but text
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        said = str(error).splitlines()[0]
        raise FormatError(f"not YAML: {said}", where=where, mend=_MEND) from error


def parse(document: Mapping[str, Any], data: bytes) -> CourtText:
    """Return the text of a document that fits the schema, and of the bytes it was read from.

    Raises `FormatError` for what the schema cannot say: a kind of rule twice, a source that is
    not listed, a day that is in no calendar, an unknown name in braces.
    """
    name = f"{document['text']} {document['version']}"
    rules = tuple(_rule(one, name) for one in document["rules"])
    told = document["declaration"]
    _require(len({one.kind for one in rules}) == len(rules), "a kind of rule stands twice", name)
    listed = {one["id"] for one in document["sources"]}
    for one in (*document["rules"], told):
        _require(one["source"] in listed, f"no such source: {one['source']}", name)
    _check_places([told["text"]], name)
    found = document.get("confirmed")
    if found is not None:
        _require(_day(found["on"], name) is not None, "confirmed on no day", name)
    return CourtText(
        text=document["text"],
        version=document["version"],
        court=document["court"],
        jurisdiction=document["jurisdiction"],
        confirmed=None if found is None else Confirmed(**found),
        rules=rules,
        declaration=Declaration(told["citation"], told["confidence"], told["text"].strip()),
        digest=sha256(data).hexdigest(),
    )


def filled(paragraphs: Sequence[str], facts: Mapping[str, str]) -> tuple[str, ...]:
    """Return paragraphs with the facts in the place of names in braces.

    What a fact says is never read for names again.
    """
    return tuple(_PLACE.sub(lambda found: facts[found[1]], one) for one in paragraphs)


def _rule(one: Mapping[str, Any], where: str) -> Rule:
    _check_places(one["text"], where)
    return Rule(
        kind=one["kind"],
        rule=one["rule"],
        title=one["title"],
        citation=one["citation"],
        effective=_day(one["effective"], where),
        expires=_day(one.get("expires", "unknown"), where),
        confidence=one["confidence"],
        paragraphs=tuple(text.strip() for text in one["text"]),
    )


def _check_places(texts: Sequence[str], where: str) -> None:
    for text in texts:
        unknown = sorted({*_PLACE.findall(text)} - PLACES)
        left = _PLACE.sub("", text)
        whole = not unknown and "{" not in left and "}" not in left
        _require(whole, f"no such name in braces: {', '.join(unknown) or left[:40]}", where)


def _day(text: str, where: str) -> date | None:
    try:
        return None if text == "unknown" else date.fromisoformat(text)
    except ValueError as error:
        raise FormatError(f"no such day: {text}", where=where, mend=_MEND) from error


def _require(condition: bool, message: str, where: str) -> None:  # noqa: FBT001 - an assertion
    if not condition:
        raise FormatError(message, where=where, mend=_MEND)
