"""The folded ledger as a home keeps it, so that no command reads all entries again.

One process keeps the state in memory. The home keeps it in parts, each a stretch of the
log with the frontier after it. A new part swallows the smaller ones before it, so that
writing costs as much as came, not as much as there is. Any part may be lost or damaged:
what follows it is then read from the log again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from archiver.ledger.state import LedgerState
from archiver.ledger.tree import Frontier

if TYPE_CHECKING:
    from archiver.ports import HomeFiles
    from archiver.registry.people import Registry

__all__ = ["CACHE", "Folded", "Memory", "Part", "keep", "load"]

CACHE = "cache/ledger/"
CACHE_TAG = b"civic-archive/ledger-cache/v3\n"
"""Renamed whenever the form of the cache changes: an older one then counts as damaged."""


class Part(NamedTuple):
    """One stored part: its entries, from first to before end, and how many are controls."""

    first: int
    end: int
    controls: int


@dataclass(slots=True)
class Folded:
    """The people of the control entries up to ``last``, and that very entry."""

    registry: Registry
    last: tuple[int, dict[str, Any]] | None = None


@dataclass(slots=True)
class Memory:
    """What this process knows of the ledger, and which parts of it the home has.

    ``documents`` are those of each workflow segment that was read: leaf, native id, bytes.
    ``people`` were folded from a state's entries, and from those that it grew from.
    """

    state: LedgerState = field(default_factory=LedgerState)
    parts: list[Part] = field(default_factory=list)
    documents: dict[str, list[tuple[int, str, bytes]]] = field(default_factory=dict)
    people: Folded | None = None


class _Stored(msgspec.Struct, array_like=True):
    """A part as it is stored."""

    size: int
    hashes: list[bytes]
    controls: list[tuple[int, dict[str, Any]]]


_DECODER = msgspec.msgpack.Decoder(_Stored)
_DIGEST = 32


def load(home: HomeFiles, size: int) -> Memory:
    """Return what a home has kept of the first ``size`` entries, as far as it is whole."""
    memory = Memory()
    state = memory.state
    while state.size < size:
        stored = _read(home, state.size)
        if stored is None or not state.size < stored.size <= size:
            break
        memory.parts.append(Part(state.size, stored.size, len(stored.controls)))
        for index, body in stored.controls:
            state.replay(index, body)
        state.frontier = Frontier(stored.size, tuple(stored.hashes))
    return memory


def keep(home: HomeFiles, memory: Memory) -> None:
    """Write what has come since the last part, with the smaller parts before it."""
    state, parts = memory.state, memory.parts
    first = parts[-1].end if parts else 0
    start = sum(part.controls for part in parts)
    swallowed: list[Part] = []
    while parts and parts[-1].controls <= len(state.controls) - start:
        swallowed.append(parts.pop())
        first, start = swallowed[-1].first, start - swallowed[-1].controls
    controls = state.controls[start:]
    data = msgspec.msgpack.encode(_Stored(state.size, list(state.frontier.hashes), controls))
    home.write(_name(first), _digest(first, data) + data)
    for part in swallowed[:-1]:
        home.remove(_name(part.first))
    parts.append(Part(first, state.size, len(controls)))


def _read(home: HomeFiles, first: int) -> _Stored | None:
    """Return the part that begins at an entry, or None where there is no whole one."""
    kept = home.read(_name(first)) or b""
    data = kept[_DIGEST:]
    return _DECODER.decode(data) if kept[:_DIGEST] == _digest(first, data) else None


def _name(first: int) -> str:
    return f"{CACHE}{first:020d}"


def _digest(first: int, data: bytes) -> bytes:
    return sha256(b"%b%d\n%b" % (CACHE_TAG, first, data)).digest()
