"""Prove: a file that shows one record, or parts of it, to be in the archive's ledger.

And check: anybody can hold such a file against the archive's public key, offline.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from archiver.capture.digests import digest_fields
from archiver.errors import UsageError
from archiver.flows.access import records_to_show
from archiver.flows.connectors import known
from archiver.flows.proving import (
    fields_of,
    proven,
    shown_whole,
    tlog_proof,
    trees_of,
)
from archiver.flows.vouch import note_over
from archiver.ledger.checkpoint import open_checkpoint
from archiver.ledger.disclosed import Checked, check_proof
from archiver.ledger.folding import needles_of, spans
from archiver.ledger.log import LogReader
from archiver.ledger.tree import inclusion_path
from archiver.ledger.withholding import (
    disclose_all,
    disclose_part,
    hidden_leaves,
    hidden_lines,
    impossible,
    still_shown,
)
from archiver.record import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.capture.connector import Digest
    from archiver.flows.archive import Archive
    from archiver.flows.sealed import SealedRecord
    from archiver.ledger.withholding import Trees

__all__ = ["Checked", "check_proof", "digests_of", "prove", "whole_proof"]

_PLAIN_FIELDS = ("title", "text", "author_name", "name", "state", "url", "created", "created_at")
"""What a proof with something withheld opens unless told otherwise."""


def prove(
    archive: Archive,
    record_id: str,
    *,
    fields: Sequence[str] = (),
    withhold: Sequence[str] = (),
    observation: str = "",
) -> dict[str, Any]:
    """Return a proof of the latest observation that has content (or of the named one).

    Args:
        archive: where.
        record_id: what to prove.
        fields: fields to open; empty: all, or the plain ones where something is withheld.
        withhold: texts that stay closed wherever they stand, in whatever spelling; and
            with them every field in which a digest of content stands.
        observation: UUID of one observation of the record.

    Raises `UsageError` for a field or a text that the record doesn't have, `RefusedError`
    where a text can't be withheld, `IntegrityError` where the proof wouldn't hold.
    """
    sealed = _chosen(records_to_show(archive, record_id, "prove"), observation)
    row = fields_of(sealed.row)
    unknown = set(fields) - set(row)
    if unknown:
        raise UsageError(
            f"the record has no field {', '.join(sorted(unknown))}",
            where=record_id,
            mend=f"its fields are {', '.join(sorted(row))}",
        )
    trees = trees_of(sealed)
    needles = _needles(record_id, trees, withhold)
    names = set(fields) or (set(_PLAIN_FIELDS) if withhold else set(row))
    if withhold:
        names -= digest_fields(digests_of(sealed.row["platform"]), row)
    if fields or withhold:
        shown = disclose_part(trees, names, hidden_leaves(trees[2], needles), needles)
    else:
        shown = dict(zip(("source", "context", "fields"), map(disclose_all, trees), strict=True))
    if any(still_shown(shown[name], needles) for name in ("context", "fields")):
        raise impossible(record_id)
    made = proven(archive, sealed, shown, _log_proof(archive, sealed.index))
    return dict(json.loads(made.data))


def whole_proof(
    archive: Archive, sealed: SealedRecord, note: bytes, path: Sequence[bytes]
) -> bytes:
    """Return a proof, as JSON, of all that an observation says (`shown_whole`).

    Args:
        archive: whose keys it has to hold under.
        sealed: the observation.
        note: a signed checkpoint over it.
        path: its audit path to the root in there.
    """
    log = tlog_proof(sealed.index, path, note)
    return proven(archive, sealed, shown_whole(sealed), log).data


def digests_of(platform: str) -> tuple[Digest, ...]:
    """Return which fields of a platform are digests of content: they confirm guesses."""
    one = known(platform)
    return one.digests if one else ()


def _needles(record_id: str, trees: Trees, withhold: Sequence[str]) -> frozenset[str]:
    """Return the folded texts to withhold. Raises where one is nowhere, or in the record id."""
    needles: frozenset[str] = frozenset()
    _, context, values = trees
    for text in withhold:
        wanted = needles_of(text)
        if spans(record_id, wanted):
            raise impossible(record_id)
        if not hidden_leaves(values, wanted) and not hidden_lines(context, wanted):
            raise UsageError(
                "nothing in the record has that text",
                where=text,
                code="withhold-nothing",
                mend="give letters or digits of it, as `archiver show` prints them",
            )
        needles |= wanted
    return needles


def _chosen(found: list[SealedRecord], observation: str) -> SealedRecord:
    empty = (Kind.ABSENT, Kind.DELETED)
    # A newer generation of an old observation stands after later ones in the ledger.
    for sealed in sorted(found, key=lambda one: (one.row["captured_at"], one.index), reverse=True):
        wanted = observation or sealed.row["observation_id"]
        if sealed.row["observation_id"] == wanted and (
            observation or sealed.row["kind"] not in empty
        ):
            return sealed
    raise UsageError(
        "the record has no such observation",
        where=observation,
        mend="see `archiver show RECORD --history`",
    )


def _log_proof(archive: Archive, index: int) -> str:
    note = note_over(archive, index)
    size = open_checkpoint(note, archive.identity.keys).size
    path = inclusion_path(index, size, LogReader(archive.store, size).hashes())
    return tlog_proof(index, path, note)
