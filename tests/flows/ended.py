"""Orders that ended, in the log of a real archive: what execution seals, sealed by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.flows import orders
from archiver.flows.custody import custody_of
from archiver.flows.deciding import draft, seal_drafts
from archiver.flows.documents import seal_documents
from archiver.flows.ledger import read_state
from archiver.ledger import ranges
from archiver.ledger.deciding import copy_handle
from archiver.retention.report import CopyReport, Report, Surviving, report_name
from tests.flows.test_orders import begun, vouched

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.ledger.ranges import Ranges
    from archiver.retention.order import Order
    from tests.flows.hall import Hall

WORDS: Mapping[str, Any] = {
    "series": "il-city/talk",
    "title": "Posts and what is said to them",
    "citation": "Application 26-1, item 7",
    "version": "1",
    "pack_sha256": "ab" * 32,
    "jurisdiction": "US-IL",
    "flags": [],
    "zone": "America/Chicago",
    "as_of": "2026-11-20",
    "evaluated": "2026-11-21",
    "dates": {"first": "2019-01-04", "last": "2020-12-30"},
}
"""What a proposal says in words, but for its records."""


def ordered(hall: Hall, words: Mapping[str, Any], *records: str) -> str:
    """Have an order on records approved; return its handle."""
    one = orders.order(hall.archive, records, words, hall.of("clerk"), hall.now)
    seal_drafts(hall.archive, [one.signed(hall.keys("anna", "bert"))])
    return str(one.act.statement["order"])


def begin(hall: Hall, name: str) -> None:
    """Let an order's wait pass, have outsiders vouch for that, and begin it."""
    hall.later(4)
    vouched(hall.archive)
    begun(hall, name)


def under_way(hall: Hall, *records: str) -> str:
    """Have an order on records approved, wait, and begin; return its handle."""
    name = ordered(hall, WORDS, *records)
    begin(hall, name)
    return name


def state_of(hall: Hall, name: str) -> Order:
    """Return an order as the log has it."""
    return custody_of(hall.archive, read_state(hall.archive)).orders[name]


def copy_of(hall: Hall, name: str = "archive") -> str:
    """Return the handle of a copy."""
    return copy_handle(hall.archive.identity.id, name)


def taken_out(hall: Hall, name: str, most: int = 64) -> Ranges:
    """Take segments out that wholly go under an order; return the leaves that go by now."""
    order, state = state_of(hall, name), read_state(hall.archive)
    going = [one for one in state.segments() if one.has_records]
    going = [one for one in going if not ranges.minus(one.leaves, order.leaves)][:most]
    told = {"t": "seal", "stage": "destroy", "order": name, "segments": []}
    for account in sorted({one.account for one in going}):
        places = sorted(one.place for one in going if one.account == account)
        seal_documents(hall.archive, {}, [{**told, "account": account, "destroys": places}])
    return state_of(hall, name).going


def gone(hall: Hall, name: str, leaves: Ranges, *copies: str) -> None:
    """Say that leaves of an order are gone of copies."""
    part = {"t": "done-part", "work": "order", "order": name, "leaves": leaves}
    for one in copies or ("archive",):
        seal_documents(hall.archive, {}, [{**part, "copy": copy_of(hall, one)}])


def done(hall: Hall, name: str, *copies: str) -> None:
    """Have all of an order taken out, say that it is gone of copies, and that it is done."""
    gone(hall, name, taken_out(hall, name), *copies)
    members = {"order": name, "covers": state_of(hall, name).covers}
    made = draft(hall.archive, "done", members)
    seal_drafts(hall.archive, [made.signed(hall.keys("purger"))])


def reported(hall: Hall, name: str, **said: Any) -> Report:  # noqa: ANN401 - members of a report
    """Keep in the home what execution saw of an order; return it."""
    copies = (CopyReport("archive", copy_of(hall), "memory", 3, 0, "2026-11-30T04:00:00.000000Z"),)
    survivors = Surviving(plain=("units/a/b.warc.gz",), recipients=("a" * 26,))
    report = Report(**{"copies": copies, "shredded": 2, "survivors": survivors, **said})
    hall.archive.home.write(report_name(name), report.encode())
    return report
