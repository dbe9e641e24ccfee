"""Lives of a world in which segments are merged, before the victim is destroyed and after."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from archiver.flows.capture import capture
from archiver.flows.compact import compact
from archiver.flows.ledger import read_state
from archiver.flows.people import enrol, people_of
from archiver.flows.verified import settlement
from archiver.flows.verify_compacted import verify_compacted
from archiver.registry.roles import Role
from tests.attacks.hearing import key_of
from tests.attacks.town import ACCOUNT
from tests.flows.helpers import Quiet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.compact import Compacted
    from archiver.flows.verify_compacted import Verified
    from tests.attacks.world import World

__all__ = ["LIVES", "live", "verified"]

LIVES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "": ((), ()),
    "merged, not verified": (("merge",), ()),
    "merged, verified, removed": (("merge", "verify", "remove"), ()),
    "merged twice": (("merge", "verify", "more", "merge again"), ()),
    "carved, then merged": ((), ("merge", "verify", "remove")),
    "all of it": (
        ("merge", "verify", "more", "merge again", "more"), ("merge", "verify", "remove"),
    ),
}  # fmt: skip
"""Steps before the victim is destroyed, and after."""


def live(world: World, steps: Sequence[str]) -> None:
    """Go through steps; after each somebody notes what is in the bucket."""
    for step in steps:
        done = _STEPS[step](world)
        world.told += [asdict(done)] if done else []
        world.look()


def _merge(world: World) -> Compacted:
    """Merge: what is superseded stays for want of a verification."""
    done = compact(world.archive, Quiet())
    assert done.made > 0
    assert (done.removed, done.unreadable) == (0, 0)
    assert done.waiting > 0
    return done


def _merge_again(world: World) -> Compacted:
    """Merge what was merged and verified with what came since; the oldest files go."""
    again = {one.seal for one in read_state(world.archive).segments() if one.supersedes}
    done = compact(world.archive, Quiet())
    assert done.made > 0
    assert done.removed > 0
    retired = {one.seal for one, _ in read_state(world.archive).retired()}
    assert again & retired
    return done


def _remove(world: World) -> Compacted:
    """Remove what is superseded and verified, and say that it is gone."""
    done = compact(world.archive, Quiet())
    assert done.removed > 0
    assert read_state(world.archive).removed
    return done


def _verify(world: World) -> Verified:
    return verified(world.archive)


def verified(archive: Archive) -> Verified:
    """Have somebody else read and sign what was merged."""
    key = key_of("vera")
    if key.handle not in people_of(archive).people:
        enrol(archive, key, "vera", "", [Role.VERIFIER])
    done = verify_compacted(archive, key, Quiet())
    assert (done.findings, done.unreadable) == ([], 0)
    assert done.segments > 0
    assert settlement(archive, read_state(archive)).released
    return done


def _more(world: World) -> None:
    """Capture what others say meanwhile."""
    world.town.go_on()
    capture(world.archive, ACCOUNT, "reconcile", Quiet())


_STEPS: dict[str, Callable[[World], Compacted | Verified | None]] = {
    "merge": _merge, "merge again": _merge_again, "verify": _verify, "remove": _remove,
    "more": _more,
}  # fmt: skip
