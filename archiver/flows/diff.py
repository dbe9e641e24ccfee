"""Diff: what a volume changed against an earlier one, from the two bags alone.

Each is verified first: every file against its manifest, and every proof against the log's keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from archiver.errors import ArchiverError, FormatError, RefusedError
from archiver.formats.bag import MANIFEST, listed
from archiver.ledger.disclosed import check_proof
from archiver.produce.volume_diff import Change, differences, read_sheet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

    from archiver.ports import Progress
    from archiver.produce.volume_diff import Sheet

__all__ = ["Change", "Compared", "Side", "diff"]

_CHUNK = 1 << 20
_LARGEST = 64 * 1024 * 1024
"""Bytes of a manifest, a proof or a document that is read whole."""
_MOST_NAMED = 3


class Files(Protocol):
    """The files of a bag (`archiver.edges.bagfiles.BagFiles`)."""

    @property
    def name(self) -> str:
        """Where it is."""
        ...

    def names(self) -> list[str]:
        """Return the names of all files of the payload."""
        ...

    def open(self, name: str) -> BinaryIO:
        """Open a file."""
        ...


@dataclass(frozen=True, slots=True)
class Side:
    """One of two volumes. ``manifest``: SHA-256 (hex); ``proofs``: how many were checked."""

    folder: str
    name: str
    size: int
    documents: int
    first: str
    last: str
    manifest: str
    proofs: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Two volumes side by side, and all that is not the same."""

    before: Side
    after: Side
    changes: tuple[Change, ...]

    def count(self, what: str) -> int:
        """Return how many documents are ``added``, ``gone`` or ``changed``."""
        return sum(one.what == what for one in self.changes)


def diff(before: Files, after: Files, keys: Sequence[str], progress: Progress) -> Compared:
    """Return what the second volume changed against the first.

    Args:
        before: the earlier bag.
        after: the other.
        keys: verifier keys of the archive; none: those that came with each.
        progress: told of each file.

    Raises `RefusedError` (``bag-changed``) where a bag is not what its manifest says,
    (``bag-unproven``) where a proof does not hold or a version has none, (``bag-of-another``) where
    they are of two archives, and `FormatError` for what is no volume.
    """
    first, one = _read(before, keys, progress)
    second, other = _read(after, keys, progress)
    if _archive(before)["origin"] != _archive(after)["origin"]:
        raise RefusedError(
            "these are volumes of two archives",
            where=after.name,
            code="bag-of-another",
            mend="give two volumes of one archive",
        )
    return Compared(first, second, tuple(differences(one, other)))


def _read(files: Files, keys: Sequence[str], progress: Progress) -> tuple[Side, Sheet]:
    manifest = _whole(files, MANIFEST)
    digests = listed(manifest)
    _check(files, digests, progress)
    volumes = [name for name in digests if name.endswith("/DATA/volume.json")]
    if len(volumes) != 1:
        raise _none(files)
    folder = volumes[0].removesuffix("DATA/volume.json")
    told = _json(files, volumes[0])
    sheets = [one for one in digests if one.startswith(f"{folder}DATA/") and one.endswith(".csv")]
    if len(sheets) != 1:
        raise _none(files)
    own = {name.removeprefix(folder): digest for name, digest in digests.items()}
    with files.open(sheets[0]) as lines:
        sheet = read_sheet(lines, own, f"{files.name}: {sheets[0]}")
    proofs = _proven(files, digests, keys or list(map(str, _archive(files)["keys"])), sheet)
    try:
        written = told["written"]
        side = Side(
            folder=files.name,
            name=f"{told['identifier']}_{told['volume']}",
            size=int(told["size"]),
            documents=len(sheet.documents),
            first=str(written["first"]),
            last=str(written["last"]),
            manifest=sha256(manifest).hexdigest(),
            proofs=proofs,
        )
    except (LookupError, TypeError, ValueError) as error:
        raise _none(files) from error
    return side, sheet


def _check(files: Files, digests: dict[str, str], progress: Progress) -> None:
    """Hold every file of a payload against its manifest. Raises `RefusedError`."""
    there = set(files.names())
    wrong = [f"{name}: not listed" for name in sorted(there - digests.keys())]
    for number, (name, digest) in enumerate(digests.items(), 1):
        progress.step(number, len(digests), name)
        if name not in there:
            wrong.append(f"{name}: missing")
            continue
        found = sha256()
        with files.open(name) as file:
            for chunk in iter(lambda: file.read(_CHUNK), b""):
                found.update(chunk)
        if found.hexdigest() != digest:
            wrong.append(f"{name}: changed")
    if wrong:
        raise RefusedError(
            f"the bag is not what its manifest says: {_some(wrong)}",
            where=files.name,
            code="bag-changed",
            mend="get the volume anew from whoever made it",
        )


def _proven(files: Files, digests: dict[str, str], keys: Sequence[str], sheet: Sheet) -> int:
    """Check all proofs of a volume; return how many. Raises `RefusedError`."""
    proofs = [name for name in digests if name.startswith("data/PROOFS/")]
    proven, wrong = set[int](), list[str]()
    for name in proofs:
        try:
            proven.add(check_proof(_whole(files, name), keys).index)
        except ArchiverError as error:
            wrong.append(f"{name}: {error.message}")
    if proofs:
        wrong += [f"no proof of entry {leaf}" for leaf in sorted(sheet.leaves - proven)]
    if wrong:
        raise RefusedError(
            f"the volume does not prove what it shows: {_some(wrong)}",
            where=files.name,
            code="bag-unproven",
            mend="give the archive's key with --key; or get the volume anew from whoever made it",
        )
    return len(proofs)


def _some(wrong: Sequence[str]) -> str:
    more = len(wrong) - _MOST_NAMED
    return "; ".join(wrong[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _archive(files: Files) -> dict[str, Any]:
    told = _json(files, "data/archive.json")
    if not isinstance(told.get("keys"), list) or "origin" not in told:
        raise _none(files)
    return told


def _json(files: Files, name: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(_whole(files, name), type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _none(files) from error


def _whole(files: Files, name: str) -> bytes:
    with files.open(name) as file:
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise FormatError("far too large", where=name, mend="get the volume anew")
    return data


def _none(files: Files) -> FormatError:
    return FormatError(
        "no volume that can be compared: a sheet (csv) and what it says of itself are needed",
        where=files.name,
        mend="give folders that `archiver produce` made with csv among the channels",
    )
