"""Where records occur: every exchange that shows them, and whatever is in the way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import pytest

from archiver.capture.listings import Place, absence_observation
from archiver.capture.settled import Settled
from archiver.edges.keys import LocalKeyStore
from archiver.errors import KeyStoreError
from archiver.flows import connectors
from archiver.flows.ledger import read_state
from archiver.flows.occurrences import occurrences
from archiver.flows.record_leaves import leaves_of_records
from archiver.flows.segments import open_file
from archiver.flows.settle import seal_settled
from archiver.flows.verify import verify
from archiver.formats.settlement_map import parse_map
from archiver.ids import new_uuid
from archiver.ledger import ranges
from archiver.record import Kind, record_id
from tests.attacks.carving import doomed
from tests.attacks.town import Words
from tests.attacks.world import world
from tests.flows.board import LANE, URL, Board, Posted, asked, probed, sent
from tests.flows.hall import Hall, comment
from tests.flows.helpers import Quiet

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.flows.occurrences import Occurrences
    from archiver.record import Exchange


def posts(*natives: str, stream: str = "posts") -> list[str]:
    """Return the ids of records."""
    return [record_id("stand-in", "city", stream, one) for one in natives]


@pytest.fixture
def posted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Posted:
    """An account on the board that nothing was taken in of yet."""
    return Posted.founded(tmp_path / "home", monkeypatch)


def found(posted: Posted, *records: str) -> Occurrences:
    """Return where records occur."""
    return found_in(posted.archive, *records)


def found_in(archive: Archive, *records: str) -> Occurrences:
    """Return where records occur in an archive."""
    return occurrences(archive, read_state(archive), records, Quiet())


def test_what_saw_a_record_again_goes_too(posted: Posted) -> None:
    """An exchange that repeats is in no map; map entries go that would tell of its lengths."""
    posted.take(asked("posts 1 one\nposts 2 two\n"), asked("posts 1 one\n"), asked("posts 2 two\n"))
    posted.take(asked("posts 3 three\n"), asked("posts 3 three\nposts 1 one\n"))
    posted.take(asked("posts 4 four\n"))
    told = found(posted, *posts("1"))
    assert told.exchanges == {LANE: [[1, 3], [5, 6]]}
    assert not told.blocked
    (entries,) = told.maps.values()
    assert len(entries) == 2, "that of its neighbour leads into the same exchange"
    assert found(posted, *posts("3")).exchanges == {LANE: [[4, 6]]}
    assert found(posted, *posts("9")).exchanges == {}
    assert verify(posted.archive, Quiet(), deep=True).findings == []


def test_parts_files_and_looks_of_its_own(posted: Posted) -> None:
    """Its versions, its file, the platform's word that there is none; not those of others."""
    posted.take(
        asked("posts 1 one\nposts 11 eleven\n"),
        asked("posts 1/version/2 older\n"),
        probed("posts", "1/file", "file", "picture"),
        probed("posts", "1"),
        probed("posts", "11"),
        asked("posts 11 eleven\n"),
        probed("comments", "1"),
    )
    told = found(posted, *posts("1"))
    assert told.exchanges == {LANE: [[1, 5]]}
    own = {one for every in leaves(posted, "1").values() for one in every}
    assert len(own) == 3
    assert len({uuid for entries in told.maps.values() for uuid in entries}) == 4
    assert found(posted, *posts("1/file")).exchanges == {LANE: [[3, 4]]}
    assert found(posted, *posts("1/file")).also == {posts("1")[0]: tuple(posts("1/file"))}


def leaves(posted: Posted, native: str) -> dict[str, list[int]]:
    """Return the leaves of a post."""
    return leaves_of_records(posted.archive, read_state(posted.archive), posts(native))


def test_listings_about_a_record_go_with_it(posted: Posted) -> None:
    """Also an empty page of them; not a listing that names somebody else, or nobody."""
    posted.take(
        asked("posts 1 one +comments_1 +others\nposts 2 two +comments_2\n"),
        asked("comments 7 seven\n", "comments 1"),
        asked("", "comments 1"),
        asked("comments 8 eight\n", "comments 2"),
        asked("comments 9 nine\n", "others"),
    )
    told = found(posted, *posts("1"))
    assert told.exchanges == {LANE: [[1, 4]]}
    assert found(posted, *posts("7", stream="comments")).exchanges == {LANE: [[2, 3]]}


def test_what_was_asked_below_its_address_goes_with_it(posted: Posted) -> None:
    """Whatever listing it was for; not what was asked of another that begins alike."""
    of_one, of_eleven = (
        replace(asked("posts 2 two\n", "thread"), url=f"{URL}/posts/{name}/around?page=1")
        for name in ("1", "11")
    )
    posted.take(of_one, of_eleven)
    assert found(posted, *posts("1")).exchanges == {LANE: [[1, 2]]}
    assert found(posted, *posts("1", stream="comments")).exchanges == {}


def test_what_contains_it_stays_and_is_told(posted: Posted) -> None:
    """A quotation: its exchange goes, its record is named; one of something unknown as well."""
    posted.take(asked("posts 1 one\n"), asked("posts 5 says | 1\n"), asked("posts 6 says | ?\n"))
    told = found(posted, *posts("1"))
    assert told.exchanges == {LANE: [[1, 3]]}
    assert told.also == {posts("5")[0]: tuple(posts("1"))}
    assert told.unresolved == tuple(posts("6"))
    assert not told.blocked
    assert found(posted, *posts("1", "5")).also == {}


def test_what_stands_beside_others_is_found(posted: Posted) -> None:
    """An object that an answer includes, as items refer to it, is no item and no residue."""
    posted.take(
        asked("posts 10 one\nprofile 7 city\n"),
        asked('posts 2 two\n{"post": 10, "by": 7}\n'),
        asked('posts 3 three\n{"post": 100}\n'),
    )
    assert found(posted, *posts("10")).exchanges == {LANE: [[1, 3]]}
    assert found(posted, *posts("7", stream="profile")).exchanges == {LANE: [[1, 2]]}


def test_deliveries_and_events_that_say_it_is_gone(posted: Posted) -> None:
    """What was sent lies in a lane of its own; an event names a thing and nothing else."""
    posted.take(asked("posts 1 one\nposts 2 two\n"))
    gone = sent("- posts 1\n")
    posted.take(sent("posts 1 more\n"), sent("posts 2 more\n"), gone, gone, lane="inbox")
    told = found(posted, *posts("1"))
    assert told.exchanges == {LANE: [[1, 2]], "inbox": [[1, 2], [3, 5]]}
    assert not told.blocked


def test_residue_beside_it_is_in_the_way(posted: Posted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it is of the order as well; also where a newer parser claims what no record says."""
    posted.take(asked("posts 1 one\n~ unknown\n"), asked("posts 2 two\n~ unknown\n"))
    residue = posts(f"residue/{LANE}/1")
    told = found(posted, *posts("1"))
    assert (told.residue, told.blocked) == (tuple(residue), True)
    with_it = found(posted, *posts("1"), *residue)
    assert (with_it.residue, with_it.blocked) == ((), False)
    assert with_it.exchanges == told.exchanges == {LANE: [[1, 2]]}
    posted.connector = Board(claims=True)
    monkeypatch.setattr(connectors, "CONNECTORS", {"stand-in": posted.connector})
    assert found(posted, *posts("1")).unrecorded == tuple(residue)
    posted.take(asked("~ unknown\n"))
    told = found(posted, *posts("1"))
    assert (told.residue, told.unrecorded, told.claimed) == ((), (), tuple(residue))


def test_residue_that_names_it_is_in_the_way(posted: Posted) -> None:
    """Wherever it came from, and as a word of its own."""
    posted.take(asked("posts 10 one\n"), asked("posts 2 two\n~ of 10, perhaps\n"))
    assert found(posted, *posts("10")).residue == tuple(posts(f"residue/{LANE}/2"))
    assert found(posted, *posts("1")).residue == ()


@pytest.mark.parametrize(
    "damage", ["! breaks it\n", "? unknown\n", "posts 1 one\n"], ids=["parser", "form", "cut"]
)
def test_what_cannot_be_cut_is_in_the_way(posted: Posted, damage: str) -> None:
    """A parser that fails, an unknown form, an answer that was cut: it may show anything."""
    posted.take(asked("posts 1 one\n"))
    broken = asked(damage)
    if damage.startswith("posts"):
        short = broken.response.replace(b"Content-Length: 12", b"Content-Length: 99")
        assert short != broken.response
        broken = replace_response(broken, short)
    posted.take(asked("posts 2 two\n"), broken, settle=False)
    told = found(posted, *posts("2"))
    assert told.unreadable == {LANE: [[3, 4]]}
    assert told.unsettled == {LANE: [[2, 3]]}
    assert told.blocked


def test_a_cut_answer_goes_with_its_residue(posted: Posted) -> None:
    """What was left of it is a record: once that is of the order, the exchange goes as a whole."""
    whole = asked("posts 1 one\nposts 2")
    cut = whole.response.replace(b"Content-Length: 19", b"Content-Length: 99")
    posted.take(asked("posts 1 one\n"), replace_response(whole, cut))
    assert found(posted, *posts("1")).unreadable == {LANE: [[2, 3]]}
    told = found(posted, *posts("1", f"residue/{LANE}/2"))
    assert (told.exchanges, told.blocked) == ({LANE: [[1, 3]]}, False)


def replace_response(exchange: Exchange, response: bytes) -> Exchange:
    """Return an exchange with another response."""
    return replace(exchange, response=response)


def test_an_absence_has_nothing_of_the_exchange_it_rests_on(posted: Posted) -> None:
    """That exchange stays, with what others have of it; the entry in the map goes."""
    posted.take(asked("posts 1 one\n"), asked("posts 2 two\n"))
    uuid = new_uuid(posted.archive.chance)
    place = Place("stand-in", "city", "posts", "1")
    source = replace(asked(""), lane=LANE, number=2)
    absent = absence_observation(place, Kind.ABSENT, "public", [], source)
    made = Settled([(uuid, absent)], {uuid: (source.id, [])})
    seal_settled(posted.archive, read_state(posted.archive), posted.handle, made)
    told = found(posted, *posts("1"))
    assert told.exchanges == {LANE: [[1, 2]]}
    assert frozenset([uuid]) in told.maps.values()


def test_without_keys_nobody_can_tell(posted: Posted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Intake, maps and records that this home can't open are in the way."""
    posted.take(asked("posts 1 one\n~ unknown\n"))
    posted.take(asked("posts 2 two\n"))

    def missing(_: LocalKeyStore, name: str) -> NoReturn:
        raise KeyStoreError("no key", where=name)

    monkeypatch.setattr(LocalKeyStore, "key", missing)
    told = found(posted, *posts("1"))
    assert told.unreadable == {LANE: [[2, 3]]}, "the other goes as a whole"
    assert len(told.unread) == 3, "two maps and the residue"
    assert told.exchanges == {LANE: [[1, 2]]}, "the row of a public record tells"


def test_a_platform_without_a_connector(posted: Posted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here can cut its answers; what was asked for itself is known all the same."""
    posted.take(asked("posts 1 one\n"), probed("posts", "1", "file", "picture"), asked(""))
    monkeypatch.setattr(connectors, "CONNECTORS", {})
    told = found(posted, *posts("1"))
    assert told.exchanges == {LANE: [[1, 3]]}
    assert told.unreadable == {}, "they go as a whole"
    assert found(posted, *posts("2")).unreadable == {LANE: [[1, 3]]}


def test_an_account_that_no_document_tells_of(hall: Hall) -> None:
    """Its records are found by themselves; what was asked for it, by nobody."""
    told = found_in(hall.archive, comment(1))
    assert (told.exchanges, told.blocked) == ({}, False)
    assert len({uuid for entries in told.maps.values() for uuid in entries}) == 0


def test_it_finds_what_attackers_find(tmp_path: Path) -> None:
    """In a Mastodon town, by another way: the same exchanges, and residue is in the way."""
    words = Words("Call me at 5 Mill Street", "Do not call me", tags=("culvert",))
    with world(tmp_path / "home", words, "occurrences") as town:
        gone = doomed(town)
        left = {record for record in gone.records if "residue" in record}
        told = found_in(town.archive, *gone.records)
        ids = {f"{lane}/{n}" for lane, some in told.exchanges.items() for n in ranges.numbers(some)}
        assert ids == gone.exchanges
        assert not told.blocked
        entries = {uuid for some in told.maps.values() for uuid in some}
        assert entries >= gone.uuids & mapped(town.archive)
        assert left
        assert set(found_in(town.archive, *(gone.records - left)).residue) == left


def mapped(archive: Archive) -> set[str]:
    """Return the observation ids in all maps."""
    maps = [one for one in read_state(archive).segments() if "map.c256" in one.objects]
    return {uuid for one in maps for uuid in parse_map(open_file(archive, one, "map"))}


def test_entries_lead_where_the_map_says(posted: Posted) -> None:
    """No entry that stays leads into an exchange that goes."""
    posted.take(asked("posts 1 one\nposts 2 two\n"), asked("posts 3 three\n"))
    told = found(posted, *posts("1"))
    for segment in read_state(posted.archive).segments():
        if any(suffix.startswith("map") for suffix in segment.objects):
            going = told.maps.get(segment.place, frozenset())
            origins = parse_map(open_file(posted.archive, segment, "map"))
            assert {origins[one].exchange for one in origins if one in going} == {f"{LANE}/1"}
            assert {origins[one].exchange for one in origins if one not in going} == {f"{LANE}/2"}
