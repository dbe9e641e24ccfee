"""Which addresses may be asked for in the name of an account."""

from __future__ import annotations

from urllib.parse import urlsplit

from archiver.header_text import is_plain

__all__ = ["same_site", "web_address"]

_PORTS = {"http": 80, "https": 443}
_LONGEST = 2000


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
