"""What is private stays unreadable without the key, on every platform the demo city uses."""

from __future__ import annotations

import gzip
import shutil
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from archiver.capture.digests import is_declared, leaves_of
from archiver.capture.platforms import CONNECTORS
from archiver.columns import COLUMNS
from archiver.demo.city import City
from archiver.demo.presences import presences
from archiver.demo.server import CityServer
from archiver.errors import KeyStoreError
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.flows.ledger import read_state
from archiver.flows.search import Query, search
from archiver.flows.segments import open_file, read_table
from archiver.flows.verify import verify
from archiver.formats.parquet import rows_of
from archiver.formats.segment_index import parse_index
from archiver.formats.warc_reading import (
    contained_of,
    header_value,
    inflate_member,
    parse_record,
)
from archiver.record import Sensitivity
from archiver.settings import Settings
from archiver.wire import create_archive, open_archive
from tests.demo.digest_shapes import is_digest
from tests.flows.helpers import Quiet

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from archiver.capture.connector import Digest
    from archiver.flows.archive import Archive

LONG = 16
"""Characters from which on a text is somebody's own, and no word that stands anywhere."""
OWN = {"text", "markup", "title", "summary", "caption", "alt_text", "extra", "name", "email"} | {
    f"author_{what}" for what in ("name", "email", "ip", "agent")
}
"""Columns of what people say and who they are. Ids are no secrets: a public list of hidden
replies names them."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an archive of every presence of the city."""
    folder, city = tmp_path_factory.mktemp("private"), City()
    archive = create_archive(Settings(str(folder / "archive"), folder / "home"))
    everywhere = presences(city)
    with CityServer(city, *(one.service for one in everywhere if one.service)) as server:
        for one in everywhere:
            about = {"name": one.name, "platform": one.platform, "url": server.url + one.path}
            accounts.add(archive, about, one.credential)
            accounts.approve(archive, one.name, "Clerk")
            capture(archive, one.name, "incremental", Quiet())
    return folder


def opened(folder: Path) -> Archive:
    """Open the archive of a folder."""
    return open_archive(Settings(str(folder / "archive"), folder / "home"))


def texts(archive: Archive, sensitivity: Sensitivity, columns: Collection[str]) -> set[bytes]:
    """Return every long value in columns of the rows of one sensitivity."""
    segments = (one for one in read_state(archive).segments() if one.sensitivity == sensitivity)
    rows = (row for one in segments if one.leaves for row in rows_of(read_table(archive, one)))
    return {
        value.encode()
        for row in rows
        for name, value in row.items()
        if name in columns and len(value) >= LONG
    }


def readable(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each stored file with all that can be read in it without a key."""
    for path in sorted((folder / "archive").rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            if path.name.endswith(".warc.gz"):
                data += gzip.decompress(data)
            if path.suffix == ".parquet":
                data += "\n".join(map(str, pq.read_table(path).to_pylist())).encode()
            yield str(path.relative_to(folder)), data


def test_no_private_text_stands_in_a_readable_byte(place: Path) -> None:
    """Messages, subscribers, held and hidden things: none of their words is in the clear."""
    archive = opened(place)
    public = b"\n".join(texts(archive, Sensitivity.PUBLIC, COLUMNS))
    private = {one for one in texts(archive, Sensitivity.PRIVATE, OWN) if one not in public}
    assert len(private) > 1000
    clear = [
        (name, one)
        for name, data in readable(place)
        for one in private
        if one in data and one not in public
    ]
    assert clear == []


def _contents(archive: Archive) -> Iterator[tuple[str, str, list[str]]]:
    """Yield of each record its sensitivity, its id and what it holds of others."""
    for one in read_state(archive).segments():
        if one.leaves:
            index = parse_index(open_file(archive, one, "idx"))
            data = open_file(archive, one, "warc.gz")
            for at, length in index[1:]:
                record = parse_record(inflate_member(data[at : at + length], 1 << 26))
                name = header_value(record.lines, "Archive-Record")
                yield one.sensitivity, name, contained_of(record.lines)


def test_what_a_public_record_holds_is_named_only_if_it_is_public(place: Path) -> None:
    """On every platform; private records name what they hold, too."""
    found = list(_contents(opened(place)))
    public = {name for sensitivity, name, _ in found if sensitivity == Sensitivity.PUBLIC}
    private = {name for _, name, _ in found} - public
    named = {one for sensitivity, _, held in found if sensitivity == "public" for one in held}
    assert not named & private
    assert named & public
    everything = {one for _, _, held in found for one in held}
    assert {one.split(":")[0] for one in everything} == {
        "bluesky", "facebook", "instagram", "mastodon", "matrix", "unresolved", "x", "youtube"
    }  # fmt: skip
    assert verify(opened(place), Quiet(), deep=True).findings == []


def _undeclared(archive: Archive, declared: Mapping[str, Sequence[Digest]]) -> set[str]:
    """Return the places in rows at which a digest stands that its connector doesn't declare."""
    own = {"exchange", "observation_id", "record_id", "listed"}  # random, or said by native_id
    found = set()
    for one in read_state(archive).segments():
        for row in rows_of(read_table(archive, one)) if one.leaves else ():
            digests = declared.get(row["platform"], ())
            for column in row.keys() - own if row["stream"] != "workflow" else ():
                for path, text in leaves_of(column, row[column]):
                    if is_digest(text) and not is_declared(digests, path):
                        found.add(f"{row['platform']} {'.'.join(path)}")
    return found


def test_every_digest_in_a_row_is_declared(place: Path) -> None:
    """On every platform; and the search for them finds all kinds where none is declared."""
    archive = opened(place)
    assert _undeclared(archive, {name: one.digests for name, one in CONNECTORS.items()}) == set()
    found = _undeclared(archive, {})
    assert {"bluesky extra.cid", "bluesky native_id", "mediawiki extra.sha1"} <= found
    assert {"mastodon attachments.blurhash", "wordpress extra.author_avatar_urls.24"} <= found


def test_without_the_keys_a_search_says_what_it_left_out(place: Path, tmp_path: Path) -> None:
    """A home without the key store reads what is public, and no more."""
    shutil.copytree(place, tmp_path / "copy")
    for path in (tmp_path / "copy" / "home").glob("*/keystore"):
        shutil.rmtree(path)
    shutil.rmtree(next((tmp_path / "copy" / "home").glob("*/cache")))
    with_keys = search(opened(place), Query(""), private=True)
    without = search(opened(tmp_path / "copy"), Query(""), private=True)
    assert 0 < len(without.hits) < len(with_keys.hits)
    private = next(
        one
        for one in read_state(opened(place)).segments()
        if "private" in one.sensitivity and one.leaves
    )
    with pytest.raises(KeyStoreError):
        read_table(opened(tmp_path / "copy"), private)
