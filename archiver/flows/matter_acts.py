"""What people decide about a matter: to open and close it, to tag, to approve an export.

Each is a draft that nobody has signed yet (`archiver.flows.deciding`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.errors import RefusedError, UsageError
from archiver.flows.conserving import responsive
from archiver.flows.deciding import draft
from archiver.flows.ledger import read_state
from archiver.flows.matter_scope import checked, contained, found_by
from archiver.flows.matters import matter_of, things_of
from archiver.flows.record_leaves import leaves_of_records
from archiver.ids import new_handle
from archiver.ledger import ranges
from archiver.ledger.whereabouts import private_leaves
from archiver.produce.families import differently_tagged, duplicates, families, with_relatives
from archiver.produce.matter import EXEMPT, PRIVILEGED, TAGS, MatterKind
from archiver.produce.matters import common
from archiver.produce.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.deciding import Draft
    from archiver.ledger.ranges import Ranges
    from archiver.produce.families import Thing
    from archiver.produce.matter import Matter

__all__ = [
    "Related",
    "Review",
    "Scope",
    "Tagged",
    "approve",
    "close_matter",
    "leaves_before",
    "open_matter",
    "private_asked_for",
    "related",
    "review",
    "standing",
    "tag",
]


@dataclass(frozen=True, slots=True)
class Tagged:
    """What a tagging says: ``tag`` empty where something is only noted; ``back``: it is taken back.

    ``exemption``: the code of the exemption, where the tag is of one.
    """

    tag: str = ""
    exemption: str = ""
    note: str = ""
    back: bool = False


@dataclass(frozen=True, slots=True)
class Related:
    """What goes with records that are named: their families, with threads or not, and duplicates.

    ``private``: encrypted streams are looked into for it.
    """

    families: bool = False
    threads: bool = False
    duplicates: bool = False
    private: bool = False


def open_matter(archive: Archive, name: str, kind: str, scope: Scope, custodian: str = "") -> Draft:
    """Return the decision to open a matter.

    Raises `UsageError` for one without name, of no known kind, or with a scope that is none.
    """
    if not name.strip():
        raise UsageError("a matter without a name", mend="--name, such as the number of the case")
    if kind not in set(MatterKind):
        kinds = ", ".join(MatterKind)
        raise UsageError("no such kind of matter", where=kind, mend=f"kinds: {kinds}")
    handle = new_handle(archive.chance)
    document = {
        "act": "open-matter",
        "matter": handle,
        "name": name,
        "kind": kind,
        "custodian": custodian,
        "scope": checked(archive, scope, read_state(archive)).document(),
    }
    return draft(archive, "open-matter", {"matter": handle}, document)


def close_matter(archive: Archive, handle: str, reason: str) -> Draft:
    """Return the decision to close a matter: nothing is tagged, approved or exported from then on.

    What was handed over may still be asked back.
    """
    standing(archive, handle)
    document = {"act": "close-matter", "matter": handle, "reason": reason}
    return draft(archive, "close-matter", {"matter": handle}, document)


def tag(archive: Archive, handle: str, records: Sequence[str], what: Tagged) -> Draft:
    """Return the decision to tag records, to take a tag back, or to note something on them.

    A tag replaces the one before it of its kind; responsive and non-responsive replace each other.
    Raises `UsageError` for no such tag or record, and where it says nothing.
    """
    if what.tag not in ("", *TAGS):
        raise UsageError("no such tag", where=what.tag, mend=f"tags: {', '.join(TAGS)}")
    if not what.tag and (what.back or not what.note):
        raise UsageError("neither tag nor note", mend="give a tag, or --note")
    standing(archive, handle)
    state = read_state(archive)
    leaves = leaves_before(archive, records, state.size)
    document = {
        "act": "tag",
        "matter": handle,
        "records": sorted(set(records)),
        "tag": what.tag,
        "exemption": what.exemption,
        "note": what.note,
        "back": what.back,
    }
    return draft(archive, "tag", {"matter": handle}, document, (leaves, state.size))


def approve(
    archive: Archive, handle: str, records: Sequence[str], why: str, requester: str
) -> Draft:
    """Return the decision that private records may be exported: these, and no others.

    ``requester``: the handle of who asks for it; somebody else has to approve. Raises `UsageError`
    for a record that is unknown, or of which nothing is private.
    """
    standing(archive, handle)
    state = read_state(archive)
    private = common(leaves_before(archive, records, state.size), private_leaves(state))
    whole = leaves_of_records(archive, state, records)
    public = sorted(
        one for one in whole if not ranges.overlap(ranges.from_numbers(whole[one]), private)
    )
    if public:
        raise UsageError(
            "nothing of it is private: it needs no approval",
            where=", ".join(public[:5]),
            mend="leave it out",
        )
    document = {
        "act": "export-approve",
        "matter": handle,
        "records": sorted(set(records)),
        "why": why,
    }
    members = {"matter": handle, "requester": requester}
    return draft(archive, "export-approve", members, document, (private, state.size))


def related(
    archive: Archive, handle: str, records: Sequence[str], what: Related
) -> tuple[str, ...]:
    """Return records and what goes with them, as far as it is in the scope of the matter."""
    if not (what.families or what.threads or what.duplicates):
        return tuple(records)
    things = _things(archive, handle, private=what.private)
    found = list(records)
    if what.families or what.threads:
        found = with_relatives(found, families(things, threads=what.threads))
    if what.duplicates:
        found = with_relatives(found, duplicates(things))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Review:
    """What wants a second look in a matter.

    ``duplicates``: groups of records that say the same and are tagged otherwise. ``outdated``:
    tagged records of which a version was captured since.
    """

    duplicates: tuple[tuple[str, ...], ...]
    outdated: tuple[str, ...]


def review(archive: Archive, handle: str, *, private: bool = False) -> Review:
    """Return what wants a second look. ``private``: encrypted streams are looked into for it."""
    matter, state = matter_of(archive, handle), read_state(archive)
    groups = duplicates(_things(archive, handle, private=private))
    own = leaves_of_records(archive, state, matter.tags.keys())
    leaves = {record: ranges.from_numbers(found) for record, found in own.items()}
    odd = differently_tagged(groups, matter.tags)
    return Review(tuple(odd), matter.outdated(leaves))


def private_asked_for(archive: Archive, handle: str) -> tuple[str, ...]:
    """Return the private records that are asked for and not kept back by a tag, in order.

    What carries the tag privileged or exempt is kept back.
    """
    matter, state = matter_of(archive, handle), read_state(archive)
    inside = contained(archive, state, matter.scope, state.size)
    asked = responsive(matter, found_by(archive, matter.scope, inside))
    private = private_leaves(state)
    return tuple(
        record
        for record in sorted(asked - matter.tagged(PRIVILEGED, EXEMPT))
        if ranges.overlap(inside.leaves_of([record]), private)
    )


def _things(archive: Archive, handle: str, *, private: bool) -> list[Thing]:
    state, scope = read_state(archive), matter_of(archive, handle).scope
    inside = contained(archive, state, scope, state.size)
    return things_of(archive, inside, f"matter {handle}", private=private)


def standing(archive: Archive, handle: str, *, closed: bool = False) -> Matter:
    """Return a matter. ``closed``: it may be so.

    Raises `UsageError` where there is none, `RefusedError` where it is closed.
    """
    found = matter_of(archive, handle)
    if found.closed is not None and not closed:
        raise RefusedError(
            "the matter is closed",
            where=handle,
            code="matter-closed",
            mend="open another; see `archiver matter list`",
        )
    return found


def leaves_before(archive: Archive, records: Collection[str], size: int) -> Ranges:
    """Return the leaves of records before a size. Raises `UsageError` for an unknown record."""
    if not records:
        raise UsageError("which records?", mend="give their ids, or --file with one a line")
    own = leaves_of_records(archive, read_state(archive), records)
    missing = sorted(set(records) - own.keys())
    if missing:
        raise UsageError(
            "no such record, or its stream can't be read here",
            where=", ".join(missing[:5]),
            code="record-unknown",
            mend="copy the record ids from `archiver search`",
        )
    return ranges.from_numbers(n for leaves in own.values() for n in leaves if n < size)
