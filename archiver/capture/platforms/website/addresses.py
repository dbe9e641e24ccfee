"""Addresses of a website: one spelling for each, the id of its record, and what is a trap.

WHATWG URL §4, as far as addresses of pages go. An id is the address without its scheme, with
``|`` for each slash: a slash in an id means a part of a thing.
"""

from __future__ import annotations

import re
from posixpath import normpath
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

if TYPE_CHECKING:
    from archiver.capture.platforms.website.scope import Scope

__all__ = ["address_of", "canonical", "id_of", "in_scope", "is_file", "is_under", "shape", "trap"]

LONGEST = 700
"""Characters of an address that has a record's id of its own."""
_MOST_STEPS, _MOST_FIELDS, _MOST_AGAIN = 12, 8, 3
_PORTS = {"http": 80, "https": 443}
_SESSION = re.compile(
    r"(?:phpsessid|jsessionid|aspsessionid\w*|sessionid|session_id|sid|cfid|cftoken|zenid"
    r"|utm_\w+|fbclid|gclid|msclkid|mc_[ce]id|_ga)",
    re.IGNORECASE,
)
"""Fields that name a visit, not a page."""
_PATH_SESSION = re.compile(r";jsessionid=[^/?]*", re.IGNORECASE)
_FILE = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|odp|rtf|csv|zip|gz|tgz|7z|jpe?g|png|gif|webp|avif|svg|ico"
    r"|tiff?|bmp|mp3|m4a|ogg|oga|wav|flac|mp4|m4v|webm|mov|avi|mkv|woff2?|ttf|otf|eot|ics|vcf"
    r"|kmz?|gpx|epub|js|mjs|map|json)\Z",
    re.IGNORECASE,
)
_BREAKS = re.compile(r"[\t\r\n]+")
_SAFE = "!$&'()*+,-./:;=@_~%"
_DATED = re.compile(r"/\d{4}/\d{1,2}(?:/|\Z)|/\d{4}-\d{2}")
_HOST = re.compile(r"[a-z0-9._-]{1,253}|\[[0-9a-f:.]+\]")


def canonical(text: str, base: str) -> str:
    """Return the one spelling of an address that stands on a page, or "" where it is none."""
    try:
        parts = urlsplit(urljoin(base, _BREAKS.sub("", text.strip()).replace("\\", "/")))
        port, host = parts.port, (parts.hostname or "").rstrip(".")
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return ""
    host = f"[{host}]" if ":" in host else host.lower()
    if parts.scheme not in _PORTS or "@" in parts.netloc or not _HOST.fullmatch(host):
        return ""
    place = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
    path = quote(_PATH_SESSION.sub("", parts.path), safe=_SAFE)
    if "/." in path or "//" in path:
        path = normpath(path) + ("/" if path.endswith(("/", "/.", "/..")) else "")
    path = f"/{path.lstrip('/')}"
    told = [
        one
        for one in quote(parts.query, safe=f"{_SAFE}?").split("&")
        if one and not _SESSION.fullmatch(one.partition("=")[0])
    ]
    query = f"?{'&'.join(told)}" if told else ""
    found = f"{parts.scheme}://{place}{path}{query}"
    return found if len(found) <= LONGEST else ""


def id_of(url: str) -> str:
    """Return the id of what has a canonical address."""
    return url.partition("://")[2].replace("/", "|")


def address_of(native_id: str, site_url: str) -> str:
    """Return the address of a thing by its id, or "" where that names none of a website."""
    scheme = site_url.partition("://")[0]
    url = f"{scheme}://{native_id.replace('|', '/')}"
    return url if "/" not in native_id and canonical(url, url) == url else ""


def in_scope(url: str, site_url: str, scope: Scope) -> bool:
    """Tell whether a canonical address is one of the site: its hosts, port, scheme and paths."""
    try:
        there, here = urlsplit(url), urlsplit(site_url)
        ports = [one.port or _PORTS.get(one.scheme) for one in (there, here)]
    except ValueError:
        return False
    host, own = (_bare(one.hostname or "") for one in (there, here))
    if (here.scheme, there.scheme) == ("https", "http"):
        return False
    usual = set(ports) <= set(_PORTS.values())
    if host == own and not usual and ports[0] != ports[1]:
        return False
    if host != own and (host not in map(_bare, scope.hosts) or there.port is not None):
        return False
    return not scope.prefix or is_under(url, scope.prefix)


def is_under(url: str, places: tuple[str, ...]) -> bool:
    """Tell whether an address is one of some paths, or stands under one of them."""
    path = urlsplit(url).path
    return any(path == one or path.startswith(f"{one.rstrip('/')}/") for one in places)


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")


def is_file(url: str) -> bool:
    """Tell whether an address is that of a file, by its ending: it has no links to follow."""
    return _FILE.search(urlsplit(url).path) is not None


def trap(url: str) -> str:
    """Return why an address looks like one of endlessly many, or "" where it does not."""
    parts = urlsplit(url)
    steps = [one for one in parts.path.split("/") if one]
    if len(steps) > _MOST_STEPS:
        return f"a path of more than {_MOST_STEPS} steps"
    if any(steps.count(one) > _MOST_AGAIN for one in steps):
        return f"a path that says one thing more than {_MOST_AGAIN} times"
    if parts.query.count("&") >= _MOST_FIELDS:
        return f"a query of more than {_MOST_FIELDS} fields"
    return ""


def shape(url: str) -> str:
    """Return what addresses have in common that differ in numbers or values alone.

    Empty for those that are no search, list or calendar.
    """
    parts = urlsplit(url)
    if not parts.query and not _DATED.search(parts.path):
        return ""
    names = sorted(one.partition("=")[0] for one in parts.query.split("&"))
    return f"{parts.netloc}{re.sub('[0-9]+', '#', parts.path)}?{'&'.join(names)}"
