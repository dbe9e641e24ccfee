"""Retiring a copy: two people say what became of one of which nothing can be asked any more.

Orders wait for it no longer, so it counts after the waiting time. The words stand in a private
document; certificates of what may have been in that copy repeat what became of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.errors import UsageError
from archiver.flows.copies import UNNAMED, Called, called, now_of
from archiver.flows.custody import custody_of
from archiver.flows.deciding import draft, told
from archiver.flows.ledger import read_state
from archiver.flows.outside_acts import past, told_copy
from archiver.ledger.deciding import copy_handle
from archiver.registry.deciding import SHORTENS
from archiver.registry.people import spelled

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from archiver.flows.archive import Archive
    from archiver.flows.deciding import Draft
    from archiver.retention.copies import Copies, Retired

__all__ = ["BECAME", "listed", "retire", "said_of"]

BECAME = ("destroyed", "handed-over", "lost")
"""What becomes of a copy that is retired."""

_SAID = ("name", "place", "became", "to", "day", "copy_sha256")


def said_of(made: Retired, documents: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return what was said when a copy was retired; no words where this home can't read it."""
    document = documents.get(made.subject, {})
    return {name: str(document.get(name, "")) for name in _SAID}


def listed(archive: Archive) -> list[dict[str, Any]]:
    """Return the archive and every copy that the ledger or the settings tell of."""
    state = read_state(archive)
    known, documents = custody_of(archive, state).copies, told(archive, state)
    names, now = called(archive), now_of(archive, state)
    handles = dict.fromkeys([*(one for one in names if names[one].declared), *known.told])
    return [_row(known, documents, names, (handle, now)) for handle in handles]


def _row(
    known: Copies,
    documents: Mapping[str, Mapping[str, Any]],
    names: Mapping[str, Called],
    which: tuple[str, datetime],
) -> dict[str, Any]:
    handle, now = which
    made = known.retired(handle)
    said = said_of(made, documents) if made else dict.fromkeys(_SAID, "")
    one = names.get(handle, UNNAMED)
    return {
        "copy": handle,
        "entry": known.told.get(handle),
        "declared": one.declared,
        "state": "kept" if made is None else "retired" if made.counts <= now else "retiring",
        **said,
        "name": one.name or said["name"],
        "place": one.place or said["place"],
        "counts": spelled(made.counts) if made else "",
    }


def retire(archive: Archive, which: str, became: str, words: Mapping[str, str], day: date) -> Draft:
    """Return the decision, unsigned, that a copy is asked no more.

    Args:
        archive: where.
        which: its name, or its handle.
        became: one of `BECAME`.
        words: ``reason``; ``to``, whom it was handed over to, else empty; ``copy_sha256`` of
            what shows it, empty where nothing does.
        day: on which that came about.

    Raises `UsageError` for a copy that the settings name (``replica-declared``), that nobody
    told of (``copy-unknown``), or where something is not said.
    """
    state = read_state(archive)
    handle = which if which in custody_of(archive, state).copies.told else ""
    handle = handle or copy_handle(archive.identity.id, which)
    one = called(archive).get(handle, UNNAMED)
    _require_retirable(archive, (which, handle), one)
    if became not in BECAME or bool(words["to"].strip()) != (became == "handed-over"):
        mend = f"one of {', '.join(BECAME)}; with --to, if it was handed over, and only then"
        raise UsageError("what became of the copy?", where=became, mend=mend)
    if not words["reason"].strip():
        raise UsageError("why is it retired?", mend="give --reason")
    past(archive, day)
    if words["copy_sha256"]:
        told_copy(words["copy_sha256"])
    said = {"act": "retire", "name": one.name or which, "place": one.place, "became": became}
    said |= {"day": day.isoformat(), **words}
    members = {"copy": handle, "size": str(state.size), "effect": SHORTENS}
    return draft(archive, "retire", members, said)


def _require_retirable(archive: Archive, which: tuple[str, str], one: Called) -> None:
    named, handle = which
    if handle not in custody_of(archive, read_state(archive)).copies.told:
        raise UsageError(
            "the ledger tells of no such copy",
            where=named,
            code="copy-unknown",
            mend="see `archiver copy list`",
        )
    if one.declared:
        raise UsageError(
            "the settings name this copy: what is replicated to is not retired",
            where=named,
            code="replica-declared",
            mend="take its [[replica]] out of archiver.toml first",
        )
