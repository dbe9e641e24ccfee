"""Searches that are kept under a name: what was asked, and in which version of the language.

Each is a private document of the archive, so that it is as durable as records are and every home
with the key can ask it again. Saving under a name that is there takes its place; nothing is lost:
the earlier one stays among the documents. It decides nothing, and so nobody has to sign it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError, UsageError
from archiver.flows.documents import documents, parsed, seal_documents
from archiver.flows.ledger import read_state
from archiver.formats.parquet import canonical_time
from archiver.ids import new_ulid
from archiver.registry.documents import SEARCH
from archiver.search.query import Query, compile_query
from archiver.search.syntax import LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.flows.archive import Archive

__all__ = ["SavedSearch", "find", "save", "saved"]

LONGEST = 80
_TEXTS = ("name", "told", "language", "time", "by")


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search under a name; ``private``: it looks into encrypted streams too.

    ``told``: how it was understood. ``language``: the version of the language of queries it is
    in. ``time``: when it was saved (canonical time); ``by``: the handle of who did, "" unknown.
    """

    name: str
    query: Query
    private: bool
    told: str
    language: str
    time: str
    by: str

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> SavedSearch:
        """Return the search in a document. Raises `FormatError` where it says none."""
        try:
            texts = {
                name: str(document[name]) for name in ("name", "told", "language", "time", "by")
            }
            query = Query(**{name: str(value) for name, value in document["query"].items()})
            return cls(query=query, private=document["private"] is True, **texts)
        except (KeyError, TypeError, AttributeError) as error:
            raise FormatError(f"not the document of a saved search: {error!r}") from error


def save(archive: Archive, name: str, query: Query, *, private: bool = False) -> SavedSearch:
    """Seal a search under a name.

    Raises `UsageError` for a query that makes no sense, or a name that is empty, longer than 80
    characters or not printable; `RefusedError` where another process sealed meanwhile.
    """
    if not name.strip() or len(name) > LONGEST or not name.isprintable():
        raise UsageError(
            "no name for a search", where=name[:LONGEST], mend=f"1 to {LONGEST} letters or signs"
        )
    told = compile_query(query, archive.retention.zone).told
    by = archive.person.handle if archive.person else ""
    now = canonical_time(archive.clock.now())
    made = SavedSearch(name, query, private, told, LANGUAGE, now, by)
    place = f"{SEARCH}/{new_ulid(archive.clock, archive.chance)}"
    seal_documents(archive, {place: asdict(made)}, [])
    return made


def saved(archive: Archive) -> dict[str, SavedSearch]:
    """Return the searches that this home can read, by name; of each name the latest."""
    found: dict[str, SavedSearch] = {}
    for _, native_id, data in documents(archive, read_state(archive)):
        if native_id.startswith(f"{SEARCH}/"):
            one = SavedSearch.of(parsed(data))
            found[one.name] = one
    return found


def find(archive: Archive, name: str) -> SavedSearch:
    """Return a saved search.

    Raises `UsageError` where there is none of that name here, or it is in another version of the
    language: what it asked then nobody may guess.
    """
    every = saved(archive)
    if name not in every:
        known = ", ".join(sorted(every)) or "none that this home can read"
        raise UsageError(
            "no such saved search", where=name, code="search-unknown", mend=f"saved: {known}"
        )
    one = every[name]
    if one.language != LANGUAGE:
        raise UsageError(
            f"the search is in version {one.language} of the language, not {LANGUAGE}",
            where=name,
            code="search-unknown",
            mend="ask it in words, and save it anew under the same name",
        )
    return one
