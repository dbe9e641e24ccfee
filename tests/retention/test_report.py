"""What execution hands over for a certificate has one closed form."""

from __future__ import annotations

import json

import pytest

from archiver.errors import FormatError
from archiver.retention.report import CopyReport, Report, Surviving

COPY = CopyReport("archive", "a" * 26, "folder", 4, 1, "2026-11-30T04:00:00.000000Z")
REPORT = Report((COPY,), 3, Surviving(plain=("units/a",)), ("a:b:posts:1",), ("one answer",))


def test_a_report_comes_back_as_it_was() -> None:
    """What is encoded is decoded, and encoded to the same bytes."""
    assert Report.decode(REPORT.encode()) == REPORT
    assert Report.decode(REPORT.encode()).encode() == REPORT.encode()


@pytest.mark.parametrize(
    "change",
    [
        {"more": 1},
        {"shredded": -1},
        {"shredded": "3"},
        {"copies": [json.loads(REPORT.encode())["copies"][0]] * 2},
        {"copies": [{"name": "archive"}]},
        {"copies": [{**json.loads(REPORT.encode())["copies"][0], "checked_at": "today"}]},
        {"copies": [{**json.loads(REPORT.encode())["copies"][0], "handle": "archive"}]},
        {"copies": [{**json.loads(REPORT.encode())["copies"][0], "removed": -4}]},
        {"survivors": {"wraps": [], "unknown": []}},
    ],
)
def test_another_form_is_refused(change: dict[str, object]) -> None:
    """A member more, a number that is none, a copy twice: it is no report."""
    document = {**json.loads(REPORT.encode()), **change}
    with pytest.raises(FormatError, match="not a report"):
        Report.decode(json.dumps(document).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b'{"copies":[]}'])
def test_anything_else_is_refused(data: bytes) -> None:
    """What is no report at all is refused as one."""
    with pytest.raises(FormatError, match="not a report"):
        Report.decode(data)
