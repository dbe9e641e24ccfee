"""What stands in the way of a certificate for a court: each check refuses, and says why."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.errors import FormatError, IntegrityError, RefusedError, UsageError
from archiver.flows.gap_report import Scope, gaps_over
from archiver.flows.verify_leaves import verify_leaves
from archiver.formats.bag import MANIFEST, listed
from archiver.ledger import ranges
from archiver.ledger.disclosed import check_proof
from archiver.produce.gap_report import rows_in, undisclosed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import date

    from archiver.flows.archive import Archive
    from archiver.ledger.ranges import Ranges
    from archiver.ports import Progress
    from archiver.produce.certificate_902 import Declarant
    from archiver.produce.court_text import CourtText, Rule
    from archiver.produce.gap_report import GapReport
    from archiver.produce.origin import Origin

__all__ = [
    "PackageFiles",
    "check_disclosed",
    "check_package",
    "check_proofs",
    "check_verified",
    "chosen_rules",
    "require_confirmed",
    "require_declarant",
    "why_draft",
]

_MOST_NAMED = 5
_NOT_READ = "unconfirmed"
_PROOF = re.compile(r"/proofs/([^/]+/)*[^/]+\.json$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PackageFiles:
    """The files of a package, as they were written.

    ``manifest``: the bytes of `MANIFEST`. ``names``: of the payload, as the manifest spells them
    (``data/…``). ``read``: gives the bytes of one, in pieces, from where it was written to.
    """

    manifest: bytes
    names: Collection[str]
    read: Callable[[str], Iterable[bytes]]

    @property
    def proofs(self) -> list[str]:
        """The names of the proofs: JSON below a folder of that name, however it is capitalised."""
        return sorted(one for one in self.names if _PROOF.search(one))

    def whole(self, name: str) -> bytes:
        """Return a file whole."""
        return b"".join(self.read(name))


def require_declarant(who: Declarant, keeper: str) -> None:
    """Raise `UsageError` (``certificate-declarant``) where nobody is to sign, or for nobody."""
    if not all(one.strip() for one in (who.name, who.title, who.qualifications, keeper)):
        raise UsageError(
            "who certifies, for whom, and why is that person qualified?",
            code="certificate-declarant",
            mend="give name, title and qualifications of whoever is to sign, and whose records "
            "they are",
        )


def chosen_rules(text: CourtText, kinds: Sequence[str], day: date) -> list[Rule]:
    """Return the rules of some kinds, in their order; none named: all of the court's.

    Raises `UsageError` for a kind that the court has no rule of, `RefusedError` for one that is
    not in force on the day (``certificate-rule-not-in-force``).
    """
    found = []
    for kind in kinds or [one.kind for one in text.rules]:
        rule = text.rule(kind)
        if rule is None:
            raise UsageError(
                f"the text has no rule of that kind: {kind}",
                where=text.text,
                code="certificate-rule-unknown",
                mend=f"kinds: {', '.join(one.kind for one in text.rules)}",
            )
        if not rule.in_force(day):
            raise RefusedError(
                f"{rule.citation} is not in force on {day}",
                where=text.text,
                code="certificate-rule-not-in-force",
                mend="choose another rule, or a text of another version",
            )
        found.append(rule)
    return found


def why_draft(text: CourtText, rules: Iterable[Rule]) -> tuple[str, ...]:
    """Return why a certificate under a text may not be signed; nothing where it may."""
    reasons = [] if text.confirmed else ["the text has the status draft: nobody has confirmed it"]
    declared = (text.declaration.citation, text.declaration.confidence)
    cited = [*((one.citation, one.confidence) for one in rules), declared]
    reasons += [f"{name} was not read" for name, confidence in cited if confidence == _NOT_READ]
    reasons += [
        f"since when {one.citation} holds is not known" for one in rules if one.effective is None
    ]
    return tuple(reasons)


def require_confirmed(text: CourtText, reasons: Sequence[str]) -> None:
    """Raise `RefusedError` (``certificate-text-unconfirmed``) where there are reasons not to."""
    if reasons:
        raise RefusedError(
            f"the certificate can't be final: {'; '.join(reasons)}",
            where=f"{text.text} {text.version}",
            code="certificate-text-unconfirmed",
            mend="have counsel read the rules and confirm the text, as docs/certificates.md says; "
            "until then make a draft",
        )


def check_package(package: PackageFiles, progress: Progress) -> int:
    """Hold every file of a package against its manifest; return how many bytes there are.

    Raises `RefusedError` where one is missing, not listed or not the one that is listed
    (``certificate-package-changed``), `FormatError` for what is no manifest.
    """
    digests, total = listed(package.manifest), 0
    odd = sorted(digests.keys() ^ set(package.names))
    wrong = [f"{name} is {'missing' if name in digests else 'not listed'}" for name in odd]
    names = sorted(digests.keys() & set(package.names))
    for number, name in enumerate(names):
        progress.step(number, len(names), "files of the package")
        found, size = _digest(package.read(name))
        total += size
        wrong += [] if found == digests[name] else [f"{name} has another digest"]
    progress.step(len(names), len(names), "files of the package")
    if wrong:
        raise RefusedError(
            f"the package is not what its manifest says: {_some(wrong)}",
            where=MANIFEST,
            code="certificate-package-changed",
            mend="make the package anew",
        )
    return total


def _digest(pieces: Iterable[bytes]) -> tuple[str, int]:
    digest, size = sha256(), 0
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


def check_proofs(archive: Archive, leaves: Ranges, package: PackageFiles) -> None:
    """Hold the proofs in a package against the archive's keys: of all leaves, and of no others.

    So a certificate is about what is in the package. Raises `RefusedError`
    (``certificate-unproven``).
    """
    found, wrong = set[int](), []
    for name in package.proofs:
        try:
            found.add(check_proof(package.whole(name), archive.identity.keys).index)
        except (FormatError, IntegrityError) as error:
            wrong.append(f"{name}: {error.message}")
    shown = ranges.from_numbers(found)
    lacking = ranges.count(ranges.minus(leaves, shown))
    wrong += [f"{lacking} versions without a proof"] if lacking else []
    more = ranges.count(ranges.minus(shown, leaves))
    wrong += [f"{more} proofs of others"] if more else []
    if wrong:
        raise RefusedError(
            f"the package does not prove what is certified: {_some(wrong)}",
            code="certificate-unproven",
            mend="put a proof of each version that is handed over into the package",
        )


def check_disclosed(
    archive: Archive,
    size: int,
    scopes: Sequence[Scope],
    origins: Sequence[Origin],
    given: tuple[PackageFiles, str],
) -> GapReport:
    """Return the gap report of a pull, all of which the package tells.

    What is handed over is asked about whether the pull names it or not. ``given``: the package,
    and the name of the gap report in it (JSON). Raises `RefusedError` where the package has no
    such file, or a row of the report is not in it (``certificate-gaps-undisclosed``).
    """
    package, name = given
    report = gaps_over(archive, size, [*scopes, *_unasked(scopes, origins)])
    told = _json(package.whole(name)) if name in package.names else None
    missing = undisclosed(report, rows_in(told))
    if told is None or missing:
        rows = [f"{one.account} {one.stream} {one.since} ({one.cause})" for one in missing]
        raise RefusedError(
            f"the package does not tell of gaps in what was captured: {_some(rows) or 'no report'}",
            where=name,
            code="certificate-gaps-undisclosed",
            mend="put the gap report of the whole pull into the package",
        )
    return report


def _unasked(scopes: Sequence[Scope], origins: Sequence[Origin]) -> Iterator[Scope]:
    """Yield the streams that are handed over and that no scope asks about."""
    streams: dict[str, set[str]] = {}
    for one in origins:
        streams.setdefault(one.account, set()).add(one.stream)
    for account, own in sorted(streams.items()):
        asked = [one for one in scopes if one.account == account]
        covered = {stream for one in asked for stream in one.streams}
        left = sorted(own - covered) if all(one.streams for one in asked) else []
        if left:
            yield Scope(account, tuple(left))


def check_verified(archive: Archive, leaves: Ranges, progress: Progress) -> None:
    """Verify what is exported, in depth.

    Raises `RefusedError` for any finding, and for what can't be read (``certificate-unverified``).
    What findings expected and found is not told: it may be private.
    """
    found = verify_leaves(archive, leaves, progress)
    wrong = [f"{one.code} at {one.where}" for one in found.findings]
    wrong += [f"{found.unread} of it can't be read here"] if found.unread else []
    if wrong:
        raise RefusedError(
            f"what is exported does not verify: {_some(wrong)}",
            code="certificate-unverified",
            mend="run `archiver verify --deep`, and restore what it names from a copy",
        )


def _some(texts: Sequence[str]) -> str:
    more = len(texts) - _MOST_NAMED
    return "; ".join([*texts[:_MOST_NAMED], *([f"and {more} more"] if more > 0 else [])])


def _json(data: bytes) -> object:
    try:
        found: object = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found
