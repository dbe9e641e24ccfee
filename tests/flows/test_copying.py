"""Segments made of sealed ones: the same records under new names, nonces and keys."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from archiver.errors import FormatError, IntegrityError
from archiver.flows.copying import copied
from archiver.flows.ledger import read_state
from archiver.flows.segments import decrypted, open_file
from archiver.formats.warc_reading import inflate_members
from archiver.ledger.state import SETTLE
from tests.flows.helpers import founded, open_archive, seal_one, take_in

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.flows.segments import Sealable
    from archiver.ledger.state import Segment


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive with three public and three private segments of one record each."""
    store = founded(tmp_path / "home")
    archive = open_archive(store, tmp_path / "home")
    take_in(archive, 3)
    for number in (1, 2, 3):
        seal_one(archive, number)
    return archive


def segments(archive: Archive, sensitivity: str) -> list[Segment]:
    """Return the segments of records of a sensitivity."""
    found = read_state(archive).segments()
    return [one for one in found if one.stage == SETTLE and one.sensitivity == sensitivity]


def plain(archive: Archive, made: Sealable) -> dict[str, bytes]:
    """Return the files of a segment that is not sealed yet, decrypted."""
    found = {}
    for key, data in made.objects.items():
        unit, name, suffix = key.removeprefix("u/").replace(".", "/", 1).split("/")
        assert (unit, name) == (made.segment["unit"], made.segment["segment"])
        assert sha256(data).hexdigest() == made.segment["objects"][suffix]
        found[suffix.removesuffix(".c256")] = (
            decrypted(archive, (unit, name, suffix), data, archive.keys.key(key))
            if suffix.endswith(".c256")
            else data
        )
    return found


@pytest.mark.parametrize(
    ("sensitivity", "stream"), [("public", "comments"), ("private", "messages")]
)
def test_all_records_or_some(archive: Archive, sensitivity: str, stream: str) -> None:
    """They are those of the sources, of the leaves asked for, encrypted where those were."""
    sources = segments(archive, sensitivity)
    records = [inflate_members(open_file(archive, one, "warc.gz"))[1] for one in sources]
    leaves = [one.leaves for one in sources]
    whole = copied(archive, sources, stream)
    some = copied(archive, sources, stream, [*leaves[0], *leaves[2]])
    for made, places in ((whole, (0, 1, 2)), (some, (0, 2))):
        assert made.segment["leaves"] == [pair for n in places for pair in leaves[n]]
        warc = plain(archive, made)["warc.gz"]
        assert inflate_members(warc)[1:] == [records[n] for n in places]
        assert made.segment["unit"] == sources[0].unit
        assert (made.segment["series"], made.segment["period"]) == ("unscheduled", "2026-11")


def test_nothing_of_the_old_files_is_told(archive: Archive) -> None:
    """Neither names nor nonces nor digests of the sources are in the new files."""
    sources = segments(archive, "public")
    made = b"".join(copied(archive, sources, "comments", sources[1].leaves).objects.values())
    for one in sources:
        nonce = open_file(archive, one, "idx")[:64]
        assert nonce not in made
        assert one.name.encode() not in made
        assert not any(digest.encode() in made for digest in one.objects.values())
    assert b"comments 1:" not in made


def test_only_what_was_sealed_is_copied(archive: Archive) -> None:
    """A changed file is refused, even where an earlier reading is cached."""
    sources = segments(archive, "public")
    open_file(archive, sources[0], "warc.gz")
    key = f"u/{sources[0].unit}/{sources[0].name}.warc.gz"
    archive.store.delete(key)
    archive.store.create(key, b"others")
    with pytest.raises(IntegrityError):
        copied(archive, sources, "comments")


def test_segments_of_different_units_are_not_made_one(archive: Archive) -> None:
    """What becomes due at different times, or may be seen by others, stays apart."""
    both = [segments(archive, one)[0] for one in ("public", "private")]
    with pytest.raises(FormatError):
        copied(archive, both, "comments")
