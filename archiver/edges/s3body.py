"""What is uploaded to a bucket: seekable, of known length and digests, and marked ours."""

from __future__ import annotations

import io
import os
import secrets
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import md5, sha256
from tempfile import TemporaryFile, gettempdir
from typing import TYPE_CHECKING, BinaryIO

from archiver.edges.localdir import explained

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["CHUNK", "WRITE_ID", "Body", "prepared"]

CHUNK = 1 << 20  # bytes read from a source at a time
WRITE_ID = "write-id"  # user metadata: which call wrote this object


@dataclass(frozen=True, slots=True)
class Body:
    """A seekable upload. ``write_id`` is random: it tells our write from any other's."""

    file: BinaryIO
    size: int
    md5: bytes
    sha256: bytes
    write_id: str = field(default_factory=lambda: secrets.token_hex(16))

    def rewound(self) -> BinaryIO:
        """Return the file, at its start."""
        self.file.seek(0)
        return self.file

    def same(self, chunks: Iterable[bytes]) -> bool:
        """Tell whether ``chunks`` add up to this body."""
        found = sha256()
        for chunk in chunks:
            found.update(chunk)
        return found.digest() == self.sha256


def _chunks(data: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: data.read(CHUNK), b"")


@contextmanager
def prepared(data: bytes | BinaryIO) -> Iterator[Body]:
    """Yield ``data`` as a body. A file object goes through a nameless temporary file.

    So an upload can be sent again from its start whatever the source was, and at most
    a chunk of it is in memory.
    """
    with ExitStack() as stack:
        file: BinaryIO = io.BytesIO()
        chunks: Iterable[bytes] = (data,) if isinstance(data, bytes) else _chunks(data)
        if not isinstance(data, bytes):
            file = stack.enter_context(TemporaryFile())
        digests = (md5(usedforsecurity=False), sha256())
        with explained("prepare an upload", gettempdir()):
            for chunk in chunks:
                file.write(chunk)
                for digest in digests:
                    digest.update(chunk)
            size = file.seek(0, os.SEEK_END)
        yield Body(file, size, digests[0].digest(), digests[1].digest())
