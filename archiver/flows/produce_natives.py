"""The files of a record as a production hands them over: as they came, or with regions masked.

A file of which something is withheld and that can't be masked is withheld whole.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from archiver.errors import ArchiverError
from archiver.flows.derive import was_decoded
from archiver.flows.verify_origins import WHOLE
from archiver.formats import warc_reading
from archiver.formats.http1 import parse_response
from archiver.produce.document import Native
from archiver.redact.media import blackened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from archiver.flows.redacting import Reading
    from archiver.flows.sealed import SealedRecord
    from archiver.redact.mark import Mark, Region

__all__ = ["natives_of"]

_PNG = "image/png"
"""What a picture is once parts of it are black."""


def natives_of(reading: Reading, record: str, marks: Sequence[Mark]) -> tuple[Native, ...]:
    """Return the file that a record is, as it was last captured; none where it is no file.

    Raises as `Reading.sealed`.
    """
    last = _latest(reading, record)
    if last is None:
        return ()
    name, kind = last.row.get("file_name", ""), last.row.get("media_type", "")
    regions = [one.region for one in marks if one.region is not None]
    codes = tuple(sorted({one.exemption for one in marks}))
    body = partial(_body, reading, record)
    if not marks:
        return (_native(name, kind, body),)
    if not regions:  # some text of it is withheld, which the file may say again
        return (Native("", kind, 0, _nothing, codes),)
    made = partial(_masked, body, regions)
    try:
        return (_native("", _PNG, made, is_masked=True),)
    except ArchiverError:  # of a kind that nobody can mask
        return (Native("", kind, 0, _nothing, codes),)


def _latest(reading: Reading, record: str) -> SealedRecord | None:
    """Return the latest observation that is a response as a whole."""
    found = [one for one in reading.sealed(record) if _role(one) == WHOLE]
    return found[-1] if found else None


def _role(one: SealedRecord) -> str:
    excerpts = warc_reading.excerpts_of(one.record)
    return excerpts[0].role if len(excerpts) == 1 else ""


def _body(reading: Reading, record: str) -> bytes:
    """Return the file; read anew each time, so that no more than one is in memory."""
    last = _latest(reading, record)
    if last is None:
        raise AssertionError
    response = warc_reading.excerpts_of(last.record)[0].data
    return parse_response(response, decoded=was_decoded(last.record.lines)).body


def _masked(body: Callable[[], bytes], regions: Sequence[Region]) -> bytes:
    return blackened(body(), regions)


def _native(name: str, kind: str, body: Callable[[], bytes], *, is_masked: bool = False) -> Native:
    return Native(name, kind, len(body()), partial(_chunks, body), masked=is_masked)


def _chunks(body: Callable[[], bytes]) -> Iterator[bytes]:
    yield body()


def _nothing() -> Iterator[bytes]:
    return iter(())
