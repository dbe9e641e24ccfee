"""Reparse: what today's parsers read otherwise in records that older versions of them read.

Shown, or sealed as newer generations (`archiver.flows.generation`). Of encrypted records fields
and numbers are told, never which records or what they say: so nobody looks into them here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from archiver.capture.connector import Site
from archiver.flows.accounts import find, registry
from archiver.flows.connectors import importers_of, known
from archiver.flows.generation import generate
from archiver.flows.known import known_documents
from archiver.flows.ledger import read_state
from archiver.flows.parsers import seal_parser
from archiver.flows.rereading import Looked, readings
from archiver.flows.search_beside import index_beside
from archiver.flows.submit import recover
from archiver.flows.upkeep import upkeep
from archiver.record import Sensitivity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archiver.flows.archive import Archive
    from archiver.flows.rereading import Reading
    from archiver.ledger.state import LedgerState
    from archiver.ports import Progress
    from archiver.registry.accounts import Account

__all__ = ["Reparsed", "reparse"]

MOST_EXAMPLES = 3
"""Records that are named for each field."""

LONGEST_EXAMPLE = 160
"""Characters of a value that are shown."""


@dataclass(slots=True)
class FieldChanges:
    """In how many records a field is new, changed or gone; some of the public ones."""

    new: int = 0
    changed: int = 0
    gone: int = 0
    examples: list[dict[str, str]] = field(default_factory=list)

    def take(self, reading: Reading, name: str) -> None:
        """Count what a reading changes of the field ``name``."""
        if name not in reading.before:
            self.new += 1
        elif name not in reading.row:
            self.gone += 1
        else:
            self.changed += 1
        public = reading.segment.sensitivity == Sensitivity.PUBLIC
        if public and len(self.examples) < MOST_EXAMPLES:
            before, after = (_cut(row.get(name, "")) for row in (reading.before, reading.row))
            self.examples.append({"record": reading.record_id, "before": before, "after": after})

    def document(self) -> dict[str, Any]:
        """Return this as JSON has it."""
        counts = {"new": self.new, "changed": self.changed, "gone": self.gone}
        return {**counts, "examples": self.examples}


@dataclass(slots=True)
class Reparsed:
    """What today's parser makes of an account's records.

    ``parser``: its name and version; empty where the platform has no connector here.
    ``differ``: records that it reads otherwise, by stream; ``fields``: the same by stream and
    field. ``made``: newer generations that were sealed. ``unindexed``: why their words could not be
    indexed; the next search does it.
    """

    account: str
    parser: str
    looked: Looked = field(default_factory=Looked)
    differ: Counter[str] = field(default_factory=Counter)
    fields: dict[tuple[str, str], FieldChanges] = field(default_factory=dict)
    made: int = 0
    unindexed: str = ""

    def noting(self, found: Iterable[Reading]) -> Iterator[Reading]:
        """Pass readings on, and note how they differ."""
        for one in found:
            self.differ[one.stream] += 1
            for name in sorted(one.before.keys() | one.row.keys()):
                if one.before.get(name) != one.row.get(name):
                    key = one.stream, name
                    self.fields.setdefault(key, FieldChanges()).take(one, name)
            yield one

    def document(self) -> dict[str, Any]:
        """Return this as JSON has it: streams and fields in the order of their names."""
        streams: dict[str, dict[str, Any]] = {
            stream: {"read": count, "differ": self.differ[stream], "fields": {}}
            for stream, count in sorted(self.looked.read.items())
        }
        for (stream, name), changes in sorted(self.fields.items()):
            streams[stream]["fields"][name] = changes.document()
        return {
            "account": self.account,
            "parser": self.parser,
            "current": self.looked.current,
            "unknown": dict(sorted(self.looked.unknown.items())),
            "unreadable": self.looked.unreadable,
            "streams": streams,
            "made": self.made,
            "unindexed": self.unindexed,
        }


def reparse(
    archive: Archive, name: str, progress: Progress, *, apply: bool = False
) -> Iterator[Reparsed]:
    """Yield what differs in each account, or in the one that is named.

    ``apply``: seal it as newer generations. Killed anywhere, the next run goes on. It waits
    for other processes of this home that are at work for the account.

    Raises:
        UsageError: there is no account of that name.
        RefusedError: another home was at work for it; what is sealed by then stays.
        KeyStoreError: a key of the archive's own documents is not in this home.
    """
    state = read_state(archive)
    every = registry(archive, state)
    chosen = [find(archive, name, state)] if name else [every[one] for one in sorted(every)]
    if apply:
        upkeep(archive)
    for account in chosen:
        yield (
            _applied(archive, account, progress)
            if apply
            else _shown(archive, state, account, progress)
        )


def _shown(archive: Archive, state: LedgerState, account: Account, progress: Progress) -> Reparsed:
    made, found = _readings(archive, state, account, progress)
    for _ in found:
        pass  # noted on the way
    return made


def _applied(archive: Archive, account: Account, progress: Progress) -> Reparsed:
    with archive.open_spool(account.handle):
        recover(archive, account.handle)
        state = read_state(archive)
        made, found = _readings(archive, state, account, progress)
        first = next(found, None)
        if first is not None:  # rows are evidence only with the source that makes them
            site = Site(account.name, account.url, authorised=False, scope=account.scope)
            documents = known_documents(archive, state, account.handle)
            seal_parser(archive, account, site, state, documents)
            for one in importers_of(documents, account.platform):
                seal_parser(archive, account, site, read_state(archive), documents, one)
            now = read_state(archive)
            made.made = generate(archive, now, account.handle, chain([first], found))
            made.unindexed = index_beside(archive, now.size)
    return made


def _readings(
    archive: Archive, state: LedgerState, account: Account, progress: Progress
) -> tuple[Reparsed, Iterator[Reading]]:
    """Return an account's readings, and what notes them as they are taken."""
    connector = known(account.platform)
    made = Reparsed(account.name, connector.parser if connector else "")
    found = readings(archive, state, account.handle, connector, made.looked, progress)
    return made, made.noting(found)


def _cut(text: str) -> str:
    """Return a value, or its beginning."""
    return text if len(text) <= LONGEST_EXAMPLE else text[: LONGEST_EXAMPLE - 1] + "…"
