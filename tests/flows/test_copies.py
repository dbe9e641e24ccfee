"""Copies as the ledger tells of them: told of first, asked until all is gone, or retired by two."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import pytest

from archiver.edges.memory import Fault, Killed, MemoryStore
from archiver.errors import RefusedError, StoreError, UsageError
from archiver.flows.copies import tell
from archiver.flows.custody import custody_of
from archiver.flows.deciding import seal_drafts
from archiver.flows.executing import execute
from archiver.flows.ledger import read_state
from archiver.flows.order_list import listed as orders_listed
from archiver.flows.replicate import Copy, replicate
from archiver.flows.retiring import listed, retire
from archiver.flows.verify import verify
from archiver.layout import UNITS
from tests.flows.conftest import first_hall, hall
from tests.flows.ended import WORDS, copy_of, done, ordered, taken_out, under_way
from tests.flows.hall import Hall, comment
from tests.flows.helpers import Quiet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.flows.archive import Archive

__all__ = ["first_hall", "hall"]

QUIET = Quiet()
SAID = {"reason": "the bank closed", "to": "", "copy_sha256": ""}


class Away(MemoryStore):
    """A store that nobody reaches."""

    def load(self, key: str) -> NoReturn:
        """Fail."""
        raise StoreError("away", where=key)


def twin(hall: Hall, name: str, store: MemoryStore) -> Copy:
    """Return a copy of a hall's archive."""
    return Copy(name, f"{name}, elsewhere", replace(hall.archive, store=store, copy_name=name))


def naming(hall: Hall, *copies: Copy) -> Archive:
    """Return a hall's archive in settings that name some copies."""
    return replace(hall.archive, copies=lambda: list(copies))


def told_of(hall: Hall) -> list[str]:
    """Return the handles of copies that entries tell of, in their order."""
    return [body["copy"] for _, body in read_state(hall.archive).controls if body["t"] == "copy"]


def retired(hall: Hall, name: str, signers: Sequence[str] = ("clerk", "counsel")) -> None:
    """Have a copy retired."""
    made = retire(hall.archive, name, "lost", SAID, hall.now.date())
    seal_drafts(hall.archive, [made.signed(hall.keys(*signers))])


def test_a_copy_is_told_of_before_it_has_anything(hall: Hall) -> None:
    """Once, whoever is killed then; one that is away is told of, what is something else is not."""
    vault, other = MemoryStore(), MemoryStore()
    other.create("letter.txt", b"Dear Sir")
    vault.faults = lambda op, _: Fault.KILL_BEFORE if op == "create" else None
    copies = [twin(hall, "vault", vault), twin(hall, "away", Away()), twin(hall, "other", other)]
    with pytest.raises(Killed):
        replicate(hall.archive, copies, QUIET)
    assert list(vault.list("")) == []
    assert told_of(hall) == [copy_of(hall, "away"), copy_of(hall, "vault")]
    vault.faults = lambda _, __: None
    replicate(hall.archive, copies, QUIET)
    assert len(told_of(hall)) == 2
    assert verify(hall.archive, QUIET, deep=False).findings == []


def test_a_copy_that_the_settings_forgot_is_waited_for(hall: Hall) -> None:
    """Taken out of the settings it keeps an order from being done, until two have retired it."""
    vault = twin(hall, "vault", MemoryStore())
    replicate(hall.archive, [vault], QUIET)
    tell(naming(hall, vault), [vault])
    name = under_way(hall, comment(1))
    taken_out(hall, name)
    made = execute(hall.archive, name, hall.of("purger"), QUIET)
    assert made.state == "under-way"
    ((handle, left),) = made.waits.items()
    assert (handle, left.name, left.declared) == (copy_of(hall, "vault"), "vault", False)
    (row,) = (one for one in orders_listed(hall.archive) if one["order"] == name)
    assert [one["place"] for one in row["waits"]] == ["vault, elsewhere"]
    with pytest.raises(RefusedError, match="not all of it is gone of every copy"):
        done(hall, name)
    retired(hall, "vault")
    assert execute(hall.archive, name, hall.of("purger"), QUIET).state == "under-way"
    hall.later(4)
    assert execute(hall.archive, name, hall.of("purger"), QUIET).state == "done"
    assert verify(hall.archive, QUIET, deep=False).findings == []


def test_named_again_it_loses_what_went(hall: Hall) -> None:
    """Back in the settings the copy is cleared, and the order is done."""
    vault = twin(hall, "vault", MemoryStore())
    replicate(hall.archive, [vault], QUIET)
    name = under_way(hall, comment(1))
    taken_out(hall, name)
    assert execute(hall.archive, name, hall.of("purger"), QUIET).state == "under-way"
    assert execute(naming(hall, vault), name, hall.of("purger"), QUIET).state == "done"
    there, here = ({one.key for one in x.list(UNITS)} for x in (vault.store, hall.archive.store))
    assert there == here


def test_an_empty_place_is_not_taken_for_a_cleared_copy(hall: Hall) -> None:
    """A disk that is not mounted keeps an order from being done; a new copy has to be begun."""
    vault = twin(hall, "vault", MemoryStore())
    name = under_way(hall, comment(1))
    taken_out(hall, name)
    here = naming(hall, vault)
    made = execute(here, name, hall.of("purger"), QUIET)
    assert made.state == "under-way"
    assert made.purged.erased is not None
    assert made.purged.erased.failed["vault"].startswith("nothing is there")
    assert list(vault.store.list("")) == []
    replicate(here, [vault], QUIET)
    assert execute(here, name, hall.of("purger"), QUIET).state == "done"


def test_an_order_tells_of_copies_before_it_begins(hall: Hall) -> None:
    """What an older home replicated to is in the ledger before anything goes."""
    vault = twin(hall, "vault", MemoryStore())
    name = ordered(hall, WORDS, comment(1))
    with pytest.raises(RefusedError, match="has not begun"):
        execute(naming(hall, vault), name, None, QUIET)
    assert told_of(hall) == [copy_of(hall, "vault")]


def test_to_replicate_again_takes_a_retirement_back(hall: Hall) -> None:
    """What counts already as well as what does not yet."""
    vault = twin(hall, "vault", MemoryStore())
    for days in (4, 0):
        replicate(hall.archive, [vault], QUIET)
        retired(hall, "vault")
        hall.later(days)
        states = [one["state"] for one in listed(hall.archive)]
        assert states == ["kept", "retired" if days else "retiring"]
    replicate(hall.archive, [vault], QUIET)
    copies = custody_of(hall.archive, read_state(hall.archive)).copies
    assert copies.retired(copy_of(hall, "vault")) is None
    assert len(copies.retirements) == 2
    row = listed(naming(hall, vault))[1]
    assert (row["name"], row["declared"], row["state"]) == ("vault", True, "kept")


def test_who_retires_what(hall: Hall) -> None:
    """Two who govern; no copy that the settings name, that nobody told of, or the archive."""
    vault = twin(hall, "vault", MemoryStore())
    replicate(hall.archive, [vault], QUIET)
    for signers in (("clerk",), ("clerk", "anna"), ("purger", "counsel")):
        with pytest.raises(RefusedError, match="would not count"):
            retired(hall, "vault", signers)
    day = hall.now.date()
    for archive, which, became, code in (
        (naming(hall, vault), "vault", "lost", "replica-declared"),
        (hall.archive, "cellar", "lost", "copy-unknown"),
        (hall.archive, "archive", "lost", "copy-unknown"),
        (hall.archive, "vault", "sold", "usage"),
        (hall.archive, "vault", "handed-over", "usage"),
    ):
        with pytest.raises(UsageError) as raised:
            retire(archive, which, became, SAID, day)
        assert raised.value.code == code
    late = retire(hall.archive, copy_of(hall, "vault"), "lost", SAID, day)
    retired(hall, "vault")
    replicate(hall.archive, [vault], QUIET)
    seal_drafts(hall.archive, [late.signed(hall.keys("clerk", "counsel"))])
    copies = custody_of(hall.archive, read_state(hall.archive)).copies
    assert copies.retired(copy_of(hall, "vault")) is None
