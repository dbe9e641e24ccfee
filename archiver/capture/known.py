"""What the archive already knows of an account: the latest state of every record.

It is a view: folded from the account's rows, rebuilt at will, never sealed.
"""

from __future__ import annotations

from collections import defaultdict
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from archiver.record import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from archiver.record import Observation

__all__ = [
    "GONE",
    "IMPORTED",
    "LIVE",
    "VOLATILE",
    "Known",
    "KnownRecord",
    "Thing",
    "fingerprint",
    "mark_of",
    "verdict",
]

VOLATILE = frozenset({"volatile", "reported", "listed"})
"""Fields that change without the thing itself changing: no edit."""

LIVE = frozenset({Kind.PRESENT, Kind.HELD, Kind.HIDDEN, Kind.REMOVED})
"""States in which the platform still shows the thing to its owner."""

GONE = frozenset({Kind.ABSENT, Kind.DELETED})

IMPORTED = "import"
"""The group of what an export told of: no listing enumerates it, so none proves its absence."""

_PAST = 32
"""How many earlier fingerprints of a thing are kept, so that replayed events repeat."""

_EXPECTED = LIVE | {Kind.ABSENT}

Thing = tuple[str, str]
"""A record of the account in hand: its stream and native id."""

_NOTHING: frozenset[Thing] = frozenset()

_ENCODE = msgspec.msgpack.Encoder(order="sorted").encode
_DECODE = msgspec.json.Decoder().decode
_ENCODE_JSON = msgspec.json.Encoder(order="sorted").encode
_SAID, _MEMBER = 16, 8
"""Bytes of the two kinds of digests that a fingerprint is made of."""


def fingerprint(row: Mapping[str, str], key: bytes) -> bytes:
    """Return keyed digests of what a row says, without its volatile fields.

    One of 16 bytes for all that has columns; then, in order, one of 8 bytes for each member
    that no column has (`extra`), so that members a platform adds later are told from an
    edit. Keyed with a secret of this home, so that a cache left behind confirms nothing.
    """
    said = {name: value for name, value in row.items() if name not in VOLATILE}
    extra = said.pop("extra", "{}")
    try:
        members = [_ENCODE_JSON(one) for one in _members(_DECODE(extra))]
    except (msgspec.DecodeError, RecursionError):  # whatever a parser gave
        members = [extra.encode()]
    digests = [blake2b(_ENCODE(said), key=key, digest_size=_SAID).digest()]
    digests += sorted(blake2b(one, key=key, digest_size=_MEMBER).digest() for one in members)
    return b"".join(digests)


def _members(value: object) -> Iterator[tuple[tuple[str, ...], object]]:
    """Yield what stands in nested objects, each with the names that lead to it."""
    left: list[tuple[tuple[str, ...], object]] = [((), value)]
    while left:
        path, one = left.pop()
        if isinstance(one, dict) and one:
            left += [((*path, name), inner) for name, inner in one.items()]
        elif path or one != {}:
            yield path, one


def _extends(before: bytes, mark: bytes) -> bool:
    """Tell whether all that was said is still said, and more besides."""
    old, new = (
        {one[at : at + _MEMBER] for at in range(_SAID, len(one), _MEMBER)} for one in (before, mark)
    )
    return before[:_SAID] == mark[:_SAID] and old < new


def mark_of(kind: str, row: Mapping[str, str], key: bytes) -> bytes:
    """Return the fingerprint that decides whether a later observation says anything new.

    A listing says something new when its control count differs, not when its order does.
    """
    if kind == Kind.LISTING:
        return fingerprint({"count": row.get("reported", "")}, key)
    return fingerprint(row, key)


class KnownRecord(NamedTuple):
    """The latest state of one record.

    ``state`` is a `Kind` out of present, held, hidden, removed, absent, deleted, listing;
    ``observation`` the UUID of the latest observation, ``group`` the listings it is in.
    ``parser`` made the row that ``mark`` is of; ``address`` is where a file was fetched,
    ``captured_at`` when the latest observation was made (UTC, compares as text). ``dated``
    is the platform's time of the thing where it gives a certain one, else when the latest
    observation was made: that is taken for younger than it is, never for older. ``past``
    are the fingerprints of what it said before, the latest ones.
    """

    state: str
    mark: bytes
    observation: str
    group: str
    sensitivity: str
    parser: str
    address: str
    captured_at: str
    dated: str
    past: tuple[bytes, ...]

    @classmethod
    def of(cls, uuid: str, seen: Observation, mark: bytes) -> KnownRecord:
        """Return what an observation says of its record."""
        address = _address_of(seen.parser, seen.page_url)
        return cls(
            seen.kind, mark, uuid, seen.group, seen.sensitivity, seen.parser, address,
            seen.captured_at, seen.row.get("created_at") or seen.captured_at, (),
        )  # fmt: skip


def verdict(before: KnownRecord | None, kind: str, mark: bytes, group: str = "") -> str | None:
    """Return what an observation of an item says, or None for a repeat.

    Args:
        before: what was known.
        kind: the state its bytes show now (present, held, hidden, removed).
        mark: the fingerprint of what it says now.
        group: that it was found in. The first look at what an export told of is no edit of it.
    """
    if before is None or before.group == IMPORTED != group:
        return kind
    if before.state == kind:
        if before.mark == mark:
            return None
        return str(Kind.EXTENDED if _extends(before.mark, mark) else Kind.EDITED)
    if kind == Kind.PRESENT and before.state != Kind.HELD:
        return str(Kind.RESTORED)
    return kind


class Known:
    """The latest state of every record of one account, by (stream, native id)."""

    def __init__(self, records: Mapping[Thing, KnownRecord], key: bytes) -> None:
        self._records = dict(records)
        self._there: defaultdict[str, set[Thing]] = defaultdict(set)
        self._absent: defaultdict[str, set[Thing]] = defaultdict(set)
        self.key = key
        for thing, record in self._records.items():
            self._index(thing, record)

    @classmethod
    def fold(cls, rows: Iterable[tuple[Mapping[str, str], Mapping[str, str]]], key: bytes) -> Known:
        """Fold rows in ledger order, each as (context columns, field columns).

        The context columns here include ``sensitivity``, that of the row's unit.
        """
        known = cls({}, key)
        for context, fields in rows:
            kind, parser = context["kind"], context["parser"]
            thing = context["stream"], context["native_id"]
            if "generation_of" in context:  # the same observation, read anew
                known.regenerate(
                    thing, context["generation_of"], mark_of(kind, fields, key), parser
                )
                continue
            seen = KnownRecord(
                kind, mark_of(kind, fields, key), context["observation_id"],
                context.get("group", ""), context["sensitivity"], parser,
                _address_of(parser, context.get("page_url", "")), context["captured_at"],
                fields.get("created_at") or context["captured_at"], (),
            )  # fmt: skip
            known.observe(thing, kind, seen)
        return known

    def get(self, thing: Thing) -> KnownRecord | None:
        """Return the latest state of a record, or None if it was never seen."""
        return self._records.get(thing)

    def observe(self, thing: Thing, kind: str, seen: KnownRecord) -> None:
        """Take in one observation; ``seen.state`` is replaced by the state it leaves behind."""
        before = self._records.get(thing)
        if before is not None and kind in {Kind.EDITED, Kind.EXTENDED}:
            seen = seen._replace(state=before.state)
        elif before is not None and kind in GONE:
            seen = before._replace(
                state=kind, observation=seen.observation, captured_at=seen.captured_at
            )
        elif kind == Kind.RESTORED:
            seen = seen._replace(state=Kind.PRESENT)
        if before is not None and seen.state != Kind.LISTING:
            news = before.mark != seen.mark
            seen = seen._replace(past=(*before.past, before.mark)[-_PAST:] if news else before.past)
        self._put(thing, before, seen)

    def take(self, uuid: str, seen: Observation, mark: bytes) -> None:
        """Take in an observation that is settled under its UUID."""
        record = KnownRecord.of(uuid, seen, mark)
        self.observe((seen.stream, seen.native_id), seen.kind, record)

    def regenerate(self, thing: Thing, first: str, mark: bytes, parser: str) -> None:
        """Take the fingerprint of a newer generation, if it is one of the latest observation."""
        before = self._records.get(thing)
        if before is not None and before.observation == first:
            self.renew(thing, mark, parser)

    def renew(self, thing: Thing, mark: bytes, parser: str) -> None:
        """Take another parser's fingerprint of the same observation for the one there is."""
        before = self._records[thing]
        self._put(thing, before, before._replace(mark=mark, parser=parser))

    def _put(self, thing: Thing, before: KnownRecord | None, seen: KnownRecord) -> None:
        self._records[thing] = seen
        if before is not None:
            self._there[before.group].discard(thing)
            self._absent[before.group].discard(thing)
        self._index(thing, seen)

    def _index(self, thing: Thing, record: KnownRecord) -> None:
        if record.state in LIVE:
            self._there[record.group].add(thing)
        elif record.state == Kind.ABSENT:
            self._absent[record.group].add(thing)

    def live(self, group: str) -> AbstractSet[Thing]:
        """Return the records of a listing group that its listings should still show.

        What is absent is among them: nothing has proven that it is gone.
        """
        there, absent = self._there.get(group, _NOTHING), self._absent.get(group)
        return there | absent if absent else there

    def outside(self, group: str, things: AbstractSet[Thing]) -> AbstractSet[Thing]:
        """Return those of some things that another listing group than this should show."""
        return {one for one in things if one in self._records and self._records[one].group != group}

    def size(self, group: str) -> int:
        """Return how many things a listing group showed when it was last looked at."""
        return len(self._there.get(group, _NOTHING))

    def newest(self, group: str) -> str:
        """Return the time of the newest thing that a listing group should still show, or ""."""
        return max((self._records[thing].dated for thing in self.live(group)), default="")

    def gone(self) -> AbstractSet[Thing]:
        """Return the records that are absent or deleted."""
        return {thing for thing, record in self._records.items() if record.state in GONE}

    def parts(self, wholes: AbstractSet[Thing]) -> dict[Thing, Thing]:
        """Return the parts of things that are not known to be gone, each with its whole.

        A part has the stream of its whole, and its id is that of the whole, a slash and
        something of its own (``42/revision/7``, ``42/file``).
        """
        found: dict[Thing, Thing] = {}
        for thing, record in self._records.items() if wholes else ():
            if "/" in thing[1] and record.state in _EXPECTED:
                whole = next((one for one in _prefixes(thing) if one in wholes), None)
                if whole is not None:
                    found[thing] = whole
        return found

    def items(self) -> Iterable[tuple[Thing, KnownRecord]]:
        """Yield everything known."""
        return self._records.items()


def _address_of(parser: str, page_url: str) -> str:
    """Return where a file was fetched, and nothing for what is no file."""
    return page_url if parser.startswith("file/") else ""


def _prefixes(thing: Thing) -> Iterator[Thing]:
    stream, native_id = thing
    end = native_id.find("/")
    while end >= 0:
        yield stream, native_id[:end]
        end = native_id.find("/", end + 1)
