"""What the reports of a production have to know of an exemption. Pure."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Exemption"]


class Exemption(Protocol):
    """An exemption that a redaction may name."""

    @property
    def code(self) -> str:
        """What stands in place of what is withheld."""
        ...

    @property
    def title(self) -> str:
        """What it is called."""
        ...

    @property
    def citation(self) -> str:
        """Where the law says so."""
        ...
