"""One simulated run: a cast in some weather, then calm, and everything in its place.

`Episode.run` runs one seed: the real flows on a store, homes and a clock in memory, interleaved and
hit by faults for a number of steps. Then the weather clears, everybody finishes, and nothing
may be left over: every batch that anybody has begun is in the log once or is gone without a
trace. `Violation` says what did not hold, and after which step.
"""

from __future__ import annotations

import random
import typing
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, NoReturn

from archiver.edges.memory import MemoryStore
from archiver.flows.archive import Archive, Identity
from archiver.flows.ledger import read_state
from archiver.flows.submit import submit
from archiver.layout import CHECKPOINT, HEAD, PENDING, REFUSED, STAGING, UNITS
from archiver.ledger.batch import Batch
from archiver.ledger.tiles import parse_bundle
from tests.doubles import FixedClock
from tests.ledger.note_signer import MemorySigner
from tests.ledger.seals import TIME, batch
from tests.sim.actors import Actor, Reader, Sequencer, Worker
from tests.sim.compactors import Compactor, Searcher, Settler, Verifier
from tests.sim.machine import SimChance, SimClock, SimHome, SimKeys
from tests.sim.ordered import standing_in
from tests.sim.purge_run import STAGES, Purging, begun
from tests.sim.purgers import Holder, Purger, Taker
from tests.sim.scheduler import Scheduler, Violation, Weather
from tests.sim.stores import BucketSim, FolderSim, Requests
from tests.sim.watch import History, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from archiver.edges.memory import Fault
    from archiver.keyring import KeyStore
    from archiver.ports import Store
    from tests.sim.purge_run import Ordered

__all__ = ["CASTS", "COMPACTING", "PURGING", "WEATHERS", "Episode", "Outcome", "Part"]

ORIGIN = "archive.example/log"
STEPS = 1500  # of one run, before the calm
CALM = 200_000  # steps within which everybody must have finished
ROUNDS = 7
"""Times that everybody finishes where an order is carried on: split, verify, take out, look."""
_AWAY = 0.002
_LAPSES = 0.001
"""How likely it is that the copy goes or comes back, and that the locks of the store are over."""
SIZES = (1, 250, 508)
"""How many entries the log has when a run begins: some are about to fill a tile."""

CLEAR = Weather(burst=0.5)
WEATHERS = (
    Weather(burst=0.3),
    Weather(kill=0.005, error=0.003, stale=0.02, late=0.02, burst=0.6),
    Weather(kill=0.02, error=0.01, stale=0.05, late=0.05, power=0.001, burst=0.7),
    Weather(kill=0.05, error=0.005, power=0.003, burst=0.8),
    Weather(kill=0.03, error=0.03, short=0.01, stale=0.2, late=0.1, burst=0.8),
    Weather(kill=0.03, error=0.01, power=0.002, lost_head=0.002, burst=0.7),
)


class _Signer:
    """The archive's key; what it signs is remembered, as it would be the same again."""

    def __init__(self) -> None:
        self._signer = MemorySigner(ORIGIN)
        self.verifier_key = self._signer.verifier_key
        self._sign = lru_cache(maxsize=4096)(self._signer.sign)
        self.watch: Watch | None = None

    def sign(self, message: bytes) -> bytes:
        """Return the signature, after telling who watches."""
        if self.watch is not None:
            self.watch.sign(message)
        return self._sign(message)


SIGNER = _Signer()
IDENTITY = Identity("archive1", ORIGIN, [SIGNER.verifier_key], created=TIME)


@dataclass(frozen=True, slots=True)
class Part:
    """A role in a cast: what kind of actor, in which home, for whom."""

    kind: type[Actor]
    home: int = 0
    account: str = "a"
    contested: bool = False


CASTS: dict[str, Sequence[Part]] = {
    "alone": (Part(Worker), Part(Sequencer), Part(Reader)),
    "one home": (Part(Worker), Part(Worker, 0, "b"), Part(Worker, 0, "c"), Part(Sequencer)),
    "three homes": (
        *(Part(Worker), Part(Worker, 1, "b"), Part(Sequencer, 2), Part(Sequencer)),
        Part(Reader, 1),
    ),
    "contested": (
        *(Part(Worker, 0, "a", contested=True), Part(Worker, 1, "a", contested=True)),
        *(Part(Worker, 1, "b"), Part(Sequencer, 2)),
    ),
    "crowd": (
        *(Part(Worker, home, account) for home, account in enumerate("abcd")),
        *(Part(Sequencer, home) for home in range(4)),
    ),
    "compacting": (
        *(Part(Settler), Part(Settler, 1, "b"), Part(Compactor), Part(Compactor, 1)),
        *(Part(Verifier, 2), Part(Searcher, 3)),
    ),
    "compacting at home": (
        *(Part(Settler), Part(Compactor), Part(Compactor), Part(Verifier), Part(Searcher)),
    ),
    "purging": (
        *(Part(Taker, 2), Part(Purger), Part(Purger, 1), Part(Compactor, 2)),
        *(Part(Verifier, 2), Part(Searcher, 3), Part(Holder, 3)),
    ),
    "purging at home": (
        *(Part(Taker), Part(Purger), Part(Purger), Part(Compactor), Part(Verifier)),
        *(Part(Searcher), Part(Holder)),
    ),
    "purging alone": (Part(Purger), Part(Verifier, 1), Part(Searcher, 2), Part(Holder, 3)),
}
"""Who takes part. Only in one home may a head get lost: see ADR 0041."""

ONE_HOME = ("alone", "one home")
COMPACTING = ("compacting", "compacting at home")
"""Those that compact, with real segments: drawn by no seed, for they take ten times as long."""
PURGING = ("purging", "purging at home", "purging alone")
"""Those that carry on an order that has begun (`tests.sim.ordered`), and take as long again."""
REAL = (*COMPACTING, *PURGING)


def refuse(*_arguments: object) -> NoReturn:
    """Stand where nothing may be asked."""
    raise AssertionError


def opened(store: Store, home: SimHome, scheduler: Scheduler, watch: Watch) -> Archive:
    """Return an archive over simulated parts."""
    return Archive(
        identity=IDENTITY,
        store=store,
        home=home,
        keys=typing.cast("KeyStore", SimKeys(scheduler, watch)),
        signer=SIGNER,
        clock=SimClock(scheduler),
        chance=SimChance(scheduler),
        engine=refuse,
        open_spool=refuse,
        open_recorder=refuse,
        credential=refuse,
        save_credential=refuse,
    )


@cache
def _founded(size: int) -> tuple[dict[str, bytes], History]:
    """Return the objects of a ledger of ``size`` entries, and its history."""
    scheduler = Scheduler(0, CLEAR)
    watch = Watch(History(), ORIGIN)
    watch.quiet = True
    store = MemoryStore()
    archive = opened(store, SimHome(scheduler, "founder"), scheduler, watch)
    role = {
        "t": "role",
        "role": "log-signer",
        "keys": list(IDENTITY.keys),
        "document": sha256(b"archive.json").hexdigest(),
        "time": TIME,
    }
    submit(archive, "founder", Batch("0" * 26, (), (role,)), {})
    if size > 1:
        submit(archive, "founder", batch("1" * 26, size - 2, batch=1, exchanges=[]), {})
    history = History()
    entries = _entries(store._objects)
    history.extend(entries)
    assert len(entries) == size == read_state(archive).size
    return dict(store._objects), history


def _entries(objects: Mapping[str, bytes]) -> list[bytes]:
    """Return the entries of a log that is stored."""
    bundles = sorted(
        (key for key in objects if "/entries/" in key), key=lambda key: key.replace(".p", "")
    )
    return [entry for key in bundles for entry in parse_bundle(objects[key])]


@cache
def _ordered(stage: int) -> tuple[Ordered, History]:
    """Return an archive in which an order is at some stage, and its history."""
    scheduler = Scheduler(0, CLEAR)
    watch = Watch(History(), ORIGIN)
    watch.quiet = True
    store, home = MemoryStore(), SimHome(scheduler, "founder")
    plain = opened(store, home, scheduler, watch)
    order = begun(replace(plain, clock=FixedClock()), store, scheduler, watch, stage)
    history = History(compaction=order.account())
    history.extend(_entries(order.objects))
    return order, history


@dataclass(slots=True)
class Outcome:
    """What a run was: its steps and crashes, entries added, batches acknowledged, excuses."""

    steps: int
    crashes: int
    entries: int
    acknowledged: int
    errors: int


class Episode:
    """The run of one seed. ``trace`` has a line for each step where it was asked for.

    Args:
        seed: decides all that the other arguments leave open.
        cast: one of `CASTS`.
        weather: what goes wrong how often.
        bucket: whether the store is like a bucket, or like a folder.
        trace: whether to keep a line for each step.
        parts: a cast of one's own.
        plan: what goes wrong with which operation, instead of the weather.
    """

    def __init__(  # noqa: PLR0913 - each has a name, and most runs give none
        self,
        seed: int,
        *,
        cast: str = "",
        weather: Weather | None = None,
        bucket: bool | None = None,
        trace: bool = False,
        parts: Sequence[Part] = (),
        plan: Mapping[int, Fault] | None = None,
    ) -> None:
        chance = random.Random(f"episode {seed}")
        names = [name for name in CASTS if name not in REAL]
        self.cast = cast or chance.choice(names)
        drawn = chance.choice(WEATHERS)
        self.weather = weather or drawn
        if self.cast not in ONE_HOME:
            self.weather = replace(self.weather, lost_head=0.0)
        self.bucket = chance.random() < 0.3 if bucket is None else bucket
        self.trace: list[str] | None = [] if trace else None
        self.scheduler = Scheduler(seed, self.weather, self.trace, plan)
        size = chance.choice(SIZES)  # whose records have no files, so that none can be merged
        objects, history = _founded(1 if self.cast in COMPACTING else size)
        order = None
        if self.cast in PURGING:
            order, history = _ordered(chance.choice((*STAGES, STAGES[-1])))
            objects = order.objects
            self.weather = self.scheduler.weather = replace(self.weather, away=_AWAY)
        self.first = len(history.hashes)
        self.watch = Watch(history.copy(), ORIGIN)
        self._deliver, self._objects, store = self._build(objects, chance)
        self.store = store
        self.purging = Purging(order, store, self.scheduler, self.watch, chance) if order else None
        self.homes = [SimHome(self.scheduler, f"home{n}") for n in range(4)]
        for number, part in enumerate(parts or CASTS[self.cast]):
            self._add(number, part)

    def _build(
        self, objects: dict[str, bytes], chance: random.Random
    ) -> tuple[Callable[[], None], Callable[[], dict[str, bytes]], Store]:
        """Return the store, and how to deliver what is late and to look at all objects."""
        self.watch.quiet = True
        if self.bucket:
            requests = Requests(
                self.scheduler,
                self.watch,
                quotes=chance.random() < 0.5,
                marks=chance.random() < 0.8,
            )
            requests.objects.update({key: (data, None) for key, data in objects.items()})
            found = requests.objects

            def look() -> dict[str, bytes]:
                return {key: data for key, (data, _) in requests.objects.items()}

            self.watch.peek = lambda key: found[key][0] if key in found else None
            self.watch.quiet = False
            return requests.deliver, look, BucketSim(requests)
        folder = FolderSim(self.scheduler, self.watch)
        folder._objects.update(objects)
        folder._keys.extend(sorted(objects))
        self.watch.peek = folder._objects.get
        self.watch.quiet = False
        return folder.deliver, lambda: folder._objects, folder

    def _add(self, number: int, part: Part) -> None:
        home = self.homes[part.home]
        archive = opened(self.store, home, self.scheduler, self.watch)
        name = f"{part.kind.__name__.lower()}{number}"
        actor = part.kind(name, archive, home, self.scheduler, self.watch)
        if isinstance(actor, Worker):
            actor.account = actor.lane = part.account
            actor.contested = part.contested
        if self.purging is not None:
            self.purging.join(actor)
        self.scheduler.actors.append(actor)

    def run(self, steps: int = 0) -> Outcome:
        """Run through the weather and the calm after it. Raises `Violation`."""
        scheduler = self.scheduler
        steps = steps or STEPS * (5 if self.purging else 3 if self.cast in COMPACTING else 1)
        stride = 3 if self.weather.lost_head else 20
        with self._watched():
            while scheduler.steps < steps and scheduler.run(stride):
                self._accidents(stride)
                if self.purging is not None and self.purging.over:
                    break
            self._calm()
        return Outcome(
            scheduler.steps,
            scheduler.crashes,
            len(self.watch.history.hashes) - self.first,
            len(self.watch.acknowledged),
            scheduler.excuses,
        )

    @contextmanager
    def _watched(self) -> Iterator[None]:
        SIGNER.watch = self.watch
        try:
            with standing_in() if self.purging is not None else nullcontext():
                yield
        except Violation as violation:
            raise Violation(f"{violation} (step {self.scheduler.steps})") from violation
        finally:
            SIGNER.watch = None

    def attend(self, actor: Actor) -> None:
        """Let one actor take one step. Raises `Violation`."""
        with self._watched():
            self.scheduler.step(actor)

    def come_to_rest(self) -> None:
        """Let everybody finish undisturbed, and look at what is left. Raises `Violation`."""
        with self._watched():
            self._calm()

    def cut_power(self, home: SimHome) -> None:
        """Let all processes of a home die, and lose what was not flushed."""
        self.scheduler.note(f"power cut of {home.name}")
        home.power_cut()
        for actor in self.scheduler.actors:
            if actor.home is home:
                self.scheduler.condemn(actor)

    def _accidents(self, stride: int) -> None:
        """Between two steps: late writes arrive, a home loses power, the head gets lost."""
        chance = self.scheduler.chance
        if chance.random() < 0.015 * stride:
            self._deliver()
        if chance.random() < stride * self.weather.power:
            self.cut_power(chance.choice(self.homes))
        if chance.random() < stride * self.weather.lost_head:
            self.lose_head()
        if self.purging is not None and chance.random() < _LAPSES * stride:
            self.purging.unlock(0.5)

    def lose_head(self) -> None:
        """Remove the head, as an accident does; all that is staged too, if it is signed.

        Nothing but the home that signed it then knows of it.
        """
        self.scheduler.note("the head is lost")
        found = self._objects()
        gone = [HEAD]
        if max(self.watch.signed, default=0) > int(found[CHECKPOINT].split(b"\n")[1]):
            gone += [key for key in found if key.startswith(STAGING)]
            for actor in self.scheduler.actors:  # whoever was just reading it may say so
                self.scheduler.excuse(actor)
        for key in gone:
            self._remove(key)

    def _remove(self, key: str) -> None:
        """Take an object away without anybody's doing."""
        if isinstance(self.store, BucketSim):
            self.store.requests.objects.pop(key, None)
        elif isinstance(self.store, FolderSim) and key in self.store._objects:
            self.store._keys.remove(key)
            del self.store._objects[key]

    def _calm(self) -> None:
        """Let everybody finish undisturbed, and look at what is left. Raises `Violation`."""
        scheduler = self.scheduler
        scheduler.weather = CLEAR
        if self.purging is not None:
            self.purging.clear_up()
        for _ in range(2 if self.purging is None else ROUNDS):  # what is late is found by the next
            self._deliver()
            for actor in scheduler.actors:
                actor.finishing = True
                if actor.greenlet.dead:
                    actor.rise()
            scheduler.run(CALM)
            if any(not actor.greenlet.dead for actor in scheduler.actors):
                raise Violation("somebody waits for ever")
        self._check_rest()

    def _check_rest(self) -> None:
        """Hold what is stored at rest against the log."""
        found = self._objects()
        # Of two sequencers that refuse a batch, the slower may leave its marker last: it is
        # cleared in a week.
        refusing = self.cast in {"contested", *REAL}
        ours = (PENDING,) if refusing else (PENDING, REFUSED)
        left = [key for key in found if key.startswith(ours)]
        if left and not self.weather.late:
            raise Violation(f"left over: {left}")
        staged = [key for key in found if key.startswith(STAGING)]
        if len(staged) > 1 and not self.weather.late:
            raise Violation(f"staging is left over: {staged}")
        sealed = self.watch.history.objects
        may_go = self.watch.history.compaction.may_go
        missing = [key for key in sealed if key not in found and not may_go(key)]
        self.watch.history.compaction.look(found.get)
        self.watch.history.compaction.rest(found.get)
        orphans = [key for key in found if key.startswith(UNITS) and key not in sealed]
        if missing or (orphans and not self.weather.late):
            raise Violation(f"lost: {missing}, left over: {orphans}")
        journals = [n for home in self.homes for n in home.files if n.startswith("journal/")]
        if journals:
            raise Violation(f"journals are left: {journals}")
        if not self.watch.acknowledged <= self.watch.history.batches.keys():
            raise Violation("an acknowledged batch is lost")
        size = int(found[CHECKPOINT].split(b"\n")[1])
        if size != len(self.watch.history.hashes):
            raise Violation("the checkpoint is not what was published last")
