r"""Text on a header line: what stands as it is, what is escaped, and how to undo that.

A value may hold anything a platform sent. What would end a line, or vanish from it, is
written as a JSON string writes it (RFC 8259 §7): ``\u000A``; a backslash as ``\\``. The
set of such characters is fixed and depends on no version of Unicode, so the same text
has the same line for ever. Byte-level rules: ``docs/formats/record-warc.md``.
"""

from __future__ import annotations

import re
from hashlib import sha256

from archiver.errors import FormatError

__all__ = ["escaped", "is_plain", "labelled_digest", "unescaped"]

_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ESCAPED = re.compile(rf"{_ODD.pattern}|\\|\A | \Z")
_ESCAPE = re.compile(r"\\(?:\\|u([0-9A-F]{4}))?")
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PAIRS = [bytes((first, second)) for first in _LETTERS for second in _LETTERS]
_SHIFTS = range(250, -1, -10)


def is_plain(text: str) -> bool:
    """Tell whether a text can stand on a line as it is, a backslash meaning itself.

    No control character (C0, DEL, C1), no line or paragraph separator, no half of a
    surrogate pair.
    """
    if text.isascii() and text.isprintable():  # ASCII is the same in all versions of Unicode
        return True
    return _ODD.search(text) is None


def escaped(text: str) -> str:
    """Return a text as the value of a header line; `unescaped` gives it back."""
    if text.isascii() and text.isprintable() and "\\" not in text and text == text.strip(" "):
        return text
    return _ESCAPED.sub(lambda found: _escape(found[0]), text)


def _escape(character: str) -> str:
    return "\\\\" if character == "\\" else f"\\u{ord(character):04X}"


def unescaped(value: str) -> str:
    """Return the text that a header line's value stands for.

    Raises `FormatError` for a value that `escaped` makes of no text.
    """
    if "\\" not in value:
        return value
    text = _ESCAPE.sub(_character, value)
    if escaped(text) != value:
        raise FormatError("a header value is not escaped as it should be", where=value[:80])
    return text


def _character(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else "\\"


def labelled_digest(data: bytes | memoryview) -> bytes:
    """Return the labelled digest of bytes (WARC 1.1 §5.8): SHA-256 in base32 (RFC 4648 §6).

    The standard library's encoder takes longer than the digest itself.
    """
    bits = int.from_bytes(sha256(data).digest(), "big") << 4  # 52 letters hold 260 bits
    return b"sha256:%b====" % b"".join([_PAIRS[bits >> shift & 1023] for shift in _SHIFTS])
