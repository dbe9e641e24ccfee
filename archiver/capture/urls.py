"""Which addresses an account may have, and which may be asked for in its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archiver.errors import UsageError
from archiver.header_text import is_plain

if TYPE_CHECKING:
    from archiver.capture.connector import Connector

__all__ = ["check_address", "same_origin", "same_site", "web_address"]

_PORTS = {"http": 80, "https": 443}
_LONGEST = 2000
_SHOWN = 200
_LABEL = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?|[0-9a-f]*:[0-9a-f:.]+", re.IGNORECASE | re.ASCII)
"""A host name (RFC 1123, underscores besides), or what stands in brackets (RFC 3986 §3.2.2)."""


def check_address(connector: Connector, url: str) -> None:
    """Raise `UsageError` where no account of the platform can have this address.

    Where an address is refused that may hold a password, what could be one is not shown.
    """
    problem, where = _text_problem(url) or _host_problem(url), url
    if problem:
        where = _printable(f"…@{url.rpartition('@')[2]}" if "@" in url else url)
    elif "#" in url:
        problem = "what stands after # is never sent: leave it out"
    else:
        problem = connector.refuses(url)
    if problem:
        mend = f"write it as {connector.address_form}"
        raise UsageError(problem, where=where[:_SHOWN], code="account-address", mend=mend)


def _text_problem(url: str) -> str:
    """Return why a text can be no web address, empty where it may be one."""
    if len(url) > _LONGEST:
        return f"an address has at most {_LONGEST} characters, this one {len(url)}"
    if not url.isprintable() or " " in url or "\\" in url:
        return "an address has no spaces, backslashes or control characters in it"
    if not url.startswith(("http://", "https://")):
        return "not a web address: it begins with https://, or http:// within a house"
    return ""


def _host_problem(url: str) -> str:
    """Return why an address can't be that of an account, empty where it can."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "not a web address: its host or port can't be read"
    if "@" in parts.netloc:
        return (
            "an address with a user or password in it would be kept in records: leave them out, "
            "and give them with --credential"
        )
    if not host.isascii():
        return "a host with other letters than a to z is written as its registrar shows it: xn--…"
    if port == 0 or len(host) > 253 or _HOST.fullmatch(host) is None:  # noqa: PLR2004 - RFC 1035 §2.3.4
        return "not a web address: there can be no such host or port"
    return ""


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else "�" for one in text)


def web_address(text: str) -> str:
    """Return ``text`` if it is an http address fit for a header line, else nothing."""
    web = text.startswith(("http://", "https://")) and len(text) <= _LONGEST
    return text if web and is_plain(text) and " " not in text else ""


def same_site(url: str, site_url: str) -> bool:
    """Say whether ``url`` is on the host of ``site_url``, so that a file may be fetched.

    ``www.`` makes no difference. A port that is not its scheme's own must be the same,
    and what is reached by https is not asked for by http. Anything else would let the
    author of a feed make the archive call addresses of his choosing.
    """
    there, here = _origin(web_address(url)), _origin(site_url)
    if there is None or here is None or (here[0], there[0]) == ("https", "http"):
        return False
    return there[1:] == here[1:]


def same_origin(url: str, site_url: str) -> bool:
    """Say whether ``url`` is where a login for ``site_url`` is sent: scheme, host and port."""
    try:
        there, here = urlsplit(url), urlsplit(site_url)
        ports = [one.port or _PORTS.get(one.scheme) for one in (there, here)]
    except ValueError:
        return False
    same = (there.scheme, there.hostname) == (here.scheme, here.hostname)
    return same and bool(there.hostname) and ports[0] == ports[1]


def _origin(url: str) -> tuple[str, str, int] | None:
    """Return scheme, host and unusual port of an http address, or None for another."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    usual = port in (None, _PORTS[parts.scheme])
    return parts.scheme, parts.hostname.removeprefix("www."), 0 if usual else (port or 0)
