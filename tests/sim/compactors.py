"""The processes of compaction: they settle real segments, merge, verify, remove and read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, NoReturn

from archiver.errors import ArchiverError, MissingObjectError
from archiver.flows.compact import compact
from archiver.flows.ledger import read_state
from archiver.flows.people import new_statement, people_of, sign
from archiver.flows.rows import by_leaf
from archiver.flows.segments import Placement, build, read_table
from archiver.flows.submit import recover, submit
from archiver.flows.superseded import SUPERSEDED
from archiver.flows.verify_compacted import verify_compacted
from archiver.ids import new_ulid, new_uuid
from archiver.ledger import entry
from archiver.ledger.batch import Batch
from archiver.record import Excerpt, Observation
from archiver.registry.people import ENROL, GRANT
from archiver.registry.roles import Role
from tests.ledger.note_signer import MemorySigner
from tests.ledger.seals import TIME
from tests.registry.signers import handle
from tests.sim.actors import Actor, Worker
from tests.sim.scheduler import Violation

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState, Segment

__all__ = ["Compactor", "Key", "Quiet", "Searcher", "Settler", "Verifier"]


class Quiet:
    """Progress that nobody looks at."""

    def step(self, done: int, total: int | None, what: str) -> None:
        """Say nothing."""


class Settler(Worker):
    """A worker whose records are real: WARC, Parquet, index. Its runs are short.

    ``at_once``: exchanges that it settles in one batch.
    """

    repeats = 0.4
    at_once = 1

    def _settle(
        self, name: str, numbers: list[int], state: LedgerState
    ) -> tuple[Batch, dict[str, bytes]]:
        archive, numbers = self._archive, [numbers[0], min(numbers[1], numbers[0] + self.at_once)]
        placement = Placement(f"u{self.account}", "unscheduled", "2026-11", "public")
        ids = [f"{self.lane}-{n}-{part}" for n in range(*numbers) for part in range(1 + n % 3)]
        records = [(new_uuid(archive.chance), self._observation(native_id)) for native_id in ids]
        made = build(archive, placement, "comments", records, 0)
        for native_id, commitment in zip(ids, made.commitments, strict=True):
            self.watch.history.compaction.told[entry.observation(commitment)] = native_id
        seal = self._seal("settle", numbers, made.segment)
        seal["batch"] = state.settled.get(self.account, 0) + 1
        return Batch(name, tuple(made.commitments), (seal,)), dict(made.objects)

    def _observation(self, native_id: str) -> Observation:
        return Observation(
            platform="stand-in",
            account=self.account,
            stream="comments",
            native_id=native_id,
            kind="present",
            sensitivity="public",
            captured_at=TIME,
            excerpts=(Excerpt("item", native_id.encode()),),
            row={"text": f"says {native_id}"},
            parser="stand-in/1",
        )


class Compactor(Actor):
    """Merges what is small, and removes what is superseded and verified."""

    def live(self, archive: Archive) -> bool:
        """Compact again and again."""
        while True:
            compact(archive, Quiet())
            if self.finishing:
                return True
            self.scheduler.pause("idle", "")

    def judge(self, error: ArchiverError) -> None:
        """Raise `Violation`, but where another process was quicker."""
        if error.code != SUPERSEDED:
            super().judge(error)


class Key(NamedTuple):
    """A person's key (`archiver.keyring.PersonKey`), in memory."""

    handle: str
    signer: MemorySigner

    @classmethod
    def of(cls, name: str) -> Key:
        """Return the key of a person."""
        return cls(handle(name), MemorySigner(handle(name)))

    @property
    def verifier_key(self) -> str:
        """The public signing key."""
        return self.signer.verifier_key

    @property
    def reading(self) -> str:
        """The public reading key (hex)."""
        return self.signer.public.hex()

    def sign(self, data: bytes) -> bytes:
        """Return the signature."""
        return self.signer.sign(data)

    def unseal(self, *_arguments: object) -> NoReturn:
        """Open nothing: all is public here."""
        raise AssertionError


VERA = Key.of("vera")


class Verifier(Compactor):
    """Enrols as a verifier, then reads what was merged, and signs."""

    def live(self, archive: Archive) -> bool:
        """Verify again and again."""
        recover(archive, "verifier")
        if not people_of(archive).people:
            self._enrol(archive)
        while True:
            found = verify_compacted(archive, VERA, Quiet())
            if found.findings and not self.excused:
                raise Violation(f"a verifier finds {found.findings}")
            if self.finishing:
                return True
            self.scheduler.pause("idle", "")

    def _enrol(self, archive: Archive) -> None:
        told = {"person": VERA.handle, "key": VERA.verifier_key, "reading": VERA.reading}
        acts = (
            new_statement(archive, ENROL, **told, subject="ab" * 32),
            new_statement(archive, GRANT, person=VERA.handle, role=Role.VERIFIER),
        )
        roles = tuple({"t": "role", **sign(one, [VERA]).document(), "time": TIME} for one in acts)
        submit(archive, "verifier", Batch(new_ulid(archive.clock, archive.chance), (), roles), {})


class Searcher(Actor):
    """Reads all rows, and never finds one more or less, or another order, than there is."""

    def live(self, archive: Archive) -> bool:
        """Search again and again."""
        while True:
            self._search(archive)
            if self.finishing:
                return True
            self.scheduler.pause("idle", "")

    def _search(self, archive: Archive) -> None:
        state = read_state(archive)
        self.watch.read(state)

        def read(segment: Segment) -> list[str]:
            return [str(one) for one in read_table(archive, segment, ("native_id",))[0].to_pylist()]

        segments = [one for one in state.segments() if "parquet" in one.objects]
        try:
            found = list(by_leaf(segments, read))
        except MissingObjectError as error:
            if error.code == SUPERSEDED:  # merged, verified and removed since
                return
            raise
        if found != self.watch.history.compaction.answers(state.size):
            raise Violation(f"{self.name} finds other rows than there are")
