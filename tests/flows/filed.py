"""Captured files for tests: sealed as a capture seals them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.reading import FILE_PARSER
from archiver.capture.settled import Settled
from archiver.flows.ledger import read_state
from archiver.flows.settle import seal_settled
from archiver.ids import new_uuid
from archiver.record import Excerpt, Observation
from tests.doubles import SeededRandomness
from tests.flows.helpers import ACCOUNT

if TYPE_CHECKING:
    from archiver.flows.archive import Archive

__all__ = ["seal_file"]


def seal_file(
    archive: Archive,
    native: str,
    name: str,
    body: bytes,
    *,
    sensitivity: str = "public",
    media_type: str = "application/octet-stream",
) -> str:
    """Seal a file as a record of media; return its id."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    one = Observation(
        platform="stand-in",
        account="city",
        stream="media",
        native_id=native,
        kind="present",
        sensitivity=sensitivity,
        captured_at="2026-11-20T09:00:00.000000Z",
        excerpts=(Excerpt("exchange", head.encode() + body),),
        row={"file_name": name, "media_type": media_type},
        parser=FILE_PARSER,
        page_url=f"https://city.example/{native}",
        warc_type="response",
        content_type="application/http; msgtype=response",
    )
    made = [(new_uuid(SeededRandomness(f"file {native}")), one)]
    seal_settled(archive, read_state(archive), ACCOUNT, Settled(observations=made))
    return one.record_id
