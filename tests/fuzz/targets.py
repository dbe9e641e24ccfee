"""One function for each parser: takes any bytes, and lets through what is no proper refusal.

A parser of the package may raise `ArchiverError` and nothing else; the verifier what its
command line turns into "does not hold".
"""

from __future__ import annotations

import gzip
import io
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

from archiver.errors import ArchiverError
from archiver.flows.intake import spooled
from archiver.formats import (
    car,
    cobblestone,
    dag_cbor,
    event_stream,
    excerpts_json,
    excerpts_xml,
    http1,
    keyfile,
    notekey,
    segment_index,
    warc_reading,
    websocket,
)
from archiver.formats.cobblestone_reader import open_sealed
from archiver.formats.exchanges import ExchangeReader
from archiver.formats.intake_file import IntakeFile
from archiver.formats.settlement_map import parse_map
from archiver.ledger import checkpoint, disclosed, entry, sets, tiles
from archiver.ledger.batch import Batch
from archiver.ledger.head import Bundle, Head
from archiver.ledger.proof import Proof
from archiver.ledger.seal import check_seal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["CONTEXT", "KEY", "TARGETS", "refuse_nothing_else"]

verify = import_module("verifier.verify")  # by name: for mypy it is a script, in no package
KEY = bytes(range(32))
CONTEXT = b"fuzz"
VERIFIER_KEY = notekey.verifier_key("example.org/fuzz", bytes.fromhex(
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))  # fmt: skip
"""The key of RFC 8032 §7.1, test 1."""
_UNFIT = (AttributeError, *verify.UNREADABLE)
_check_record, _check_proof = verify.check_record, verify.check_proof
_checkpoint, _unbundle, _enough = verify.checkpoint, verify.unbundle, verify.enough
_loads = verify.loads
# By names that are there when this is imported: `AttributeError` is among what is refused.


def _record(data: bytes) -> None:
    record = warc_reading.parse_record(data)
    for read in (warc_reading.context_of, warc_reading.contained_of):
        with suppress(ArchiverError):
            read(record.lines)
    warc_reading.excerpts_of(record)


def _exchanges(data: bytes) -> None:
    for one in ExchangeReader(io.BytesIO(data)):
        http1.response_of(one)


def _json(data: bytes) -> None:
    for start, end in excerpts_json.json_items(data):
        excerpts_json.json_members(data, start, end)
    excerpts_json.json_items(data, ("a", "items"))
    excerpts_json.json_members(data, 0, len(data))


def _xml(data: bytes) -> None:
    parts = excerpts_xml.feed_parts(data)
    for start, end in parts.items:
        excerpts_xml.child_elements(data[start:end])
    excerpts_xml.child_elements(data)


def _dag_cbor(data: bytes) -> None:
    for read in (dag_cbor.parts, dag_cbor.elements):
        with suppress(ArchiverError):
            read(data)
    dag_cbor.json_text(dag_cbor.read(data)[0])


def _cobblestone(data: bytes) -> None:
    with suppress(ArchiverError):
        cobblestone.decrypt_all(data, KEY, CONTEXT)
    with open_sealed(io.BytesIO(data), KEY, CONTEXT) as file:
        file.seek(-1, io.SEEK_END)
        file.read()


def _note(data: bytes) -> None:
    with suppress(ArchiverError):
        checkpoint.Checkpoint.parse(data)
    with suppress(ArchiverError):
        checkpoint.open_note(data, [VERIFIER_KEY])
    checkpoint.open_checkpoint(data, [VERIFIER_KEY])


def _entry(data: bytes) -> None:
    found = entry.parse(data)
    if isinstance(found, entry.Control) and found.body.get("t") == "seal":
        check_seal(found.body)
        list(sets.set_files(found.body))


def _batch(data: bytes) -> None:
    Batch.decode(data).entries(7)


def _keyfile(data: bytes) -> None:
    for read in (
        keyfile.period_of,
        keyfile.wrapped_names,
        lambda text: keyfile.decode_period_key(text, "2026"),
        lambda text: keyfile.open_wrap(text, KEY, "object", "2026"),
    ):
        with suppress(ArchiverError):
            read(data)


def _notekey(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    with suppress(ArchiverError):
        checkpoint.parse_verifier_key(text)
    notekey.decode_signer_key(text)


def _member(data: bytes) -> None:
    with suppress(ArchiverError):
        warc_reading.contained_of(warc_reading.header_of(data))
    _record(warc_reading.inflate_member(data))


def _intake(data: bytes) -> None:
    with suppress(ArchiverError):
        for one in IntakeFile(data):
            one.exchange()
    spooled(data)


def _verifier_member(data: bytes) -> None:
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
        list(_check_record(stream, b"\x01" + bytes(32)))


def _verifier_record(data: bytes) -> None:
    list(_check_record(io.BytesIO(data), b"\x01" + bytes(32)))


def _verifier_policy(data: bytes) -> None:
    _enough(data.decode("utf-8", "replace"), [VERIFIER_KEY])


def _verifier_proof(data: bytes) -> None:
    _check_proof(_loads(data), [VERIFIER_KEY])


def _verifier_log(data: bytes) -> None:
    with suppress(*_UNFIT):
        _checkpoint(data, [VERIFIER_KEY])
    _unbundle(data)


TARGETS: Mapping[str, Callable[[bytes], object]] = {
    "warc-record": _record,
    "warc-member": _member,
    "warc-members": warc_reading.inflate_members,
    "warc-plain": warc_reading.split_records,
    "intake": _intake,
    "spool": _exchanges,
    "map": parse_map,
    "index": segment_index.parse_index,
    "json": _json,
    "xml": _xml,
    "car": lambda data: car.blocks(data, 0, len(data)),
    "dag-cbor": _dag_cbor,
    "event-stream": lambda data: list(event_stream.events(data)),
    "websocket": lambda data: (websocket.length(data), list(websocket.frames(data))),
    "http-response": http1.parse_response,
    "http-request": http1.parse_request,
    "cobblestone": _cobblestone,
    "keyfile": _keyfile,
    "notekey": _notekey,
    "note": _note,
    "tile": tiles.parse_tile,
    "bundle": tiles.parse_bundle,
    "entry": _entry,
    "set": sets.parse_set,
    "tlog-proof": Proof.parse,
    "proof": lambda data: disclosed.check_proof(data, [VERIFIER_KEY]),
    "head": Head.decode,
    "staged": lambda data: Bundle.decode(data, "log/staging/1"),
    "batch": _batch,
    "verifier-member": _verifier_member,
    "verifier-record": _verifier_record,
    "verifier-policy": _verifier_policy,
    "verifier-proof": _verifier_proof,
    "verifier-log": _verifier_log,
}


def refuse_nothing_else(name: str, data: bytes) -> None:
    """Have a parser read ``data``. Raises what is no proper refusal of it."""
    with suppress(ArchiverError, *(_UNFIT if name.startswith("verifier-") else ())):
        TARGETS[name](data)
