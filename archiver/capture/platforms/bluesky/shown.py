"""Who may see what the AppView shows: a view may hold others, each with marks of its own.

What only the account itself is told stands in ``viewer`` (app.bsky.actor.defs#viewerState,
app.bsky.feed.defs#viewerState); whoever wants to be shown to nobody who is not logged in
has the label ``!no-unauthenticated``. Both are looked for at every depth: in quoted posts,
in the posts that an entry of a feed answers, in the person who shared it.
"""

from __future__ import annotations

import re

from archiver.record import Sensitivity

__all__ = ["seen_by"]

_MARKS = re.compile(
    rb'"(?:muted|bookmarked|threadMuted)"\s*:\s*true'
    rb'|"mutedByList"\s*:\s*\{'
    rb'|"val"\s*:\s*"!no-unauthenticated"'
)
"""Members as JSON spells them; within a text every quotation mark is escaped."""


def seen_by(view: bytes) -> Sensitivity:
    """Return who may see a view, with all that it holds."""
    return Sensitivity.PRIVATE if _MARKS.search(view) else Sensitivity.PUBLIC
