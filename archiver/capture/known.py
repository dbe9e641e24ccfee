"""What the archive already knows of an account: the latest state of every record.

It is a view: folded from the account's rows, rebuilt at will, never sealed.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from archiver.record import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["LIVE", "Known", "KnownRecord", "Thing", "fingerprint", "mark_of"]

VOLATILE = frozenset({"volatile", "reported", "listed"})
"""Fields that change without the thing itself changing: no edit."""

LIVE = frozenset({Kind.PRESENT, Kind.HELD, Kind.HIDDEN, Kind.REMOVED})
"""States in which the platform still shows the thing to its owner."""

Thing = tuple[str, str]
"""A record of the account in hand: its stream and native id."""


def fingerprint(row: Mapping[str, str], key: bytes) -> bytes:
    """Return a keyed digest of what a row says, without its volatile fields.

    Keyed with a secret of this home, so that a cache left behind confirms nothing.
    """
    texts = [(name, row[name].encode()) for name in sorted(row) if name not in VOLATILE]
    parts = [b"%b\0%d\0%b" % (name.encode(), len(value), value) for name, value in texts]
    return blake2b(b"".join(parts), key=key, digest_size=16).digest()


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
    """

    state: str
    mark: bytes
    observation: str
    group: str
    sensitivity: str


class Known:
    """The latest state of every record of one account, by (stream, native id)."""

    def __init__(self, records: Mapping[Thing, KnownRecord], key: bytes) -> None:
        self._records = dict(records)
        self.key = key

    @classmethod
    def fold(cls, rows: Iterable[tuple[Mapping[str, str], Mapping[str, str]]], key: bytes) -> Known:
        """Fold rows in ledger order, each as (context columns, field columns).

        The context columns here include ``sensitivity``, that of the row's unit.
        """
        known = cls({}, key)
        for context, fields in rows:
            kind = context["kind"]
            known.observe(
                (context["stream"], context["native_id"]),
                kind,
                KnownRecord(
                    kind,
                    mark_of(kind, fields, key),
                    context["observation_id"],
                    context.get("group", ""),
                    context["sensitivity"],
                ),
            )
        return known

    def get(self, thing: Thing) -> KnownRecord | None:
        """Return the latest state of a record, or None if it was never seen."""
        return self._records.get(thing)

    def observe(self, thing: Thing, kind: str, seen: KnownRecord) -> None:
        """Take in one observation; ``seen.state`` is replaced by the state it leaves behind."""
        before = self._records.get(thing)
        if before is not None and kind == Kind.EDITED:
            seen = seen._replace(state=before.state)
        elif before is not None and kind in (Kind.ABSENT, Kind.DELETED):
            seen = before._replace(state=kind, observation=seen.observation)
        elif kind == Kind.RESTORED:
            seen = seen._replace(state=Kind.PRESENT)
        self._records[thing] = seen

    def live(self, group: str) -> set[Thing]:
        """Return the records of a listing group that its listings should still show."""
        return {
            key
            for key, record in self._records.items()
            if record.group == group and (record.state in LIVE or record.state == Kind.ABSENT)
        }

    def items(self) -> Iterable[tuple[Thing, KnownRecord]]:
        """Yield everything known."""
        return self._records.items()
