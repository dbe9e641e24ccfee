"""The repository of an account of AT Protocol as a CAR file (``com.atproto.sync.getRepo``).

Each record has its address for an id, as capture names it, and is its block byte for byte: so
its content identifier, and the signature of the commit over all of them, can be checked again
from what is kept. The tree that leads to the records is kept as the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.importers.importer import REST, Cell, Cut, Kept, file_of
from archiver.capture.items import Item, Span
from archiver.capture.platforms.bluesky.blocks import CBOR, record_json
from archiver.capture.platforms.bluesky.listings import COLLECTIONS, sensitivity_of
from archiver.capture.platforms.bluesky.rows import row_of
from archiver.errors import FormatError
from archiver.formats.car import blocks
from archiver.formats.dag_cbor import Link, read
from archiver.header_text import is_plain
from archiver.record import Kind, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.capture.importers.importer import Given
    from archiver.record import Excerpt

__all__ = ["BLUESKY_CAR"]

_SOURCE = "https://atproto.com/specs/repository"
_DEEPEST = 64
"""Levels of a tree; one of 2^32 records has 16."""


class BlueskyCar:
    """The importer; see `archiver.capture.importers.importer.Importer`."""

    name = "bluesky-car"
    parser = "bluesky-car/1"
    title = "Repository of AT Protocol (CAR)"
    platforms: tuple[str, ...] = ("bluesky",)
    module = __name__
    cells = (
        Cell(Stream.POSTS, "all that the account has published and not deleted", _SOURCE),
        Cell(Stream.REACTIONS, "those of the account", _SOURCE),
        Cell(Stream.PROFILE, "as it is then", _SOURCE),
        Cell(Stream.MEDIA, "blobs that were downloaded too", _SOURCE),
    )

    def recognises(self, names: Sequence[str], beginning: bytes) -> bool:
        """Tell whether it is a CAR file."""
        del beginning
        return any(one.lower().endswith(".car") for one in names)

    def member(self, name: str) -> Kept:
        """Take a repository; blobs beside it are files."""
        if name.lower().endswith(".car"):
            return Kept("items", Stream.POSTS)
        return file_of(name) if "/" in name else REST

    def made(self, name: str, body: bytes) -> str:
        """Say nothing: the time of a commit is not that of the export."""
        del name, body
        return ""

    def carry(self, name: str, body: bytes) -> str:
        """Say nothing."""
        return self.made(name, body)

    def split(self, given: Given) -> Cut:
        """Cut the records out of a repository, by its tree."""
        try:
            return Cut(tuple(_records(given.body)))
        except (FormatError, KeyError, TypeError, ValueError, IndexError):
            return Cut()

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read a record as capture does."""
        native_id = context.get("native_id", "")
        data = record_json(excerpts[0].data, native_id)
        return row_of(data, context.get("stream", ""), native_id)


def _records(body: bytes) -> Iterator[Item]:
    """Yield the records. Raises `FormatError`, or what else broken bytes lead to."""
    found = blocks(body, 0, len(body))
    did, root = _commit(body, found)
    for key, cid in _leaves(body, found, root, 0):
        collection, _, rest = key.partition("/")
        uri = f"at://{did}/{key}"
        if cid not in found or not rest or not is_plain(uri):
            continue
        stream = COLLECTIONS.get(collection, Stream.PAGES)
        spans = (Span("record", *found[cid]),)
        yield Item(stream, uri, Kind.PRESENT, sensitivity_of(stream), spans, CBOR)


def _commit(body: bytes, found: Mapping[bytes, tuple[int, int]]) -> tuple[str, bytes]:
    """Return whose the repository is, and the root of its tree: as the header's commit says."""
    header, _ = read(body, _header_at(body))
    roots = header["roots"] if isinstance(header, dict) else []
    commit, _ = read(body, found[_cid(roots[0])][0])
    if not isinstance(commit, dict) or not isinstance(commit["did"], str):
        raise FormatError("not a repository: no commit")
    return commit["did"], _cid(commit["data"])


def _header_at(body: bytes) -> int:
    """Return where the header begins: after its length."""
    at = 0
    while body[at] & 128:
        at += 1
    return at + 1


def _cid(link: object) -> bytes:
    if not isinstance(link, Link):
        raise FormatError("not a repository: a link is missing")
    return link.cid


def _leaves(
    body: bytes, found: Mapping[bytes, tuple[int, int]], node: bytes, depth: int
) -> Iterator[tuple[str, bytes]]:
    """Yield the keys of a tree with what they name, in order (repository spec, MST)."""
    if depth > _DEEPEST or node not in found:
        return
    told, _ = read(body, found[node][0])
    if not isinstance(told, dict):
        raise FormatError("not a repository: no tree")
    if told["l"] is not None:
        yield from _leaves(body, found, _cid(told["l"]), depth + 1)
    before = b""
    for entry in told["e"]:
        before = before[: entry["p"]] + bytes(entry["k"])
        yield before.decode("ascii"), _cid(entry["v"])
        if entry["t"] is not None:
            yield from _leaves(body, found, _cid(entry["t"]), depth + 1)


BLUESKY_CAR = BlueskyCar()
