"""Certificates for a court: what one has, and how it is written. Pure.

Federal Rules of Evidence 902(11), (13), (14), and what other courts have in their place, let
records authenticate themselves by the certification of a qualified person. It has to say how the
result comes about and why it is right, not merely that it is (Advisory Committee's note of 2017).
So all of a certificate but its declaration are figures of this package; a person signs, nobody
else. ``schemas/certificate-902.json`` has every member, ``docs/certificates.md`` explains them.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from archiver.retention.closed import ArchiveId, Closed, Count, Day, Handle, Sha256, Time

__all__ = [
    "SCHEMA",
    "Certificate902",
    "Certified",
    "Clock",
    "Confirmation",
    "Court",
    "Declarant",
    "Gaps",
    "Gone",
    "Grade",
    "Ledger",
    "Limit",
    "Missing",
    "NotSearched",
    "Package",
    "Parsed",
    "Provenance",
    "Replaced",
    "Rests",
    "Scope",
    "Signature",
    "Step",
    "System",
    "Verified",
]

SCHEMA: Final = "civic-archive/certificate-902/1"


class Declarant(Closed, frozen=True):
    """Who is to sign: name, title, and why that person is qualified, as given."""

    name: str
    title: str
    qualifications: str


class Confirmation(Closed, frozen=True):
    """Who read which source when, and found the text of the certificate right."""

    by: str
    office: str
    on: Day
    read: str


class Court(Closed, frozen=True):
    """Whose rules they are. ``sha256``: of the file that has the text."""

    court: str
    text: str
    version: str
    sha256: Sha256
    confirmed: Confirmation | None


class Certified(Closed, frozen=True):
    """What is certified under one rule."""

    kind: Literal["regular-activity", "electronic-process", "digital-copy"]
    rule: str
    title: str
    citation: str
    confidence: Literal["primary", "secondary", "unconfirmed"]
    paragraphs: tuple[str, ...]


class Step(Closed, frozen=True):
    """One step of the process, with the figures of this package."""

    name: str
    text: str


class System(Closed, frozen=True):
    """What made the records, and whose they are (``keeper``).

    ``configuration``: digests of what the production was told, by name.
    """

    software: str
    keeper: str
    archive: ArchiveId
    origin: str
    keys: tuple[str, ...]
    configuration: dict[str, str]


class Scope(Closed, frozen=True):
    """What the package has: ``first`` and ``last`` are when versions were captured."""

    records: Count
    versions: Count
    platforms: tuple[str, ...]
    accounts: tuple[str, ...]
    streams: tuple[str, ...]
    first: Time
    last: Time


class Package(Closed, frozen=True):
    """The files: each one's digest stands in the manifest, the manifest's own here."""

    algorithm: Literal["SHA-256"]
    manifest: str
    manifest_sha256: Sha256
    files: Count
    bytes: Count


class Ledger(Closed, frozen=True):
    """The log as of which it was made. ``checkpoint``: a signed head over all versions."""

    size: Count
    root: Sha256
    checkpoint: str
    outside: str


class Verified(Closed, frozen=True):
    """What was verified for this certificate, when, and how the result can be had again."""

    at: Time
    versions: Count
    files: Count
    findings: Count
    commands: tuple[str, ...]


class Replaced(Closed, frozen=True):
    """Something that was replaced or left out, in the exchanges of so many versions.

    ``where``: the place, and the name of the credential, or of what else it was.
    """

    where: str
    versions: Count


class Grade(Closed, frozen=True):
    """How far it is proven that a stream is read rightly: by what, and the page that says so."""

    platform: str
    stream: str
    verdict: str
    proved_by: str
    citation: str
    versions: Count


class Parsed(Closed, frozen=True):
    """A connector and parser version; ``newer``: versions that it read anew."""

    parser: str
    versions: Count
    newer: Count


class Clock(Closed, frozen=True):
    """Whose clock told the time of versions; of ``served`` a server told it too.

    ``apart``: the most seconds that lie between both, None where no server did.
    """

    source: str
    versions: Count
    served: Count
    apart: Count | None


class Rests(Closed, frozen=True):
    """What rests on signatures, not on arithmetic, since intake has ended (or there was none).

    ``ended``: versions whose exchange is not kept any more; ``direct``: those that came in none.
    ``copied``: copies of versions that merging or splitting made, ``verified``: those of them that
    the second role has signed for; ``verified_by``: handles of who did.
    """

    ended: Count
    direct: Count
    copied: Count
    verified: Count
    verified_by: tuple[Handle, ...]


class Provenance(Closed, frozen=True):
    """How the versions came to be what they are."""

    clocks: tuple[Clock, ...]
    parsers: tuple[Parsed, ...]
    grades: tuple[Grade, ...]
    replacements: tuple[Replaced, ...]
    rests: Rests


class Gaps(Closed, frozen=True):
    """The gap report in the package: its file, digest, and how many rows of each state."""

    file: str
    sha256: Sha256
    rows: dict[str, Count]


class Gone(Closed, frozen=True):
    """An order that destroyed versions of these accounts before; ``on``: when it last did."""

    order: Handle
    on: Time
    versions: Count


class NotSearched(Closed, frozen=True):
    """Records that were not looked into, and why."""

    why: str
    records: Count


class Missing(Closed, frozen=True):
    """What is not in the package, or not all of it. ``withheld``: records with something out."""

    gaps: Gaps
    destroyed: tuple[Gone, ...]
    not_searched: tuple[NotSearched, ...]
    withheld: Count


class Limit(Closed, frozen=True):
    """Something that the certificate does not show: a stable code, and plain words."""

    code: str
    text: str


class Signature(Closed, frozen=True):
    """What a person fills in by hand. ``declaration`` stands above the line."""

    declaration: str
    citation: str
    executed_on: Literal[""] = ""
    signature: Literal[""] = ""


class Certificate902(Closed, frozen=True):
    """A certificate. ``draft``: it must not be signed; ``why_draft`` says why."""

    schema: Literal["civic-archive/certificate-902/1"]
    draft: bool
    why_draft: tuple[str, ...]
    court: Court
    declarant: Declarant
    certified: tuple[Certified, ...]
    system: System
    scope: Scope
    process: tuple[Step, ...]
    package: Package
    ledger: Ledger
    verified: Verified
    provenance: Provenance
    missing: Missing
    limits: tuple[Limit, ...]
    signature: Signature

    def encode(self) -> bytes:
        """Return the file: the same bytes for the same certificate."""
        data = msgspec.json.encode(self, order="deterministic")
        return msgspec.json.format(data, indent=1) + b"\n"

    def plain(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return dict(msgspec.to_builtins(self))
