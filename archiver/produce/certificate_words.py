"""What a certificate for a court says in words: the steps of the process, and its limits. Pure.

Each sentence follows from figures of the certificate, so none says more than was counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.produce.certificate_902 import Limit, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from archiver.produce.certificate_902 import (
        Clock,
        Grade,
        Ledger,
        Missing,
        NotSearched,
        Package,
        Provenance,
        Scope,
        Verified,
    )

__all__ = ["IMPORT", "limits_of", "steps_of"]

REAL = "real server"
IMPORT = "export-only"
"""The verdict of what was read from an export that somebody handed in."""

_CAPTURE = (
    "What is on {platforms} of the accounts {accounts} was read through the platforms' own "
    "interfaces between {first} and {last}, by the connectors and parsers {parsers}. Each request "
    "and each response was written to disk as it was sent and received before any program read it; "
    "the credentials declared here were replaced by marks. Times are those of the clock: {clocks}."
)
_IMPORT = (
    "{versions} versions were read from files that were handed in ({formats}), by the importers "
    "among these parsers. Each file was written to disk as it was handed in before any program "
    "read it; who handed it in, when, and the digest of all of it stand in the archive's own "
    "documents."
)
_INTAKE = (
    "The exchanges were numbered for each account and sealed, encrypted, into the archive. A "
    "number that is missing is found by verification."
)
_SETTLE = (
    "Each thing that an exchange shows became a version of its own: the bytes as they were "
    "received, copied and not rewritten, and a row that a parser read from them. Every field, "
    "each word of a text, every excerpt and every header line has a salted SHA-256 hash; the "
    "roots of these make the commitment of the version."
)
_LOG = (
    "The commitment is an entry of an append-only log (RFC 6962, C2SP tlog-tiles) that the "
    "archive's key signs. It had {size} entries, root {root}. Whoever changes, drops, adds or "
    "reorders an entry changes the root. {outside}"
)
_VERIFY = (
    "For this certificate of {at} the log was read and its root computed anew; the {versions} "
    "versions of this package were read from storage, their commitments computed from their bytes "
    "and held against their entries; their rows were made again by their parsers, where these are "
    "at hand, and compared. Nothing was found."
)
_COPY = (
    "What is handed over was copied into {files} files ({bytes} bytes). What is withheld was taken "
    "out of {withheld} records before any file was made; the originals stay in the archive as "
    "they are. Each file was hashed with {algorithm} when it was written, and read again and "
    "hashed anew for this certificate: all digests were those of the manifest."
)


def steps_of(
    scope: Scope,
    provenance: Provenance,
    ledger: Ledger,
    verified: Verified,
    package: Package,
    missing: Missing,
) -> tuple[Step, ...]:
    """Return the process step by step, with the figures of a package."""
    at = f"{verified.at[:10]} {verified.at[11:16]} UTC"
    capture = _CAPTURE.format(
        accounts=", ".join(scope.accounts),
        platforms=", ".join(scope.platforms),
        first=scope.first,
        last=scope.last,
        parsers=", ".join(one.parser for one in provenance.parsers),
        clocks="; ".join(map(_clock, provenance.clocks)),
    )
    log = _LOG.format(size=ledger.size, root=ledger.root, outside=ledger.outside)
    copy = _COPY.format(
        files=package.files,
        bytes=package.bytes,
        withheld=missing.withheld,
        algorithm=package.algorithm,
    )
    imported = _imported(provenance.grades)
    handed = (Step("Import", _IMPORT.format(**imported)),) if imported else ()
    all_handed = bool(imported) and imported["versions"] == scope.versions
    return (
        *(() if all_handed else (Step("Capture", capture),)),
        *handed,
        Step("Intake", _INTAKE),
        Step("Records", _SETTLE),
        Step("Log", log),
        Step("Verification", _VERIFY.format(at=at, versions=verified.versions)),
        Step("Copying", copy),
    )


def _imported(grades: Sequence[Grade]) -> dict[str, int | str]:
    """Return how many versions come from exports, and of which formats; nothing without any."""
    own = [one for one in grades if one.verdict == IMPORT]
    formats = ", ".join(sorted({one.platform for one in own}))
    return {"versions": sum(one.versions for one in own), "formats": formats} if own else {}


def _clock(one: Clock) -> str:
    if one.apart is None:
        return f"{one.source} ({one.versions} versions)"
    return (
        f"{one.source} ({one.versions} versions, of which {one.served} have the server's own time "
        f"too, at most {one.apart} s from it)"
    )


_ALWAYS = {
    "authenticity": "The certificate is about what was captured, and that it was not changed "
    "since. It says nothing of whether what somebody wrote is true, or who sat at the keyboard.",
    "shown-by-platform": "What a platform did not show to the account that read it is not in the "
    "archive; what came and went between two readings is not either.",
    "renderings": "Pages, texts and load files are made from what the proofs open. That they say "
    "the same is the work of the software, and shows by comparing them.",
    "repeats": "That a thing was seen again unchanged is counted and not copied: that rests on the "
    "signature of whoever settled the reading.",
    "one-archive-key": "That the log was not written anew by whoever holds both storage and the "
    "archive's key shows only to those outside who saw an earlier head of it.",
}
_GRADE = (
    "How {platform} is read was held against {by} alone for these streams, not against a real "
    "server: {streams}."
)
_BY = {
    "simulator only": "a simulator",
    "recorded response": "responses that others have recorded",
    "cited only": "the platform's documentation",
}
_UNKNOWN = (
    "No connector of {platform} is installed where this was made: how its records were read is "
    "not graded."
)
_ENDED = (
    "Of {} versions the exchange that they came from is not kept any more. That their bytes came "
    "from it rests on the signature of whoever settled them, and where they were copied since on "
    "that of the second role, not on arithmetic."
)
_COPIED = (
    "For {} copies of versions, made when segments were merged or split, nobody in the second role "
    "has signed yet. They were verified for this certificate."
)
_DIRECT = (
    "{} versions came in no exchange with a platform: the archive's own documents, or imports."
)
_HANDED = (
    "{versions} versions come from files that somebody handed in ({formats}). The archive shows "
    "what these said then, and that it was not changed since; not that the platform showed the "
    "same, nor that the files were whole or unchanged before. What they do not have proves no "
    "deletion."
)
_REPLACED = (
    "In the exchanges of some versions something was replaced before anything was stored: "
    "credentials of the city, and in streams of events messages of others. Each place is declared "
    "in this certificate. What stood there can't be had again."
)
_NEWER = (
    "{} versions are a newer parser's reading of the same bytes; the first reading is kept too."
)
_GAPS = "There are {} times in which something may be missing. They are in {}, with why."
_GONE = (
    "{} versions of these accounts were destroyed before, under {} orders. What they said is not "
    "known; the log shows by whose authority they went."
)
_NOT_SEARCHED = "{} records were not searched: {}."
_WITHHELD = (
    "Of {} records something is withheld. What is shown of them still proves its place; the "
    "exemption log has a row for each place."
)


def limits_of(provenance: Provenance, missing: Missing) -> tuple[Limit, ...]:
    """Return what a certificate does not show, always in the same order."""
    rests, gone = provenance.rests, missing.destroyed
    unsigned = rests.copied - rests.verified
    newer, rows = sum(one.newer for one in provenance.parsers), sum(missing.gaps.rows.values())
    imported = _imported(provenance.grades)
    found = {
        **_ALWAYS,
        **dict(_graded(provenance.grades)),
        "imported": _HANDED.format(**imported) if imported else "",
        "intake-ended": _ENDED.format(rests.ended) if rests.ended else "",
        "unverified-copies": _COPIED.format(unsigned) if unsigned > 0 else "",
        "no-exchange": _DIRECT.format(rests.direct) if rests.direct else "",
        "credentials-replaced": _REPLACED if provenance.replacements else "",
        "read-anew": _NEWER.format(newer) if newer else "",
        "gaps": _GAPS.format(rows, missing.gaps.file) if rows else "",
        "destroyed": _GONE.format(sum(one.versions for one in gone), len(gone)) if gone else "",
        "not-searched": _not_searched(missing.not_searched),
        "withheld": _WITHHELD.format(missing.withheld) if missing.withheld else "",
    }
    return tuple(Limit(code, text) for code, text in found.items() if text)


def _graded(grades: Sequence[Grade]) -> Iterator[tuple[str, str]]:
    """Yield a limit for each platform and each kind of proof that is no real server."""
    kinds = sorted({(one.platform, one.proved_by) for one in grades} - {("", REAL)})
    for platform, by in kinds:
        own = [one for one in grades if (one.platform, one.proved_by) == (platform, by)]
        code = f"graded-{platform}-{by.replace(' ', '-')}"
        if by in _BY:
            streams = ", ".join(one.stream for one in own)
            yield code, _GRADE.format(platform=platform, by=_BY[by], streams=streams)
        elif by != REAL:
            yield code, _UNKNOWN.format(platform=platform)


def _not_searched(left: Sequence[NotSearched]) -> str:
    if not left:
        return ""
    reasons = ", ".join(f"{one.why} ({one.records})" for one in left)
    return _NOT_SEARCHED.format(sum(one.records for one in left), reasons)
