"""Rows are derived: the row of a record again, from its excerpts and context alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from archiver.capture.files import file_row
from archiver.capture.listings import LISTING_PARSER
from archiver.capture.reading import FILE_PARSER, clean_row
from archiver.errors import FormatError
from archiver.flows.connectors import known, reader
from archiver.flows.documents import DOCUMENT_PARSER
from archiver.formats.warc_reading import context_of, excerpts_of
from archiver.record import Kind
from archiver.registry.accounts import ACCOUNT_DOCUMENT, Account
from archiver.registry.documents import kind_of, row_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archiver.capture.connector import Connector
    from archiver.formats.warc_reading import RecordBytes
    from archiver.record import Excerpt

__all__ = ["derive", "reread", "was_decoded"]


def derive(
    context: Mapping[str, str], excerpts: tuple[Excerpt, ...], *, decoded: bool
) -> dict[str, str] | None:
    """Return the row that the current parser makes, or None where it is not the current one.

    ``context`` are the context columns of the row; ``decoded``: a whole response among
    the excerpts was stored without its codings. Raises `FormatError` where our own
    documents can't be read.
    """
    parser = context["parser"]
    if context["kind"] in (Kind.RESIDUE, Kind.ABSENT, Kind.DELETED):
        return {}
    if parser == FILE_PARSER:
        return _file_row(context, excerpts, decoded=decoded)
    if parser == LISTING_PARSER:
        return _listing_row(excerpts)
    if parser == DOCUMENT_PARSER:
        return _document_row(context["native_id"], excerpts)
    connector = reader(known(context["platform"]), parser)
    if connector is None or connector.parser != parser:
        return None
    return _parsed(connector, context, excerpts)


def reread(connector: Connector, record: RecordBytes) -> tuple[dict[str, str], str]:
    """Return the row that the parsers in use now make of a thing's record, and which did.

    Raises `FormatError` where the record is not one of ours.
    """
    context, excerpts = context_of(record.lines), excerpts_of(record)
    if context["parser"].partition("/")[0] == FILE_PARSER.partition("/")[0]:
        row = _file_row(context, excerpts, decoded=was_decoded(record.lines))
        return row, FILE_PARSER
    one = reader(connector, context["parser"]) or connector
    return _parsed(one, context, excerpts), one.parser


def was_decoded(lines: Sequence[bytes]) -> bool:
    """Tell whether a whole response was stored without its codings (`Exchange.decoded`)."""
    told = [line for line in lines if line.startswith(b"Archive-Replacement: response-body ")]
    return any(b" decoded" in line for line in told)


def _parsed(
    connector: Connector, context: Mapping[str, str], excerpts: tuple[Excerpt, ...]
) -> dict[str, str]:
    names = ("platform", "account", "stream", "native_id")
    parsed = connector.parse(excerpts, {name: context[name] for name in names})
    return clean_row(context["stream"], parsed)


def _file_row(
    context: Mapping[str, str], excerpts: tuple[Excerpt, ...], *, decoded: bool
) -> dict[str, str]:
    row = file_row(context["page_url"], excerpts[0].data, decoded=decoded)
    return clean_row(context["stream"], row)


def _listing_row(excerpts: tuple[Excerpt, ...]) -> dict[str, str]:
    try:
        document = json.loads(excerpts[0].data)
    except (ValueError, IndexError) as error:
        raise FormatError(f"a listing document can't be read: {error}") from error
    return {name: document[name] for name in ("reported", "listed") if name in document}


def _document_row(native_id: str, excerpts: tuple[Excerpt, ...]) -> dict[str, str]:
    data = excerpts[0].data
    if native_id == ACCOUNT_DOCUMENT:
        row = Account.from_document(data).row()
    elif kind_of(native_id):
        row = row_of(native_id, data)
    else:
        name = native_id.partition("/")[2]
        row = {"name": name, "title": "Parser source", "markup": data.decode()}
    return {name: value for name, value in row.items() if value}
