"""Writing a bag: BagIt 1.0 (RFC 8493), streamed into a folder.

The writer is our own because a bag may be larger than memory and is made once: each byte is
hashed as it is written, and the same content gives the same bytes. The library for it copies
a folder that is there already and reads all of it once more; tests hold what is written here
against it. Names inside are ours alone and plain ASCII: no text of a record is part of one.
"""

from __future__ import annotations

import io
import re
from contextlib import ExitStack, contextmanager
from hashlib import sha256, sha512
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from archiver.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import BinaryIO

    from _typeshed import ReadableBuffer

__all__ = ["MANIFEST", "Bag", "Folder", "Listed", "listed", "measured"]

MANIFEST = "manifest-sha256.txt"
"""Its digest stands for all of a bag: it has those of all payload files."""

_DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_ALGORITHMS = ("sha256", "sha512")
_NAME = re.compile(r"[0-9A-Za-z_-][0-9A-Za-z._-]*(/[0-9A-Za-z_-][0-9A-Za-z._-]*)*")
_LINE = re.compile(r"([0-9a-f]{64})  (data/[0-9A-Za-z._/-]+)")


class Folder(Protocol):
    """A new folder that files are written into, each once."""

    def file(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Open a new file by relative name."""
        ...


class Listed(NamedTuple):
    """A file of a payload: its name below ``data``, its bytes, its digests (hex)."""

    name: str
    size: int
    sha256: str
    sha512: str


def measured(name: str, chunks: Iterable[bytes]) -> Listed:
    """Return a file of a payload as manifests list it, from its bytes."""
    size, hashes = 0, (sha256(), sha512())
    for chunk in chunks:
        size += len(chunk)
        for one in hashes:
            one.update(chunk)
    return Listed(name, size, *(one.hexdigest() for one in hashes))


class _Hashing(io.RawIOBase):
    """A file that is written on to another, and hashed and counted on the way."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.size = 0
        self.hashes = (sha256(), sha512())

    def writable(self) -> bool:
        """Say that it is written to."""
        return True

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self.size

    def flush(self) -> None:
        """Have what was written reach the other file."""
        self._out.flush()

    def write(self, data: ReadableBuffer) -> int:
        """Write bytes."""
        size = self._out.write(data)
        for one in self.hashes:
            one.update(data)
        self.size += size
        return size


class Bag:
    """A bag while it is written. ``with Bag(folder) as bag`` holds its manifests open.

    ``names``: of the payload's files so far, below ``data``.

    Args:
        folder: where to, empty.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._tags: list[tuple[str, _Hashing]] = []
        self._manifests: list[_Hashing] = []
        self.bytes = 0
        self.names: list[str] = []
        self.latest: Listed | None = None

    def __enter__(self) -> Bag:  # noqa: PYI034 - final in practice
        """Begin it."""
        self._manifests = [self._tag(f"manifest-{name}.txt") for name in _ALGORITHMS]
        return self

    def __exit__(self, *_: object) -> None:
        """Close what is open of it."""
        self._stack.close()

    @property
    def files(self) -> int:
        """How many files the payload has by now."""
        return len(self.names)

    @contextmanager
    def payload(self, name: str) -> Iterator[BinaryIO]:
        """Write one file of the payload: ``data/name``. Raises `FormatError` for another name."""
        if not _NAME.fullmatch(name):
            raise FormatError("no name for a file of a bag", where=name)
        with self._folder.file(f"data/{name}") as out:
            file = _Hashing(out)
            yield cast("BinaryIO", file)
        self.list(Listed(name, file.size, *(one.hexdigest() for one in file.hashes)))

    def list(self, one: Listed) -> None:
        """List a file of the payload that is there already."""
        for digest, manifest in zip(one[2:], self._manifests, strict=True):
            manifest.write(f"{digest}  data/{one.name}\n".encode())
        self.names.append(one.name)
        self.bytes += one.size
        self.latest = one

    def add(self, name: str, data: bytes) -> None:
        """Write one file of the payload whole."""
        with self.payload(name) as out:
            out.write(data)

    def settle(self) -> None:
        """Have the payload's manifests written out: they can be read, and nothing is added."""
        for one in self._manifests:
            one.flush()

    def tag(self, name: str, data: bytes) -> None:
        """Write a file beside the payload, such as one about its manifest."""
        if not _NAME.fullmatch(name):
            raise FormatError("no name for a file of a bag", where=name)
        self._tag(name).write(data)

    def close(self, about: Sequence[tuple[str, str]]) -> str:
        """Write what is said of the bag, and its last manifests; return the digest of the first.

        Args:
            about: names and values of ``bag-info.txt``; its Payload-Oxum is added.

        Returns the SHA-256 (hex) of `MANIFEST`.
        """
        told = [*about, ("Payload-Oxum", f"{self.bytes}.{self.files}")]
        lines = "".join(f"{name}: {_said(value)}\n" for name, value in told)
        self._tag("bagit.txt").write(_DECLARATION)
        self._tag("bag-info.txt").write(lines.encode())
        for number, algorithm in enumerate(_ALGORITHMS):
            tags = "".join(
                f"{one.hashes[number].hexdigest()}  {name}\n" for name, one in self._tags
            )
            with self._folder.file(f"tagmanifest-{algorithm}.txt") as out:
                out.write(tags.encode())
        self._stack.close()
        return self._manifests[0].hashes[0].hexdigest()

    def _tag(self, name: str) -> _Hashing:
        file = _Hashing(self._stack.enter_context(self._folder.file(name)))
        self._tags.append((name, file))
        return file


def _said(value: str) -> str:
    """Return a value that stays on its line, whatever it says."""
    return " ".join("".join(one if one.isprintable() else " " for one in value).split())


def listed(manifest: bytes) -> dict[str, str]:
    """Return the digests (hex) of payload files by name, as a `MANIFEST` of ours lists them.

    Raises `FormatError` for another file.
    """
    found = [_LINE.fullmatch(line) for line in manifest.decode("utf-8", "replace").splitlines()]
    lines = [one for one in found if one is not None]
    digests = {one[2]: one[1] for one in lines}
    if len(lines) < len(found) or len(digests) < len(found) or not found:
        raise FormatError("not the manifest of a transfer", where=MANIFEST)
    return digests
