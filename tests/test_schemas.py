"""Schemas of what is stored: columns that never change, and entries as they really are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from archiver.columns import COLUMNS, CONTEXT, FIELDS, columns_of
from archiver.errors import FormatError
from archiver.flows.ledger import read_state
from archiver.ledger import entry
from archiver.record import Stream
from archiver.settings import Settings
from archiver.wire import create_archive

if TYPE_CHECKING:
    from pathlib import Path

PINNED = """
1 record_id string context, 2 observation_id string context, 3 platform string context,
4 account string context, 5 stream string context, 6 native_id string context,
7 kind string context, 8 captured_at timestamp context, 9 parser string context,
10 exchange string context, 11 page_url string context, 12 group string context,
13 generation_of string context,
20 state string field, 21 url string field, 22 title text field, 23 text text field,
24 markup string field, 25 summary text field, 26 language string field,
27 author_id string field, 28 author_name text field, 29 author_email string field,
30 author_url string field, 31 author_ip string field, 32 author_agent string field,
33 parent_id string field, 34 thread_id string field, 35 created string field,
36 created_source string field, 37 created_precision string field,
38 created_at timestamp field, 39 modified string field, 40 modified_source string field,
41 modified_precision string field, 42 modified_at timestamp field,
43 media_type string field, 44 file_name string field, 45 alt_text text field,
46 caption text field, 47 attachments json field, 48 tags json field, 49 name text field,
50 handle string field, 51 email string field, 52 roles json field, 53 volatile json field,
54 reported string field, 55 listed json field, 56 flags json field, 57 extra json field,
58 file_sha256 string field
"""
"""Columns in use since the first release. Lines may be added here, never changed."""


def _schema(repo_root: Path, name: str) -> Any:  # noqa: ANN401 - any JSON value
    return json.loads((repo_root / "schemas" / name).read_text("utf-8"))


def test_columns_never_change() -> None:
    """A column in use keeps its number, name, type and home for ever."""
    now = {column.id: " ".join(map(str, column)) for column in (*CONTEXT, *FIELDS)}
    pinned = {int(line.split()[0]): line.strip() for line in PINNED.split(",")}
    assert {number: now.get(number) for number in pinned} == pinned


def test_no_number_or_name_is_used_twice() -> None:
    """Each column has a number and a name of its own."""
    columns = (*CONTEXT, *FIELDS)
    assert len({column.id for column in columns}) == len(columns) == len(COLUMNS)


def test_the_schema_of_rows_is_what_the_code_says(repo_root: Path) -> None:
    """schemas/rows.json has every column, and of each stream which."""
    rows = _schema(repo_root, "rows.json")
    assert rows["columns"] == [column._asdict() for column in (*CONTEXT, *FIELDS)]
    assert rows["streams"] == {s: [c.name for c in columns_of(s)] for s in Stream}


def _entries(repo_root: Path) -> jsonschema.Draft202012Validator:
    schema = _schema(repo_root, "entries.json")
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_first_entry_follows_the_schema(repo_root: Path, tmp_path: Path) -> None:
    """A new archive's ledger has one entry, which says who signs."""
    archive = create_archive(Settings(str(tmp_path / "archive"), tmp_path / "home"))
    ((index, body),) = read_state(archive).controls
    assert (index, body["t"]) == (0, "role")
    _entries(repo_root).validate(body)


SEAL = {
    "t": "seal",
    "stage": "settle",
    "account": "a",
    "id": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "time": "2026-11-20T13:00:00.000000Z",
    "batch": 1,
    "lane": "l",
    "exchanges": [[1, 3]],
    "segments": [],
}
SEGMENT = {
    "unit": "u",
    "segment": "s",
    "series": "unscheduled",
    "period": "2026-11",
    "sensitivity": "public",
    "objects": {"warc.gz": "0" * 64},
    "leaves": [[0, 1]],
}


@pytest.mark.parametrize(
    "change",
    [
        {"batch": 0},
        {"stage": "other"},
        {"exchanges": [[1]]},
        {"segments": [{**SEGMENT, "objects": {"warc.gz": "00"}}]},
        {"segments": [{**SEGMENT, "leaves": [1]}]},
        {"segments": [{**SEGMENT, "unit": ""}]},
        {"segments": [{k: v for k, v in SEGMENT.items() if k != "period"}]},
        {"account": ""},
    ],
)
def test_schema_and_code_refuse_the_same_seals(repo_root: Path, change: dict[str, Any]) -> None:
    """A seal that the ledger would not take is none to the schema either."""
    good = {**SEAL, "segments": [SEGMENT]}
    _entries(repo_root).validate(good)
    assert entry.control(good)
    with pytest.raises(jsonschema.ValidationError):
        _entries(repo_root).validate({**good, **change})
    with pytest.raises(FormatError):
        entry.control({**good, **change})
