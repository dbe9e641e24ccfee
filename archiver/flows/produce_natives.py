"""The files of a record as a production hands them over: as they came, or with regions masked.

A file of which something is withheld and that can't be masked is withheld whole.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from archiver.errors import RefusedError
from archiver.flows.derive import was_decoded
from archiver.flows.masking import masked
from archiver.flows.verify_origins import WHOLE
from archiver.formats import warc_reading
from archiver.formats.http1 import parse_response
from archiver.produce.document import Native

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from archiver.flows.redacting import Reading
    from archiver.flows.sealed import SealedRecord
    from archiver.redact.mark import Mark
    from archiver.redact.timed import Masker

__all__ = ["natives_of"]


def natives_of(
    reading: Reading, record: str, marks: Sequence[Mark], masker: Masker
) -> tuple[Native, ...]:
    """Return the file that a record is, as it was last captured; none where it is no file.

    ``masker``: masks video and sound. Raises as `Reading.sealed`, and where it is not there.
    """
    last = _latest(reading, record)
    if last is None:
        return ()
    name, kind = last.row.get("file_name", ""), last.row.get("media_type", "")
    codes = tuple(sorted({one.exemption for one in marks}))
    body = partial(_body, reading, record)
    if not marks:
        return (_native(name, kind, body),)
    if all(
        one.region is None for one in marks
    ):  # some text of it is withheld, which the file may say again
        return (Native("", kind, 0, _nothing, codes),)
    try:
        made = masked(body(), kind, marks, masker)
    except RefusedError:  # nobody can mask it
        return (Native("", kind, 0, _nothing, codes),)
    again = partial(_again, body, kind, marks, masker)
    return (Native("", made.media_type, len(made.data), again, masked=True),)


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


def _again(
    body: Callable[[], bytes], kind: str, marks: Sequence[Mark], masker: Masker
) -> Iterator[bytes]:
    yield masked(body(), kind, marks, masker).data


def _native(name: str, kind: str, body: Callable[[], bytes]) -> Native:
    return Native(name, kind, len(body()), partial(_chunks, body))


def _chunks(body: Callable[[], bytes]) -> Iterator[bytes]:
    yield body()


def _nothing() -> Iterator[bytes]:
    return iter(())
