"""What whoever runs the archive did: runs, requests and answers, kept when their own record goes.

A note is a small synced file in the home, written while the thing happens. From time to time
all notes become one private document of the archive, so that clearing a scheduler's database
takes nothing away. A note has allow-listed members of bounded length: never a parameter's
value, a body or content.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from archiver.errors import UsageError
from archiver.flows.documents import archive_lane, documents, parsed, seal_in_lane
from archiver.flows.ledger import read_state
from archiver.formats.parquet import canonical_time
from archiver.ids import new_ulid
from archiver.registry.documents import OPERATION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from archiver.flows.archive import Archive

__all__ = [
    "ANSWER",
    "BEGAN",
    "REQUEST",
    "RESTORED",
    "RUN",
    "noted",
    "operations",
    "seal_notes",
    "unended",
]

NOTES = "operations/"
"""Where a home keeps notes until they are sealed."""
SEALING = "operations-sealing"
"""Which notes are being sealed, and into which document: a crash seals none twice."""

BEGAN, RUN, REQUEST, ANSWER, RESTORED = "began", "run", "request", "answer", "restored"
WHATS = frozenset({BEGAN, RUN, REQUEST, ANSWER, RESTORED})
"""Kinds of notes: a run that reports on itself, a run that ended, a request that changes
something, what a person answered, a drill of restoring."""

MEMBERS = (
    *("dag", "run", "type", "state", "trigger", "by", "cleared", "conf", "partition", "task"),
    *("method", "path", "status", "choice", "about", "outcome"),
)
LONGEST = 200
"""Characters of a member; what is longer is cut, and ends with an ellipsis."""
MOST = 2000
"""Notes in one document; what is more waits for the next."""

LATE = timedelta(hours=2)
"""After which a run that began should have ended, as far as anybody noted."""
LOOKED_BACK = timedelta(days=7)

BY_ITSELF = frozenset({"scheduled", "asset_triggered"})
"""Types of runs that nobody asked for."""


def noted(archive: Archive, what: str, members: Mapping[str, object]) -> None:
    """Write down that something happened, durably.

    Args:
        archive: in whose home.
        what: ``began run request answer`` or ``restored``.
        members: those of `MEMBERS` that are known, as text.

    Raises `UsageError` for another kind or member.
    """
    unknown = members.keys() - set(MEMBERS)
    if what not in WHATS or unknown:
        raise UsageError("no such note", where=what, mend=f"unknown: {', '.join(sorted(unknown))}")
    now = canonical_time(archive.clock.now())
    told = {name: _cut(str(value)) for name, value in members.items() if str(value)}
    name = f"{NOTES}{new_ulid(archive.clock, archive.chance)}"
    archive.home.write(name, json.dumps({"what": what, "time": now, **told}).encode())


def _cut(text: str) -> str:
    shown = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"


def seal_notes(archive: Archive) -> int:
    """Seal the notes of this home as private documents; return how many notes there were.

    Plain runs (by schedule, succeeded, never cleared) are counted, all else is told one by one.
    Raises `RefusedError` where another process of the archive sealed meanwhile: the notes stay.
    """
    with archive_lane(archive):
        _finish(archive)
        count = 0
        while names := archive.home.names(NOTES)[:MOST]:
            place = f"{OPERATION}/{new_ulid(archive.clock, archive.chance)}"
            marker = {"document": place, "notes": list(names)}
            archive.home.write(SEALING, json.dumps(marker).encode())
            document = _document([parsed(archive.home.read(name) or b"") for name in names])
            seal_in_lane(archive, {place: document}, [])
            _clear(archive, names)
            count += len(names)
        return count


def _finish(archive: Archive) -> None:
    """Remove notes that a process sealed which was killed before it removed them."""
    marker = parsed(archive.home.read(SEALING) or b"")
    if not marker:
        return
    known = {native_id for _, native_id, _ in documents(archive, read_state(archive))}
    _clear(archive, marker["notes"] if marker["document"] in known else ())


def _clear(archive: Archive, names: Iterable[str]) -> None:
    for name in names:
        archive.home.remove(name)
    archive.home.remove(SEALING)


def _document(notes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return notes as they are sealed: single ones, and how many plain runs of each DAG."""
    plain: dict[str, dict[str, Any]] = {}
    single: list[Mapping[str, Any]] = []
    for one in sorted(notes, key=lambda note: str(note.get("time", ""))):
        if not _plain(one):
            single.append(one)
            continue
        first = {"dag": one["dag"], "runs": 0, "first": one["time"], "last": ""}
        counted = plain.setdefault(one["dag"], first)
        counted["runs"] += 1
        counted["last"] = one["time"]
    return {"notes": single, "runs": [plain[name] for name in sorted(plain)]}


def _plain(note: Mapping[str, Any]) -> bool:
    """Tell whether nothing is to be told of a run but that it was."""
    quiet = note.get("cleared", "0") == "0" and not note.get("conf")
    ran = note.get("what") == RUN and note.get("state") == "success"
    return ran and quiet and note.get("type") in BY_ITSELF


def operations(archive: Archive, since: str = "") -> dict[str, Any]:
    """Return what happened, oldest first, and what of it waits to be sealed.

    Args:
        archive: whose; documents that this home can't read are left out.
        since: canonical time before which nothing is told; empty: all.

    Returns ``notes`` and ``runs`` as sealed, each with its ``leaf`` (None: not sealed yet), and
    ``unended``: names of runs that began and of which nobody noted the end.
    """
    found = _read(archive)
    notes = [{**one, "leaf": leaf} for leaf, document in found for one in document["notes"]]
    runs = [{**one, "leaf": leaf} for leaf, document in found for one in document["runs"]]
    return {
        "notes": [one for one in notes if str(one["time"]) >= since],
        "runs": [one for one in runs if str(one["last"]) >= since],
        "waiting": len(archive.home.names(NOTES)),
        "unended": _unended(archive, found),
    }


def unended(archive: Archive) -> list[str]:
    """Return runs of the last days that began and of which nobody noted the end.

    A listener that does not listen is seen so: the run notes its own beginning.
    """
    return _unended(archive, _read(archive))


def _read(archive: Archive) -> list[tuple[int | None, dict[str, Any]]]:
    """Return what is sealed, and what waits, as documents."""
    found: list[tuple[int | None, dict[str, Any]]] = [
        (leaf, document)
        for leaf, native_id, data in documents(archive, read_state(archive))
        if native_id.startswith(f"{OPERATION}/")
        if {"notes", "runs"} <= (document := parsed(data)).keys()
    ]
    waiting = [parsed(archive.home.read(name) or b"") for name in archive.home.names(NOTES)]
    return [*found, (None, _document([one for one in waiting if one]))]


def _unended(archive: Archive, found: Iterable[tuple[int | None, Mapping[str, Any]]]) -> list[str]:
    now = archive.clock.now()
    began: dict[tuple[str, str], str] = {}
    ended = set[tuple[str, str]]()
    counted: dict[str, str] = {}
    for _, document in found:
        for one in document["notes"]:
            key = (str(one.get("dag", "")), str(one.get("run", "")))
            if one.get("what") == BEGAN:
                began[key] = str(one["time"])
            elif one.get("what") == RUN:
                ended.add(key)
        for one in document["runs"]:
            counted[one["dag"]] = max(str(one["last"]), counted.get(one["dag"], ""))
    late, old = canonical_time(now - LATE), canonical_time(now - LOOKED_BACK)
    return sorted(
        f"{dag}: {run}"
        for (dag, run), at in began.items()
        if old <= at <= late and (dag, run) not in ended and counted.get(dag, "") < at
    )
