"""Where a defect is, in words fit for a log: an error that nobody foresaw may quote content."""

from __future__ import annotations

import traceback

__all__ = ["told"]


def told(error: BaseException) -> str:
    """Return what kind of error it is and where it was raised, and nothing of its text."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    file = place.filename.rpartition("/")[2]
    return f"a defect: {type(error).__name__} in {place.name}, line {place.lineno} of {file}"
