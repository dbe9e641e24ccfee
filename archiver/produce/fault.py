"""What is wrong with a file of a production. Pure."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Fault"]


class Fault(NamedTuple):
    """One fault: its stable code, where it is, what is wrong, and what to do."""

    code: str
    where: str
    what: str
    mend: str
