"""Certificates for a court: gathered, and refused wherever one would not be true.

There is none where what is exported does not verify, where a file of the package is not the one
that its manifest names, where a gap in what was captured is not told in the package, and none
that may be signed whose text nobody has confirmed (`archiver.flows.certify_902_refusals`).
Of the same leaves, package, text and moment it is the same, byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from archiver import __version__
from archiver.errors import IntegrityError, UsageError
from archiver.flows import certify_902_refusals as refusals
from archiver.flows.accounts import registry
from archiver.flows.certify_902_refusals import PackageFiles
from archiver.flows.connectors import import_cells, known
from archiver.flows.custody_chain import custody_chain
from archiver.flows.ledger_at import ledger_at
from archiver.flows.provenance import provenance
from archiver.formats.bag import MANIFEST, listed
from archiver.ledger import ranges
from archiver.ledger.checkpoint import open_checkpoint
from archiver.ledger.state import INTAKE
from archiver.produce import certificate_902 as form
from archiver.produce.certificate_counts import Cell, Copied, provenance_of, scope_of
from archiver.produce.certificate_words import IMPORT, limits_of, steps_of
from archiver.produce.court_text import filled

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.gap_report import Scope
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState
    from archiver.ports import Progress
    from archiver.produce.court_text import CourtText, Rule
    from archiver.produce.custody import Chain
    from archiver.produce.gap_report import GapReport
    from archiver.produce.origin import Origin

__all__ = ["PackageFiles", "Request902", "certify_902"]

ALGORITHM: Final = "SHA-256"
_NOTHING: Mapping[str, str] = MappingProxyType({})
_NONE: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Request902:
    """What a certificate is asked to be.

    ``text``: of which court. ``kinds``: which of its rules; none: all. ``declarant``: who is to
    sign; ``keeper``: whose records they are, such as a city. ``made``: canonical time. ``final``:
    it is to be signed. ``size``: of the log as of which the package was made; ``checkpoint``: the
    signed head in the package. ``gaps``: the gap report in the package, as JSON; ``scopes``: what
    the pull asked of which account. ``configuration``: digests of what the production was told.
    ``not_searched``: records by reason. ``withheld``: of how many records something is withheld.
    """

    text: CourtText
    declarant: form.Declarant
    keeper: str
    made: str
    size: int
    checkpoint: bytes
    gaps: str
    kinds: Sequence[str] = ()
    final: bool = False
    scopes: Sequence[Scope] = ()
    configuration: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    not_searched: Mapping[str, int] = field(default_factory=lambda: _NONE)
    withheld: int = 0


def certify_902(
    archive: Archive, leaves: Ranges, asked: Request902, package: PackageFiles, progress: Progress
) -> form.Certificate902:
    """Return the certificate of a package that has the versions at some leaves.

    Raises `RefusedError` (``certificate-text-unconfirmed``, ``certificate-rule-not-in-force``,
    ``certificate-package-changed``, ``certificate-unproven``, ``certificate-unverified``,
    ``certificate-gaps-undisclosed``, ``production-unreadable``), `UsageError` for a kind of rule or
    a size that there is not, a time before the last capture, or nobody who is to sign, and
    `IntegrityError` for a checkpoint that is not of this log.
    """
    refusals.require_declarant(asked.declarant, asked.keeper)
    rules = refusals.chosen_rules(asked.text, asked.kinds, date.fromisoformat(asked.made[:10]))
    reasons = refusals.why_draft(asked.text, rules)
    if asked.final:
        refusals.require_confirmed(asked.text, reasons)
    state = ledger_at(archive, asked.size)
    _check_checkpoint(archive, asked, leaves)
    total = refusals.check_package(package, progress)
    refusals.check_proofs(archive, leaves, package)
    refusals.check_verified(archive, leaves, progress)
    origins = provenance(archive, leaves)
    if any(one.captured_at > asked.made for one in origins):
        raise UsageError(
            "a certificate of a time before its records were captured",
            where=asked.made,
            code="certificate-time",
            mend="give a later time",
        )
    given = package, asked.gaps
    report = refusals.check_disclosed(archive, asked.size, asked.scopes, origins, given)
    chain = custody_chain(archive, asked.size, leaves, origins)
    made = _Made(archive, state, asked, package, (origins, report, chain))
    return made.certificate(rules, reasons, total)


def _check_checkpoint(archive: Archive, asked: Request902, leaves: Ranges) -> None:
    """Raise `IntegrityError` unless the package's checkpoint is a head of this log over it all."""
    note = open_checkpoint(asked.checkpoint, archive.identity.keys)
    last = leaves[-1][1] if leaves else 0
    whole = last <= min(asked.size, note.size)  # a cosigned one may be smaller than the log was
    if not whole or ledger_at(archive, note.size).frontier.root() != note.root:
        raise IntegrityError(
            "the checkpoint of the package is not a head of this log over all that is in it",
            where=f"{note.size} entries",
            code="certificate-checkpoint",
            mend="take the archive's signed checkpoint",
        )


@dataclass(frozen=True, slots=True)
class _Made:
    """A certificate while it is put together. ``known``: origins, gap report, custody."""

    archive: Archive
    state: LedgerState
    asked: Request902
    package: PackageFiles
    known: tuple[Sequence[Origin], GapReport, Chain]

    def certificate(
        self, rules: Sequence[Rule], reasons: tuple[str, ...], total: int
    ) -> form.Certificate902:
        """Return it. ``reasons``: why it may not be signed. ``total``: bytes of the package."""
        asked, (origins, _, chain) = self.asked, self.known
        scope, package = scope_of(origins), self._package(total)
        ledger = form.Ledger(
            size=asked.size,
            root=self.state.frontier.root().hex(),
            checkpoint=asked.checkpoint.decode("utf-8", "replace"),
            outside=chain.outside,
        )
        verified = form.Verified(
            asked.made, scope.versions, package.files, 0, tuple(self._commands())
        )
        came, missing = self._provenance(), self._missing()
        system = form.System(
            software=f"civic-archiver/{__version__}",
            archive=self.archive.identity.id,
            keeper=asked.keeper,
            origin=self.archive.identity.origin,
            keys=tuple(self.archive.identity.keys),
            configuration=dict(asked.configuration),
        )
        facts = _facts(scope, package, ledger, system, asked)
        declared = asked.text.declaration
        (above,) = filled([declared.text], facts)
        return form.Certificate902(
            schema=form.SCHEMA,
            draft=not asked.final,
            why_draft=reasons or (() if asked.final else ("a draft was asked for",)),
            court=_court(asked.text),
            declarant=asked.declarant,
            certified=tuple(_certified(rule, facts) for rule in rules),
            system=system,
            scope=scope,
            process=steps_of(scope, came, ledger, verified, package, missing),
            package=package,
            ledger=ledger,
            verified=verified,
            provenance=came,
            missing=missing,
            limits=limits_of(came, missing),
            signature=form.Signature(above, declared.citation),
        )

    def _package(self, total: int) -> form.Package:
        digest = sha256(self.package.manifest).hexdigest()
        return form.Package(ALGORITHM, MANIFEST, digest, len(self.package.names), total)

    def _commands(self) -> Iterator[str]:
        """Yield what anybody gives in the package's folder to see it all again."""
        yield f"sha256sum {MANIFEST}"
        yield f"sha256sum -c {MANIFEST}"
        programs = sorted(one for one in self.package.names if one.endswith("/verify.py"))
        for program in programs[:1]:
            yield f"python3 {program} {self.package.proofs[0]} --key KEY"

    def _provenance(self) -> form.Provenance:
        origins, _, chain = self.known
        held: dict[str, Ranges] = {}
        for one in self.state.segments():
            if one.stage == INTAKE:
                held[one.lane] = ranges.union(held.get(one.lane, []), one.exchanges)
        copied = sum(one.versions for one in chain.events if one.what == "compacted")
        signed = [one for one in chain.events if one.what == "verified"]
        by = frozenset(handle for one in signed for handle in one.by.split(", "))
        verified = min(copied, sum(one.versions for one in signed))  # two may sign for one
        told = Copied(copied, verified, by)
        return provenance_of(origins, _matrix({one.platform for one in origins}), held, told)

    def _missing(self) -> form.Missing:
        _, report, _ = self.known
        told = self.asked.not_searched
        return form.Missing(
            gaps=form.Gaps(
                self.asked.gaps, listed(self.package.manifest)[self.asked.gaps], report.counts()
            ),
            destroyed=tuple(self._destroyed()),
            not_searched=tuple(form.NotSearched(why, told[why]) for why in sorted(told)),
            withheld=self.asked.withheld,
        )

    def _destroyed(self) -> Iterator[form.Gone]:
        """Yield the orders under which versions of these accounts went before."""
        names = {one.account for one in self.known[0]}
        handles = {one.handle for one in registry(self.archive).values() if one.name in names}
        bodies, gone = dict(self.state.controls), dict[str, int]()
        last = dict[str, str]()
        for segment, seal in self.state.ended():
            if segment.account in handles and segment.has_records:
                order = str(bodies[seal]["order"])
                gone[order] = gone.get(order, 0) + ranges.count(segment.leaves)
                last[order] = max(last.get(order, ""), str(bodies[seal]["time"]))
        for order in sorted(gone):
            yield form.Gone(order, last[order], gone[order])


def _facts(
    scope: form.Scope,
    package: form.Package,
    ledger: form.Ledger,
    system: form.System,
    asked: Request902,
) -> dict[str, str]:
    """Return what stands in the place of names in braces (`court_text.PLACES`)."""
    return {
        "algorithm": package.algorithm,
        "archive": system.archive,
        "files": str(package.files),
        "first": scope.first,
        "keeper": system.keeper,
        "last": scope.last,
        "made": asked.made[:10],
        "manifest_sha256": package.manifest_sha256,
        "name": asked.declarant.name,
        "origin": system.origin,
        "records": str(scope.records),
        "root": ledger.root,
        "size": str(ledger.size),
        "software": system.software,
        "title": asked.declarant.title,
        "versions": str(scope.versions),
    }


def _court(text: CourtText) -> form.Court:
    found = text.confirmed
    confirmed = None
    if found is not None:
        confirmed = form.Confirmation(found.by, found.office, found.on, found.read)
    return form.Court(text.court, text.text, text.version, text.digest, confirmed)


def _certified(rule: Rule, facts: Mapping[str, str]) -> form.Certified:
    paragraphs = filled(rule.paragraphs, facts)
    return form.Certified(
        rule.kind, rule.rule, rule.title, rule.citation, rule.confidence, paragraphs
    )


def _matrix(platforms: Collection[str]) -> dict[tuple[str, str], Cell]:
    """Return the capability matrix of platforms whose connector is here, and of exports."""
    found = {}
    for platform in platforms:
        one = known(platform)
        for cell in one.capabilities if one is not None else ():
            told = Cell(cell.verdict, cell.proved_by, cell.citation)
            found[platform, cell.stream] = told
    for name, gives in import_cells():
        found[name, gives.stream] = Cell(IMPORT, gives.proved_by, gives.citation)
    return found
