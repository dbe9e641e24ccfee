"""What an account's profile says it has, against what the archive has: an independent count. Pure.

Lists have counts of their own, which a list that lost something may have lost as well. The
number on the profile comes from elsewhere. Where the platform's own words say why it may
differ, a difference in that direction is explained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

import msgspec

from archiver.capture.connector import Connector
from archiver.capture.known import LIVE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from archiver.capture.known import Known
    from archiver.capture.reading import Reading
    from archiver.record import Exchange

__all__ = ["Count", "ProfileCount", "Stated", "States", "words_of"]

_DEEPEST = 6
"""Levels of an answer that are looked through for a number."""
_LONGEST = 12
"""Digits of a number that may be meant."""


class ProfileCount(NamedTuple):
    """A number in the answer that shows the account.

    ``listing``: how the name of that listing begins. ``names``: of the member, of several the
    first that is there. ``stream`` and ``group``: what it counts. ``limit``: the platform lists
    so many at most, 0 for any number. ``more`` and ``fewer``: in the platform's words, why it may
    be more or fewer than what is listed, each with who says so.
    """

    listing: str
    names: tuple[str, ...]
    stream: str
    group: str
    limit: int = 0
    more: str = ""
    fewer: str = ""


@runtime_checkable
class States(Connector, Protocol):
    """A platform whose profiles say how many things an account has."""

    profile_counts: tuple[ProfileCount, ...]


class Count(NamedTuple):
    """What the profile says and what the archive has; ``unexplained``: by how much they differ."""

    stated: int
    held: int
    unexplained: int


class Stated:
    """What the profile said in one run."""

    def __init__(self, connector: Connector) -> None:
        self._counts = connector.profile_counts if isinstance(connector, States) else ()
        self._said: dict[ProfileCount, int] = {}

    def take(self, exchange: Exchange, reading: Reading) -> None:
        """Look for the numbers in an answer; never raises on any bytes."""
        name = exchange.purpose.get("listing", "")
        for one in self._counts:
            whole = reading.page.problem is None and exchange.purpose["role"] == "listing"
            found = _number(reading.body, one.names) if whole and _begins(name, one) else None
            if found is not None:
                self._said[one] = found

    def counts(
        self, known: Known, groups: Collection[str], since: Collection[str]
    ) -> dict[str, Count]:
        """Return by stream what was said, of ``groups`` that the run has read to their end.

        Not of streams that it has read back to a moment (``since``) only.
        """
        return {
            one.stream: _count(one, said, known)
            for one, said in self._said.items()
            if one.group in groups and one.stream not in since
        }


def words_of(connector: Connector, stream: str, count: Count) -> str:
    """Return in the platform's words why a count differs; empty where it does not, or nobody says.

    The direction decides: what explains more explains no fewer.
    """
    for one in connector.profile_counts if isinstance(connector, States) else ():
        if one.stream == stream and count.stated != count.held:
            return _why(one, count.stated, count.held)
    return ""


def _count(one: ProfileCount, said: int, known: Known) -> Count:
    there = (known.get(thing) for thing in known.live(one.group) if thing[0] == one.stream)
    held = sum(record is not None and record.state in LIVE for record in there)
    return Count(said, held, 0 if _why(one, said, held) else abs(said - held))


def _why(one: ProfileCount, said: int, held: int) -> str:
    if said > held:
        return one.more if one.limit == 0 or said > one.limit else ""
    return one.fewer if said < held else ""


def _begins(name: str, one: ProfileCount) -> bool:
    return name == one.listing or name.startswith(f"{one.listing} ")


def _number(body: bytes, names: tuple[str, ...]) -> int | None:
    """Return the first number of one of these names in a JSON body."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    found = {name: value for name, value in _members(document, 0) if name in names}
    return next((found[name] for name in names if name in found), None)


def _members(value: object, depth: int) -> Iterator[tuple[str, int]]:
    if depth > _DEEPEST or not isinstance(value, dict):
        return
    for name, inner in value.items():
        text = str(inner) if isinstance(inner, (int, str)) and not isinstance(inner, bool) else ""
        if text.isascii() and text.isdecimal() and len(text) <= _LONGEST:
            yield str(name), int(text)
        for one in inner if isinstance(inner, list) else [inner]:
            yield from _members(one, depth + 1)
