"""Where a matter looks, and for what. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Scope"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a matter looks, and for what, as it was typed.

    ``accounts``: by name; empty: all. ``streams``: empty: all. ``since`` and ``until``: days by the
    city's calendar, both included. ``query``: words; empty: everything there is. ``language``: the
    version of the language that they are in. ``private``: encrypted streams are looked into, too.
    """

    query: str = ""
    accounts: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    private: bool = False
    language: str = ""

    def document(self) -> dict[str, Any]:
        """Return the scope as its document has it."""
        return asdict(self) | {"accounts": list(self.accounts), "streams": list(self.streams)}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Scope:
        """Return the scope in a document. Raises `FormatError` where it says none."""
        try:
            return cls(
                query=str(document["query"]),
                accounts=tuple(map(str, document["accounts"])),
                streams=tuple(map(str, document["streams"])),
                since=str(document["since"]),
                until=str(document["until"]),
                private=document["private"] is True,
                language=str(document["language"]),
            )
        except (KeyError, TypeError) as error:
            raise FormatError(f"not the document of a matter: {error!r}") from error
