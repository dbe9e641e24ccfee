"""Volume: a bag of all that a production hands over, from its documents in their order.

It is a function of plan, profile and documents: the same give the same bytes, in any zone, locale
and folder. No more than a family of documents is in memory. A killed process is carried on where
it was: what it finished is read once more, and taken if it is what was written.
"""

from __future__ import annotations

import json
import unicodedata
from contextlib import ExitStack
from importlib.metadata import version
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec

from archiver.errors import FormatError
from archiver.flows.volume_files import Files, begin
from archiver.flows.volume_plan import SOFTWARE, Folder, Plan, Written, digest_of
from archiver.flows.volume_streams import Streams
from archiver.formats.bag import Bag
from archiver.formats.page_fonts import font_versions
from archiver.formats.parquet import canonical_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from archiver.flows.volume_streams import Members
    from archiver.ports import Progress
    from archiver.produce.document import Document
    from archiver.produce.placed import Placed
    from archiver.produce.profile import Profile

    Extras = Callable[[Written, Sequence[str]], Mapping[str, bytes]]
    """Gives further files of the bag, by name, once those that it is told are written."""

__all__ = ["SCHEMA", "Folder", "Plan", "Written", "write_volume"]

SCHEMA = "civic-archive/volume/1"


def write_volume(  # noqa: PLR0913 - what a volume is made of
    folder: Folder,
    plan: Plan,
    profile: Profile,
    documents: Iterable[Document],
    progress: Progress,
    *,
    members: Members | None = None,
    extras: Extras | None = None,
    placed: Callable[[Placed], None] | None = None,
    beside: Callable[[], Mapping[str, bytes]] | None = None,
) -> Written:
    """Write a volume; return what was written.

    Args:
        folder: where to.
        plan: of what.
        profile: how.
        documents: in the order of their numbers, those of a family together.
        progress: told of each document.
        members: gives the WARC records (gzip members, as stored) of a record that is whole;
            None: there is no WACZ.
        extras: gives further files, by name below the payload.
        placed: told of each document with its numbers.
        beside: gives files beside the payload, once that and its manifest are written.

    Raises `FormatError` where a family comes in parts, or a name is none that a bag can have;
    `UsageError` where the numbers of the profile don't suffice.
    """
    basis = digest_of(plan, profile)
    begin(folder, basis)
    with Bag(folder) as bag, ExitStack() as stack:
        files = Files(folder, bag, plan, profile, basis)
        streams = Streams(stack, files, members)
        found = _Found(plan.total, progress, placed)
        for family in _families(documents):
            streams.add([found.one(files, streams, document) for document in family])
        streams.close()
        written = found.written(files, streams)
        bag.add(f"{plan.volume}/DATA/volume.json", _told(plan, profile, written))
        for name, data in sorted(extras(written, bag.names).items() if extras is not None else ()):
            bag.add(name, data)
        bag.settle()
        for name, data in sorted(beside().items() if beside is not None else ()):
            bag.tag(name, data)
        digest = bag.close(_about(plan, written))
        return written._replace(files=bag.files, bytes=bag.bytes, manifest_sha256=digest)


class _Found:
    """What was written while it is counted.

    Args:
        total: how many documents there are, where that is known.
        progress: told of each.
        placed: likewise, with its numbers; None: nobody asks.
    """

    def __init__(
        self, total: int | None, progress: Progress, placed: Callable[[Placed], None] | None
    ) -> None:
        self._total, self._progress, self._placed = total, progress, placed
        self._last = ""
        self._documents = self._versions = self._pages = self._natives = self._withheld = 0

    def one(self, files: Files, streams: Streams, document: Document) -> Placed:
        """Write the files of a document, and count them."""
        one = files.place(document)
        if one.mail:
            streams.mail(one, files.read(one.mail))
        self._last = one.last
        self._documents += 1
        self._versions += len(document.versions)
        self._pages += one.pages
        self._natives += len(one.natives)
        self._withheld += bool(document.exemptions)
        if self._placed is not None:
            self._placed(one)
        self._progress.step(self._documents, self._total, one.last)
        return one

    def written(self, files: Files, streams: Streams) -> Written:
        """Return what was written of all documents."""
        return Written(
            first=files.profile.scheme.number(files.plan.first) if self._last else "",
            last=self._last,
            next=files.next,
            documents=self._documents,
            versions=self._versions,
            pages=self._pages,
            natives=self._natives,
            withheld=self._withheld,
            whole=streams.whole,
            conversations=streams.conversations,
            files=files.bag.files,
            bytes=files.bag.bytes,
        )


def _families(documents: Iterable[Document]) -> Iterator[Iterator[Document]]:
    """Yield documents by family. Raises `FormatError` for one that comes in parts."""
    seen = set[str]()
    for family, group in groupby(documents, key=lambda one: one.family):
        if family in seen:
            raise FormatError(
                "a family of documents comes in parts",
                where=family,
                mend="report this as a defect",
            )
        seen.add(family)
        yield group


def _told(plan: Plan, profile: Profile, written: Written) -> bytes:
    """Return what the volume says of itself: all that decides its bytes, but the documents.

    ``libraries``: of another version of these, some bytes may differ.
    """
    told: dict[str, Any] = {
        "schema": SCHEMA,
        "identifier": plan.identifier,
        "volume": plan.volume,
        "first": plan.first,
        "size": plan.size,
        "inputs": plan.inputs,
        "moment": canonical_time(plan.moment),
        "profile": msgspec.to_builtins(profile),
        "software": SOFTWARE,
        "libraries": {
            "pyarrow": version("pyarrow"),
            "typst": version("typst"),
            "unicode": unicodedata.unidata_version,
            **font_versions(),
        },
        "written": {
            name: value
            for name, value in written._asdict().items()
            if name not in ("files", "bytes", "manifest_sha256")
        },
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _about(plan: Plan, written: Written) -> list[tuple[str, str]]:
    """Return what ``bag-info.txt`` says."""
    what = f"{written.documents} documents, {written.first} to {written.last}"
    return [
        ("External-Identifier", f"{plan.identifier}_{plan.volume}"),
        ("External-Description", what if written.documents else "no documents"),
        ("Bagging-Date", canonical_time(plan.moment)[:10]),
        ("Bag-Software-Agent", SOFTWARE),
        *plan.about,
    ]
