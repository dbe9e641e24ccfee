"""Attacks on lawful destruction: what goes that should stay, and what stays that should go."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import pytest

from archiver.edges.memory import MemoryStore
from archiver.errors import RefusedError, StoreError
from archiver.flows import orders
from archiver.flows.compact import seal_controls
from archiver.flows.custody import custody_of
from archiver.flows.deciding import draft, seal_drafts
from archiver.flows.erasing import ended_by, erase_files
from archiver.flows.executing import carry_on
from archiver.flows.ledger import read_state
from archiver.flows.orders import freeze
from archiver.flows.outside_acts import outcome, submit
from archiver.flows.purge import purge
from archiver.flows.replicate import Copy, replicate
from archiver.flows.verify import verify
from archiver.flows.verify_inventory import keys_of
from archiver.layout import UNITS
from archiver.ledger import ranges
from archiver.ledger.seal import DESTROY, INTAKE
from archiver.ports import ObjectVersion
from tests.flows.board import Posted, asked
from tests.flows.hall import GOVERN, Hall
from tests.flows.test_occurrences import posts
from tests.flows.test_orders import begun, hold, ordered, state_of, vouched
from tests.flows.test_purge import QUIET, hall, posted, verified

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.archive import Archive
    from archiver.ledger.state import Segment

__all__ = ["hall", "posted"]

OUTSIDE = {
    "kind": "certificate",
    "to": "Commission",
    "days": 0,
    "outcomes": [{"answer": "as-amended", "goes": "named", "copy": True}],
}


def amended(hall: Hall, records: list[str], goes: list[str]) -> str:
    """Have an order approved of which an authority outside lets some go; return its handle."""
    told = {"item": "1", "outside": OUTSIDE}
    one = orders.order(hall.archive, records, told, hall.of("clerk"), hall.now)
    seal_drafts(hall.archive, [one.signed(hall.keys("anna", "bert"))])
    name, day = str(one.act.statement["order"]), hall.now.date()
    made = submit(hall.archive, name, "certificate", day, "letter")
    seal_drafts(hall.archive, [made.signed(hall.keys("clerk"))])
    answer = outcome(hall.archive, name, "as-amended", day, "a" * 64, goes)
    seal_drafts(hall.archive, [answer.signed(hall.keys(*GOVERN))])
    hall.later(4)
    vouched(hall.archive)
    return name


def lanes(hall: Hall) -> list[int]:
    """Return the numbers of all exchanges that are in live intake of the board's account."""
    state = read_state(hall.archive)
    return sorted(
        number
        for one in state.segments()
        if one.stage == INTAKE and one.lane == "lane"
        for number in ranges.numbers(one.exchanges)
    )


def test_what_an_authority_keeps_keeps_its_exchanges(hall: Hall, posted: Posted) -> None:
    """Records that an answer took out of an order lose nothing that shows them."""
    posted.take(asked("posts 7 seven\n"))
    posted.take(asked("posts 8 eight\n"))
    before = lanes(hall)
    name = amended(hall, posts("7", "8"), posts("7"))
    begun(hall, name)
    purge(hall.archive, name, QUIET)
    assert [number for number in before if number not in lanes(hall)] == [6]
    assert state_of(hall, name).saved == []
    assert verify(hall.archive, QUIET, deep=True).findings == []


def test_an_answer_reaches_no_further_than_its_document(hall: Hall, posted: Posted) -> None:
    """Who signs an amended answer reads records; its leaves are theirs, and of no others."""
    posted.take(asked("posts 7 seven\nposts 8 eight\n"))
    told = {"item": "1", "outside": OUTSIDE}
    one = orders.order(hall.archive, posts("7", "8"), told, hall.of("clerk"), hall.now)
    seal_drafts(hall.archive, [one.signed(hall.keys("anna", "bert"))])
    name = str(one.act.statement["order"])
    true = outcome(hall.archive, name, "as-amended", hall.now.date(), "a" * 64, posts("7"))
    other = freeze(hall.archive, posts("8")).leaves
    members = {"order": name, "effect": "shortens"}
    size = read_state(hall.archive).size
    sly = draft(hall.archive, "outcome", members, true.document, (other, size))
    with pytest.raises(RefusedError, match="records that its document names"):
        seal_drafts(hall.archive, [sly.signed(hall.keys(*GOVERN))])


def test_a_hold_on_a_neighbour_saves_the_exchange_that_shows_it(
    hall: Hall, posted: Posted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes once occurrences were looked for: nothing of what was found goes for it."""
    posted.take(asked("posts 7 seven\n"))
    posted.take(asked("posts 8 eight\n"), asked("posts 7 seven\nposts 8 eight\n"))
    name = ordered(hall, *posts("7"))
    begun(hall, name)
    if purge(hall.archive, name, QUIET).waiting:
        verified(hall)
    monkeypatch.setattr("archiver.flows.purge.AT_ONCE", 1)
    held: list[str] = []

    def erase(archive: Archive, segments: list[Segment]) -> None:
        erase_files(archive, segments)
        if not held:
            held.append(hold(hall, *posts("8")))

    monkeypatch.setattr("archiver.flows.purge.erase_files", erase)
    with pytest.raises(RefusedError, match="on hold"):
        purge(hall.archive, name, QUIET)
    assert held
    assert 8 in lanes(hall)


def test_intake_that_was_taken_out_is_erased_though_a_hold_came(
    hall: Hall, posted: Posted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before its files were erased, with no record gone yet: the next run erases them."""
    posted.take(asked("posts 7 seven\n"))
    name = ordered(hall, *posts("7"))
    begun(hall, name)

    def killed(_: Archive, segments: list[Segment]) -> NoReturn:
        raise StoreError("killed", where=segments[0].place)

    monkeypatch.setattr("archiver.flows.purge.AT_ONCE", 1)
    with monkeypatch.context() as patch:
        patch.setattr("archiver.flows.purge.erase_files", killed)
        with pytest.raises(StoreError, match="killed"):
            purge(hall.archive, name, QUIET)
    hold(hall, *posts("7"))
    state = read_state(hall.archive)
    gone = keys_of(ended_by(state, custody_of(hall.archive, state), name))
    assert gone
    assert name in carry_on(hall.archive, QUIET)
    assert gone.isdisjoint(one.key for one in hall.archive.store.list(UNITS))
    assert verify(hall.archive, QUIET, deep=True).findings == []
    assert carry_on(hall.archive, QUIET) == {}


@pytest.mark.usefixtures("posted")
def test_who_skips_the_verifier_erases_no_old_file(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part that nobody verified is not taken out; where it is, what it was split from stays."""
    name = ordered(hall, *posts("1"))
    begun(hall, name)
    assert purge(hall.archive, name, QUIET).waiting == 3
    state = read_state(hall.archive)
    leaves = state_of(hall, name).leaves
    old = keys_of(one for one, _ in state.retired())
    (part,) = [one for one in state.segments() if ranges.overlap(one.leaves, leaves)]
    body = {"t": "seal", "stage": DESTROY, "account": part.account, "order": name}
    sly = {**body, "segments": [], "destroys": [part.place]}
    with pytest.raises(RefusedError, match="verified"):
        seal_controls(hall.archive, [sly])
    monkeypatch.setattr("archiver.flows.custody._unverified", lambda *_: "")
    seal_controls(hall.archive, [sly])
    made = purge(hall.archive, name, QUIET)
    assert made.erased is not None
    assert not made.erased.whole
    assert state_of(hall, name).gone == {}
    assert old <= {one.key for one in hall.archive.store.list(UNITS)}


def test_two_orders_on_one_record(hall: Hall, posted: Posted) -> None:
    """The second does not begin while the first is under way: nothing goes twice."""
    posted.take(asked("posts 7 seven\nposts 8 eight\n"))
    first, second = ordered(hall, *posts("7")), ordered(hall, *posts("7", "8"))
    begun(hall, first)
    with pytest.raises(RefusedError, match="another order"):
        begun(hall, second)


def test_versions_that_can_not_be_listed_are_not_gone(
    hall: Hall, posted: Posted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that answers nothing about its versions, and keeps some, has not lost them."""
    posted.take(asked("posts 7 seven\n"))
    name = ordered(hall, *posts("7"))
    begun(hall, name)

    def denied(_: MemoryStore) -> NoReturn:
        raise StoreError("denied", where="versions")

    def hidden(self: MemoryStore, key: str) -> tuple[str, ...]:
        self.delete(key)
        return ("its versions can't be listed",)

    monkeypatch.setattr(MemoryStore, "versions", denied)
    monkeypatch.setattr(MemoryStore, "erase", hidden)
    for _ in range(2):
        made = purge(hall.archive, name, QUIET)
        assert made.erased is not None
        assert not made.erased.whole
    assert state_of(hall, name).gone == {}


class Locking(MemoryStore):
    """A store whose lock leaves a version behind a delete marker, until it lapses."""

    def __init__(self) -> None:
        super().__init__()
        self.lapsed = False
        self.kept = set[str]()

    def versions(self) -> Iterator[ObjectVersion]:
        """Yield what the lock keeps."""
        return iter(
            [ObjectVersion(one, 1, "v1", latest=False, marker=False) for one in sorted(self.kept)]
        )

    def erase(self, key: str) -> tuple[str, ...]:
        """Hide it; remove it for good once the lock is over."""
        self.delete(key)
        self.kept = self.kept - {key} if self.lapsed else self.kept | {key}
        return () if self.lapsed else ("a version is kept",)


def test_a_copy_loses_what_its_lock_kept(hall: Hall, posted: Posted) -> None:
    """Once the lock is over, what only older versions of a copy have goes as well."""
    posted.take(asked("posts 7 seven\n"))
    vault = Locking()
    copies = [Copy("vault", "memory", replace(hall.archive, store=vault))]
    here = replace(hall.archive, copies=lambda: copies)
    replicate(here, copies, QUIET)
    name = ordered(hall, *posts("7"))
    begun(hall, name)
    first = purge(here, name, QUIET).erased
    assert first is not None
    assert not first.whole
    vault.lapsed = True
    second = purge(here, name, QUIET).erased
    assert second is not None
    assert second.whole
    assert vault.kept == set()
