"""An archive in memory, a worker that seals batches without capturing, and what must hold."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from archiver.capture.settled import Settled
from archiver.edges.duck import DuckEngine
from archiver.edges.home import LocalHome
from archiver.edges.keys import LocalKeyStore
from archiver.edges.memory import MemoryStore
from archiver.edges.spool import Spool
from archiver.errors import KeyStoreError
from archiver.flows import identity
from archiver.flows.archive import Archive, Identity
from archiver.flows.generation import generate
from archiver.flows.ledger import prove_consistent, read_state, state_at
from archiver.flows.rereading import Looked, readings
from archiver.flows.segments import read_table
from archiver.flows.settle import RunCounts, seal_intake, seal_settled
from archiver.flows.submit import recover
from archiver.flows.verify import VerifyReport, verify
from archiver.formats.exchanges import exchange_parts
from archiver.formats.parquet import rows_of
from archiver.ids import new_uuid
from archiver.layout import CHECKPOINT, PENDING, REFUSED, STAGING, pending_key
from archiver.ledger import ranges
from archiver.ledger.batch import Batch
from archiver.ledger.checkpoint import encode_base64, open_checkpoint
from archiver.ledger.signed import MESSAGE
from archiver.ledger.state import SETTLE
from archiver.record import Excerpt, Exchange, Observation
from tests.doubles import FixedClock, SeededRandomness
from tests.ledger.note_signer import MemorySigner
from tests.ledger.seals import TIME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from archiver.capture.connector import Connector
    from archiver.edges.memory import Fault, Faults

ORIGIN = "archive.example/log"
ACCOUNT = "acct"
LANE = "lane"
SIGNER = MemorySigner(ORIGIN)
IDENTITY = Identity(
    "archive1", ORIGIN, [SIGNER.verifier_key], created="2026-11-20T09:00:00.000000Z"
)


class Quiet:
    """Progress that nobody looks at."""

    def step(self, done: int, total: int | None, what: str) -> None:
        """Say nothing."""


def no_credential(name: str) -> Mapping[str, str]:
    """No account has a credential here."""
    raise KeyStoreError("no credential", where=name, code="credential-missing")


def refuse(*_arguments: object) -> NoReturn:
    """Stand where nothing may be asked: these tests capture nothing."""
    raise AssertionError


def open_archive(store: MemoryStore, home: Path, seed: str = "0") -> Archive:
    """Return the archive in a store as a process with this home has it open."""
    clock, chance = FixedClock(), SeededRandomness(f"{home.name} {seed}")

    @contextmanager
    def open_spool(account: str) -> Iterator[Spool]:
        with Spool.open(home / "spool", account, clock, chance) as spool:
            yield spool

    return Archive(
        identity=IDENTITY,
        store=store,
        home=LocalHome(home),
        keys=LocalKeyStore(home / "keystore", chance),
        signer=SIGNER,
        clock=clock,
        chance=chance,
        engine=DuckEngine,
        open_spool=open_spool,  # type: ignore[arg-type]  # its files are its own (archiver.wire)
        open_recorder=refuse,
        credential=no_credential,
        save_credential=refuse,
    )


def founded(home: Path, *, versioned: bool = False) -> MemoryStore:
    """Return the store of a new archive that has its founding entry."""
    store = MemoryStore(versioned=versioned)
    identity.create(store, IDENTITY)
    identity.founding_entry(open_archive(store, home))
    return store


def copy_of(store: MemoryStore, home: Path, to: Path) -> MemoryStore:
    """Return a second store with the same objects; copy the home as well."""
    shutil.copytree(home, to)
    twin = MemoryStore()
    twin._objects, twin._keys = dict(store._objects), list(store._keys)
    return twin


def observations(chance: SeededRandomness, number: int) -> Settled:
    """Return what one exchange gave: a public comment and a private message."""
    made = []
    for stream, sensitivity in (("comments", "public"), ("messages", "private")):
        text = f"{stream} {number}: the culvert is blocked"
        observation = Observation(
            platform="stand-in",
            account="city",
            stream=stream,
            native_id=str(number),
            kind="present",
            sensitivity=sensitivity,
            captured_at="2026-11-20T09:00:00.000000Z",
            excerpts=(Excerpt("item", text.encode()),),
            row={"text": text, "state": "public"},
            parser="stand-in/1",
        )
        made.append((new_uuid(chance), observation))
    return Settled(observations=made)


def read_anew(archive: Archive, account: str, connector: Connector) -> int:
    """Seal what a newer parser reads otherwise in an account's records; return how many."""
    state = read_state(archive)
    found = readings(archive, state, account, connector, Looked(), Quiet())
    return generate(archive, state, account, found)


def covered(archive: Archive, lane: str = LANE) -> list[int]:
    """Return the exchange numbers that the signed ledger has settled."""
    found = read_state(archive).covered.get(lane, {}).get(SETTLE, [])
    return [number for first, end in found for number in range(first, end)]


class OneFile:
    """A spool with one closed file: the exchanges of a lane from the first to the last."""

    def __init__(self, lane: str, first: int, last: int) -> None:
        self.lane, self.first, self.last = lane, first, last

    def raw(self, file: object) -> bytes:
        """Return the file."""
        del file
        return b"".join(
            part for n in range(self.first, self.last + 1) for part in self._exchange(n)
        )

    def _exchange(self, number: int) -> list[bytes]:
        return exchange_parts(
            Exchange(
                lane=self.lane,
                number=number,
                url="http://city.example/",
                captured_at="2026-11-20T09:00:00.000000Z",
                request=b"GET / HTTP/1.1\r\n\r\n",
                response=b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                purpose={"role": "listing"},
            )
        )


def take_in(archive: Archive, last: int, account: str = ACCOUNT, lane: str = LANE) -> None:
    """Seal the exchanges 1 to ``last`` of a lane into intake, unless they are."""
    file = OneFile(lane, 1, last)
    seal_intake(archive, read_state(archive), account, file, file)  # type: ignore[arg-type]  # reads only


def seal_one(
    archive: Archive,
    number: int,
    account: str = ACCOUNT,
    lane: str = LANE,
    saw: RunCounts | None = None,
) -> None:
    """Seal the observations of one exchange, unless they are; ``saw`` ends a run with it."""
    state = read_state(archive)
    numbers = [[number, number + 1]]
    if not ranges.overlap(state.covered.get(lane, {}).get(SETTLE, []), numbers):
        settled = observations(SeededRandomness(f"{lane} {number}"), number)
        seal_settled(archive, state, account, settled, covers=(lane, numbers), saw=saw)


@dataclass(slots=True)
class Worker:
    """Seals the exchanges 1 to ``count`` of a lane; remembers which it was told are sealed."""

    archive: Archive
    count: int
    account: str = ACCOUNT
    lane: str = LANE
    acknowledged: int = 0

    def run(self) -> None:
        """Finish what a crash left, then seal what is not sealed."""
        recover(self.archive, self.account)
        take_in(self.archive, self.count, self.account, self.lane)
        for number in range(1, self.count + 1):
            seal_one(self.archive, number, self.account, self.lane)
            self.acknowledged = number


class Watch:
    """Passes on to other faults, and remembers every checkpoint that ever stood in the store."""

    def __init__(self, store: MemoryStore, faults: Faults) -> None:
        self._store, self._faults = store, faults
        self.notes: dict[bytes, None] = {}
        self.operations = 0

    def __call__(self, op: str, key: str) -> Fault | None:
        """Look at the checkpoint before each operation."""
        self.look()
        self.operations += 1
        return self._faults(op, key)

    def look(self) -> None:
        """Remember the checkpoint."""
        note = self._store._objects.get(CHECKPOINT)
        if note is not None:
            self.notes[note] = None


def rows(archive: Archive) -> list[tuple[str, str]]:
    """Return (stream, native id) of every row, in ledger order."""
    return [
        (row["stream"], row["native_id"])
        for segment in read_state(archive).segments()
        if segment.stage == SETTLE
        for row in rows_of(read_table(archive, segment))
    ]


def check_whole(archive: Archive, count: int, notes: Mapping[bytes, None]) -> None:
    """Assert that the exchanges are sealed once each, in one history, without leftovers."""
    report = assert_clean(archive)
    assert sorted(rows(archive)) == sorted(
        (stream, str(n)) for stream in ("comments", "messages") for n in range(1, count + 1)
    )
    assert covered(archive) == list(range(1, count + 1))
    assert report.entries == 2 + 3 * count  # the founding entry, intake; two leaves and a seal each
    signed = open_checkpoint(archive.store.get(CHECKPOINT), IDENTITY.keys)
    for note in notes:
        prove_consistent(archive, open_checkpoint(note, IDENTITY.keys), signed)
    private = [
        f"u/{one.unit}/{one.name}.{suffix}"
        for one in read_state(archive).segments()
        for suffix in one.objects
        if suffix.endswith(".c256")
    ]
    keys = archive.keys
    assert isinstance(keys, LocalKeyStore)
    assert keys.object_ids() == tuple(sorted(private))


def assert_clean(archive: Archive) -> VerifyReport:
    """Assert that deep verification finds nothing and that nothing is left in progress."""
    report = verify(archive, Quiet(), deep=True)
    assert report.findings == []
    assert report.unreadable == 0
    for prefix in (PENDING, REFUSED):
        assert list(archive.store.list(prefix)) == []
    assert len(list(archive.store.list(STAGING))) == 1
    assert list(archive.home.names(f"journal/{ACCOUNT}/")) == []
    state = read_state(archive)
    assert state_at(archive, state.size, state.frontier.root()) == state
    return report


def named(text: str) -> str:
    """Return a batch id that tests can tell apart."""
    return text.rjust(26, "0")


def small(number: int) -> Batch:
    """Return a batch of one control entry."""
    body = {
        "t": "repeat",
        "account": ACCOUNT,
        "counts": {},
        "began": TIME,
        "ended": True,
        "time": TIME,
    }
    return Batch(named(f"B{number:04}"), (), (body,))


def signed(document: bytes, signer: MemorySigner = SIGNER) -> bytes:
    """Return bytes under a signature as a batch has it."""
    return b"%b\n%b\n" % (document, encode_base64(signer.sign(MESSAGE + document)).encode())


def leave(archive: Archive, batch: Batch) -> None:
    """Leave a batch for the next sequencer."""
    archive.store.create(pending_key(batch.id), signed(batch.encode()))


def codes(archive: Archive) -> list[tuple[str, str]]:
    """Return code and place of every finding."""
    return [(one.code, one.where) for one in verify(archive, Quiet(), deep=False).findings]
