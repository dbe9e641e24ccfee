"""Findings: what verification says about bad data. It never raises on it. Pure.

Codes are listed in ``schemas/findings.json``, each with what it means and what to do.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Finding"]


class Finding(NamedTuple):
    """One thing that is not as it must be: a stable code, the place, expected and found."""

    code: str
    where: str
    expected: str
    found: str
