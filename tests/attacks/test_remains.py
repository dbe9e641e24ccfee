"""What remains of a destroyed record: nothing that is dead, and nothing that tells what it said.

First everything dead is looked for, then worlds are compared that differ in its words alone.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pytest

from archiver.errors import KeyStoreError
from archiver.flows import copying, erasing
from archiver.flows.copying import copied
from archiver.flows.ledger import read_state
from archiver.flows.segments import open_file
from archiver.formats import segment_index, warc_reading
from archiver.ledger.whereabouts import whereabouts
from archiver.record import Kind
from tests.attacks import carving
from tests.attacks.canaries import unpacked
from tests.attacks.canonical import NAMED
from tests.attacks.carving import destruction, doomed, records_of
from tests.attacks.lives import LIVES, live
from tests.attacks.needles import Dead, dead_values, found, opened
from tests.attacks.remains import Remains, destroyed, noted
from tests.attacks.town import Words
from tests.attacks.world import World, world

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.flows.segments import Sealable
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState, Segment
    from archiver.ledger.whereabouts import Whereabouts

WORDS = "Grimbleworth swindled Zwölfthaler"
LATER = "Grimbleworth swindled Quabbelmann"
ALL = {*WORDS.split(), *LATER.split(), "Lampenfieber", "Nachtaufnahme"}
SPOKEN = Words(WORDS, LATER, tags=("Lampenfieber",), picture=("Nachtaufnahme am Ufer", b"x"))
STORED = {
    "word", "word escaped", "salt", "root", "nonce", "padding", "file key", "fingerprint",
    "sha256 of block", "sha256 of body",
}  # fmt: skip
"""Kinds of values that an archive and its home have of a record that is there."""


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(one, marks=() if one == "all of it" else pytest.mark.soak) for one in LIVES
    ],
)
def remains(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Found]:
    """What is found in a world with all kinds of merges, and for long in one with each."""
    with searched(tmp_path_factory.mktemp("remains"), request.param) as one:
        yield one


class Found(NamedTuple):
    """What must be gone, what remains, which kinds were found before, and the world's life."""

    dead: Dead
    after: Remains
    before: set[str]
    life: str


@contextmanager
def searched(folder: Path, life: str) -> Iterator[Found]:
    """Yield what must be gone from a world, files of merges included, and what remains of it."""
    with world(folder / "home", SPOKEN) as one:
        before, after = LIVES[life]
        dead = dead_values(one, doomed(one), ALL)

        def look() -> None:
            for kind, some in dead_values(one, doomed(one), ALL).needles.items():
                dead.needles[kind] |= some

        for step in before:
            live(one, (step,))
            look()
        there = set(found(dead, places(one, dict(one.store._objects))))
        yield Found(dead, destroyed(one, noted(one), after, look), there, life)


def places(one: World, bucket: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield the bucket, opened, and every file of the home."""
    yield from opened(one.archive, bucket)
    for path in sorted(one.home.rglob("*")):
        if path.is_file():
            name = path.relative_to(one.home).as_posix()
            yield from ((f"home {name}{more}", part) for more, part in unpacked(path.read_bytes()))
    keys = [one.archive.keys.key(key) for key in bucket if _has_key(one, key)]
    yield "file keys", b"".join(keys)


def _has_key(one: World, key: str) -> bool:
    try:
        return key.endswith(".c256") and bool(one.archive.keys.key(key))
    except KeyStoreError:
        return False


def test_the_search_finds_what_is_there(remains: Found) -> None:
    """In the archive before, each kind that it stores; and each kind wherever it is put."""
    dead, before = remains.dead, remains.before
    assert before >= STORED, STORED - before
    for kind, needles in dead.needles.items():
        planted = b"before " + min(needles) + b" after"
        assert kind in found(dead, [("planted", planted)])


def test_nothing_dead_lives_on(remains: Found) -> None:
    """Not in the bucket, opened with all keys that remain, not in the home, in no output."""
    dead, after = remains.dead, remains.after
    assert found(dead, places(after.world, after.bucket)) == {}
    given = [after.outputs, after.noted.outputs, after.noted.proofs, after.proofs]
    text = json.dumps(given, default=bytes.decode, ensure_ascii=False)
    assert found(dead, [("given out", text.encode())]) == {}


def test_old_ciphertext_opens_no_more(remains: Found) -> None:
    """No key that remains is that of a file which was removed."""
    after = remains.after
    removed = [key for key in after.noted.objects if key not in after.bucket]
    private = [key for key in removed if key.endswith(".c256")]
    assert len(private) > 5
    assert not any(_has_key(after.world, key) for key in private)


def test_indexes_have_no_gap(remains: Found) -> None:
    """Members follow one another and are the whole file, in carved segments too."""
    archive = remains.after.world.archive
    for segment in read_state(archive).segments():
        if segment.has_records:
            index = segment_index.parse_index(open_file(archive, segment, "idx"))
            assert sum(index[-1]) == len(open_file(archive, segment, "warc.gz"))
            assert len(index) - 1 == sum(end - first for first, end in segment.leaves)


def test_others_name_the_dead_by_id_alone(remains: Found) -> None:
    """Listings have observation ids and counts, evidence and containment ids of records."""
    shown = 0
    for _, row, record, _ in records_of(remains.after.world.archive):
        if row["kind"] == Kind.LISTING:
            document = json.loads(warc_reading.excerpts_of(record)[0].data)
            assert document.keys() <= {"listing", "pages", "values", "reported", "listed", "since"}
            assert all(len(one) == 36 for one in json.loads(row["listed"]))
            shown += bool(json.loads(row["listed"]))
        for one in warc_reading.contained_of(record.lines):
            assert one == "unresolved" or one.count(":") == 3
    assert shown


# ── Two worlds ───────────────────────────────────────────────────────────────────────────
QUICK = {
    "longer, by another author, with more of everything": Words(
        "No.", "No, and again no: " + "never " * 40, 1, ("Lamps", "Mayor"), ("Night", b"y" * 99)
    ),
}
AS_LONG = {
    "as long, by another author": replace(
        SPOKEN, text="Mr Worthington forgot Zwölfthaler", later="Mr Worthington forgot Quabbelmann",
        author=1,
    ),
}  # fmt: skip
ONE_BY_ONE = {
    "as long": replace(AS_LONG["as long, by another author"], author=0),
    "longer": replace(SPOKEN, text="No.", later="No, and again no: " + "never " * 40),
    "more words": replace(SPOKEN, text="a b c d e f g h i j k l m n o"),
    "another author": replace(SPOKEN, author=1),
    "more hashtags": replace(SPOKEN, tags=("Lampenfieber", "Mayor")),
    "another picture": replace(SPOKEN, picture=("A broken lamp at night", b"more" * 100)),
}


def lived(folder: Path, words: Words, seed: str = "", life: str = "") -> Remains:
    """Return what remains of a world in which somebody wrote these words."""
    with world(folder / "home", words, seed) as one:
        before, after = LIVES[life]
        live(one, before)
        return destroyed(one, noted(one), after)


def differences(one: Remains, other: Remains) -> list[str]:
    """Return what is not the same, and assert that the names used are those declared."""
    (here, names), (there, _) = one.canonical(), other.canonical()
    assert set(names.used) == NAMED
    return [name for name in sorted(here.keys() | there) if here.get(name) != there.get(name)]


@pytest.mark.parametrize(
    "other", [*QUICK, *(pytest.param(one, marks=pytest.mark.soak) for one in AS_LONG)]
)
def test_what_remains_does_not_tell_what_was_written(
    remains: Found, tmp_path: Path, other: str
) -> None:
    """Everything but commitments, digests and sizes of dead things is equal byte for byte."""
    words = (QUICK | AS_LONG)[other]
    assert differences(remains.after, lived(tmp_path, words, life=remains.life)) == []


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(12))
def test_what_remains_over_other_tapes(tmp_path: Path, seed: int) -> None:
    """One difference at a time, under other salts, keys, padding."""
    first = lived(tmp_path / "first", SPOKEN, str(seed))
    for name, words in ONE_BY_ONE.items():
        assert differences(first, lived(tmp_path / name, words, str(seed))) == [], name


@pytest.mark.soak
def test_caches_that_are_not_dropped_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comparison sees what a home would keep."""
    monkeypatch.setattr(erasing, "drop", lambda _: None)
    one, other = (
        lived(tmp_path / "one", SPOKEN),
        lived(tmp_path / "two", next(iter(QUICK.values()))),
    )
    told = differences(one, other)
    assert any(name.startswith("home cache/known/") for name in told)
    assert any(name.startswith("home cache/objects/") for name in told)


# ── Weakened ─────────────────────────────────────────────────────────────────────────────
def _with_everything(
    archive: Archive, segments: Sequence[Segment], stream: str, kept: Ranges | None = None
) -> Sealable:
    """Copy all records, and say that only the survivors are there."""
    made = copied(archive, segments, stream)
    made.segment["leaves"] = kept
    return made


def _with_its_nonce(archive: Archive) -> tuple[bytes, bytes]:
    """Give a copy the nonce of the first file that is sealed."""
    first = next(one for one in read_state(archive).segments() if "idx" in one.objects)
    nonce, padding = open_file(archive, first, "idx").partition(b"\n")[0].split(b" ")
    return bytes.fromhex(nonce.decode()), padding


def _with_its_padding(archive: Archive) -> tuple[bytes, bytes]:
    """Give a copy the padding of that file, and a nonce of its own."""
    return archive.chance.bytes(32), _with_its_nonce(archive)[1]


def _the_live_ones(state: LedgerState, leaves: Ranges) -> Whereabouts:
    """Find what is live, and forget what it superseded."""
    return whereabouts(state, leaves)._replace(superseded=[])


TWICE = "merged twice"


@pytest.mark.soak
@pytest.mark.parametrize(
    "mutant",
    [
        ("", carving, "copied", _with_everything, {"word", "salt", "root"}),
        ("", copying, "new_nonce", _with_its_nonce, {"nonce"}),
        (TWICE, copying, "new_nonce", _with_its_nonce, {"nonce"}),
        (TWICE, copying, "new_nonce", _with_its_padding, {"padding"}),
        (TWICE, carving, "whereabouts", _the_live_ones, {"word", "salt", "root", "nonce"}),
    ],
)
def test_a_copier_that_keeps_something_is_found(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mutant: tuple[str, object, str, object, set[str]],
) -> None:
    """Whether a whole record, a nonce, padding, or a file that was superseded."""
    life, module, name, bad, told = mutant
    with world(tmp_path / "home", SPOKEN) as one, destruction():
        live(one, LIVES[life][0])
        gone = doomed(one)
        dead = dead_values(one, gone, ALL)
        monkeypatch.setattr(module, name, bad)
        monkeypatch.setattr(carving, "rebuild", lambda *_: None)  # which would read the mutant
        carving.carve(one.archive, one.handle, gone)
        assert found(dead, opened(one.archive, one.store._objects)).keys() >= told
