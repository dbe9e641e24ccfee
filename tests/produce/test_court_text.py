"""Texts of courts: data with a citation for everything, and none that is final by itself."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from archiver.errors import FormatError, UsageError
from archiver.flows.certify_902_refusals import why_draft
from archiver.flows.court_texts import TextFiles, court_text, court_texts
from archiver.produce.court_text import CourtText, filled, read_text
from archiver.wire.certificates import certificate_texts

if TYPE_CHECKING:
    from pathlib import Path

FILES = certificate_texts()
TEXT = """
schema: civic-archive/certificate-text/1
text: own
version: "1"
court: A court
jurisdiction: US-XX
status: confirmed
confirmed: {by: Kim Poe, office: Attorney, on: 2026-11-01, read: the rules, sha256: not held}
sources: [{id: rules, citation: The rules, sha256: not held}]
rules:
  - kind: digital-copy
    rule: "902(14)"
    title: Copies
    citation: Rule 902(14)
    effective: 2017-12-01
    expires: 2030-01-01
    source: rules
    confidence: primary
    text: ["All of the {files} files."]
declaration: {citation: A law, source: rules, confidence: primary, text: "It is true, {name}."}
"""


def own(text: str = TEXT) -> CourtText:
    """Return a text of one's own."""
    (found,) = court_texts(TextFiles(FILES.schema, [("own.yaml", text.encode())]))
    return found


def _documents() -> list[tuple[str, Any]]:
    return [(name, read_text(data, name)) for name, data in FILES.files]


def test_every_shipped_text_cites_and_is_a_draft() -> None:
    """Each rule and declaration has citation, source and confidence; nobody confirmed any."""
    assert {one.text for one in court_texts(FILES)} >= {"us-federal", "us-il", "us-wi"}
    for name, document in _documents():
        for one in (*document["rules"], document["declaration"]):
            assert one["citation"].strip(), name
            assert one["confidence"] in {"primary", "secondary", "unconfirmed"}, name
            assert one["source"] in {source["id"] for source in document["sources"]}, name
    for text in court_texts(FILES):
        assert why_draft(text, text.rules), text.text


def test_the_federal_text_has_all_three_rules() -> None:
    """Fed. R. Evid. 902(11), (13) and (14), the last two since 1 December 2017; and § 1746."""
    text = court_text(FILES, "us-federal")
    found = [(one.kind, one.rule, one.effective) for one in text.rules]
    assert found == [
        ("regular-activity", "902(11)", date(2000, 12, 1)),
        ("electronic-process", "902(13)", date(2017, 12, 1)),
        ("digital-copy", "902(14)", date(2017, 12, 1)),
    ]
    assert "1746" in text.declaration.citation
    assert "penalty of perjury" in text.declaration.text


def test_a_confirmed_text_lacks_nothing() -> None:
    """It says who read what and when; a rule holds from its first day to its last."""
    text = own()
    assert why_draft(text, text.rules) == ()
    assert text.confirmed is not None
    assert (text.confirmed.by, text.confirmed.on) == ("Kim Poe", "2026-11-01")
    (rule,) = text.rules
    held = [rule.in_force(date(*day)) for day in ((2017, 11, 30), (2017, 12, 1), (2030, 1, 1))]
    assert held == [False, True, False]
    assert text.rule("electronic-process") is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("confidence: primary\n", "confidence: unconfirmed\n"), "Rule 902(14) was not read"),
        (("confidence: primary,", "confidence: unconfirmed,"), "A law was not read"),
        (("effective: 2017-12-01", "effective: unknown"), "since when Rule 902(14) holds"),
    ],
)
def test_what_nobody_read_is_a_draft(change: tuple[str, str], reason: str) -> None:
    """A confirmed text with a rule that was not read, or without its day, is a draft yet."""
    text = own(TEXT.replace(*change))
    (told,) = why_draft(text, text.rules)
    assert told.startswith(reason)


@pytest.mark.parametrize(
    "change",
    [
        ("    citation: Rule 902(14)\n", ""),
        ("    citation: Rule 902(14)\n", "    citation: ' '\n"),
        ("    confidence: primary\n", ""),
        ("status: confirmed", "status: draft"),
        ("confirmed: {by", "somebody: {by"),
        ("on: 2026-11-01", "on: unknown"),
        ("on: 2026-11-01", "on: 2026-02-30"),
        ("effective: 2017-12-01", "effective: 2017-13-01"),
        ("kind: digital-copy", "kind: whatever"),
        ("source: rules\n", "source: others\n"),
        ("{files}", "{password}"),
        ("{files}", "{files"),
        ("{files}", "{files.__class__}"),
        ("{name}", "{nobody}"),
        ("sources: [{id: rules, citation: The rules, sha256: not held}]", "sources: []"),
        ("court: A court", "court: [A court"),
        ("court: A court", "court: !!python/object:os.system {}"),
    ],
)
def test_what_does_not_fit_is_refused(change: tuple[str, str]) -> None:
    """A text that is not whole is refused, and its place is named."""
    with pytest.raises(FormatError) as caught:
        own(TEXT.replace(*change, 1))
    assert caught.value.where


def test_a_kind_stands_once() -> None:
    """Two rules of one kind are refused."""
    rule = TEXT[TEXT.index("  - kind") : TEXT.index("declaration")]
    with pytest.raises(FormatError, match="stands twice"):
        own(TEXT.replace(rule, rule + rule))


def test_facts_are_never_read_as_names() -> None:
    """What a person's title says in braces stays as it is."""
    facts = {"name": "{archive}", "files": "3"}
    assert filled(["{name}: {files}"], facts) == ("{archive}: 3",)


def test_a_citys_own_text_goes_first(tmp_path: Path) -> None:
    """A file that a command names comes after the shipped ones, and the last of a name counts."""
    file = tmp_path / "own.yaml"
    file.write_text(TEXT.replace("text: own", "text: us-federal"))
    assert court_text(certificate_texts([file]), "us-federal").court == "A court"
    with pytest.raises(UsageError, match="no text"):
        court_text(FILES, "us-mars")
    with pytest.raises(UsageError, match="can't be read"):
        certificate_texts([tmp_path / "none.yaml"])
    file.write_bytes(b"#" * (1 << 20) + b"##")
    with pytest.raises(UsageError, match="too large"):
        certificate_texts([file])


def test_the_schema_is_one() -> None:
    """The open schema is well formed, and a day in YAML stays text."""
    jsonschema.Draft202012Validator.check_schema(json.loads(FILES.schema))
    assert read_text(b"day: 2026-11-30", "x") == {"day": "2026-11-30"}
