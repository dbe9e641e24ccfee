"""An archive in which everybody says a word that nobody else says, and the search for these words.

The words stand wherever a record of the board can hold something: texts of public and private
streams, extra columns, files, what a newer parser reads, deliveries, repeats, and residue.
"""

from __future__ import annotations

import json
import zlib
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

from archiver.edges.memory import MemoryStore
from archiver.flows import people
from archiver.flows.executing import execute
from archiver.flows.purge import purge
from archiver.flows.replicate import Copy, replicate
from archiver.flows.verify_compacted import verify_compacted
from archiver.formats import parquet
from archiver.record import record_id
from tests.attacks.needles import Dead, opened
from tests.flows.board import LANE, Board, Posted, asked, probed, sent
from tests.flows.hall import GOVERN, Hall
from tests.flows.helpers import Quiet, read_anew
from tests.flows.test_orders import begun, ordered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pytest

    from archiver.capture.connector import Listing, Page, Site
    from archiver.flows.archive import Archive
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt, Exchange

__all__ = ["STREAMS", "Cage", "Canary", "caged", "everywhere", "purged", "unpacked", "words_of"]

STREAMS = {"posts": "public", "comments": "public", "messages": "private", "subscribers": "private"}
PER_PAGE = 100
_KINDS = (*STREAMS, "file", "residue")
_GZIP = b"\x1f\x8b\x08"


class Crier(Board):
    """The board, with private streams; what it reads stands in an extra column as well."""

    parser = "stand-in/2"

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut as the board does."""
        page = super().split(site, listing, response)
        items = (replace(one, sensitivity=STREAMS.get(one.stream, "private")) for one in page.items)
        return replace(page, items=tuple(items))

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read the text, and the last word of it once more."""
        row = super().parse(excerpts, context)
        return row | {"extra": json.dumps({"said": row["text"].split()[-1]})}


class Newer(Crier):
    """A version later: its parser reads a markup as well."""

    parser = "stand-in/3"

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read as before, and a markup."""
        row = super().parse(excerpts, context)
        return row | {"markup": f"<p>{row['text'].split()[-1]}</p>"}


@dataclass(frozen=True)
class Canary:
    """A word, and the record that says it."""

    word: str
    record: str


@dataclass
class Cage:
    """The archive with its people, a copy, and the canaries that go and that stay."""

    hall: Hall
    archive: Archive
    vault: MemoryStore
    going: list[Canary]
    staying: list[Canary]


def word(number: int) -> str:
    """Return a word that nobody says by chance."""
    return "canary" + sha256(b"%d" % number).hexdigest()[:14]


def caged(folder: Path, patch: pytest.MonkeyPatch, count: int) -> Cage:
    """Return an archive with so many canaries, half of which are to go."""
    hall = Hall.made(folder, versioned=True)
    people.enrol(hall.archive, hall.of("vera"), "vera", "", [])
    act = people.change(hall.archive, "vera", "verifier")
    people.seal_act(hall.archive, people.sign(act, hall.keys(*GOVERN)))
    hall.later(4)
    posted = Posted.opened(hall.archive, patch, Crier())
    vault = MemoryStore(versioned=True)
    twin = replace(hall.archive, store=vault)
    copies = [Copy("vault", "memory", twin)]
    archive = replace(hall.archive, copies=lambda: copies)
    pages = (range(at, min(at + PER_PAGE, count)) for at in range(0, count, PER_PAGE))
    made = [one for page in pages for one in _said(posted, page)]
    read_anew(archive, posted.handle, Newer())
    for name in ("index", "objects", "known", "cursors", "progress"):
        hall.archive.home.write(f"cache/{name}/planted", made[0].word.encode())
    replicate(archive, copies, Quiet())
    return Cage(hall, archive, vault, made[::2], made[1::2])


def _kind(number: int) -> str:
    return _KINDS[number % len(_KINDS)]


def _is_line(number: int) -> bool:
    return _kind(number) in STREAMS


def _line(number: int) -> str:
    return f"{_kind(number)} {number} {word(number)}\n"


def _said(posted: Posted, numbers: range) -> Iterator[Canary]:
    """Have a page come of some canaries, files and residue of others; some once more, and sent."""
    lines = list(filter(_is_line, numbers))
    others = [one for one in numbers if not _is_line(one)]
    again = lines[::3]
    _, *came = posted.take(
        asked("".join(map(_line, lines))), *map(_alone, others), *(asked(_line(n)) for n in again)
    )
    posted.take(*(sent(f"{_line(n).strip()} {word(n)}\n") for n in again), lane="inbox")
    for one in lines:
        yield Canary(word(one), record_id("stand-in", "city", _kind(one), f"{one}"))
    for one, exchange in zip(others, came, strict=False):
        native = f"{one}/file" if _kind(one) == "file" else f"residue/{LANE}/{exchange}"
        yield Canary(word(one), record_id("stand-in", "city", "posts", native))


def _alone(number: int) -> Exchange:
    """Return a file that says a word, or what no parser claims."""
    if _kind(number) == "file":
        return probed("posts", f"{number}/file", "file", word(number))
    return asked(f"~ {word(number)}\n")


def purged(cage: Cage) -> str:
    """Have an order on the canaries that go carried out to its end; return its handle."""
    hall, archive = cage.hall, cage.archive
    name = ordered(hall, *(one.record for one in cage.going))
    begun(hall, name)
    assert purge(archive, name, Quiet()).waiting > 0
    made = verify_compacted(archive, hall.of("vera"), Quiet())
    assert (made.findings, made.unreadable) == ([], 0)
    assert execute(archive, name, hall.of("purger"), Quiet()).state == "done"
    return name


def words_of(canaries: Sequence[Canary]) -> Dead:
    """Return what must be nowhere of some words: these, and their digests."""
    dead = Dead()
    for one in canaries:
        dead.word(one.word)
        dead.digests("word", one.word.encode())
    return dead


def everywhere(cage: Cage) -> Iterator[tuple[str, bytes]]:
    """Yield every byte of store, copy and home, and what these open to."""
    for name, store in (("here", cage.hall.store), ("vault", cage.vault)):
        for key, data in opened(cage.archive, store._objects):
            yield f"{name} {key}", data
        yield f"{name} versions", repr(list(store.versions())).encode()
    for path in sorted(cage.hall.folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            yield from ((f"{path}{more}", part) for more, part in unpacked(data))


def unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield a file, each gzip member in it, and the rows where it is Parquet."""
    yield "", data
    at = data.find(_GZIP)
    while at >= 0:
        with suppress(zlib.error):  # random bytes that begin alike
            yield f" inflated at {at}", zlib.decompressobj(31).decompress(data[at:])
        at = data.find(_GZIP, at + 1)
    first, last = data.find(b"PAR1"), data.rfind(b"PAR1")
    if last > first:
        rows = parquet.rows_of(parquet.read_rows(BytesIO(data[first : last + 4])))
        yield " rows", json.dumps(rows, ensure_ascii=False, default=repr).encode()
