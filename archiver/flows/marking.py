"""Marks: what people decided to withhold, as acts in the ledger, and what of it counts at a size.

The words of a mark (which record, which place, why) stand in a private document; what stands at
the place is in neither. Whoever can't read all marks hands over nothing (`marks_at`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from archiver.errors import RefusedError, UsageError
from archiver.flows.custody import decided
from archiver.flows.deciding import draft, told
from archiver.flows.ledger import read_state
from archiver.flows.wanting import Wanted, placed
from archiver.formats.parquet import canonical_time
from archiver.redact.mark import Mark, Region
from archiver.registry.people import spelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.deciding import Draft
    from archiver.redact.exemptions import Exemptions
    from archiver.registry.deciding import Decided

__all__ = ["Listed", "Region", "Wanted", "listed", "mark", "marks_at", "take_back"]

MARK, UNMARK = "mark", "unmark"


@dataclass(frozen=True, slots=True)
class Listed:
    """A mark as it was decided, and by whom it was taken back: "" where it stands."""

    mark: Mark
    entry: int
    taken_back: str = ""
    reason: str = ""


def mark(archive: Archive, wanted: Sequence[Wanted], exemptions: Exemptions) -> Draft:
    """Return the decision to withhold something, unsigned: counsel or a FOIA officer signs it.

    Raises `UsageError` for an exemption or a text that is not there (``exemption-unknown``,
    ``withhold-nothing``), or a decision without its facts; `RefusedError` where what a mark
    withholds stands in the record's id (``withhold-impossible``), or nobody may be shown it.
    """
    day = date.fromisoformat(canonical_time(archive.clock.now())[:10])
    if not wanted:
        raise UsageError(
            "which marks?", mend="give a record, and --field, --find, --span or --whole"
        )
    for one in wanted:
        exemptions.cited(one.exemption, day)
        if not one.basis.strip():
            raise UsageError("on what facts does it rest?", mend="give --basis, in words")
    made = [_document(one) for one in placed(archive, wanted)]
    return draft(archive, MARK, {}, {"act": MARK, "marks": made})


def _document(one: Mark) -> dict[str, Any]:
    told: dict[str, Any] = {
        "record": one.record,
        "exemption": one.exemption,
        "basis": one.basis,
        "observation": one.observation,
        "field": one.field,
        "start": str(one.start),
        "end": str(one.end),
    }
    if one.region is not None:
        told |= {"box": list(one.region.box), "span": list(one.region.span)}
    return told


def take_back(archive: Archive, handle: str, reason: str) -> Draft:
    """Return the decision, unsigned, that a mark stands no more.

    ``handle``: as `listed` tells it; without its number: all marks of that act. Raises
    `UsageError` where none such stands.
    """
    if not reason.strip():
        raise UsageError("why is it taken back?", mend="give --reason")
    act, _, number = handle.partition("-")
    own = [
        one
        for one in listed(archive)
        if not one.taken_back and handle in (one.mark.handle, one.mark.handle.partition("-")[0])
    ]
    if not own:
        raise UsageError(
            "no such mark stands",
            where=handle,
            code="mark-unknown",
            mend="see `archiver redact review`",
        )
    document = {"act": UNMARK, "marks": [number] if number else [], "reason": reason}
    return draft(archive, UNMARK, {"revokes": act}, document)


def marks_at(archive: Archive, size: int) -> dict[str, tuple[Mark, ...]]:
    """Return the marks that stand at a size of the log, by record, in the order of their acts.

    Raises `RefusedError` (``marks-unreadable``) where this home can't read one of them: what it
    withholds is not known here.
    """
    found: dict[str, list[Mark]] = {}
    for one in listed(archive, size):
        if not one.taken_back:
            found.setdefault(one.mark.record, []).append(one.mark)
    return {record: tuple(own) for record, own in sorted(found.items())}


def listed(archive: Archive, size: int | None = None) -> list[Listed]:
    """Return every mark that there was by a size of the log, oldest first. Errors as `marks_at`."""
    state = read_state(archive)
    limit = state.size if size is None else size
    acts = [one for one in decided(archive, state).made if one.entry < limit]
    own = [one for one in acts if one.act in (MARK, UNMARK)]
    documents = told(archive, state) if own else {}
    taken = _taken(own, documents)
    found = []
    for act in own:
        if act.act != MARK:
            continue
        every = taken.get((str(act.statement["statement"]), ""))
        if every is not None and str(act.statement["subject"]) not in documents:
            continue  # all of it was taken back: nobody has to know what it was
        for number, one in enumerate(_marks(act, documents), 1):
            back = every or taken.get((str(act.statement["statement"]), str(number)))
            found.append(Listed(one, act.entry, *(back or ("", ""))))
    return found


def _taken(
    acts: Iterable[Decided], documents: Mapping[str, Mapping[str, Any]]
) -> dict[tuple[str, str], tuple[str, str]]:
    """Return who took marks back and why, by act and number ("": all of it)."""
    seen, found = set[str](), dict[tuple[str, str], tuple[str, str]]()
    for act in acts:
        if act.act == MARK:
            seen.add(str(act.statement["statement"]))
        document = documents.get(str(act.statement["subject"]))
        if act.act != UNMARK or document is None or act.statement["revokes"] not in seen:
            continue
        if not isinstance(document.get("marks"), list):  # no command made such a document
            continue
        for number in document["marks"] or [""]:
            key = str(act.statement["revokes"]), str(number)
            found.setdefault(key, (" ".join(sorted(act.by)), str(document.get("reason", ""))))
    return found


def _marks(act: Decided, documents: Mapping[str, Mapping[str, Any]]) -> list[Mark]:
    name = str(act.statement["statement"])
    try:
        return [
            _mark(f"{name}-{number}", act, one)
            for number, one in enumerate(documents[str(act.statement["subject"])]["marks"], 1)
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise RefusedError(
            "a mark can't be read in this home: what it withholds is not known here",
            where=f"entry {act.entry}",
            code="marks-unreadable",
            mend="use a home that has the keys of the workflow stream, or take the mark back",
        ) from error


def _mark(handle: str, act: Decided, one: Mapping[str, Any]) -> Mark:
    region = Region(tuple(one["box"]), tuple(one["span"])) if "box" in one else None
    return Mark(
        handle=handle,
        record=str(one["record"]),
        exemption=str(one["exemption"]),
        basis=str(one["basis"]),
        decider=" ".join(sorted(act.by)),
        decided=spelled(act.sealed),
        observation=str(one["observation"]),
        field=str(one["field"]),
        start=int(one["start"]),
        end=int(one["end"]),
        region=region,
    )
