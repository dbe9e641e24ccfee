"""Find secret values in bytes, in every spelling in which servers echo them.

A value is found verbatim, without the white space that only groups it, percent-encoded,
JSON- and HTML-escaped (also mixed, and one inside the other), and inside any base64 or
base64url text, whatever stands before it, as in ``Authorization: Basic base64(user:value)``.
"""

from __future__ import annotations

import re
from base64 import b64encode
from html.entities import html5
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["SHORTEST", "Found", "Secrets"]

SHORTEST = 6
"""Characters. A shorter value would be found in innocent text."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_ANCHOR = re.compile(rb"[A-Za-z0-9]{2,}")
_ALNUM_HEX = rb"(?:3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa])"
_ESCAPED = (
    re.compile(rb"%(?:25){0,3}" + _ALNUM_HEX),
    re.compile(rb"\\u00" + _ALNUM_HEX),
    re.compile(rb"&#0{0,4}(?:4[89]|5[0-7]|6[5-9]|[78][0-9]|90|9[7-9]|1[01][0-9]|12[0-2]);"),
    re.compile(rb"&#[xX]0{0,4}" + _ALNUM_HEX + b";"),
)
"""A letter or digit that was escaped, as no ordinary encoder does."""

_BASE64 = b"[A-Za-z0-9+/_-]"
_SHORTEST_TAIL = 4


class Found(NamedTuple):
    """Where a secret stands, from offset ``start`` to ``end``, and its name."""

    start: int
    end: int
    name: str


class _Spelling(NamedTuple):
    """One way to find a value: a quick test, and the exact expression."""

    name: str
    anchor: bytes
    pattern: re.Pattern[bytes]


class Secrets:
    """Values that must never be stored, shown or logged, by name.

    Args:
        values: name (lower case, ``a-z 0-9 . _ -``) -> secret value.

    Raises:
        UsageError: a name is malformed, or a value shorter than six characters.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        for name, value in values.items():
            _check(name, value)
        forms = [(name, form) for name, value in values.items() for form in _forms(value)]
        self._values = [(name, form.encode()) for name, form in forms]
        self._spellings = tuple(
            spelling for name, form in forms for spelling in _spellings(name, form)
        )

    def __repr__(self) -> str:
        """Return the names only."""
        return f"Secrets({', '.join(dict(self._values))})"

    def __bool__(self) -> bool:
        return bool(self._values)

    def find(self, data: bytes, start: int = 0) -> list[Found]:
        """Return every place where a value stands, in order, none overlapping another."""
        if not self._values:
            return []
        thorough = any(escaped.search(data, start) for escaped in _ESCAPED)
        spans = [
            Found(match.start(), match.end(), spelling.name)
            for spelling in self._spellings
            if thorough or data.find(spelling.anchor, start) >= 0
            for match in spelling.pattern.finditer(data, start)
        ]
        return _merged(spans)

    def find_tail(self, data: bytes) -> list[Found]:
        """Return where cut ``data`` ends in the beginning of a value, if it does."""
        for name, value in self._values:
            for length in range(len(value) - 1, _SHORTEST_TAIL - 1, -1):
                if data.endswith(value[:length]):
                    return [Found(len(data) - length, len(data), name)]
        return []

    def clean(self, text: str) -> str:
        """Return text with every secret replaced by ``[replaced: NAME]``."""
        data = text.encode("utf-8", "surrogatepass")
        for start, end, name in reversed(self.find(data)):
            data = data[:start] + f"[replaced: {name}]".encode() + data[end:]
        return data.decode("utf-8", "surrogatepass")


def _forms(value: str) -> list[str]:
    """Return a value, and what WordPress and others make of one that is shown in groups."""
    joined = "".join(value.split())
    return [value] if joined == value or len(joined) < SHORTEST else [value, joined]


def _check(name: str, value: str) -> None:
    if not _NAME.fullmatch(name):
        raise UsageError(
            "not a name for a secret",
            where=repr(name[:64]),
            mend="use lower-case letters, digits, dot, underscore and hyphen",
        )
    if len(value) < SHORTEST:
        raise UsageError(
            f"a secret of fewer than {SHORTEST} characters can't be kept out of what is stored",
            where=name,
            mend="have the platform issue a longer credential",
        )


def _merged(spans: list[Found]) -> list[Found]:
    """Join overlapping finds; the joined one bears the name of the first."""
    merged: list[Found] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            merged[-1] = merged[-1]._replace(end=max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def _spellings(name: str, value: str) -> Iterator[_Spelling]:
    """Yield the plain spelling and the three alignments of base64 (RFC 4648 §4, §5)."""
    yield _spelling(name, value, b"".join(_character(one) for one in value))
    data = value.encode()
    for offset in range(3):
        first, last = -(-8 * offset // 6), 8 * (offset + len(data)) // 6
        core = b64encode(bytes(offset) + data + bytes(2))[first:last].decode()
        # A character beside the core carries bits of the value and of its neighbour.
        before = _BASE64 if 8 * offset % 6 else b""
        after = _BASE64 + b"?" if 8 * (offset + len(data)) % 6 else b""
        inner = b"".join(_base64_character(one) for one in core)
        yield _spelling(name, core, before + inner + after)


def _spelling(name: str, text: str, pattern: bytes) -> _Spelling:
    """Add the longest run that ordinary encoders keep: most data is passed by quickly."""
    runs: list[bytes] = _ANCHOR.findall(text.encode())
    return _Spelling(name, max(runs, key=len, default=b""), re.compile(pattern))


def _base64_character(one: str) -> bytes:
    pair = {"+": "+-", "/": "/_"}.get(one)
    return _any_of(_character(each) for each in pair) if pair else _character(one)


def _character(one: str) -> bytes:
    """Return an expression for one character in any of its spellings."""
    raw = one.encode("utf-8", "surrogatepass")
    spellings = [re.escape(raw), _percent(raw), _json(one), rb"&#0{0,4}%d;" % ord(one)]
    spellings.append(rb"&#[xX]0{0,4}%b;" % _hex(f"{ord(one):x}"))
    spellings += [b"&" + entity.encode() for entity in _ENTITIES.get(one, ())]
    if one in "/\"'\\":
        spellings.append(rb"\\{1,4}" + re.escape(raw))
    if one == " ":
        spellings.append(rb"\+")
    if 0x80 <= ord(one) <= 0xFF:  # noqa: PLR2004 - what Latin-1 has and ASCII has not
        spellings += [re.escape(one.encode("latin-1")), _percent(one.encode("latin-1"))]
    return _any_of(spellings)


def _percent(raw: bytes) -> bytes:
    """Percent-encoded (RFC 3986 §2.1), also repeatedly: ``%2F``, ``%252f``."""
    return b"".join(b"%(?:25){0,3}" + _hex(f"{byte:02x}") for byte in raw)


def _json(one: str) -> bytes:
    r"""``\uXXXX`` of each UTF-16 code unit (RFC 8259 §7), its backslash itself escaped or not."""
    units = one.encode("utf-16-be", "surrogatepass").hex()
    quads = (units[at : at + 4] for at in range(0, len(units), 4))
    return b"".join(rb"\\{1,4}u" + _hex(quad) for quad in quads)


def _hex(digits: str) -> bytes:
    return "".join(
        f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits
    ).encode()


def _any_of(spellings: Iterator[bytes] | list[bytes]) -> bytes:
    return b"(?:" + b"|".join(spellings) + b")"


_ENTITIES = {
    one: tuple(name for name, text in html5.items() if text == one) for one in "&<>\"'+/=:@!#$%*()"
}
