"""The proof of one observation: its trees, the document, and that it holds as its reader checks it.

Shared by `archiver.flows.prove` and `archiver.flows.redacting`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.columns import COLUMNS, FIELDS
from archiver.errors import FormatError, IntegrityError
from archiver.formats import warc_reading
from archiver.ledger.commitment import committed_lines, leaves
from archiver.ledger.disclosed import SCHEMA, Checked, Parts, check_parts
from archiver.ledger.proof import Proof
from archiver.ledger.withholding import disclose_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.sealed import SealedRecord
    from archiver.ledger.withholding import Trees

__all__ = ["Proven", "fields_of", "proven", "shown_whole", "tlog_proof", "trees_of"]

LARGEST_SHOWN = 1 << 20
"""Bytes of an observation that a proof of all of it repeats; of a larger one they stay closed."""
MOST_WORDS = 1 << 15
"""Words of its fields, likewise: a proof of more than 524,288 parts is refused."""


class Proven(NamedTuple):
    """A proof that holds, and what it shows: read back from its very bytes."""

    data: bytes
    checked: Checked
    parts: Parts


def fields_of(row: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a row, without its context columns."""
    return {k: v for k, v in row.items() if k in COLUMNS and COLUMNS[k].home == "field"}


def trees_of(sealed: SealedRecord) -> Trees:
    """Return the leaves of an observation: excerpts, header lines, fields."""
    lines = sealed.record.lines
    salt = bytes.fromhex(warc_reading.header_value(lines, "Archive-Salt"))
    excerpts = warc_reading.excerpts_of(sealed.record)
    return leaves(salt, excerpts, committed_lines(lines), FIELDS, fields_of(sealed.row))


def shown_whole(sealed: SealedRecord) -> dict[str, Any]:
    """Return the disclosure of all that an observation says.

    The bytes of a large one stay closed in it, and so do the fields where their words would make
    it larger than any reader takes: who has the record recomputes both.
    """
    row = fields_of(sealed.row)
    source, context, values = trees_of(sealed)
    words = sum(len(one.tokens) for one in values)
    long = words > MOST_WORDS or sum(map(len, row.values())) > LARGEST_SHOWN
    return {
        "source": disclose_all(source, large=len(sealed.record.block) > LARGEST_SHOWN),
        "context": disclose_all(context),
        "fields": disclose_all(values, large=long),
    }


def tlog_proof(index: int, path: Sequence[bytes], note: bytes) -> str:
    """Return the proof that an entry is under a signed checkpoint, as a text."""
    return Proof(index, tuple(path), note).build().decode()


def proven(
    archive: Archive,
    sealed: SealedRecord,
    shown: Mapping[str, Any],
    log: str,
    *,
    named: bool = True,
) -> Proven:
    """Make a proof, as JSON, and check it as its reader will.

    Args:
        archive: whose keys it has to hold under.
        sealed: the observation.
        shown: its three trees, each disclosed.
        log: of `tlog_proof`.
        named: it says of which record it is.

    Raises `IntegrityError` for one that doesn't hold.
    """
    where, mend = sealed.row["record_id"], "`archiver verify --deep` says what is wrong"
    record = where if named else ""
    document = {"schema": SCHEMA, "record": record, "tlog_proof": log, **shown}
    data = json.dumps(document, ensure_ascii=False).encode()
    try:
        checked, parts = check_parts(data, archive.identity.keys)
    except (FormatError, IntegrityError) as error:
        message = f"the proof made doesn't hold: {error}"
        raise IntegrityError(message, where=where, mend=mend) from error
    if checked.index != sealed.index:
        raise IntegrityError("the proof made is of another entry", where=where, mend=mend)
    return Proven(data, checked, parts)
