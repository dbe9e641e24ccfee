"""A certificate of destruction as a page for people. Pure.

Whoever reads it is told first what went and what did not, then who decided it, by which rule, and
what nobody can say. Its JSON has all of the proof; the page names each entry by its hash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.flows.extraordinary import KINDS
from archiver.formats.pdf import Page, Section, Table, pdf
from archiver.registry.people import moment
from archiver.retention.certificate import HALTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archiver.retention.certificate import Certificate
    from archiver.retention.certificate_told import Bag, Copy, Outside, Person, Retirement, Told

__all__ = ["certificate_pdf"]

TITLE = "Certificate of destruction"
_MOST_ENTRIES = 60
"""Entries that the page names one by one: a big order takes its segments out in many."""
_UNSAID = "–"

_WHAT = {
    "order": "Order, approved",
    "submit": "Authority told",
    "outcome": "Authority's answer",
    "begin": "Beginning",
    "destroy": "Segments taken out",
    "gone": "Gone of a copy",
    "halt": "Halted",
    "copy": "Copy told of",
    "retire": "Copy retired",
    "done": "Done",
}
_HALTED_BY = {
    "halt": "people halted it",
    "hold": "a hold was placed on records of it",
    "applied": "a hold was applied to records of it",
    "outcome": "the authority outside refused it",
}
_RESULTS = {
    "gone": "all gone",
    "partly": "partly gone",
    "retired": "no copy any more",
    "unknown": "nothing says",
}


def certificate_pdf(made: Certificate) -> bytes:
    """Return a certificate as PDF; it bears the time at which its order ended.

    Raises `FormatError` where it can't be set.
    """
    return pdf(_page(made), moment(made.shown.ended))


def _page(made: Certificate) -> Page:
    shown, told = made.shown, made.told
    halted = shown.outcome == HALTED
    return Page(
        title=f"{TITLE}: halted" if halted else TITLE,
        author=made.origin,
        subject=f"Order {shown.order}",
        footer=f"Order {shown.order}, archive {made.archive}",
        lead=list(_lead(made)),
        sections=[
            Section("What it was about", tables=[_rows(_about(told))]),
            Section("Who decided, and when", tables=[_rows(_decided(made))]),
            *_asked(told.outside),
            Section("Copies", tables=[_copies(told.copies)]),
            *_survivors(told),
            Section("Keys, and what survives", tables=[_rows(_keys(told))]),
            Section("What this certificate does not show", points=[o.text for o in made.limits]),
            _ledger(made),
        ],
    )


def _lead(made: Certificate) -> Iterator[str]:
    shown, counts = made.shown, made.told.counts
    gone = _amount(counts.records_gone, counts.versions_gone)
    if shown.outcome == HALTED:
        yield (
            f"This order was halted on {_time(shown.ended)}: {_HALTED_BY[shown.halted_by]}. "
            f"Gone by then, or bound to go: {gone}. Saved, and in the archive still: "
            f"{_amount(counts.records_saved, counts.versions_saved)}."
        )
        return
    yield (
        f"Destroyed under this order: {gone}. It was done on {_time(shown.ended)}, when the ledger "
        "said of each copy that it knew of that all was gone."
    )


def _about(told: Told) -> Iterator[tuple[str, str]]:
    dates, counts = told.dates, told.counts
    yield from _by(told)
    yield "Ordered", _amount(counts.records, counts.versions)
    yield "Destroyed", _amount(counts.records_gone, counts.versions_gone)
    if counts.versions_saved:
        yield "Saved", _amount(counts.records_saved, counts.versions_saved)
    yield "Records are from", _between(dates.first, dates.last)
    evaluated = f"on {dates.evaluated}, as of {dates.as_of} ({dates.zone})"
    yield "Evaluated", evaluated if dates.evaluated else ""


def _by(told: Told) -> Iterator[tuple[str, str]]:
    """Yield by which rule it went, or by whose authority where no schedule lets it go."""
    rule, beyond = told.rule, told.extraordinary
    if beyond is not None:
        yield "Extraordinary order", f"by no schedule: {KINDS.get(beyond.kind, beyond.kind)}"
        yield "Authority", beyond.authority
        yield "SHA-256 of its paper", beyond.copy_sha256
        return
    yield "Series", f"{rule.series}: {rule.title}" if rule.title else rule.series
    yield "Citation", rule.citation
    yield "Schedule", f"version {rule.version or _UNSAID}, {rule.jurisdiction or _UNSAID}"
    yield "SHA-256 of its text", rule.pack_sha256
    if rule.flags:
        yield "Flags", ", ".join(rule.flags)


def _decided(made: Certificate) -> Iterator[tuple[str, str]]:
    shown, told = made.shown, made.told
    yield "Proposed", f"{_time(shown.proposed)} by {_people(told.people.proposed)}"
    yield "Approved", f"{_time(shown.approved)} by {_people(told.people.approved)}"
    if told.people.counsel:
        yield "Signed as counsel", _people(told.people.counsel)
    yield "Could begin from", _time(told.dates.counts)
    yield "Began", f"{_time(shown.began)} by {_people(told.people.began)}"
    ended = "Halted" if shown.outcome == HALTED else "Done"
    yield ended, f"{_time(shown.ended)} by {_people(told.people.ended)}"
    stood = told.holds.stood
    yield (
        "Holds checked",
        f"up to entry {shown.checked_to}: {stood} stood, and none was on anything of it",
    )
    evidence = ", ".join(map(str, shown.evidence))
    yield "Outside evidence of the day", f"entries {evidence} of the ledger"


def _asked(outside: Outside | None) -> Iterator[Section]:
    if outside is None:
        yield Section("Authority outside", ["None had to be asked by the order."])
        return
    yield Section("Authority outside", tables=[_rows(_answered(outside))])


def _answered(outside: Outside) -> Iterator[tuple[str, str]]:
    yield "Asked", f"{outside.kind} to {outside.to}, {outside.days} days"
    yield "Citation", outside.citation
    yield "Sent", ", ".join(outside.sent)
    for one in outside.answers:
        then = f"; then: {one.then}" if one.then else ""
        yield "Answer", f"{one.answer}, of {one.day}, counts from {_time(one.counts)}{then}"
        if one.copy_sha256:
            yield "SHA-256 of the answer", one.copy_sha256


def _copies(copies: Iterable[Copy]) -> Table:
    rows = [
        (
            one.name or f"{one.handle[:8]} (not declared here)",
            one.place or _UNSAID,
            f"{_RESULTS[one.result]}: {_versions(one.versions)}",
            _objects(one),
            _time(one.checked_at),
        )
        for one in copies
    ]
    heads = ("Copy", "Where", "Result", "Objects", "Listed again")
    return Table(heads, rows, (False,) * 5, (2, 4, 3, 2, 2))


def _survivors(told: Told) -> Iterator[Section]:
    """Yield what is known to have some of it yet, or may have for all that anybody knows."""
    rows = [
        (one.name or one.handle[:8], _became(one.retired))
        for one in told.copies
        if one.retired is not None
    ]
    rows += [(f"Bag for {one.to}", "; ".join(_bag(one))) for one in told.bags]
    if rows:
        yield Section("Known surviving copies", tables=[_rows(rows)])


def _bag(one: Bag) -> Iterator[str]:
    yield f"{_versions(one.versions)}, made {_time(one.made)}"
    yield f"received {one.received}" if one.received else "no receipt known here"
    yield f"SHA-256 of its manifest {one.manifest_sha256}"


def _became(made: Retirement) -> str:
    to = f" to {made.to}" if made.to else ""
    paper = f"; SHA-256 of what shows it {made.copy_sha256}" if made.copy_sha256 else ""
    said = f"{made.became}{to}, {made.day}" if made.became else "what was said can't be read here"
    return f"retired, counts from {_time(made.counts)}: {said}{paper}"


def _objects(one: Copy) -> str:
    if one.removed is None:
        return _UNSAID
    return f"{one.removed} erased" + (f", {one.locked} locked yet" if one.locked else "")


def _keys(told: Told) -> Iterator[tuple[str, str]]:
    if told.keys is None:
        yield "Known here", "nothing: another home executed the order"
        return
    left = told.keys.survivors
    yield "Keys shredded", f"of {told.keys.shredded} files"
    yield "Stored plain", f"{len(left.plain)} files"
    yield "Still open here", f"{len(left.wraps)} wraps"
    yield "Keys of periods that live on", ", ".join(left.periods)
    yield "Recipients", ", ".join(left.recipients)
    yield "Former recipients and readers", ", ".join(left.formerly)
    yield "Kept by key stores", "; ".join(left.kept)
    yield "Also occurs in", f"{told.also_in or 0} records that stay"
    yield "Earlier productions", ", ".join(told.productions)
    yield "Unclaimed parts of answers", "; ".join(told.residue or ())


def _ledger(made: Certificate) -> Section:
    rows = [(str(one.entry), _WHAT[one.what], one.hash) for one in made.entries[:_MOST_ENTRIES]]
    more = len(made.entries) - len(rows)
    also = [f"And {more} more, which are in the JSON."] if more else []
    told = (
        f"Ledger {made.origin}. Each entry is proven in the JSON of this certificate: "
        "archiver check FILE --key KEY holds it against the archive's public key, offline."
    )
    heads = ("Entry", "What", "Hash of its leaf")
    table = Table(heads, rows, (False, False, True), (0, 0, 1))
    return Section("In the ledger", [told, *also], [table])


def _rows(rows: Iterable[tuple[str, str]]) -> Table:
    """Return names with what is said of each; what nobody said is shown as that."""
    filled = [(name, value or _UNSAID) for name, value in rows]
    return Table(("Item", "Value"), filled, (False, False), (2, 5))


def _people(found: Iterable[Person]) -> str:
    named = [
        f"{one.name}, {one.office} ({one.handle[:8]})"
        if one.name and one.office
        else f"{one.name or 'name not known here'} ({one.handle[:8]})"
        for one in found
    ]
    return "; ".join(named) or _UNSAID


def _amount(records: int | None, versions: int) -> str:
    if records is None:
        return _versions(versions)
    return f"{records} record{'' if records == 1 else 's'} ({_versions(versions)})"


def _versions(count: int) -> str:
    return f"{count} version{'' if count == 1 else 's'}"


def _time(text: str) -> str:
    """Return a canonical time to the minute."""
    return f"{text[:10]} {text[11:16]} UTC" if text else _UNSAID


def _between(first: str, last: str) -> str:
    return f"{first} to {last}" if first else ""
