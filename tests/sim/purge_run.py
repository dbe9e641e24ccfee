"""How a run of a purging cast begins, and what happens in it that no actor does.

People, records, order, outside evidence and beginning come into the log by the flows that do it
in life, once for all runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.flows import identity, orders, people
from archiver.flows.custody import custody_of
from archiver.flows.deciding import seal_drafts
from archiver.flows.ledger import read_state
from archiver.flows.purge import purge
from archiver.flows.replicate import replicate
from archiver.flows.verify_compacted import verify_compacted
from archiver.layout import UNITS
from archiver.ledger.deciding import HERE, copy_handle
from archiver.registry.roles import Role
from tests.flows.hall import GOVERN, ROLES
from tests.flows.helpers import Quiet
from tests.flows.test_orders import vouched
from tests.registry.signers import ARCHIVE
from tests.sim.ordered import (
    FIRST,
    LANES,
    ORDERED,
    PEOPLE,
    VAULT,
    Keys,
    Vault,
    equipped,
    record,
    shown_leaves,
    standing_in,
)
from tests.sim.purgers import HOLDABLE, Holder, Purger, Taker
from tests.sim.purging import Destruction, numbers
from tests.sim.stores import FolderSim

if TYPE_CHECKING:
    import random

    from archiver.edges.memory import MemoryStore
    from archiver.flows.archive import Archive
    from archiver.ports import Store
    from tests.sim.actors import Actor
    from tests.sim.compactors import Key
    from tests.sim.scheduler import Scheduler
    from tests.sim.watch import Watch

__all__ = ["STAGES", "Ordered", "Purging", "begun"]

STAGES = (0, 1, 2)
"""How far an order is when a run begins: begun; split; split, and the parts verified."""
_DAY = 86_400.0
_STEPS = 6000
"""Steps of a run before the calm, at one of which a hold is placed."""


class Ordered(NamedTuple):
    """An order that has begun, its leaves; the objects of archive and copy; what records say."""

    order: str
    leaves: frozenset[int]
    objects: dict[str, bytes]
    vault: dict[str, bytes]
    told: dict[bytes, str]

    def account(self) -> Destruction:
        """Return the second account of it, which has still to take the log in."""
        return Destruction(told=dict(self.told), shows=shown_leaves, order=self[:2])


def keys(*names: str) -> list[Key]:
    """Return the keys of people."""
    return [PEOPLE[name] for name in names]


def begun(
    archive: Archive, store: MemoryStore, scheduler: Scheduler, watch: Watch, stage: int
) -> Ordered:
    """Fill an empty archive until an order has begun, and carry it on to one of `STAGES`.

    ``archive``: its clock only waits.
    """
    vault = Vault(scheduler)
    archive = equipped(archive, Keys(scheduler, watch, set()), vault)
    identity.create(store, archive.identity)
    identity.founding_entry(archive)
    _enrol(archive)
    for lane in LANES:
        taker = Taker("founder", archive, archive.home, scheduler, watch)  # type: ignore[arg-type]  # a home of the simulation
        taker.account = taker.lane = lane
        taker.take(archive, FIRST)
    archive.clock.sleep(4 * _DAY)
    ids = tuple(map(record, ORDERED))
    made = orders.order(archive, ids, {"item": "GS50"}, PEOPLE["clerk"], archive.clock.now())
    seal_drafts(archive, [made.signed(keys("anna", "bert"))])
    archive.clock.sleep(4 * _DAY)
    vouched(archive)
    name = str(made.act.statement["order"])
    seal_drafts(archive, [orders.begin(archive, name).signed(keys("purger"))])
    assert all(one.whole for one in replicate(archive, archive.copies(), Quiet()))
    with standing_in():
        if stage:
            assert purge(archive, name, Quiet()).waiting
    if stage == STAGES[-1]:
        assert verify_compacted(archive, PEOPLE["vera"], Quiet()).findings == []
    leaves = custody_of(archive, read_state(archive)).orders[name].leaves
    told = watch.history.compaction.told
    return Ordered(
        name, frozenset(numbers(leaves)), dict(store._objects), dict(vault._objects), told
    )


def _enrol(archive: Archive) -> None:
    for name, role in ROLES.items():
        people.enrol(archive, PEOPLE[name], name, "", [role] if name in GOVERN else [])
    people.enrol(archive, PEOPLE["vera"], "vera", "", [])
    for name, role in {**ROLES, "vera": Role.VERIFIER}.items():
        if name not in GOVERN:
            act = people.change(archive, name, role)
            people.seal_act(archive, people.sign(act, keys(*GOVERN)))


class Purging:
    """What is drawn for one run: where the copy is, what is locked, what will be put on hold.

    Args:
        order: what has begun.
        store: of the archive.
        scheduler: of the run.
        watch: of the run.
        chance: draws.
    """

    def __init__(
        self,
        order: Ordered,
        store: Store,
        scheduler: Scheduler,
        watch: Watch,
        chance: random.Random,
    ) -> None:
        self._order, self._store, self._scheduler = order.order, store, scheduler
        self._vault = Vault(scheduler)
        self._vault._objects, self._vault._keys = dict(order.vault), sorted(order.vault)
        self._vault.away = chance.random() < 1 / 2
        self._keys = Keys(scheduler, watch, set())
        self._wanted, self._since = chance.choice((*HOLDABLE, "")), chance.randrange(_STEPS)
        if isinstance(store, FolderSim) and chance.random() < 1 / 3:
            store.locked.update(key for key in order.objects if key.startswith(UNITS))
        account = watch.history.compaction
        assert isinstance(account, Destruction)
        peeks = (HERE, watch.peek), (VAULT, self._vault._objects.get)
        account.copies = {copy_handle(ARCHIVE, name): peek for name, peek in peeks}
        account.keys = self._keys.peek
        self._account = account

    @property
    def over(self) -> bool:
        """Whether the order is done or halted."""
        return self._account.done or self._account.halted

    def join(self, actor: Actor) -> None:
        """Give an actor what it needs of an archive, and tell it what it is about."""
        actor._archive = equipped(actor._archive, self._keys, self._vault)
        if isinstance(actor, Purger):
            actor.order = self._order
        if isinstance(actor, Holder):
            actor.wanted, actor.since = self._wanted, self._since

    def unlock(self, share: float) -> None:
        """Let a share of the locks of the archive's store be over."""
        if isinstance(self._store, FolderSim):
            locked, chance = sorted(self._store.locked), self._scheduler.chance
            self._store.locked.difference_update(chance.sample(locked, int(share * len(locked))))

    def clear_up(self) -> None:
        """Let the copy be back and all locks be over."""
        self._vault.away = False
        self.unlock(1.0)
