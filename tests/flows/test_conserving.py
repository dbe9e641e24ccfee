"""Conservation in a real archive: the ledger counts what was captured, and who produces it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.capture.settled import Settled
from archiver.errors import RefusedError, UsageError
from archiver.flows.conserving import (
    EXTRAORDINARY,
    LISTINGS,
    NOT_FOUND,
    NOT_LOOKED_INTO,
    RESIDUE,
    TAGGED,
    UNREAD,
    conservation,
    responsive,
)
from archiver.flows.ledger import read_state
from archiver.flows.matter_acts import leaves_before
from archiver.flows.matter_scope import contained, found_by, handles_of
from archiver.flows.matters import matter_of, things_of
from archiver.flows.settle import seal_settled
from archiver.ledger import ranges
from archiver.produce.conserving import DESTROYED, HELD_BACK, NON_RESPONSIVE, PRODUCED, Given
from archiver.produce.families import duplicates, families
from archiver.produce.scope import Scope
from archiver.record import Excerpt, Kind
from tests.doubles import SeededRandomness
from tests.flows.board import Board, Posted, asked
from tests.flows.ended import taken_out, under_way
from tests.flows.hall import Hall, comment
from tests.flows.helpers import observations, open_archive, read_anew
from tests.flows.test_extraordinary import ordered
from tests.flows.test_matters import message, opened, tagged
from tests.flows.test_purge import with_board
from tests.flows.test_purge_exact import Newer

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.ledger.ranges import Ranges
    from archiver.produce.conserving import Conservation

PUBLIC = Scope(query="culvert")
ALL = Scope(query="culvert", private=True)
ONE = Scope(query='"comments 1"')


def leaves(hall: Hall, *records: str) -> Ranges:
    """Return all leaves of records."""
    return leaves_before(hall.archive, records, hall.size) if records else []


def lines(found: Conservation) -> dict[tuple[str, str], tuple[int, int | None]]:
    """Return the table: by kind and detail, versions and records."""
    return {line[:2]: line[2:] for line in found.lines}


def more(hall: Hall, number: int, account: str = "acct", **changes: object) -> None:
    """Seal what one more exchange gave: a comment and a message, or the comment alone, changed."""
    made = observations(SeededRandomness(f"more {number} {account} {changes}"), number)
    kept = [(uuid, replace(one, **changes)) for uuid, one in made.observations[:1]]  # type: ignore[arg-type]  # by name
    found = Settled(kept) if changes else made
    seal_settled(hall.archive, read_state(hall.archive), account, found)


def codes(found: Conservation) -> list[str]:
    """Return the codes of the faults."""
    return [one.code for one in found.faults]


COMMENTS = (comment(1), comment(2), comment(3))


def test_all_that_is_produced_adds_up(hall: Hall) -> None:
    """Three comments go out; three messages are of a stream that is not looked into."""
    found = conservation(hall.archive, PUBLIC, Given(leaves(hall, *COMMENTS)))
    assert lines(found) == {(PRODUCED, ""): (3, 3), (HELD_BACK, NOT_LOOKED_INTO): (3, 3)}
    assert (found.ledger, found.outside, found.captured, found.records) == (6, 0, 6, 6)
    assert found.whole


def test_what_is_forgotten_is_found(hall: Hall) -> None:
    """A record that the query finds, and that nobody accounts for, is a fault."""
    found = conservation(hall.archive, PUBLIC, Given(leaves(hall, comment(1), comment(2))))
    assert codes(found) == ["conservation-unaccounted"]
    assert "captured 6, accounted for 5" in found.faults[0].what
    assert not found.whole


def test_the_ledger_counts_not_the_query(hall: Hall) -> None:
    """A query that finds less makes more of it not asked for: captured stays what it is."""
    found = conservation(hall.archive, ONE, Given(leaves(hall, comment(1))))
    assert lines(found)[NON_RESPONSIVE, NOT_FOUND] == (2, 2)
    assert (found.captured, found.whole) == (6, True)


def test_each_is_counted_once(hall: Hall) -> None:
    """What is produced and withheld at once is a fault; of two exemptions it has both names."""
    own = leaves(hall, comment(1), comment(2))
    both = Given(
        own, {"7(1)(b)": leaves(hall, comment(2))}, held_back={"x": leaves(hall, comment(3))}
    )
    assert codes(conservation(hall.archive, PUBLIC, both)) == ["conservation-twice"]
    two = {"7(1)(b)": leaves(hall, comment(2), comment(3)), "7(1)(c)": leaves(hall, comment(3))}
    found = conservation(hall.archive, PUBLIC, Given(leaves(hall, comment(1)), two))
    assert found.whole
    assert lines(found)["withheld", "7(1)(b); 7(1)(c)"] == (1, 1)


def test_what_is_not_in_the_scope_is_named(hall: Hall) -> None:
    """A record of another account has no place in this production."""
    more(hall, 7, "other")
    scope = replace(PUBLIC, accounts=("acct",))
    given = Given(leaves(hall, *COMMENTS, comment(7)))
    assert codes(conservation(hall.archive, scope, given)) == ["conservation-beyond"]
    both = replace(PUBLIC, accounts=("acct", "other"))
    assert conservation(hall.archive, both, given).whole


def test_streams_and_days_are_counted_as_outside(hall: Hall) -> None:
    """What rows say is of another stream or day is told apart; a record is in with all it has."""
    scope = replace(ALL, streams=("messages",))
    found = conservation(hall.archive, scope, Given([], held_back={"x": leaves(hall, *MESSAGES)}))
    assert (found.ledger, found.outside, found.captured) == (6, 3, 3)
    assert found.whole
    late = "2026-11-25T09:00:00.000000Z"
    more(hall, 1, kind=Kind.EDITED, captured_at=late)
    more(hall, 9, captured_at=late)
    for since, until, captured in (
        ("2026-11-25", "", 3), ("", "2026-11-24", 7), ("2026-11-26", "", 0), ("", "", 8),
    ):  # fmt: skip
        here = replace(PUBLIC, since=since, until=until)
        inside = contained(hall.archive, read_state(hall.archive), here, hall.size)
        produced = inside.leaves_of(found_by(hall.archive, here, inside))
        told = conservation(hall.archive, here, Given(produced))
        assert (told.ledger, told.captured, told.whole) == (8, captured, True), here


MESSAGES = (message(1), message(2), message(3))


def test_private_ones_wait_for_an_approval(hall: Hall) -> None:
    """Looked into, they are asked for: whoever produces has to say that they are held back."""
    given = Given(leaves(hall, *COMMENTS))
    assert codes(conservation(hall.archive, ALL, given)) == ["conservation-unaccounted"]
    held = replace(given, held_back={"not approved": leaves(hall, *MESSAGES)})
    assert lines(conservation(hall.archive, ALL, held))[HELD_BACK, "not approved"] == (3, 3)


def test_tags_say_what_is_asked_for(hall: Hall) -> None:
    """Tagged responsive it has to be accounted for, else it need not; privileged ones stay."""
    name = opened(hall, ONE)
    tagged(hall, name, "responsive", comment(2))
    matter = tagged(hall, name, "non-responsive", comment(1))
    assert responsive(matter, {comment(1), comment(3)}) == {comment(2), comment(3)}
    assert responsive(ONE, [comment(1)]) == {comment(1)}
    given = Given(leaves(hall, comment(2)))
    found = conservation(hall.archive, matter, given)
    assert lines(found)[NON_RESPONSIVE, TAGGED] == (1, 1)
    assert found.whole
    assert codes(conservation(hall.archive, matter, Given([]))) == ["conservation-unaccounted"]
    matter = tagged(hall, name, "privileged", comment(2))
    assert codes(conservation(hall.archive, matter, given)) == ["conservation-privileged"]
    held = Given([], held_back={"privileged": given.produced})
    assert conservation(hall.archive, matter, held).whole


def test_what_was_destroyed_is_told_by_order(hall: Hall) -> None:
    """The log knows how many went, and by which order, of whatever stream and day they were."""
    order = under_way(hall, comment(1))
    taken_out(hall, order)
    given = Given(leaves(hall, comment(2), comment(3)))
    found = conservation(hall.archive, PUBLIC, given)
    assert lines(found)[DESTROYED, order] == (1, None)
    assert (found.captured, found.whole) == (6, True)
    assert conservation(hall.archive, replace(PUBLIC, since="2026-11-20"), given).whole


def test_what_went_without_an_order_does_not_add_up(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table tells of no destruction that nothing allowed."""
    order = under_way(hall, comment(1))
    taken_out(hall, order)
    monkeypatch.setattr("archiver.flows.conserving._destroyed", lambda *_: {})
    given = Given(leaves(hall, comment(2), comment(3)))
    assert codes(conservation(hall.archive, PUBLIC, given)) == ["conservation-unaccounted"]


def test_what_is_withheld_from_everybody_is_held_back(hall: Hall) -> None:
    """An extraordinary order stands on it: nobody produces it, and it is told."""
    given = Given(leaves(hall, comment(2), comment(3)))
    ordered(hall, comment(1))
    found = conservation(hall.archive, PUBLIC, given)
    assert lines(found)[HELD_BACK, EXTRAORDINARY] == (1, 1)
    assert found.whole


def test_what_has_no_key_here_is_held_back(hall: Hall) -> None:
    """Another home reads the public ones, and says what it can't."""
    blind = open_archive(hall.store, hall.folder / "elsewhere")
    found = conservation(blind, ALL, Given(leaves(hall, *COMMENTS)))
    assert lines(found).get((HELD_BACK, UNREAD)) == (3, None)
    assert (found.captured, found.records, found.whole) == (6, 3, True)


def test_listings_and_residue_have_a_line(hall: Hall) -> None:
    """What is no record of anybody is counted all the same."""
    more(hall, 5, native_id="list", kind=Kind.LISTING, excerpts=(Excerpt("item", b"x"),))
    more(hall, 6, native_id="left", kind=Kind.RESIDUE)
    found = conservation(hall.archive, PUBLIC, Given(leaves(hall, *COMMENTS)))
    assert lines(found)[NON_RESPONSIVE, LISTINGS] == (1, None)
    assert lines(found)[HELD_BACK, RESIDUE] == (1, None)
    assert found.whole


def test_a_smaller_log_has_less(hall: Hall) -> None:
    """What came later is not counted, and what it says of a record makes it no less asked for."""
    size, given = hall.size, Given(leaves(hall, *COMMENTS))
    more(hall, 1, kind=Kind.EDITED, row={"text": "comments 1: nothing", "state": "public"})
    more(hall, 8)
    assert conservation(hall.archive, PUBLIC, given, size).whole
    assert codes(conservation(hall.archive, PUBLIC, given)) == ["conservation-unaccounted"]
    assert conservation(hall.archive, PUBLIC, Given([]), size, found=()).whole


def test_the_archives_own_documents_are_in_no_scope(hall: Hall) -> None:
    """A matter without accounts is about all of the city's, and none is made up."""
    state = read_state(hall.archive)
    assert handles_of(hall.archive, state, PUBLIC) == {"acct"}
    with pytest.raises(UsageError, match="no such account"):
        handles_of(hall.archive, state, replace(PUBLIC, accounts=("acct", "nobody")))


def test_families_and_duplicates_of_a_scope(hall: Hall) -> None:
    """A file goes with its comment; the same words at the same moment are duplicates."""
    more(hall, 1, native_id="1/file", row={"state": "public"})
    for number in (7, 8):
        more(hall, number, row={"text": "the same words", "author_id": "3"})
    inside = contained(hall.archive, read_state(hall.archive), ALL, hall.size)
    things = things_of(hall.archive, inside, "families")
    assert [len(one) for one in families(things)].count(2) == 1
    assert families(things)[0] == (comment(1), f"{comment(1)}%2Ffile")
    assert duplicates(things) == [(comment(7), comment(8))]
    assert not any(one.words for one in things if one.stream == "messages")
    whole = things_of(hall.archive, inside, "families", private=True)
    assert sum(bool(one.words) for one in whole) == sum(bool(one.words) for one in things) + 3
    assert len(list(hall.archive.home.names("access/"))) > 0


def test_a_query_of_another_language_is_not_asked(hall: Hall) -> None:
    """Words of before would be read otherwise now, and might find less; what was found is taken."""
    old = replace(PUBLIC, language="0")
    with pytest.raises(RefusedError, match="version 0 of the language"):
        conservation(hall.archive, old, Given([]))
    given = Given(leaves(hall, *COMMENTS))
    assert conservation(hall.archive, old, given, found=COMMENTS).whole


def test_reading_goes_by_matter(hall: Hall) -> None:
    """A matter is held against its own scope, as it was typed."""
    name = opened(hall, ONE)
    assert matter_of(hall.archive, name).scope.query == ONE.query
    assert conservation(
        hall.archive, matter_of(hall.archive, name), Given(leaves(hall, comment(1)))
    ).whole


def test_what_was_read_anew_counts_once(
    first_hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newer reading is the same observation, whichever of the two is told."""
    hall = with_board(first_hall, tmp_path, monkeypatch)
    posted = Posted(hall.archive, Board())
    posted.take(asked("posts 1 one\nposts 2 two\n"), asked("posts 3 three\n"))
    scope = Scope(accounts=("city",))
    records = contained(hall.archive, read_state(hall.archive), scope, hall.size).records
    before = conservation(hall.archive, scope, Given(leaves(hall, *records)))
    assert before.whole
    assert read_anew(hall.archive, posted.handle, Newer()) == 3
    after = conservation(hall.archive, scope, Given(leaves(hall, *records)))
    assert replace(after, size=before.size) == before
    first = contained(hall.archive, read_state(hall.archive), scope, hall.size)
    newer = ranges.from_numbers(first.newer)
    assert ranges.count(newer) == 3
    same = conservation(hall.archive, scope, Given(newer))
    assert lines(same)[PRODUCED, ""] == (3, 3)
