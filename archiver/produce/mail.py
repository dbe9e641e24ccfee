"""Lines of e-mail (RFC 5322) whose values may be anybody's text. Pure; same text, same bytes."""

from __future__ import annotations

import base64
import re
from email.header import Header
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

from archiver.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["address", "encoded", "header", "mailboxes"]

_HEADER = re.compile(r"[A-Za-z][A-Za-z-]{0,60}")
_LONGEST_VALUE = 254
_LONGEST_NAME = 120
_LONGEST_LOCAL = 64
"""Octets of what stands before the @ (RFC 5321 §4.5.3.1.1)."""
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


def mailboxes(name: str, people: Iterable[tuple[str, str]]) -> str:
    """Return a header line of people, each with an address: nobody's name adds another.

    Args:
        name: ``From`` or ``To``.
        people: how each is called, and the address (`address`).
    """
    return f"{name}: " + f",{_CRLF} ".join(_mailbox(*one) for one in people)


def _mailbox(who: str, where: str) -> str:
    plain = "".join(one if one.isprintable() else " " for one in who)
    plain = " ".join(plain.split())[:_LONGEST_NAME]
    if not plain:
        return f"<{where}>"
    if not plain.isascii():
        word = Header(plain, "utf-8", header_name="From").encode(linesep=_CRLF)
        return f"{word}{_CRLF} <{where}>"
    quoted = plain.replace("\\", "/").replace('"', "'")
    return f'"{quoted}"{_CRLF} <{where}>'


def address(name: str, platform: str) -> str:
    """Return an address that nobody has (RFC 2606). A long name stands as the digest of it."""
    local_part = quote(name.encode("utf-8", "replace"), safe="") or "unknown"
    if len(local_part) > _LONGEST_LOCAL:
        local_part = sha256(name.encode("utf-8", "replace")).hexdigest()[:40]
    return f"{local_part}@{quote(platform, safe='') or 'unknown'}.invalid"


def encoded(data: bytes) -> str:
    """Return bytes as base64 (RFC 2045), with CR LF between its lines and none at its end."""
    return base64.encodebytes(data).decode("ascii").replace("\n", _CRLF).rstrip(_CRLF)
