"""Which scope of the login each method needs (discovery document, ``methods.….scopes``).

The narrowest that will do. ``youtube.force-ssl`` would allow writing as well; YouTube has no
narrower one for comments and captions, and nothing here ever writes.
"""

from __future__ import annotations

__all__ = ["READ", "scope_of"]

READ = "youtube.readonly"
_COMMENTS = "youtube.force-ssl"
_MEMBERS = "youtube.channel-memberships.creator"
_NEEDED = {
    "captions": _COMMENTS,
    "comments": _COMMENTS,
    "commentThreads": _COMMENTS,
    "members": _MEMBERS,
    "membershipsLevels": _MEMBERS,
}


def scope_of(method: str) -> str:
    """Return the name of the scope that a method needs, without its address's beginning."""
    return _NEEDED.get(method.partition("/")[0], READ)
