"""Executing an order: it is evaluated again and begun, purged, and said to be done.

Beginning and end are acts of somebody who purges. What lies between needs nobody's key: a job
may do it, and goes on with whatever is under way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from archiver.errors import ArchiverError, RefusedError
from archiver.flows.copies import Called, tell, waited
from archiver.flows.custody import custody_of, decided
from archiver.flows.deciding import draft, seal_drafts, told
from archiver.flows.disposition import require_same, still_due
from archiver.flows.ending import end_empty
from archiver.flows.erasing import unerased
from archiver.flows.ledger import read_state
from archiver.flows.orders import begin, document_of, find, records_of
from archiver.flows.purge import purge
from archiver.flows.record_leaves import leaves_of_records
from archiver.flows.residue import require_beside
from archiver.flows.transferring import require_received
from archiver.ledger import ranges
from archiver.ledger.deciding import HERE, copy_handle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.flows.archive import Archive
    from archiver.flows.deciding import Draft
    from archiver.flows.purge import Purged
    from archiver.keyring import PersonKey
    from archiver.ledger.state import LedgerState
    from archiver.ports import Progress
    from archiver.retention.order import Order

__all__ = ["Executed", "carry_on", "execute"]


@dataclass(frozen=True, slots=True)
class Executed:
    """An order after a run: as the ledger has it, and what the run did.

    ``waits``: by handle, the copies that it is under way for yet, once all of it is taken out.
    """

    order: Order
    purged: Purged
    waits: Mapping[str, Called]

    @property
    def gone(self) -> int:
        """How many versions of records were taken out."""
        return ranges.count(self.order.going)

    @property
    def saved(self) -> int:
        """How many were not."""
        return ranges.count(self.order.saved)

    @property
    def state(self) -> str:
        """``done``, ``halted`` or ``under-way``."""
        if self.order.done is not None:
            return "done"
        return "under-way" if self.order.running else "halted"


def execute(
    archive: Archive,
    name: str,
    key: PersonKey | None,
    progress: Progress,
    *,
    private: bool = False,
) -> Executed:
    """Do all of an order that can be done now.

    Args:
        archive: where.
        name: the order's handle.
        key: of somebody who purges: begins it, and says that it is done; None: does neither.
        progress: is told of each step.
        private: ask encrypted streams too when it is evaluated again; the look is noted.

    Raises `UsageError` for no such order, `RefusedError` for all that stands in its way:
    ``not-due-any-more``, ``residue-unrecorded``, ``transfer-not-received``, ``order-waits``, and
    those of `archiver.flows.purge`.
    """
    order = find(custody_of(archive, read_state(archive)).orders, name)
    if not archive.copy_name:  # else nothing is sealed here anyhow
        tell(archive, archive.copies())
    if order.begun is None and order.halted is None and key is not None:
        state = _require_due(archive, order, progress, private=private)
        _turned(archive, name, begin(archive, name, state).signed([key]), "begun")
    purged = purge(archive, name, progress)
    state = read_state(archive)
    order = custody_of(archive, state).orders[name]
    waits = waited(archive, state, order) if order.running and not order.saved else {}
    if order.running and key is not None and _whole(purged) and not waits:
        members = {"order": name, "covers": order.covers}
        order = _turned(archive, name, draft(archive, "done", members).signed([key]), "done")
    return Executed(order, purged, waits)


def carry_on(archive: Archive, progress: Progress) -> dict[str, Executed | ArchiverError]:
    """Go on with every order of which something is to be done; return how each came on.

    Also with what was taken out before an order was halted, and is not gone of every copy; and
    with the keys of periods of which nothing is left by now.
    """
    made: dict[str, Executed | ArchiverError] = {}
    state = read_state(archive)
    custody = custody_of(archive, state)
    files = unerased(archive, state, custody)
    for name, order in custody.orders.items():
        names = (HERE, *(one.name for one in archive.copies()))
        left = [order.gone.get(copy_handle(archive.identity.id, one), []) for one in names]
        if order.running or name in files or any(ranges.minus(order.going, one) for one in left):
            try:
                made[name] = execute(archive, name, None, progress)
            except ArchiverError as error:
                made[name] = error
    end_empty(archive, read_state(archive))  # of what was done while its month was not over
    return made


def _turned(archive: Archive, name: str, made: Draft, turn: Literal["begun", "done"]) -> Order:
    """Seal what begins or ends an order; return the order as the ledger has it then.

    Somebody else may have been first, or a process of this home that was killed.
    """
    try:
        seal_drafts(archive, [made])
    except RefusedError:
        order = custody_of(archive, read_state(archive)).orders[name]
        if getattr(order, turn) is None:
            raise
        return order
    return custody_of(archive, read_state(archive)).orders[name]


def _whole(purged: Purged) -> bool:
    """Tell whether a run left nothing: of no copy of the settings, and no old file."""
    left = purged.waiting + purged.locked + purged.overtaken
    left += purged.unsealed.left if purged.unsealed else 0
    return purged.erased is not None and purged.erased.whole and not left


def _require_due(
    archive: Archive, order: Order, progress: Progress, *, private: bool
) -> LedgerState:
    """Return the log on which all of an order is eligible today, by the rules of today.

    Raises `RefusedError` where it is not, or where the log grew meanwhile (``archive-moved``).
    Every version of its records has to be in it: one that was captured since would be left. What
    goes by no schedule is not evaluated by any, and residue by what stands beside it.
    """
    state = read_state(archive)
    documents = told(archive, state)
    document = document_of(documents, order)
    if ("series" in document) is order.extraordinary:
        raise RefusedError(
            "the order's document is not that of such an order",
            where=order.handle,
            code="order-unreadable",
            mend="halt it, and propose anew",
        )
    require_received(archive, state, order)
    wanted = records_of(order, decided(archive, state), documents)
    own = leaves_of_records(archive, state, wanted)
    every = ranges.from_numbers(leaf for leaves in own.values() for leaf in leaves)
    late, ruled = set[str](), require_beside(archive, state, wanted, document, progress)
    if not order.extraordinary:
        due, size = still_due(archive, document, ruled, private=private)
        late = set(ruled) - due
        require_same(order.handle, size, state.size)
    if late or every != order.leaves:
        why = f"{len(late)} records are not due any more" if late else "it has other versions now"
        raise RefusedError(
            f"the order is not what it was approved for: {why}",
            where=", ".join(sorted(late)[:5]) or order.handle,
            code="not-due-any-more",
            mend="see `archiver retention explain RECORD`; halt it, and propose anew",
        )
    return state
