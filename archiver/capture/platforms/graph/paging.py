"""The next page of a Graph API list (developers.facebook.com/docs/graph-api/results).

The address that an answer calls ``next`` carries the access token and may name any host, so
it is never followed: the request at hand is made again with the position taken from it. An
empty page may have a next one; only a page without ``next`` is the last.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from archiver.capture.platforms.graph.cutting import node_of
from archiver.record import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LOST", "following"]

_POSITIONS = ("after", "until", "since", "offset", "__paging_token", "pagenav", "__previous")
"""Parameters that say where a page begins: by cursor, by time, by number."""
_POSITION = re.compile(r"[\w.~=+/:|-]{1,2000}", re.ASCII)

LOST = "the answer names a next page without saying where it begins"


def following(url: str, body: bytes) -> Request | str | None:
    """Return the request for the next page, None on the last.

    A text says why there is a next page that can't be asked for.
    """
    paging = node_of(body).get("paging")
    if not isinstance(paging, dict) or not paging.get("next"):
        return None
    moved = _moved(paging)
    if not moved:
        return LOST
    scheme, host, path, query, _ = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(query) if name not in _POSITIONS]
    asked = urlencode([*kept, *moved.items()], safe="(),{}")
    return Request(urlunsplit((scheme, host, path, asked, "")))


def _moved(paging: Mapping[str, Any]) -> dict[str, str]:
    """Return where the next page begins: the cursor, else what ``next`` says of it."""
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, dict) else None
    if isinstance(after, str) and _POSITION.fullmatch(after):
        return {"after": after}
    try:
        query = parse_qsl(urlsplit(str(paging["next"])).query)
    except ValueError:
        return {}
    return {
        name: value for name, value in query if name in _POSITIONS and _POSITION.fullmatch(value)
    }
