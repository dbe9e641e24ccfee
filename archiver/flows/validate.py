"""Validate: whether a file of a production is what its readers expect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.errors import UsageError
from archiver.produce.load_check import check_dat, check_opt
from archiver.produce.rsmf_check import check_rsmf

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.produce.fault import Fault

    Exists = Callable[[str], bool]
    """Tells whether a file is there, by its path in the volume, with ``/``."""

__all__ = ["KINDS", "Validated", "validate"]

KINDS = {
    ".rsmf": "Relativity short messages (RSMF)",
    ".dat": "Concordance load file (DAT)",
    ".opt": "Opticon load file (OPT)",
}
"""What can be checked, by the ending of a file's name."""


@dataclass(frozen=True, slots=True)
class Validated:
    """What a file is, and everything that is wrong with it."""

    kind: str
    faults: list[Fault]


def validate(name: str, data: bytes, exists: Exists | None) -> Validated:
    """Check a file.

    Args:
        name: its name, of which the ending says what it is.
        data: all of it.
        exists: tells whether a file of its volume is there; None: nobody is asked.

    Raises `UsageError` for a file that is none of `KINDS`.
    """
    kind = next((end for end in KINDS if name.lower().endswith(end)), "")
    if kind == ".rsmf":
        return Validated(kind[1:], check_rsmf(data))
    if kind == ".dat":
        return Validated(kind[1:], check_dat(data, exists))
    if kind == ".opt":
        return Validated(kind[1:], check_opt(data, exists))
    mend = ", ".join(f"{end} ({what})" for end, what in KINDS.items())
    raise UsageError("nothing is known of such files", where=name, mend=f"these can be: {mend}")
