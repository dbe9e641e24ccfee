"""Destroying one record out of everything as an archive does it: by an order, to its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from archiver.edges.personkey import PersonKeyFile
from archiver.flows import classifying, deciding, orders, people
from archiver.flows.anchor import anchor
from archiver.flows.custody import custody_of
from archiver.flows.deciding import seal_drafts
from archiver.flows.executing import execute
from archiver.flows.hold_acts import release
from archiver.flows.holds import Scope, apply_holds, place
from archiver.flows.ledger import read_state
from archiver.flows.verify_compacted import verify_compacted
from archiver.flows.verify_inventory import keys_of
from archiver.ids import handle_of
from archiver.ledger import ranges
from archiver.ledger.seal import INTAKE
from archiver.ledger.whereabouts import every
from tests.attacks.witness import anchoring
from tests.flows.hall import GOVERN, ROLES
from tests.flows.helpers import Quiet
from tests.flows.test_orders import CASE

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.flows.archive import Archive
    from archiver.ledger.state import Segment
    from tests.attacks.carving import Doomed
    from tests.attacks.world import World

__all__ = ["carried_out", "key_of", "peopled"]

_DAY = date(2026, 11, 1)
_WAIT = timedelta(days=4).total_seconds()
_ROLES = {**ROLES, "vera": "verifier"}


def key_of(name: str) -> PersonKeyFile:
    """Return somebody's key, the same in every world."""
    seed = sha256(name.encode()).digest()
    return PersonKeyFile(
        handle_of(seed[:16]),
        Ed25519PrivateKey.from_private_bytes(seed),
        X25519PrivateKey.from_private_bytes(seed),
    )


def peopled(archive: Archive) -> None:
    """Have people with roles that count, also who verifies what is merged."""
    for name, role in _ROLES.items():
        people.enrol(archive, key_of(name), name, "", [role] if name in GOVERN else [])
    for name, role in _ROLES.items():
        if name not in GOVERN:
            act = people.change(archive, name, role)
            people.seal_act(archive, people.sign(act, map(key_of, GOVERN)))
    archive.clock.sleep(_WAIT)


def carried_out(world: World, gone: Doomed, look: Callable[[], object]) -> set[str]:
    """Have an order on what goes approved, begun and done; ``look`` is called where it was split.

    Returns the keys of all files that ever held something of it: they are not there any more.
    """
    archive, purger = world.archive, key_of("purger")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deciding, "MOST_RANGES", 1)  # every longer set is a file
        _decided(archive, sorted(gone.records))
        name = _ordered(archive, sorted(gone.records))
    order = custody_of(archive, read_state(archive)).orders[name]
    assert order.leaves == ranges.from_numbers(gone.leaves)
    seal_drafts(archive, [orders.begin(archive, name).signed([purger])])
    made = execute(archive, name, purger, Quiet())
    while made.purged.waiting:  # for merges of before, then for what was split
        look()
        read = verify_compacted(archive, key_of("vera"), Quiet())
        assert (read.findings, read.unreadable) == ([], 0)
        assert read.segments > 0
        made = execute(archive, name, purger, Quiet())
    assert made.state == "done"
    state = read_state(archive)
    live = {one.place for one in state.segments()}
    dead = [one for one in every(state) if one.place not in live and _held(one, gone)]
    return keys_of(dead)


def _decided(archive: Archive, records: list[str]) -> None:
    """Have everything decided on records that people decide, and an order on them halted."""
    clerk, both = key_of("clerk"), [key_of("holder"), key_of("clerk")]
    held = place(archive, Scope(records=tuple(records)), CASE, both[:1], Quiet(), snapshot=False)
    apply_holds(archive, both[:1])
    lengthened = classifying.classify(archive, records, ["x/1"], "", lengthens=True)
    closed = classifying.happened(archive, "case-closed", records[0], _DAY, "a", lengthens=True)
    made = (lengthened, closed, classifying.add_schedule(archive, "x", "1", b"a pack"))
    seal_drafts(archive, [one.signed([clerk]) for one in made])
    seal_drafts(archive, [release(archive, held.hold, "audit closed").signed(both)])
    archive.clock.sleep(_WAIT)
    one = orders.order(archive, records, {"item": "1"}, clerk, archive.clock.now())
    seal_drafts(archive, [one.signed(map(key_of, ("anna", "bert")))])
    halted = orders.halt(archive, str(one.act.statement["order"]), "not yet")
    seal_drafts(archive, [halted.signed([key_of("anna")])])


def _ordered(archive: Archive, records: list[str]) -> str:
    """Have two approve what a third asks for, wait, and have outsiders vouch for the log."""
    told = {"item": "GS50-01-12", "certificate": "2026-118"}
    one = orders.order(archive, records, told, key_of("clerk"), archive.clock.now())
    seal_drafts(archive, [one.signed(map(key_of, ("anna", "bert")))])
    archive.clock.sleep(_WAIT)
    for name in ("yves", "zoe"):
        people.enrol(archive, key_of(name), name, "", [])  # or there would be nothing new
        anchor(replace(archive, anchoring=anchoring()))
    return str(one.act.statement["order"])


def _held(segment: Segment, gone: Doomed) -> bool:
    """Tell whether a segment that is not live had something of what is gone; any map may."""
    if segment.stage == INTAKE:
        numbers = ranges.numbers(segment.exchanges)
        return any(f"{segment.lane}/{one}" in gone.exchanges for one in numbers)
    return not segment.leaves or ranges.overlap(segment.leaves, ranges.from_numbers(gone.leaves))
