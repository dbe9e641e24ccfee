"""Bates numbers: a prefix and a number of fixed width, never used twice. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from archiver.errors import FormatError, UsageError

__all__ = ["Bates", "Scheme"]

_PREFIX = re.compile(r"[A-Z][A-Z0-9-]{0,23}")
_NUMBER = re.compile(r"(.*?)([0-9]+)", re.DOTALL)
_WIDTHS = range(4, 13)


class Bates(NamedTuple):
    """A number as it is read: its prefix, its digits, its value."""

    prefix: str
    width: int
    value: int

    @classmethod
    def read(cls, text: str) -> Bates:
        """Return a number. Raises `FormatError` for a text without digits at its end."""
        found = _NUMBER.fullmatch(text)
        if not found or not text.isascii() or " " in text:
            raise FormatError("no Bates number", where=text[:80], mend="PREFIX and digits")
        return cls(found[1], len(found[2]), int(found[2]))

    def follows(self, other: Bates) -> bool:
        """Tell whether it is the very next after another."""
        alike = self.prefix == other.prefix and self.width == other.width
        return alike and self.value == other.value + 1


@dataclass(frozen=True, slots=True)
class Scheme:
    """How the numbers of a matter look.

    Raises `UsageError` for a prefix or a width that load files can't have.
    """

    prefix: str
    width: int = 8

    def __post_init__(self) -> None:
        """Refuse what some reader would cut or read otherwise."""
        if not _PREFIX.fullmatch(self.prefix) or self.prefix[-1].isdigit():
            mend = "capital letters, digits, hyphens; no digit at its end"
            raise UsageError("no prefix for Bates numbers", where=self.prefix, mend=mend)
        if self.width not in _WIDTHS:
            mend = f"{_WIDTHS.start} to {_WIDTHS.stop - 1} digits"
            raise UsageError("no width for Bates numbers", where=str(self.width), mend=mend)

    def number(self, value: int) -> str:
        """Return a number as text. Raises `UsageError` where its digits don't suffice."""
        if not 0 < value < 10**self.width:
            mend = "choose a greater width for the matter, before its first production"
            raise UsageError("more numbers than digits", where=str(value), mend=mend)
        return f"{self.prefix}{value:0{self.width}}"
