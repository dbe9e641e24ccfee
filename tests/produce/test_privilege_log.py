"""The privilege log: who, when and why, and never what was said."""

from __future__ import annotations

import pytest

from archiver.errors import UsageError
from archiver.produce.document import Gap
from archiver.produce.privilege_log import COLUMNS, Assertion, privilege_log, privilege_table
from tests.produce.redactions import WHOLE, document, file, version

CLAIM = Assertion("attorney-client", "advice on a claim", "counsel", ("mayor", "clerk"))


def told(**fields: object) -> object:
    """Return a tagged message with these fields."""
    own = version({"text": "CANARY-TEXT", "title": "CANARY-TITLE", **fields})
    return document(WHOLE, versions=(own,), tags=("privileged",), natives=(file(),))


def test_a_row_describes_and_does_not_tell() -> None:
    """Number, date, author, recipients, kind, privilege and basis; nothing of the content."""
    one = told(author_name="Jane Doe", created_at="2026-11-19T08:00:00.000000Z")
    rows = privilege_log([one, document()], {WHOLE: CLAIM}, {WHOLE: "PRIV0001"})  # type: ignore[list-item]  # a document
    assert privilege_table(rows) == [
        COLUMNS,
        (
            "PRIV0001", "2026-11-19T08:00:00.000000Z", "Jane Doe", "mayor; clerk",
            "messages on stand-in, account city", "1", "attorney-client", "advice on a claim",
            "counsel",
        ),
    ]  # fmt: skip
    assert "CANARY" not in str(rows)


def test_an_author_that_is_withheld_stays_so() -> None:
    """A gap in a name is a sign; without a date the record's first capture stands there."""
    one = told(author_name=("Jane ", Gap(1, ("7(1)(b)",))))
    (row,) = privilege_log([one], {WHOLE: CLAIM}, {WHOLE: "PRIV0001"})  # type: ignore[list-item]  # a document
    assert (row.author, row.date) == ("Jane [withheld]", "2026-11-20T09:00:00.000000Z")


@pytest.mark.parametrize(
    ("asserted", "numbers"),
    [
        ({}, {WHOLE: "PRIV0001"}),
        ({WHOLE: CLAIM._replace(basis=" ")}, {WHOLE: "PRIV0001"}),
        ({WHOLE: CLAIM._replace(privilege="")}, {WHOLE: "PRIV0001"}),
        ({WHOLE: CLAIM}, {}),
    ],
)
def test_a_tag_without_a_claim_is_refused(
    asserted: dict[str, Assertion], numbers: dict[str, str]
) -> None:
    """Whoever tags has to say which privilege, on what facts, and by which number it is known."""
    with pytest.raises(UsageError) as caught:
        privilege_log([told()], asserted, numbers)  # type: ignore[list-item]  # a document
    assert caught.value.code == "privilege-unasserted"
