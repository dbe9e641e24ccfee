"""The certificate of a volume: made once its payload is written, and put beside it in the bag."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from archiver.errors import FormatError
from archiver.flows.certificate_902_page import certificate_902_pdf
from archiver.flows.certify_902 import PackageFiles, Request902, certify_902
from archiver.flows.produce_hits import asked_of, not_searched
from archiver.formats.bag import MANIFEST, listed
from archiver.ledger import ranges
from archiver.produce.certificate_902 import Declarant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.produce_reports import Noted, Reports
    from archiver.flows.volume import Folder
    from archiver.ports import Progress
    from archiver.produce.court_text import CourtText

__all__ = ["CERTIFICATE", "Certifying", "Declarant", "certificate_files"]

CERTIFICATE = "CERTIFICATE-902"
GAPS = "data/GAPS.json"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Certifying:
    """What a certificate is to be: of which court, about which of its rules, signed by whom.

    ``keeper``: whose records they are. ``final``: it is to be signed, else a draft.
    """

    text: CourtText
    declarant: Declarant
    keeper: str
    kinds: Sequence[str] = ()
    final: bool = False


def certificate_files(
    archive: Archive,
    reports: Reports,
    noted: Noted,
    how: Certifying,
    folder: Folder,
    progress: Progress,
) -> dict[str, bytes]:
    """Return the certificate of what was written into a folder, as JSON and as PDF.

    Raises as `archiver.flows.certify_902`.
    """
    manifest = _whole(folder, MANIFEST)
    package = PackageFiles(manifest, listed(manifest).keys(), lambda name: _read(folder, name))
    choice = reports.choice
    asked = Request902(
        text=how.text,
        declarant=how.declarant,
        keeper=how.keeper,
        made=reports.made,
        size=choice.size,
        checkpoint=reports.note,
        gaps=GAPS,
        kinds=how.kinds,
        final=how.final,
        scopes=asked_of(archive, choice),
        not_searched=not_searched(choice),
        withheld=len(noted.partly) + sum(map(len, choice.withheld.values())),
    )
    made = certify_902(archive, ranges.from_numbers(noted.leaves), asked, package, progress)
    document = json.dumps(msgspec.to_builtins(made), ensure_ascii=False, indent=1) + "\n"
    page = certificate_902_pdf(made)
    return {f"{CERTIFICATE}.json": document.encode(), f"{CERTIFICATE}.pdf": page}


def _whole(folder: Folder, name: str) -> bytes:
    return b"".join(_read(folder, name))


def _read(folder: Folder, name: str) -> Iterator[bytes]:
    file = folder.open(name)
    if file is None:
        raise FormatError("a file of the volume is gone", where=name, mend="run it again")
    with file:
        yield from iter(lambda: file.read(_CHUNK), b"")
