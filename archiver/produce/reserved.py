"""Bates numbers that are reserved for matters, with the prefixes that documents tell. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.errors import ArchiverError
from archiver.produce.bates import Scheme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.produce.matters import Matters

__all__ = ["Reserved", "reserved_in"]


class Reserved(NamedTuple):
    """Numbers that are reserved for a matter, the first and the last included.

    ``series``: the handle under which the ledger has all numbers of the prefix.
    """

    matter: str
    scheme: Scheme
    first: int
    last: int
    entry: int
    series: str


def reserved_in(
    matters: Matters, documents: Mapping[str, Mapping[str, Any]], unread: list[int] | None = None
) -> list[Reserved]:
    """Return all numbers that are reserved, in the order of the ledger.

    A prefix is of one series and one width: those of its first reservation. Two homes can't begin
    the same one unknown to each other but in one moment; what the later of them reserved is void.
    ``unread``: is told the entries of which the document is missing, of no form, or void.
    """
    found, first = list[Reserved](), dict[str, tuple[str, int]]()
    pages = [(one, case.handle) for case in matters.matters.values() for one in case.pages]
    for one, matter in sorted(pages, key=lambda pair: pair[0].entry):
        said = documents.get(one.subject, {})
        scheme = _scheme(said)
        told = {"series": one.series, "first": str(one.first), "last": str(one.last)}
        same = all(said.get(name) == value for name, value in told.items())
        if scheme and same and one.last < 10**scheme.width:
            own = (one.series, scheme.width)
            if first.setdefault(scheme.prefix, own) == own:
                found.append(Reserved(matter, scheme, one.first, one.last, one.entry, one.series))
                continue
        if unread is not None:
            unread.append(one.entry)
    return found


def _scheme(said: Mapping[str, Any]) -> Scheme | None:
    try:
        return Scheme(said["prefix"], said["width"])
    except (KeyError, TypeError, ArchiverError):
        return None
