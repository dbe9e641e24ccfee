"""The index of each segment's words, in the cache of the home.

It is made of verified rows when it is first asked for, and again where it is not there, damaged,
or of older rules. That of an encrypted segment is encrypted under a key made of that of its rows:
who shreds the one shreds the other. None is ever sealed (``docs/formats/postings.md``).
"""

from __future__ import annotations

import hmac
from io import BytesIO
from typing import TYPE_CHECKING, TypeVar

from archiver.errors import IntegrityError, KeyStoreError
from archiver.flows.search_files import FOR_FILES, read_files
from archiver.flows.segments import ENCRYPTED, read_table
from archiver.formats import cobblestone
from archiver.layout import unit_object_key
from archiver.search.checked import DAMAGED
from archiver.search.files import Files, Texts, column_of, files_file, texts_file
from archiver.search.marks import NEEDED, Marks, marks_file
from archiver.search.postings import Postings, posting_file
from archiver.search.query import FILE_TEXT, SEARCHED
from archiver.search.tokens import INDEX

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from archiver.flows.archive import Archive
    from archiver.ledger.state import Segment

    _T = TypeVar("_T")

__all__ = [
    "digest_of",
    "files_of",
    "is_private",
    "keep_postings",
    "marks_of",
    "may_be_read",
    "mended",
    "postings_at",
    "postings_of",
    "remove",
    "sweep",
    "texts_of",
]

FOLDER = "cache/index/"
WORDS, MARKS, FILES, TEXTS = ".words", ".marks", ".files", ".texts"
_KEY = b"civic-archive/index-key/v1\n"


def postings_of(archive: Archive, segment: Segment) -> Postings:
    """Return the posting lists of a segment.

    Raises `KeyStoreError` where its key is not here, `IntegrityError` where a stored file is not
    the one that was sealed, or the cached one is damaged (`mended`).
    """
    name = f"{FOLDER}{digest_of(segment)}{WORDS}"
    data = _opened(archive, segment, WORDS)
    found = Postings(name, data) if data is not None else None
    if found is None or not _is_current(archive, found):
        found = Postings(name, _made(archive, segment)[WORDS])
    return found


def _is_current(archive: Archive, found: Postings) -> bool:
    """Tell whether words were cut, and texts of files read, as they would be now."""
    return found.version == INDEX and found.reads in ("", archive.files.stamp)


def marks_of(archive: Archive, segment: Segment) -> Marks:
    """Return the marks of a segment's rows; as `postings_of`."""
    name = f"{FOLDER}{digest_of(segment)}{MARKS}"
    data = _opened(archive, segment, MARKS)
    found = Marks(name, data) if data is not None else None
    if found is None or found.version != INDEX:
        found = Marks(name, _made(archive, segment)[MARKS])
    return found


def files_of(archive: Archive, segment: Segment) -> Files:
    """Return what is told of the files of a segment that has some (`Marks.files`)."""
    name = f"{FOLDER}{digest_of(segment)}{FILES}"
    data = _opened(archive, segment, FILES)
    found = Files(name, data) if data is not None else None
    if found is None or found.stamp != archive.files.stamp:
        found = Files(name, _made(archive, segment)[FILES])
    return found


def texts_of(archive: Archive, segment: Segment) -> Texts:
    """Return the texts of the files of a segment that has some (`Marks.files`)."""
    name = f"{FOLDER}{digest_of(segment)}{TEXTS}"
    data = _opened(archive, segment, TEXTS)
    found = Texts(name, data) if data is not None else None
    if found is None or found.stamp != archive.files.stamp:
        found = Texts(name, _made(archive, segment)[TEXTS])
    return found


def postings_at(archive: Archive, name: str) -> Postings | None:
    """Return the posting lists of public segments in a file, None where it is not there.

    Raises `IntegrityError` where it is damaged (`mended`).
    """
    data = archive.home.view(f"{FOLDER}{name}{WORDS}")
    found = Postings(f"{FOLDER}{name}{WORDS}", data) if data is not None else None
    return found if found is not None and _is_current(archive, found) else None


def keep_postings(archive: Archive, name: str, make: Callable[[str], bytes]) -> None:
    """Write posting lists of public segments: ``make`` is given the name of the file."""
    file = f"{FOLDER}{name}{WORDS}"
    archive.home.write(file, make(file))


def mended(archive: Archive, job: Callable[[], _T]) -> _T:
    """Return what a job gives; where a file of the index is damaged remove it, and begin anew.

    Raises `IntegrityError` where one is damaged again after it was made anew.
    """
    removed = set[str]()
    while True:
        try:
            return job()
        except IntegrityError as error:
            if error.code != DAMAGED or error.where in removed:
                raise
            removed.add(error.where)
            archive.home.remove(error.where)


def may_be_read(archive: Archive, segment: Segment) -> bool:
    """Tell whether the key of a segment's rows is here, if it needs one."""
    try:
        return not is_private(segment) or bool(_key(archive, segment))
    except KeyStoreError:
        return False


def is_private(segment: Segment) -> bool:
    """Tell whether a segment's rows are encrypted."""
    return _suffix(segment).endswith(ENCRYPTED)


def digest_of(segment: Segment) -> str:
    """Return the SHA-256 (hex) of a segment's rows as they are stored: its index has that name."""
    return segment.objects[_suffix(segment)]


def remove(archive: Archive, name: str) -> None:
    """Remove a file of posting lists."""
    archive.home.remove(f"{FOLDER}{name}{WORDS}")


def sweep(archive: Archive, *names: Collection[str]) -> None:
    """Remove every file of the index that has none of these names."""
    for file in archive.home.names(FOLDER):
        own = file.removeprefix(FOLDER).partition(".")[0]
        if not any(own in some for some in names):
            archive.home.remove(file)


def _suffix(segment: Segment) -> str:
    return "parquet" if "parquet" in segment.objects else f"parquet{ENCRYPTED}"


def _made(archive: Archive, segment: Segment) -> dict[str, bytes]:
    """Make all files of a segment's index from its rows and records; return them, plain."""
    table = read_table(archive, segment, (*NEEDED, *SEARCHED, *FOR_FILES))
    name = f"{FOLDER}{digest_of(segment)}"
    read = read_files(archive, segment, table)
    if read.stamp:
        table = table.append_column(FILE_TEXT, column_of(table.num_rows, read.texts))
    files = {
        WORDS: posting_file(f"{name}{WORDS}", table, read.stamp),
        MARKS: marks_file(f"{name}{MARKS}", table, files=bool(read.stamp)),
    }
    if read.stamp:
        files[FILES] = files_file(f"{name}{FILES}", read.told, read.stamp)
        files[TEXTS] = texts_file(f"{name}{TEXTS}", read.texts, read.stamp)
    for kind, data in files.items():
        archive.home.write(f"{name}{kind}", _closed(archive, segment, kind, data))
    return files


def _closed(archive: Archive, segment: Segment, kind: str, data: bytes) -> bytes:
    if not is_private(segment):
        return data
    out = BytesIO()
    cobblestone.encrypt(data, *_lock(archive, segment, kind), out)
    return out.getvalue()


def _opened(archive: Archive, segment: Segment, kind: str) -> bytes | memoryview | None:
    """Return a file of a segment's index, plain; None where there is none."""
    file = f"{FOLDER}{digest_of(segment)}{kind}"
    data = archive.home.view(file)
    if data is None or not is_private(segment):
        return data
    lock = _lock(archive, segment, kind)
    try:
        return cobblestone.decrypt_all(bytes(data), *lock)
    except IntegrityError:  # damaged: as good as none
        return None


def _lock(archive: Archive, segment: Segment, kind: str) -> tuple[bytes, bytes]:
    """Return the key and the context of a file of a private segment's index."""
    name = f"{segment.name}.{_suffix(segment)}{kind}"
    key = hmac.digest(_key(archive, segment), _KEY + kind.encode(), "sha256")
    return key, cobblestone.context(archive.identity.id, segment.unit, name)


def _key(archive: Archive, segment: Segment) -> bytes:
    return archive.keys.key(unit_object_key(segment.unit, segment.name, _suffix(segment)))
