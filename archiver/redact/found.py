"""What a detector found in a text, and how sure it is. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

    Detector = Callable[[str], Iterator["Found"]]
    """Yields what it finds in a text; others may find the same."""

__all__ = ["HIGH", "LOW", "MEDIUM", "Found", "has_before", "matches"]

HIGH, MEDIUM, LOW = 3, 2, 1
"""How likely it is that a person would withhold it: by its own form, with what is said beside it,
and where nothing is said beside it."""


class Found(NamedTuple):
    """A stretch of a text, in code points, that may have to be withheld.

    ``kind``: as `archiver.redact.exemptions` names kinds. ``why``: what it was found by, in words;
    nothing of the text is in it.
    """

    start: int
    end: int
    kind: str
    confidence: int
    why: str


def matches(
    pattern: re.Pattern[str], text: str, kind: str, how: tuple[int, str]
) -> Iterator[Found]:
    """Yield each match of a pattern, or what its group ``it`` has. ``how``: confidence, why."""
    group: str | int = "it" if "it" in pattern.groupindex else 0
    for match in pattern.finditer(text):
        if match.start(group) >= 0:
            yield Found(*match.span(group), kind, *how)


def has_before(pattern: re.Pattern[str], text: str, at: int, reach: int) -> bool:
    """Tell whether a pattern is among the ``reach`` code points before a place."""
    return bool(pattern.search(text, max(0, at - reach), at))
