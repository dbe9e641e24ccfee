"""How a request to a wiki's ``api.php`` is spelt, and the one that continues it.

Documented at https://www.mediawiki.org/wiki/API:Query, API:Continue and API:Etiquette.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from archiver.record import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Site

__all__ = ["OPEN", "continued", "endpoint", "query", "refuses", "script"]

OPEN = "&requestid=open"
"""Stands in a request that continues an answer which said that anybody may read the wiki:
only the first of a row of answers says so, and each is read by itself (API:Main page,
``requestid`` comes back in the answer)."""

_LAST = "&formatversion=2"
"""The end of every request of ours; what stands after it came from ``continue``."""
_MAX_LAG = "5"
"""Seconds by which replicas of a busy wiki may lag before it asks us to wait."""


def endpoint(site: Site) -> str:
    """Return the address of ``api.php``: the account's own address, or below it."""
    url = site.url.rstrip("/")
    return url if url.endswith(".php") else f"{url}/api.php"


def refuses(url: str) -> str:
    """Return why an address is not that of a wiki's Action API, empty where it is."""
    if not url.rstrip("/").endswith("/api.php"):
        return (
            "the address of a wiki ends in api.php: its page Special:Version names it "
            "as the entry point of the API"
        )
    return ""


def script(site: Site) -> str:
    """Return the address of ``index.php``, which stands beside ``api.php``."""
    return f"{endpoint(site).rpartition('/')[0]}/index.php"


def query(site: Site, **parameters: str) -> Request:
    """Return a query; logged in, the wiki must refuse it once the login has run out.

    Logged in, the answer is also to say what strangers may do: nothing else in it tells
    what is public.
    """
    about = {"action": "query", **parameters}
    if site.authorised and "meta" not in about:
        about |= {"meta": "siteinfo", "siprop": "usergroups"}
    about["maxlag"] = _MAX_LAG
    if site.authorised:
        about["assert"] = "user"
    about["format"] = "json"
    return Request(f"{endpoint(site)}?{urlencode(about, safe='|*')}{_LAST}")


def continued(url: str, values: Mapping[str, str], *, public: bool) -> Request | None:
    """Return the request that goes on where the answer to ``url`` ended.

    ``values`` are the members of its ``continue``; without any there is nothing more.
    ``public``: anybody may read the wiki.
    """
    first, mark, _ = url.partition(_LAST)
    if not values or not mark:
        return None
    return Request(f"{first}{mark}{OPEN if public else ''}&{urlencode(values)}")
