"""Whether a JSON body came whole: many hosts end a response by closing the connection. Pure."""

from __future__ import annotations

import msgspec

from archiver.formats.excerpts_json import UNREADABLE, json_items, json_members

__all__ = ["is_closed"]

_WHOLE = msgspec.json.Decoder(msgspec.Raw)
_SPACE = b" \t\r\n"
_BEFORE = b"\xef\xbb\xbf" + _SPACE
"""What may stand before JSON: a byte order mark, white space."""


def is_closed(body: bytes) -> bool:
    """Say whether the outer bracket of a body that begins as JSON ends, sound inside or not."""
    try:
        _WHOLE.decode(body)
    except UNREADABLE:
        return _closed_by_marks(body)
    return True


def _closed_by_marks(body: bytes) -> bool:
    """Judge a body that is not all sound JSON by its outer bracket alone."""
    text = body.lstrip(_BEFORE)
    start = len(body) - len(text)
    if text[:1] == b"[":
        ranges = json_items(body)
        end, closing = (ranges[-1][1] if ranges else start + 1), b"]"
    else:
        members = json_members(body, start, len(body))
        end, closing = (members[-1].value_end if members else start + 1), b"}"
    return body[end:].strip(_SPACE) == closing
