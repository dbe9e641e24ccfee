"""Which scope of the login each method needs (discovery document, ``methods.….scopes``).

The narrowest that will do. ``youtube.force-ssl`` would allow writing as well; YouTube has no
narrower one for comments and captions, and nothing here ever writes.
"""

from __future__ import annotations

from archiver.capture.standing import Need
from archiver.record import Stream

__all__ = ["NEEDS", "READ", "scope_of"]

READ = "youtube.readonly"
_BEGINNING = "https://www.googleapis.com/auth/"
_COMMENTS = "youtube.force-ssl"
_MEMBERS = "youtube.channel-memberships.creator"
_NEEDED = {
    "captions": _COMMENTS,
    "comments": _COMMENTS,
    "commentThreads": _COMMENTS,
    "members": _MEMBERS,
    "membershipsLevels": _MEMBERS,
}


NEEDS = (
    Need(
        _BEGINNING + READ,
        (Stream.POSTS, Stream.PAGES, Stream.PROFILE, Stream.MODERATION),
        (f"{_BEGINNING}youtube", _BEGINNING + _COMMENTS),
    ),
    Need(_BEGINNING + _COMMENTS, (Stream.COMMENTS, Stream.MEDIA)),
    Need(_BEGINNING + _MEMBERS, (Stream.SUBSCRIBERS,)),
)
"""What the cells need: scopes as a login names them."""


def scope_of(method: str) -> str:
    """Return the name of the scope that a method needs, without its address's beginning."""
    return _NEEDED.get(method.partition("/")[0], READ)
