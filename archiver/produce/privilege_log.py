"""The privilege log: what is withheld as privileged, described without what it says. Pure.

Who withholds what is otherwise discoverable claims it expressly and describes it so that others
can judge the claim (Fed. R. Civ. P. 26(b)(5)(A)). A row has dates, people and kind; content is
not read for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import UsageError
from archiver.produce.document import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from archiver.produce.document import Document

__all__ = ["COLUMNS", "PRIVILEGED", "Assertion", "Withheld", "privilege_log", "privilege_table"]

PRIVILEGED = "privileged"
"""The tag of a record that nobody is to have: somebody has to say why."""

_DATES = ("created_at", "created")
_AUTHORS = ("author_name", "name", "handle", "author_id")
_GAP = "[withheld]"
_SEVERAL = "; "


class Assertion(NamedTuple):
    """What is claimed of a record: which privilege, on what facts, by whom.

    ``recipients``: who had it, as far as that is known and may be told.
    """

    privilege: str
    basis: str
    by: str
    recipients: tuple[str, ...] = ()


class Withheld(NamedTuple):
    """One row, all text. ``number``: its Bates or control number."""

    number: str
    date: str
    author: str
    recipients: str
    kind: str
    files: str
    privilege: str
    basis: str
    by: str


COLUMNS = Withheld._fields


def privilege_log(
    documents: Iterable[Document], asserted: Mapping[str, Assertion], numbers: Mapping[str, str]
) -> list[Withheld]:
    """Return a row for each record of which a privilege is claimed.

    Args:
        documents: all of the pull, in their order.
        asserted: by record.
        numbers: Bates or control number of each of these.

    Raises `UsageError` where a record is tagged `PRIVILEGED` and nobody says why, where a claim
    has no basis, or a record no number (``privilege-unasserted``).
    """
    rows = []
    for one in documents:
        claim = asserted.get(one.record)
        if claim is None and PRIVILEGED not in one.tags:
            continue
        if claim is None or not claim.privilege.strip() or not claim.basis.strip():
            raise _lacks("a record is tagged as privileged, and nobody says which and why")
        if not numbers.get(one.record):
            raise _lacks("a privileged record has no control number")
        rows.append(_row(one, claim, numbers[one.record]))
    return rows


def privilege_table(rows: Iterable[Withheld]) -> list[tuple[str, ...]]:
    """Return header and rows as text, for a CSV."""
    return [COLUMNS, *(tuple(row) for row in rows)]


def _row(one: Document, claim: Assertion, number: str) -> Withheld:
    return Withheld(
        number=number,
        date=_first(one, _DATES) or one.versions[0].captured_at,
        author=_first(one, _AUTHORS),
        recipients=_SEVERAL.join(claim.recipients),
        kind=f"{one.stream} on {one.platform}, account {one.account}",
        files=str(len(one.natives)),
        privilege=claim.privilege,
        basis=claim.basis,
        by=claim.by,
    )


def _first(one: Document, columns: tuple[str, ...]) -> str:
    """Return the first of some columns that the latest version has, with a sign for each gap."""
    fields = one.latest.fields
    return next(
        (plain(fields[name], lambda _: _GAP) for name in columns if fields.get(name)),
        "",
    )


def _lacks(message: str) -> UsageError:
    return UsageError(
        message,
        code="privilege-unasserted",
        mend="say which privilege, and the facts it rests on, or take the tag off",
    )
