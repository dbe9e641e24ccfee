"""Records as a repository holds them: DAG-CBOR (atproto.com/specs/data-model).

A server's JSON is made of the same bytes. Here it is made again, as the reference server
makes it, so that a record reads the same whether its stream or a listing showed it.
"""

from __future__ import annotations

import json

from archiver.errors import FormatError
from archiver.formats.car import cid_of
from archiver.formats.dag_cbor import cid_text, json_text, read

__all__ = ["CBOR", "VERSION", "event_json", "record_json"]

CBOR = "application/vnd.ipld.dag-cbor"
VERSION = "/version/"
"""What stands between the address of a record and the CID of a version of it."""


def record_json(block: bytes, native_id: str) -> bytes:
    """Return a record as com.atproto.repo.listRecords gives it, empty where it is none."""
    value = event_json(block)
    uri, cid = json.dumps(native_id.partition(VERSION)[0]), json.dumps(cid_text(cid_of(block)))
    return b'{"uri":%b,"cid":%b,"value":%b}' % (uri.encode(), cid.encode(), value) if value else b""


def event_json(block: bytes) -> bytes:
    """Return a map as JSON, empty where it is none."""
    try:
        value, end = read(block)
    except FormatError:
        return b""
    return json_text(value).encode() if isinstance(value, dict) and end == len(block) else b""
