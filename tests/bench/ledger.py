"""A log of many entries, made fast; and what it takes to finish a seal that was killed on it.

``python -m tests.bench.ledger COUNT`` prints one JSON document of CPU seconds: from opening
the archive to the finished seal, by a home that knows the log and by one without its caches,
and for hashing as many leaves and their tree, which is the least a home without caches has
to do.
"""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

from archiver.flows.ledger import read_state
from archiver.flows.sequence import sequence
from archiver.layout import CHECKPOINT, HEAD, pending_key
from archiver.ledger.batch import Batch
from archiver.ledger.checkpoint import Checkpoint, sign_note
from archiver.ledger.entry import observation
from archiver.ledger.head import Bundle, Head
from archiver.ledger.log import LogReader
from archiver.ledger.signed import sign_batch
from archiver.ledger.tiles import grow_bundles, grow_tiles
from archiver.ledger.tree import Frontier, leaf_hash, root
from archiver.settings import Settings
from archiver.wire import create_archive, open_archive
from tests.bench.measure import timed
from tests.ledger.seals import TIME, batch

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.ports import Store

__all__ = ["finish_one", "grow", "growing", "kill_one"]

OF_ONE = 250  # observations in a batch


class _Killed(BaseException):
    """The sequencer ends here."""


class _Dying:
    """A store whose user dies as soon as it has swapped the head."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - all but one are the store's own
        return getattr(self._store, name)

    def swap(self, key: str, data: bytes, expected: str | None) -> str:
        """Swap, and die."""
        self._store.swap(key, data, expected)
        raise _Killed


def grow(archive: Archive, folder: Path, count: int) -> None:
    """Make the log of a new archive ``count`` entries long, and sign it, without sequencing."""
    state = read_state(archive)
    before, entries, number = state.frontier, list[bytes](), 0
    while before.size + len(entries) < count:
        number += 1
        one = batch(f"{number:026}", OF_ONE, batch=number, exchanges=[[number, number + 1]])
        commitments = tuple(sha256(f"{number} {n}".encode()).digest() for n in range(OF_ONE))
        made = Batch(one.id, commitments, one.controls)
        entries += made.entries(before.size + len(entries))
    hashes = [leaf_hash(entry) for entry in entries]
    reader = LogReader(archive.store, before.size)
    parts = [(one.key, data) for one, data in grow_bundles(before, entries, reader.bundle)]
    parts += [(tile.key, data) for tile, data in grow_tiles(before, hashes, reader.tile)]
    after = before.extend(hashes)
    head = Bundle(after, []).head(after)
    new = Checkpoint(archive.identity.origin, after.size, after.root())
    parts += [(HEAD, head.encode()), (head.staging, Bundle(after, []).encode())]
    parts.append((CHECKPOINT, sign_note(new.body(), archive.signer)))
    for key, data in parts:
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        (folder / key).write_bytes(data)


def growing(count: int) -> float:
    """Return the CPU seconds of making a log of ``count`` entries in memory, and signing it."""
    commitments = [sha256(b"%d" % number).digest() for number in range(count)]
    with TemporaryDirectory(prefix="civic-bench-") as place:
        archive = create_archive(Settings(f"{place}/archive", Path(place) / "home"))
    signer, origin = archive.signer, archive.identity.origin

    def make() -> bytes:
        entries = [observation(one) for one in commitments]
        hashes, nothing = [leaf_hash(entry) for entry in entries], Frontier.empty()
        parts = [data for _, data in grow_bundles(nothing, entries, lambda *_: b"")]
        parts += [data for _, data in grow_tiles(nothing, hashes, lambda *_: b"")]
        after = nothing.extend(hashes)
        return sign_note(Checkpoint(origin, after.size, after.root()).body(), signer)

    return timed(make)[0]


def kill_one(settings: Settings, name: str) -> None:
    """Hand in a batch, and kill its sequencer after the head was swapped."""
    archive = open_archive(settings)
    body = {"t": "repeat", "account": "acct", "counts": {}, "began": TIME}
    one = Batch(name.rjust(26, "0"), (), ({**body, "ended": True, "time": TIME},))
    archive.store.create(pending_key(one.id), sign_batch(one, archive.signer))
    with suppress(_Killed):
        sequence(replace(archive, store=cast("Store", _Dying(archive.store))))
    assert read_state(archive).size < Head.decode(archive.store.get(HEAD)).size


def finish_one(settings: Settings) -> int:
    """Open the archive and finish what was killed; return how long the log is then."""
    archive = open_archive(settings)
    sequence(archive)
    return read_state(archive).size


def _run(count: int) -> dict[str, float]:
    with TemporaryDirectory(prefix="civic-bench-") as place:
        folder = Path(place)
        settings = Settings(str(folder / "archive"), folder / "home")
        grow(create_archive(settings), folder / "archive", count)
        kill_one(settings, "W")
        warm, size = timed(lambda: finish_one(settings))
        kill_one(settings, "C")
        for cache in (folder / "home").glob("*/cache"):
            shutil.rmtree(cache)
        cold, found = timed(lambda: finish_one(settings))
    assert found > size >= count
    leaves = [b"\x01" + sha256(b"%d" % number).digest() for number in range(count)]
    plain, _ = timed(lambda: root([leaf_hash(leaf) for leaf in leaves]))
    return {"warm": warm, "cold": cold, "plain": plain}


if __name__ == "__main__":
    print(json.dumps(_run(int(sys.argv[1]))))
