"""Intake and maps split for destruction, and what a second person holds against the old files."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from archiver.edges.memory import Killed
from archiver.errors import FormatError, IntegrityError
from archiver.flows.holds import Scope, place
from archiver.flows.intake_split import split_intake, split_map
from archiver.flows.ledger import read_state
from archiver.flows.occurrences import occurrences
from archiver.flows.rows import catalog
from archiver.flows.segments import Placement as Place
from archiver.flows.segments import finish, open_file, read_table
from archiver.flows.submit import submit
from archiver.flows.verify_intake_split import check_intake_split, check_map_split
from archiver.formats import warc, warc_reading
from archiver.formats.exchanges import certificate_parts
from archiver.formats.http1 import response_of
from archiver.formats.intake_file import IntakeFile
from archiver.formats.parquet import canonical_time, rows_of
from archiver.formats.settlement_map import map_bytes, parse_map
from archiver.ids import new_ulid
from archiver.ledger import ranges
from archiver.ledger.batch import Batch
from tests.flows.board import LANE, Posted, asked
from tests.flows.conftest import opened
from tests.flows.helpers import Quiet
from tests.flows.test_occurrences import posts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.flows.segments import Sealable
    from archiver.formats.intake_file import Stored
    from archiver.ledger.state import Segment
    from tests.flows.hall import Hall

TIME = "2026-11-20T09:00:00.000000Z"
Parts = tuple["Sealable", "Sealable"]


@pytest.fixture
def posted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Posted:
    """An account on the board with one intake file of three exchanges, and its map."""
    made = Posted.founded(tmp_path / "home", monkeypatch)
    answers = (asked(f"posts {n} number {n}\n") for n in (1, 2, 3))
    made.take(*answers, certificates=[b"certificate"])
    return made


def segment_with(archive: Archive, kind: str) -> Segment:
    """Return the first segment of an account's that has a file of a kind alone."""
    every = read_state(archive).segments()
    return next(one for one in every if f"{kind}.c256" in one.objects and not one.leaves)


def stored(archive: Archive, old: Segment, made: Sealable) -> Segment:
    """Put the files of a part into the store, and return it as its seal will have it."""
    for key, data in made.objects.items():
        archive.store.create(key, data)
    told = made.segment
    assert (told["leaves"], made.commitments) == ([], ())
    return replace(
        old, unit=told["unit"], name=told["segment"], objects=told["objects"],
        lane=told.get("lane", ""), exchanges=told.get("exchanges", []), supersedes=(old.name,),
    )  # fmt: skip


def parts_of(archive: Archive, old: Segment, made: Parts) -> list[Segment]:
    """Return both parts."""
    return [stored(archive, old, one) for one in made]


def test_a_real_capture_is_split_without_the_posts_that_go(copy: Path) -> None:
    """No byte of their texts in what stays; all else is there, and the checks find nothing."""
    archive = opened(copy)
    rows = [
        row
        for one in catalog(archive, read_state(archive))
        if one.stream == "posts"
        for row in rows_of(read_table(archive, one.segment))
    ]
    chosen = sorted({row["record_id"] for row in rows if "/" not in row["native_id"]})[3:5]
    mine = [row for row in rows if row["record_id"].startswith(tuple(chosen))]
    texts = {row["text"][:40].encode() for row in mine if len(row.get("text", "")) > 40}
    told = occurrences(archive, read_state(archive), chosen, Quiet())
    assert texts
    assert not told.blocked
    for old in list(read_state(archive).segments()):
        going = told.exchanges.get(old.lane, []) if "warc.gz.c256" in old.objects else []
        going = ranges.minus(old.exchanges, ranges.minus(old.exchanges, going))
        if not old.leaves and going:
            made = parts_of(archive, old, split_intake(archive, old, going))
            assert check_intake_split(archive, old, made) == []
            stays, goes = (list(IntakeFile(open_file(archive, one, "warc.gz"))) for one in made)
            assert not [one for one in stays if any(text in _body(one) for text in texts)]
            assert any(text in _body(one) for one in goes for text in texts)
            assert len(stays) > len(goes)
        if old.place in told.maps:
            made = parts_of(archive, old, split_map(archive, old, told.maps[old.place]))
            assert check_map_split(archive, old, made) == []


def _body(one: Stored) -> bytes:
    return response_of(one.exchange()).body


def test_a_hold_that_shares_an_exchange_makes_it_wait(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a held record was seen with it, also unchanged; not where it was seen alone."""
    posted = Posted.opened(hall.archive, monkeypatch)
    posted.take(asked("posts 1 one\n"), asked("posts 2 two\n"), asked("posts 3 three\n"))
    posted.take(
        asked("posts 1 one\nposts 2 two\n"),
        asked('posts 1 one\n{"post": 2}\n'),
        asked("posts 1 one\nposts 2/file of it\n"),
        asked("? posts 1 and who knows\n"),
    )
    told: dict[str, Any] = {"kind": "litigation", "matter": "v. City"}
    scope = Scope(records=tuple(posts("2")))
    place(hall.archive, scope, told, hall.keys("holder"), Quiet(), snapshot=False)
    found = occurrences(hall.archive, read_state(hall.archive), posts("1"), Quiet())
    assert (found.exchanges, found.held) == ({LANE: [[1, 2], [4, 7]]}, {LANE: [[4, 7]]})
    assert found.blocked
    left = posts("3", f"residue/{LANE}/7")
    with_it = occurrences(hall.archive, read_state(hall.archive), left, Quiet())
    assert with_it.exchanges == {LANE: [[3, 4], [7, 8]]}
    assert (with_it.held, with_it.unreadable) == ({}, {LANE: [[7, 8]]}), "it may show what is held"


def test_parts_have_what_a_seal_needs_and_nothing_of_the_old_file(posted: Posted) -> None:
    """The old unit and period; a name, a key and a nonce of their own."""
    archive = posted.archive
    old = segment_with(archive, "warc.gz")
    made = split_intake(archive, old, [[2, 3]])
    assert [one.segment["exchanges"] for one in made] == [[[1, 2], [3, 4]], [[2, 3]]]
    for one in made:
        told = one.segment
        assert (told["unit"], told["series"], told["lane"]) == (old.unit, "intake", LANE)
        assert told["segment"] != old.name
        assert list(told["objects"]) == ["warc.gz.c256"]
    parts = parts_of(archive, old, made)
    plain = [open_file(archive, one, "warc.gz") for one in (old, *parts)]
    members = [list(warc_reading.members_of(one)) for one in plain]
    assert sorted(map(len, members[1:])) == [4, 6], "each has the certificate"
    assert len({records[0][1] for records in members}) == 3
    again = split_intake(archive, parts[0], [[3, 4]])
    left = parts_of(archive, parts[0], again)
    assert check_intake_split(archive, parts[0], left) == []


def test_a_split_that_is_sealed_is_found_again(posted: Posted) -> None:
    """What goes is in a part of its own then, of intake and of the map, and whole."""
    archive = posted.archive
    posted.take(asked("posts 2 number 2\n"), asked("posts 4 number 4\n"))
    before = occurrences(archive, read_state(archive), posts("2"), Quiet())
    intake = next(one for one in read_state(archive).segments() if one.exchanges == [[1, 4]])
    seal_split(archive, intake, split_intake(archive, intake, [[2, 3]]))
    for where, entries in before.maps.items():
        old = next(one for one in read_state(archive).segments() if one.place == where)
        seal_split(archive, old, split_map(archive, old, entries))
    live = list(read_state(archive).segments())
    parts = [one for one in live if one.supersedes]
    assert len(parts) == 4
    assert intake.place not in {one.place for one in live}
    after = occurrences(archive, read_state(archive), posts("2"), Quiet())
    assert after.exchanges == before.exchanges == {LANE: [[2, 3], [4, 5]]}
    (where,) = after.maps
    (whole,) = (one for one in parts if one.place == where)
    assert after.maps[where] == set(parse_map(open_file(archive, whole, "map")))


def seal_split(archive: Archive, old: Segment, made: Parts) -> None:
    """Seal both parts in the place of the old segment."""
    segments = [{**one.segment, "supersedes": [old.name]} for one in made]
    body = {
        "t": "seal", "stage": "compact", "account": old.account, "segments": segments,
        "time": canonical_time(archive.clock.now()),
    }  # fmt: skip
    objects = {key: data for one in made for key, data in one.objects.items()}
    batch = Batch(new_ulid(archive.clock, archive.chance), (), (body,))
    submit(archive, old.account, batch, objects)


@pytest.mark.parametrize("going", [[], [[1, 4]], [[3, 5]], [[9, 10]]])
def test_what_is_no_part_is_not_split(posted: Posted, going: ranges.Ranges) -> None:
    """None of it, all of it, or what is not in it."""
    old = segment_with(posted.archive, "warc.gz")
    with pytest.raises(FormatError, match="no part"):
        split_intake(posted.archive, old, going)


def test_entries_that_are_no_part_are_not_split(posted: Posted) -> None:
    """None of them, all of them, or one that is not in it."""
    old = segment_with(posted.archive, "map")
    every = sorted(parse_map(open_file(posted.archive, old, "map")))
    for going in ([], every, [every[0], "another"]):
        with pytest.raises(FormatError, match="no part"):
            split_map(posted.archive, old, going)


def test_killed_half_way_nothing_has_changed(
    posted: Posted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old file is whole, and the next one splits it."""
    archive = posted.archive
    old = segment_with(archive, "warc.gz")
    before = dict(archive.store._objects)  # type: ignore[attr-defined]  # a memory store
    real, made = archive.keys.new_key, list[str]()

    def killed(name: str, period: str) -> bytes:
        if made:
            raise Killed(name)
        made.append(name)
        return real(name, period)

    with monkeypatch.context() as patch:
        patch.setattr(archive.keys, "new_key", killed)
        with pytest.raises(Killed):
            split_intake(archive, old, [[2, 3]])
    assert archive.store._objects == before  # type: ignore[attr-defined]  # a memory store
    parts = parts_of(archive, old, split_intake(archive, old, [[2, 3]]))
    assert check_intake_split(archive, old, parts) == []


def test_only_what_was_sealed_is_split(posted: Posted) -> None:
    """A changed file is refused, whatever a cache has."""
    old = segment_with(posted.archive, "warc.gz")
    open_file(posted.archive, old, "warc.gz")
    key = f"u/{old.unit}/{old.name}.warc.gz.c256"
    posted.archive.store.delete(key)
    posted.archive.store.create(key, b"others")
    with pytest.raises(IntegrityError):
        split_intake(posted.archive, old, [[2, 3]])


def forged(
    archive: Archive, old: Segment, kind: str, data: bytes, exchanges: ranges.Ranges | None = None
) -> Segment:
    """Return a part as somebody else made it."""
    made = finish(
        archive, Place(old.unit, old.series, old.period, old.sensitivity), {kind: data}, (), 0
    )
    return replace(stored(archive, old, made), lane=old.lane, exchanges=exchanges or [])


def _changed(members: list[bytes]) -> list[bytes]:
    record = warc_reading.inflate_member(members[-1]).replace(b"number 3", b"Number 3")
    return [*members[:-1], warc.member(record)]


TAMPERED: dict[str, tuple[Callable[[list[bytes]], list[bytes]], ranges.Ranges]] = {
    "lost": (lambda all_: all_[:-2], [[1, 2]]),
    "lost, and its seal says so no more": (lambda all_: all_[:-2], [[1, 2], [3, 4]]),
    "changed": (_changed, [[1, 2], [3, 4]]),
    "deflated otherwise": (
        lambda all_: [*all_[:-1], gzip.compress(warc_reading.inflate_member(all_[-1]))],
        [[1, 2], [3, 4]],
    ),
    "with another certificate": (
        lambda all_: [*all_, warc.member(b"".join(certificate_parts(b"another", TIME)))],
        [[1, 2], [3, 4]],
    ),
    "with a certificate changed": (
        lambda all_: [
            all_[0],
            warc.member(warc_reading.inflate_member(all_[1]).replace(b"ificate\r", b"ificatf\r")),
            *all_[2:],
        ],
        [[1, 2], [3, 4]],
    ),
    "without its certificate": (lambda all_: [all_[0], *all_[2:]], [[1, 2], [3, 4]]),
    "twice": (lambda all_: [*all_, *all_[-2:]], [[1, 2], [3, 4]]),
    "in another order": (
        lambda all_: [*all_[:2], *all_[-2:], *all_[2:4]],
        [[1, 2], [3, 4]],
    ),
    "half an exchange": (lambda all_: all_[:-1], [[1, 2], [3, 4]]),
    "without nonce": (
        lambda all_: [
            warc.opening_member(
                warc_reading.inflate_member(all_[0]).replace(b"archive-nonce", b"archive-xxxxx")
            ),
            *all_[1:],
        ],
        [[1, 2], [3, 4]],
    ),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_what_is_not_as_it_was_is_found(posted: Posted, how: str) -> None:
    """Whoever splits has all keys; whoever verifies has the old file."""
    archive = posted.archive
    old = segment_with(archive, "warc.gz")
    stays, goes = parts_of(archive, old, split_intake(archive, old, [[2, 3]]))
    change, numbers = TAMPERED[how]
    members = [one for one, _ in warc_reading.members_of(open_file(archive, stays, "warc.gz"))]
    bad = forged(archive, old, "warc.gz", b"".join(change(members)), exchanges=numbers)
    found = check_intake_split(archive, old, [bad, goes])
    assert {one.code for one in found} == {"segment-files"}
    assert "number 3" not in str(found), "a finding quotes nothing"


def test_a_first_record_of_the_old_file_is_found(posted: Posted) -> None:
    """Its nonce is to go with the old file, not to confirm its digest for ever."""
    archive = posted.archive
    old = segment_with(archive, "warc.gz")
    stays, goes = parts_of(archive, old, split_intake(archive, old, [[2, 3]]))
    files = (open_file(archive, one, "warc.gz") for one in (old, stays))
    first, own = ([member for member, _ in warc_reading.members_of(file)] for file in files)
    data = b"".join([first[0], *own[1:]])
    bad = forged(archive, old, "warc.gz", data, exchanges=stays.exchanges)
    (found,) = check_intake_split(archive, old, [bad, goes])
    assert (found.code, found.where) == ("segment-files", old.place)


def test_parts_that_are_not_two_or_elsewhere_are_found(posted: Posted) -> None:
    """One part, the same one twice, one in another unit, one of another lane."""
    archive = posted.archive
    old = segment_with(archive, "warc.gz")
    stays, goes = parts_of(archive, old, split_intake(archive, old, [[2, 3]]))
    for parts in (
        [stays],
        [stays, stays],
        [stays, replace(goes, sensitivity="public")],
        [stays, replace(goes, lane="other")],
    ):
        assert {one.code for one in check_intake_split(archive, old, parts)} == {"segment-files"}


def test_maps_that_are_not_as_they_were_are_found(posted: Posted) -> None:
    """An entry lost, changed, in both parts, and more than entries."""
    archive = posted.archive
    old = segment_with(archive, "map")
    origins = parse_map(open_file(archive, old, "map"))
    first, *rest = sorted(origins)
    stays, goes = parts_of(archive, old, split_map(archive, old, {first}))
    assert check_map_split(archive, old, [stays, goes]) == []
    nonce = b"N" * 32, b"07"
    other = {one: origins[one] for one in rest}
    for data in (
        map_bytes({rest[0]: origins[rest[0]]}, *nonce),
        map_bytes({**other, rest[0]: (f"{LANE}/9", [])}, *nonce),
        map_bytes(origins, *nonce),
        map_bytes(other, *nonce) + b" ",
        map_bytes(other, nonce[0], b"0" * (1 << 17)),
        b"no map",
    ):
        found = check_map_split(archive, old, [forged(archive, old, "map", data), goes])
        assert {one.code for one in found} == {"map-differs"}
    same = open_file(archive, old, "map").partition(b"\n")[0]
    copied = same + b"\n" + map_bytes(other, *nonce).partition(b"\n")[2]
    found = check_map_split(archive, old, [forged(archive, old, "map", copied), goes])
    assert {one.code for one in found} == {"map-differs"}
