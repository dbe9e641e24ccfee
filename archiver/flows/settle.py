"""Sealing what a worker holds: exchanges into intake, settled observations into records.

Both stages name the exchange numbers they cover; the ledger admits each number once
per stage, and settling batches of an account one after the other.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.errors import IntegrityError, KeyStoreError
from archiver.flows.intake import new_opening, spooled
from archiver.flows.rows import note_streams
from archiver.flows.segments import UNSCHEDULED, build, finish, new_nonce, open_file, place
from archiver.flows.submit import submit
from archiver.formats import warc, warc_reading
from archiver.formats.parquet import canonical_time
from archiver.formats.settlement_map import map_bytes
from archiver.ids import new_ulid
from archiver.ledger import ranges
from archiver.ledger.batch import Batch
from archiver.ledger.state import INTAKE, SETTLE
from archiver.record import Sensitivity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archiver.capture.settled import Counts, Settled
    from archiver.capture.stated import Count
    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState
    from archiver.ports import Spool, SpoolFile
    from archiver.record import Observation

__all__ = ["RunCounts", "seal_intake", "seal_settled"]


class RunCounts(NamedTuple):
    """What a run saw of each stream, in which mode, when it began, whether it ended.

    ``began``: canonical time. ``ended``: nothing that it had begun was left undone.
    ``since``: by stream, back to which moment it looked, where that was not to the end.
    ``again``: how many requests, but for files, did not bring what they were for, but may later.
    ``told``: by stream, of how much news deliveries told; ``untold``: how much listings showed
    that no delivery had told of; ``listened``: `archiver.capture.listened.Listened.document`;
    ``stated``: by stream what the profile counts (`archiver.capture.stated`).
    """

    mode: str
    began: str
    ended: bool
    counts: Mapping[str, Counts]
    since: Mapping[str, str]
    again: int
    told: Mapping[str, int] = MappingProxyType({})
    untold: Mapping[str, int] = MappingProxyType({})
    listened: Mapping[str, Sequence[Sequence[str]]] = MappingProxyType({})
    stated: Mapping[str, Count] = MappingProxyType({})


def seal_intake(
    archive: Archive, state: LedgerState, account: str, spool: Spool, file: SpoolFile
) -> None:
    """Seal one spool file into encrypted intake, unless it is there already.

    Raises `IntegrityError` where other exchanges are sealed under its numbers.
    """
    covered = state.covered.get(spool.lane, {}).get(INTAKE, [])
    numbers = [[file.first, file.last + 1]]
    if ranges.overlap(covered, numbers):
        _require_sealed(archive, state, spool, file)
        return
    records = warc_reading.split_records(spool.raw(file))
    members = warc.opening_member(new_opening(archive)) + b"".join(map(warc.member, records))
    placement = place(archive, state, {}, INTAKE, Sensitivity.PRIVATE)
    sealable = finish(archive, placement, {"warc.gz": members}, (), 0)
    more = {"lane": spool.lane, "exchanges": numbers}
    seal = _seal(archive, INTAKE, account, [sealable.segment], more)
    batch = Batch(new_ulid(archive.clock, archive.chance), (), (seal,))
    submit(archive, account, batch, sealable.objects)


def _require_sealed(archive: Archive, state: LedgerState, spool: Spool, file: SpoolFile) -> None:
    """Raise `IntegrityError` unless intake has exactly this spool file under its numbers."""
    raw, numbers = spool.raw(file), [[file.first, file.last + 1]]
    ours = {
        index
        for index, body in state.controls
        if body["t"] == "seal" and body["stage"] == INTAKE
        if (body.get("lane"), body.get("exchanges")) == (spool.lane, numbers)
    }
    for segment in state.segments():
        with suppress(KeyStoreError):  # sealed by a home whose keys are not ours
            if segment.seal in ours and spooled(open_file(archive, segment, "warc.gz")) == raw:
                return
    raise IntegrityError(
        "other exchanges are sealed under the numbers of these: this home is a copy of another",
        where=f"{spool.lane}/{file.first}",
        code="spool-copied",
        mend="keep the files of this spool folder elsewhere, then run the command again",
    )


def _seal(
    archive: Archive,
    stage: str,
    account: str,
    segments: Sequence[dict[str, Any]],
    more: dict[str, Any],
) -> dict[str, Any]:
    return {
        "t": "seal",
        "stage": stage,
        "account": account,
        "segments": list(segments),
        "time": canonical_time(archive.clock.now()),
        **more,
    }


def seal_settled(
    archive: Archive,
    state: LedgerState,
    account: str,
    settled: Settled,
    *,
    covers: tuple[str, ranges.Ranges] | None = None,
    saw: RunCounts | None = None,
) -> int:
    """Seal settled observations as records. Returns the account's settling batch number.

    ``covers`` names a lane and the exchange numbers of it that were settled, whether or
    not anything came of them. ``saw``: the counts of a run, with its last batch.
    Raises `RefusedError` where another worker settled meanwhile.
    """
    objects: dict[str, bytes] = dict(settled.sets)
    commitments: list[bytes] = []
    segments: list[dict[str, Any]] = []
    streams: dict[str, str] = {}
    new_units: dict[tuple[str, str, str], str] = {}
    for (stream, sensitivity), group in sorted(_by_segment(settled.observations).items()):
        placement = place(archive, state, new_units, UNSCHEDULED, sensitivity)
        sealable = build(archive, placement, stream, group, len(commitments))
        objects |= sealable.objects
        commitments += sealable.commitments
        segments.append(sealable.segment)
        streams[sealable.segment["segment"]] = stream
    if settled.origins:
        placement = place(archive, state, new_units, INTAKE, Sensitivity.PRIVATE)
        whole = map_bytes(settled.origins, *new_nonce(archive))
        sealable = finish(archive, placement, {"map": whole}, (), 0)
        objects |= sealable.objects
        segments.append(sealable.segment)
    number = state.settled.get(account, 0) + 1
    more: dict[str, Any] = {"batch": number}
    if covers:
        more |= {"lane": covers[0], "exchanges": covers[1]}
    controls = [_seal(archive, SETTLE, account, segments, more), *settled.entries]
    if saw:
        controls.append(_repeat(archive, account, saw))
    batch = Batch(new_ulid(archive.clock, archive.chance), tuple(commitments), tuple(controls))
    submit(archive, account, batch, objects)
    note_streams(archive, streams)
    return number


def _by_segment(
    observations: Sequence[tuple[str, Observation]],
) -> dict[tuple[str, str], list[tuple[str, Observation]]]:
    """Return observations with their UUIDs by what a segment holds: stream, sensitivity."""
    found: dict[tuple[str, str], list[tuple[str, Observation]]] = {}
    for uuid, one in observations:
        found.setdefault((one.stream, one.sensitivity), []).append((uuid, one))
    return found


def _repeat(archive: Archive, account: str, saw: RunCounts) -> dict[str, Any]:
    """Return the entry that says what a run saw, in numbers only."""
    return {
        "t": "repeat",
        "account": account,
        "mode": saw.mode,
        "began": saw.began,
        "ended": saw.ended,
        "again": saw.again,
        "since": dict(sorted(saw.since.items())),
        "counts": {stream: asdict(one) for stream, one in sorted(saw.counts.items())},
        "told": dict(sorted(saw.told.items())),
        "untold": dict(sorted(saw.untold.items())),
        "listened": dict(saw.listened),
        "stated": {stream: one._asdict() for stream, one in sorted(saw.stated.items())},
        "time": canonical_time(archive.clock.now()),
    }
