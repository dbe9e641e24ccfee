"""Lines of e-mail (RFC 5322) whose values may be anybody's text. Pure; same text, same bytes."""

from __future__ import annotations

import base64
import re
from email.header import Header

from archiver.errors import FormatError

__all__ = ["encoded", "from_line", "header"]

_HEADER = re.compile(r"[A-Za-z][A-Za-z-]{0,60}")
_LONGEST_VALUE = 254
_LONGEST_NAME = 120
_LONGEST_LINE = 900
"""Characters; RFC 5322 allows 998."""
_CRLF = "\r\n"


def header(name: str, value: str) -> str:
    """Return a header line, folded, with CR LF between its parts and none at its end.

    The value is cut at 254 characters, and stays on its line whatever it says. Raises
    `FormatError` for a name that a header can't have.
    """
    if not _HEADER.fullmatch(name):
        raise FormatError("no name of a header", where=name[:80], mend="letters and hyphens")
    plain = " ".join(value.encode("utf-8", "replace").decode().split())[:_LONGEST_VALUE]
    if not plain.isascii() or not plain.isprintable() or len(name) + len(plain) > _LONGEST_LINE:
        return f"{name}: {Header(plain, 'utf-8', header_name=name).encode(linesep=_CRLF)}"
    return f"{name}: {plain}"


def from_line(who: str, address: str) -> str:
    """Return the line that says who wrote something: nobody's name ends it or adds an address."""
    plain = "".join(one if one.isprintable() else " " for one in who)
    plain = " ".join(plain.split())[:_LONGEST_NAME]
    if not plain:
        return f"From: <{address}>"
    if not plain.isascii():
        word = Header(plain, "utf-8", header_name="From").encode(linesep=_CRLF)
        return f"From: {word}{_CRLF} <{address}>"
    quoted = plain.replace("\\", "/").replace('"', "'")
    return f'From: "{quoted}"{_CRLF} <{address}>'


def encoded(data: bytes) -> str:
    """Return bytes as base64 (RFC 2045), with CR LF between its lines and none at its end."""
    return base64.encodebytes(data).decode("ascii").replace("\n", _CRLF).rstrip(_CRLF)
