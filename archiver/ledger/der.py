"""Just enough DER (ITU-T X.690) to put the certificates of a time-stamp in order. Pure.

CMS wants the certificates of a SignedData as a SET OF, sorted by their encodings (X.690
§11.6); `openssl ts` writes them as they come. They are not covered by the signature, and
sorting changes no length, so they are sorted in place before a strict parser reads them.
"""

from __future__ import annotations

from typing import NamedTuple

from archiver.errors import FormatError

__all__ = ["sorted_certificates"]

_SEQUENCE, _CONTENT, _CERTIFICATES = 0x30, 0xA0, 0xA0
_LONG_FORM, _MOST_LENGTH_BYTES = 0x80, 4
_CONTENT_PLACE = 3
"""SignedData: version, digestAlgorithms, encapContentInfo, then certificates."""


class _Element(NamedTuple):
    """One element: its tag, and where it starts, its value starts, and it ends."""

    tag: int
    start: int
    value: int
    end: int


def sorted_certificates(reply: bytes) -> bytes:
    """Return a TimeStampResp (RFC 3161 §2.4.2) whose certificates are in DER order.

    One without a token or without certificates comes back as it is. Raises `FormatError`
    where the bytes are no DER of that shape.
    """
    whole = _element(reply, 0, len(reply))
    if whole.tag != _SEQUENCE or whole.end != len(reply):
        raise _malformed("it is not one SEQUENCE")
    parts = _children(reply, whole)
    if len(parts) < 2:  # noqa: PLR2004 - status, token
        return reply
    content = _children(reply, parts[1])
    if len(content) != 2 or content[1].tag != _CONTENT:  # noqa: PLR2004 - type, content
        raise _malformed("its token is no ContentInfo")
    (signed,) = _children(reply, content[1])[:1] or [whole]
    members = _children(reply, signed)
    if len(members) <= _CONTENT_PLACE or members[_CONTENT_PLACE].tag != _CERTIFICATES:
        return reply
    certificates = members[_CONTENT_PLACE]
    encoded = sorted(reply[one.start : one.end] for one in _children(reply, certificates))
    return reply[: certificates.value] + b"".join(encoded) + reply[certificates.end :]


def _children(data: bytes, parent: _Element) -> list[_Element]:
    found, at = [], parent.value
    while at < parent.end:
        found.append(_element(data, at, parent.end))
        at = found[-1].end
    return found


def _element(data: bytes, at: int, end: int) -> _Element:
    """Return the element that starts there, of definite length, within ``end``."""
    head = data[at : at + 2]
    if len(head) < 2:  # noqa: PLR2004 - tag, length
        raise _malformed("it is cut short")
    value, length = at + 2, head[1]
    if length > _LONG_FORM:
        more = length - _LONG_FORM
        if more > _MOST_LENGTH_BYTES:
            raise _malformed("an element is too long")
        length = int.from_bytes(data[value : value + more], "big")
        value += more
    elif length == _LONG_FORM:
        raise _malformed("an element has no definite length")
    if value + length > end:
        raise _malformed("an element is longer than what holds it")
    return _Element(head[0], at, value, value + length)


def _malformed(why: str) -> FormatError:
    mend = "ask the time-stamp authority for another token"
    return FormatError(f"not a time-stamp reply: {why}", mend=mend)
