"""The files of each document: native files, text, pages, mail, proofs.

They are what takes long, so a journal has a line for each finished document: whoever goes on after
a killed process reads these files once more, and takes them if they are what was written.
"""

from __future__ import annotations

from functools import partial
from hashlib import md5, sha256
from typing import TYPE_CHECKING

import msgspec

from archiver.errors import FormatError
from archiver.formats.bag import measured
from archiver.formats.pages import Made, Setter
from archiver.formats.picture import LARGEST, shown
from archiver.produce.eml import eml
from archiver.produce.native_name import PICTURES, ending
from archiver.produce.page import page_of
from archiver.produce.placed import Placed, Stored
from archiver.produce.text import tell, text_of
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from archiver.flows.volume_plan import Folder, Plan
    from archiver.formats.bag import Bag, Listed
    from archiver.produce.document import Document
    from archiver.produce.profile import Profile
    from archiver.produce.text import Told

__all__ = ["Files", "begin"]

_CHUNK = 1 << 20
_LARGEST_IN_MAIL = 8 * 1024 * 1024
_MOST_PICTURES = 8


class _Changed(Exception):  # noqa: N818 - no error: what is there is not what was written
    """What a killed process left is not what its journal says."""


class _Line(msgspec.Struct):
    """A finished document in the journal: what it was made of, its pages, its digest."""

    key: str
    pages: int
    images: str
    digest: str


def begin(folder: Folder, basis: str) -> None:
    """Go on where a journal ends, if it is one of the same basis; else from the start."""
    head = f"{basis}\n".encode()
    if folder.next() != head:
        folder.clear()
        folder.note(head)


class Files:
    """Writes the files of documents, in their order.

    Args:
        folder: where to.
        bag: that lists them.
        plan: of what.
        profile: how.
        basis: a digest of all that decides the bytes, but the documents.
    """

    def __init__(self, folder: Folder, bag: Bag, plan: Plan, profile: Profile, basis: str) -> None:
        self.folder, self.bag, self.plan, self.profile = folder, bag, plan, profile
        self._basis = basis
        self._setter = Setter()
        self._counts: dict[str, int] = {}
        self._kept: _Line | None = None
        self._listed: list[Listed] = []
        self.next = plan.first

    def place(self, document: Document) -> Placed:
        """Write all files of a document, or find them written; return where it stands."""
        key = self._key(document)
        line = self.folder.next()
        try:
            kept = msgspec.json.decode(line, type=_Line) if line else None
        except msgspec.DecodeError:
            kept = None
        placed = self._again(document, kept) if kept is not None and kept.key == key else None
        if placed is None:
            self._kept, self._listed = None, []
            placed = self._all(document)
        if self._kept is None:
            images = placed.images[0].rpartition(".")[2] if placed.images else ""
            done = _Line(key, placed.pages, images, _digest(self._listed))
            self.folder.note(msgspec.json.encode(done) + b"\n")
        self.next += max(placed.pages, 1)
        return placed

    def _again(self, document: Document, kept: _Line) -> Placed | None:
        """Return where a document stands that was finished before; None where it was not."""
        counts = dict(self._counts)
        self._kept, self._listed = kept, []
        try:
            placed = self._all(document)
        except _Changed:
            placed = None
        if placed is None or _digest(self._listed) != kept.digest:
            self._counts = counts
            return None
        for one in self._listed:
            self.folder.keep(f"data/{one.name}")
            self.bag.list(one)
        return placed

    def _key(self, document: Document) -> str:
        """Return a digest of all that decides a document's files."""
        natives = [
            (one.name, one.media_type, one.size, one.withheld, one.masked)
            for one in document.natives
        ]
        data = (self._basis, self.next, sorted(self._counts.items()), _plain(document), natives)
        return sha256(msgspec.msgpack.encode(data)).hexdigest()

    def _all(self, document: Document) -> Placed:
        """Write all files of a document, each once."""
        profile = self.profile
        first = profile.scheme.number(self.next)
        natives = [self._native(document, first, at) for at in range(len(document.natives))]
        told = tell(document, profile, [one.path if one else "" for one in natives])
        text = text_of(told, first)
        stored = tuple(one for one in natives if one is not None)
        path = self._path("TEXT", f"{first}.txt") if profile.has("text") else ""
        if path:
            self._put(path, lambda: [text.encode("utf-8", "replace")])
        pdf, images, pages = self._pages(document, told, first) if profile.paged else ("", (), 0)
        mail = ""
        if profile.has("eml") and document.stream == Stream.MESSAGES:
            mail = self._path("EML", f"{first}.eml")
            self._put(mail, lambda: [eml(document, profile, first, text, self._small(stored))])
        return Placed(
            document=document,
            first=first,
            last=profile.scheme.number(self.next + max(pages, 1) - 1),
            pages=pages,
            text=path,
            pdf=pdf,
            mail=mail,
            images=images,
            natives=stored,
            proofs=tuple(self._proofs(document)),
        )

    def _native(self, document: Document, first: str, at: int) -> Stored | None:
        native = document.natives[at]
        if native.withheld or not self.profile.has("natives"):
            return None
        more = f"_{at + 1}" if at else ""
        path = self._path("NATIVES", f"{first}{more}.{ending(native.media_type)}")
        digest, size = md5(usedforsecurity=False), 0

        def watched(chunks: Iterable[bytes]) -> Iterator[bytes]:
            nonlocal size
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                yield chunk

        self._put(path, native.chunks, watched)
        return Stored(native, path, size, digest.hexdigest())

    def _pages(
        self, document: Document, told: Told, first: str
    ) -> tuple[str, tuple[str, ...], int]:
        """Write the pages of a document as PDF, and each as an image where that is asked for."""
        wanted, kept = self.profile.has("images"), self._kept
        if kept is None:
            page, pictures = page_of(told, first, self.profile), list(_pictures(document))
            made = self._setter.made(page, self.plan.moment, images=wanted, pictures=pictures)
        else:
            none = (b"",) * (kept.pages if wanted else 0)
            made = Made(b"", kept.pages, none, kept.images)
        pdf = self._path("PDF", f"{first}.pdf")
        self._put(pdf, partial(_one, made.pdf))
        images = []
        for at, image in enumerate(made.images):
            number = self.profile.scheme.number(self.next + at)
            path = self._path("IMAGES", f"{number}.{made.ending}")
            self._put(path, partial(_one, image))
            images.append(path)
        return pdf, tuple(images), made.pages

    def _proofs(self, document: Document) -> Iterator[tuple[int, str]]:
        for version in document.versions if self.profile.has("proofs") else ():
            if version.proof:
                path = self._path("PROOFS", f"{version.leaf}.json")
                self._put(path, partial(_one, version.proof), below="")
                yield version.leaf, path

    def _path(self, channel: str, name: str) -> str:
        """Return where the next file of a channel goes: a folder has so many, no more."""
        count = self._counts.get(channel, 0)
        self._counts[channel] = count + 1
        return f"{channel}/{count // self.profile.folder + 1:04}/{name}"

    def _put(
        self,
        path: str,
        chunks: Callable[[], Iterable[bytes]],
        watched: Callable[[Iterable[bytes]], Iterator[bytes]] = iter,
        below: str | None = None,
    ) -> None:
        """Write a file, or read the one that is there. Raises `_Changed` where none is."""
        name = f"{self.plan.volume}/{path}" if below is None else path
        if self._kept is not None:
            file = self.folder.open(f"data/{name}")
            if file is None:
                raise _Changed
            with file:
                read = iter(lambda: file.read(_CHUNK), b"")
                self._listed.append(measured(name, watched(read)))
            return
        with self.bag.payload(name) as out:
            for chunk in watched(chunks()):
                out.write(chunk)
        if self.bag.latest is not None:
            self._listed.append(self.bag.latest)

    def _small(self, stored: tuple[Stored, ...]) -> list[tuple[Stored, bytes]]:
        """Return files that a mail has room for, with their bytes."""
        room, small = _LARGEST_IN_MAIL, []
        for one in stored:
            if one.size <= room:
                room -= one.size
                small.append((one, self.read(one.path)))
        return small

    def read(self, path: str) -> bytes:
        """Return a file of the volume. Raises `FormatError` for one that is not there."""
        file = self.folder.open(f"data/{self.plan.volume}/{path}")
        if file is None:
            raise FormatError("a file of the volume is gone", where=path, mend="run it again")
        with file:
            return file.read()


def _pictures(document: Document) -> Iterator[bytes]:
    """Yield the pictures of a document as its pages show them."""
    for native in document.natives[:_MOST_PICTURES]:
        if not native.withheld and ending(native.media_type) in PICTURES:
            data = _up_to(native.chunks(), LARGEST)
            picture = shown(data) if data else None
            if picture is not None:
                yield picture


def _up_to(chunks: Iterable[bytes], most: int) -> bytes:
    """Return all of a file; nothing of one that is larger."""
    data = bytearray()
    for chunk in chunks:
        data += chunk
        if len(data) > most:
            return b""
    return bytes(data)


def _one(data: bytes) -> Iterable[bytes]:
    return (data,)


def _plain(document: Document) -> list[object]:
    """Return a document without its files, as something that has one spelling."""
    own = [
        document.record, document.platform, document.account, document.stream, document.state,
        document.custodian, document.family, document.parent, document.thread, document.title,
        document.tags, document.whole,
    ]  # fmt: skip
    versions = [
        (
            one.leaf,
            one.observation,
            one.kind,
            one.captured_at,
            list(one.fields.items()),
            list(one.closed.items()),
            one.proof,
        )
        for one in document.versions
    ]
    return [*own, versions]


def _digest(listed: Iterable[Listed]) -> str:
    return sha256(msgspec.msgpack.encode(list(listed))).hexdigest()
