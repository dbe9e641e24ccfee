"""Entries of decisions: closed forms, the same in code and schema, without a place for words."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from archiver.errors import FormatError
from archiver.ledger import entry
from archiver.ledger.admission import check_form
from archiver.ledger.batch import Batch
from archiver.ledger.deciding import DECIDING, set_digest
from archiver.registry.deciding import RULES, TYPES
from tests.ledger.seals import TIME
from tests.registry.signers import Office, handle

if TYPE_CHECKING:
    from pathlib import Path

BATCH = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
LEAVES = [[3, 5], [8, 9]]
SET = {"size": "9", "covers": set_digest(LEAVES)}
FILE = {"set": BATCH, "sha256": "ab" * 32}
TOLD = {"subject": "ab" * 32, "effect": "shortens"}
HOLD, ORDER = {"hold": handle("h")}, {"order": handle("o")}
MATTER = {"matter": handle("m"), "subject": "ab" * 32}

ACTS: list[tuple[str, str, dict[str, str], object]] = [
    ("schedule", "add-schedule", TOLD, None),
    ("schedule", "adopt-schedule", TOLD, None),
    ("schedule", "opt-in", TOLD, None),
    ("schedule", "revoke-schedule", {**TOLD, "revokes": handle("s")}, None),
    ("classify", "classify", {**TOLD, **SET}, LEAVES),
    ("classify", "review", {**TOLD, **SET}, FILE),
    ("event", "event", TOLD, None),
    ("event", "hold-event", {**TOLD, **HOLD, "effect": "lengthens"}, None),
    ("hold", "hold", {**HOLD, **SET, "subject": "ab" * 32}, []),
    ("hold", "notice", {**HOLD, "subject": "ab" * 32}, None),
    ("hold", "acknowledge", {**HOLD, "subject": "ab" * 32}, None),
    ("applied", "applied", {**HOLD, **SET}, LEAVES),
    ("release", "release", {**HOLD, "subject": "ab" * 32, "from": TIME}, None),
    ("order", "order", {
        **ORDER, **SET, "requester": handle("clerk"), "root": "cd" * 32, "subject": "ab" * 32,
        "from": TIME,
    }, LEAVES),
    *(
        ("order", act, {
            **ORDER, **SET, "requester": handle("clerk"), "root": "cd" * 32, "subject": "ab" * 32,
            "from": TIME, "days": "30",
        }, LEAVES)
        for act in ("order-certified", "order-noticed")
    ),
    ("order", "order-extraordinary", {
        **ORDER, **SET, "requester": handle("clerk"), "root": "cd" * 32, "subject": "ab" * 32,
        "from": TIME,
    }, LEAVES),
    ("order", "submit", {**ORDER, "subject": "ab" * 32}, None),
    ("order", "outcome", {**ORDER, **SET, **TOLD}, LEAVES),
    ("begin", "begin", {**ORDER, **SET, "root": "cd" * 32, "times": "3 12"}, None),
    ("halt", "halt", {**ORDER, "subject": "ab" * 32}, None),
    ("done", "done", {**ORDER, "covers": "ab" * 32}, None),
    ("retire", "retire", {**TOLD, "copy": handle("c"), "size": "9"}, None),
    ("matter", "open-matter", MATTER, None),
    ("matter", "close-matter", MATTER, None),
    ("matter", "tag", {**MATTER, **SET}, FILE),
    ("matter", "bates", {**MATTER, "series": handle("p"), "first": "1", "last": "500"}, None),
    ("export", "export-approve", {**MATTER, **SET, "requester": handle("fay")}, LEAVES),
    ("export", "export", {**MATTER, **SET, "volume": "1"}, LEAVES),
    ("export", "export-replacing", {**MATTER, **SET, "volume": "2", "of": "1"}, LEAVES),
    ("export", "claw-back", {**MATTER, **SET, "volume": "3", "of": "1"}, LEAVES),
    ("redact", "mark", {"subject": "ab" * 32}, None),
    ("redact", "unmark", {"subject": "ab" * 32, "revokes": handle("m")}, None),
]  # fmt: skip


def bodies() -> list[dict[str, Any]]:
    """Return an entry of each form."""
    office = Office()
    found = []
    for kind, act, members, leaves in ACTS:
        body = {"t": kind, "time": TIME, **office.act("clerk", act, **members).document()}
        found.append(body if leaves is None else {**body, "leaves": leaves})
    part = {"t": "done-part", "time": TIME, "work": "order", **ORDER, "copy": handle("c")}
    copy = {"t": "copy", "time": TIME, "copy": handle("c")}
    return [*found, {**part, "leaves": LEAVES}, copy]


BODIES = bodies()
IDS = [str(one.get("statement", {}).get("act", one["t"])) for one in BODIES]


def check(body: dict[str, Any]) -> None:
    """Check a batch of one entry."""
    check_form(Batch("B1", (), (deepcopy(body),)), 1)


@pytest.fixture(scope="module")
def schema(repo_root: Path) -> jsonschema.Draft202012Validator:
    """Return the schema of entries."""
    text = (repo_root / "schemas" / "entries.json").read_text("utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))


def test_every_act_has_an_example_and_a_rule() -> None:
    """Forms, rules of authority and these examples are about the same acts and types."""
    assert {act for act, _ in RULES} == {act for _, act, _, _ in ACTS}
    assert set(TYPES) == set(DECIDING) == {kind for kind, _, _, _ in ACTS}


@pytest.mark.parametrize("body", BODIES, ids=IDS)
def test_what_is_admitted(body: dict[str, Any], schema: jsonschema.Draft202012Validator) -> None:
    """Each form is admitted, follows the schema, and is an entry."""
    check(body)
    whole = {**body, "id": BATCH}
    schema.validate(whole)
    assert entry.parse(entry.control(whole)) == (body["t"], whole)


@pytest.mark.parametrize("body", BODIES, ids=IDS)
def test_no_member_more_or_less(
    body: dict[str, Any], schema: jsonschema.Draft202012Validator
) -> None:
    """A member that is not described has no place, and none may lack."""
    changed = [{**body, "note": "said the clerk"}]
    changed += [{k: v for k, v in body.items() if k != name} for name in body if name != "t"]
    for one in changed:
        with pytest.raises(FormatError):
            check(one)
        assert list(schema.iter_errors({**one, "id": BATCH})) != []


@pytest.mark.parametrize("body", BODIES[:-2], ids=IDS[:-2])
def test_no_words_in_a_statement(
    body: dict[str, Any], schema: jsonschema.Draft202012Validator
) -> None:
    """Every member of a statement is a handle, a digest, a number, a time or a word of ours."""
    for name, good in body["statement"].items():
        for value in ("R. Alvarez", "Ferry Street", 7, None, ["x"], f"{good}\n"):
            changed = {**body, "statement": {**body["statement"], name: value}}
            with pytest.raises(FormatError):
                check(changed)
            if value == "Ferry Street":  # and the schema says the same
                assert list(schema.iter_errors({**changed, "id": BATCH})) != []


@pytest.mark.parametrize(
    "leaves",
    [
        None, "all", [[5, 3]], [[1, 2], [2, 3]], [[1, 2, 3]], [["1", 2]], [[-1, 2]],
        {"set": "x", "sha256": "ab" * 32}, {**FILE, "note": "x"}, {"sha256": "ab" * 32}, {},
    ],
)  # fmt: skip
def test_a_set_is_ranges_or_a_file(leaves: object) -> None:
    """Nothing else stands for a set of leaves."""
    for body in BODIES:
        if "leaves" in body:
            with pytest.raises(FormatError):
                check({**body, "leaves": leaves})


def test_only_holds_may_be_on_nothing_yet() -> None:
    """A hold on what is to come, and a query that took nothing in, have an empty set."""
    empty = [one for one in BODIES if "leaves" in one and _admitted({**one, "leaves": []})]
    assert [one["t"] for one in empty] == ["hold", "applied"]


def _admitted(body: dict[str, Any]) -> bool:
    try:
        check(body)
    except FormatError:
        return False
    return True


def test_the_example_of_the_page(repo_root: Path) -> None:
    """docs/formats/deciding.md has the digest of its set."""
    page = (repo_root / "docs" / "formats" / "deciding.md").read_text("utf-8")
    assert f"    {set_digest(LEAVES)}\n" in page
