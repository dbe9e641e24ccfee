"""Prove: a file that shows one record, or parts of it, to be in the archive's ledger.

And check: anybody can hold such a file against the archive's public key, offline.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from archiver.capture.digests import digest_fields
from archiver.columns import COLUMNS, FIELDS
from archiver.errors import FormatError, IntegrityError, RefusedError, UsageError
from archiver.flows.access import records_to_show
from archiver.flows.connectors import known
from archiver.flows.vouch import note_over
from archiver.formats import warc_reading
from archiver.ledger.checkpoint import open_checkpoint
from archiver.ledger.commitment import committed_lines, committed_root, hash_of, leaves
from archiver.ledger.disclosed import SCHEMA, Checked, check_proof
from archiver.ledger.disclosure import close, disclose
from archiver.ledger.folding import needles_of, spans
from archiver.ledger.log import LogReader
from archiver.ledger.proof import Proof
from archiver.ledger.tree import inclusion_path
from archiver.ledger.withholding import hidden_leaves, hidden_lines, still_shown
from archiver.record import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from archiver.capture.connector import Digest
    from archiver.flows.archive import Archive
    from archiver.flows.sealed import SealedRecord
    from archiver.ledger.commitment import Leaf

    Trees = tuple[list[Leaf], list[Leaf], list[Leaf]]

__all__ = ["Checked", "check_proof", "prove", "whole_proof"]

LARGEST_SHOWN = 1 << 20
"""Bytes of an observation that a proof of all of it repeats; of a larger one they stay closed."""
MOST_WORDS = 1 << 15
"""Words of its fields, likewise: a proof of more than 524,288 parts is refused."""

_PLAIN_FIELDS = ("title", "text", "author_name", "name", "state", "url", "created", "created_at")
"""What a proof with something withheld opens unless told otherwise."""

_TELLING_HEADERS = (b"Content-Length:", b"Archive-Excerpt:")
"""Header lines that give the length of what is withheld."""


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
    row = {k: v for k, v in sealed.row.items() if k in COLUMNS and COLUMNS[k].home == "field"}
    unknown = set(fields) - set(row)
    if unknown:
        raise UsageError(
            f"the record has no field {', '.join(sorted(unknown))}",
            where=record_id,
            mend=f"its fields are {', '.join(sorted(row))}",
        )
    trees = _trees(sealed, row)
    needles = _needles(record_id, trees, withhold)
    names = set(fields) or (set(_PLAIN_FIELDS) if withhold else set(row))
    if withhold:
        names -= digest_fields(_digests(sealed.row["platform"]), row)
    partial = bool(fields or withhold)
    shown = _disclosed(trees, names, needles, partial=partial)
    if any(still_shown(shown[name], needles) for name in ("context", "fields")):
        raise _impossible(record_id)
    document = {
        "schema": SCHEMA,
        "record": record_id,
        "tlog_proof": _tlog_proof(archive, sealed.index),
        **shown,
    }
    _hold(archive, json.dumps(document).encode(), sealed)
    return document


def whole_proof(
    archive: Archive, sealed: SealedRecord, note: bytes, path: Sequence[bytes]
) -> bytes:
    """Return a proof, as JSON, of all that an observation says.

    The bytes of a large one stay closed in it, and so do the fields where their words would make
    it larger than any reader takes: who has the record recomputes both.

    Args:
        archive: whose keys it has to hold under.
        sealed: the observation.
        note: a signed checkpoint over it.
        path: its audit path to the root in there.
    """
    row = {k: v for k, v in sealed.row.items() if k in COLUMNS and COLUMNS[k].home == "field"}
    source, context, values = _trees(sealed, row)
    words = sum(len(one.tokens) for one in values)
    long = words > MOST_WORDS or sum(map(len, row.values())) > LARGEST_SHOWN
    shown = {
        "source": _opened(source, large=len(sealed.record.block) > LARGEST_SHOWN),
        "context": _opened(context),
        "fields": _opened(values, large=long),
    }
    record, text = sealed.row["record_id"], Proof(sealed.index, tuple(path), note).build().decode()
    document = {"schema": SCHEMA, "record": record, "tlog_proof": text, **shown}
    data = json.dumps(document, ensure_ascii=False).encode()
    _hold(archive, data, sealed)
    return data


def _opened(tree: list[Leaf], *, large: bool = False) -> dict[str, Any]:
    """Return the disclosure of all of a tree, or of none where it is a large one."""
    closed = close(committed_root([hash_of(one) for one in tree]))
    return closed if large else disclose(tree, range(len(tree)))


def _digests(platform: str) -> tuple[Digest, ...]:
    """Return which fields of a platform are digests of content: they confirm guesses."""
    one = known(platform)
    return one.digests if one else ()


def _trees(sealed: SealedRecord, row: Mapping[str, str]) -> Trees:
    """Return the leaves of an observation: excerpts, header lines, fields."""
    lines = sealed.record.lines
    salt = bytes.fromhex(warc_reading.header_value(lines, "Archive-Salt"))
    excerpts = warc_reading.excerpts_of(sealed.record)
    return leaves(salt, excerpts, committed_lines(lines), FIELDS, row)


def _needles(record_id: str, trees: Trees, withhold: Sequence[str]) -> frozenset[str]:
    """Return the folded texts to withhold. Raises where one is nowhere, or in the record id."""
    needles: frozenset[str] = frozenset()
    _, context, values = trees
    for text in withhold:
        wanted = needles_of(text)
        if spans(record_id, wanted):
            raise _impossible(record_id)
        if not hidden_leaves(values, wanted) and not hidden_lines(context, wanted):
            raise UsageError(
                "nothing in the record has that text",
                where=text,
                code="withhold-nothing",
                mend="give letters or digits of it, as `archiver show` prints them",
            )
        needles |= wanted
    return needles


def _impossible(record_id: str) -> RefusedError:
    return RefusedError(
        "the text can't be withheld: the record id, or what must stay open, says it",
        where=record_id,
        code="withhold-impossible",
        mend="prove another record, or open single fields with --field and give no --withhold",
    )


def _disclosed(
    trees: Trees, names: Collection[str], needles: Collection[str], *, partial: bool
) -> dict[str, Any]:
    """Return the three disclosed trees, without whatever would show one of the needles.

    What still shows one when it is read again, across a gap, is closed as a whole; and so is
    a text of which no word is left, since the number of words tells which text it may be.
    """
    source, context, values = trees
    hidden = hidden_leaves(values, needles)
    lines = set(range(len(context))) - hidden_lines(context, needles)
    if partial:
        lines -= {at for at, leaf in enumerate(context) if leaf.value.startswith(_TELLING_HEADERS)}
    opened = {
        at
        for at, leaf in enumerate(values)
        if leaf.name in names and leaf.number not in hidden
        if not leaf.tokens or any(one.number not in hidden for one in leaf.tokens)
    }
    opened -= still_shown(disclose(values, opened, hidden), needles)
    closed = close(committed_root([hash_of(leaf) for leaf in source]))
    return {
        "source": closed if partial else disclose(source, range(len(source))),
        "context": disclose(context, lines),
        "fields": disclose(values, opened, hidden),
    }


def _hold(archive: Archive, proof: bytes, sealed: SealedRecord) -> None:
    """Check a proof as its reader will. Raises `IntegrityError` for one that doesn't hold."""
    where, mend = sealed.row["record_id"], "`archiver verify --deep` says what is wrong"
    try:
        checked = check_proof(proof, archive.identity.keys)
    except (FormatError, IntegrityError) as error:
        message = f"the proof made doesn't hold: {error}"
        raise IntegrityError(message, where=where, mend=mend) from error
    if checked.index != sealed.index:
        raise IntegrityError("the proof made is of another entry", where=where, mend=mend)


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


def _tlog_proof(archive: Archive, index: int) -> str:
    note = note_over(archive, index)
    size = open_checkpoint(note, archive.identity.keys).size
    path = inclusion_path(index, size, LogReader(archive.store, size).hashes())
    return Proof(index, tuple(path), note).build().decode()
