"""What a hold is on, as its private document keeps it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError
from archiver.search.query import Query
from archiver.search.syntax import LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Scope"]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a hold is on: records by id, what a query finds, all accounts of a custodian.

    ``private``: the query looks into encrypted streams too. ``future``: what query and custodian
    find later is in scope as well; further observations of what is held always are.
    """

    records: tuple[str, ...] = ()
    query: Query | None = None
    private: bool = False
    custodian: str = ""
    future: bool = False

    def document(self) -> dict[str, Any]:
        """Return the scope as its document has it."""
        return {
            "records": list(self.records),
            "query": asdict(self.query) if self.query else {},
            "language": LANGUAGE if self.query else "",
            "private": self.private,
            "custodian": self.custodian,
            "future": self.future,
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Scope:
        """Return the scope in a document.

        Raises `FormatError` where it says none, or has a query in another version of the language.
        """
        language = document.get("language", "")
        if document.get("query") and language != LANGUAGE:
            raise FormatError(
                f"its query is in version {language or 'none'} of the language, not {LANGUAGE}",
                mend="place the hold anew, then release this one",
            )
        try:
            return cls(
                tuple(map(str, document["records"])),
                Query(**document["query"]) if document["query"] else None,
                bool(document["private"]),
                str(document["custodian"]),
                bool(document["future"]),
            )
        except (KeyError, TypeError) as error:
            raise FormatError(f"not the document of a hold: {error!r}") from error
