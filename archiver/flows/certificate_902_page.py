"""A certificate for a court as a page for people. Pure.

What is declared comes first, then how it came about, then what limits it. Its JSON has the same
members. A draft says so in its title and at the foot of each page, and has no line to sign on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.formats.pdf import Page, Section, Table, pdf
from archiver.registry.people import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from archiver.produce.certificate_902 import Certificate902

__all__ = ["certificate_902_pdf"]

_UNSAID = "–"
_LINE = "_" * 44
_DRAFT = "DRAFT, not to be signed"


def certificate_902_pdf(made: Certificate902) -> bytes:
    """Return a certificate as PDF; it bears the time at which it was made.

    Raises `FormatError` where it can't be set.
    """
    return pdf(_page(made), moment(made.verified.at))


def _page(made: Certificate902) -> Page:
    rules = ", ".join(one.rule for one in made.certified)
    title = f"Certificate under {rules}"
    foot = f"Package {made.package.manifest_sha256[:16]}, archive {made.system.archive}"
    who = made.declarant
    lead = [f"For: {made.court.court}.", f"I, {who.name}, {who.title}, certify as follows."]
    draft = [f"{_DRAFT}. {'; '.join(made.why_draft)}."] if made.draft else []
    return Page(
        title=f"DRAFT: {title}" if made.draft else title,
        author=made.system.keeper,
        subject=f"Package {made.package.manifest_sha256}",
        footer=f"{_DRAFT}. {foot}" if made.draft else foot,
        lead=[*draft, *lead],
        sections=[
            Section("Who certifies", [who.qualifications]),
            *(
                Section(f"{one.rule}: {one.title}", [*one.paragraphs, f"({one.citation})"])
                for one in made.certified
            ),
            Section("What is certified", tables=[_rows(_about(made))]),
            *(Section(f"Process: {one.name}", [one.text]) for one in made.process),
            *_provenance(made),
            Section("Anybody can see it again", [_AGAIN], [_commands(made)]),
            *_missing(made),
            Section("What this certificate does not show", points=[o.text for o in made.limits]),
            _signed(made),
        ],
    )


_AGAIN = (
    "In the folder of the package, without a network. The first command has to print the digest "
    "of the manifest that stands above. KEY is the archive's public key: ask the city for it in "
    "another way than with this package."
)


def _about(made: Certificate902) -> Iterator[tuple[str, str]]:
    scope, package, log = made.scope, made.package, made.ledger
    yield "Records of", made.system.keeper
    yield "Records", f"{scope.records}, in {scope.versions} versions"
    yield "Accounts", ", ".join(scope.accounts)
    yield "Platforms and streams", f"{', '.join(scope.platforms)}: {', '.join(scope.streams)}"
    yield "Captured", f"{_time(scope.first)} to {_time(scope.last)}"
    yield "Files", f"{package.files}, {package.bytes} bytes"
    yield f"{package.algorithm} of {package.manifest}", package.manifest_sha256
    yield "Log", f"{log.size} entries, root {log.root}"
    keys = (one.replace("+", "+ ", 2) for one in made.system.keys)  # else they leave the page
    yield "Public key (without spaces)", "; ".join(keys)
    yield "System", f"{made.system.software}, archive {made.system.archive}"
    yield from sorted(made.system.configuration.items())
    yield "Text of this certificate", f"{made.court.text} {made.court.version}, {_confirmed(made)}"


def _confirmed(made: Certificate902) -> str:
    found = made.court.confirmed
    if found is None:
        return "not confirmed"
    return f"confirmed by {found.by}, {found.office}, on {found.on}, who read {found.read}"


def _provenance(made: Certificate902) -> Iterator[Section]:
    came = made.provenance
    parsers = [(one.parser, str(one.versions), str(one.newer)) for one in came.parsers]
    heads = ("Connector and parser", "Versions", "Of these, read anew")
    yield Section("Read by", tables=[_table(heads, parsers)])
    grades = [
        (f"{one.platform}: {one.stream}", one.proved_by, one.verdict, str(one.versions))
        for one in came.grades
    ]
    graded = _table(("Stream", "Proven against", "The platform gives it", "Versions"), grades)
    yield Section("How far that is proven", tables=[graded])
    if came.replacements:
        rows = [(one.where, str(one.versions)) for one in came.replacements]
        table = _table(("Where, and what", "Versions"), rows)
        yield Section("Replaced before it was stored", tables=[table])
    rests = came.rests
    told = [
        ("Exchange not kept any more", str(rests.ended)),
        ("Came in no exchange", str(rests.direct)),
        ("Copied since, in merges", str(rests.copied)),
        ("Of these, signed for by the second role", str(rests.verified)),
        ("Who did", ", ".join(rests.verified_by)),
    ]
    yield Section("What rests on signatures", tables=[_rows(told)])


def _missing(made: Certificate902) -> Iterator[Section]:
    missing = made.missing
    rows = [(f"Times of state {state}", str(many)) for state, many in missing.gaps.rows.items()]
    told = [
        *rows,
        (f"SHA-256 of {missing.gaps.file}", missing.gaps.sha256),
        ("Records of which something is withheld", str(missing.withheld)),
        *((f"Not searched: {one.why}", str(one.records)) for one in missing.not_searched),
        *(
            (f"Destroyed, order {one.order}", _gone(one.versions, one.on))
            for one in missing.destroyed
        ),
    ]
    yield Section("Gaps, and what is not here", tables=[_rows(told)])


def _gone(versions: int, on: str) -> str:
    return f"{versions} versions, last on {_time(on)}"


def _commands(made: Certificate902) -> Table:
    rows = [(one,) for one in made.verified.commands]
    return Table(("Command",), rows, (True,), (1,))


def _signed(made: Certificate902) -> Section:
    above = [made.signature.declaration, f"({made.signature.citation})"]
    if made.draft:
        return Section("Declaration", [*above, f"{_DRAFT}."])
    who = made.declarant
    return Section(
        "Declaration",
        [*above, f"Executed on: {_LINE}", f"Signature: {_LINE}", f"{who.name}, {who.title}"],
    )


def _rows(rows: Iterable[tuple[str, str]]) -> Table:
    """Return names with what is said of each; what nobody said is shown as that."""
    filled = [(name, value or _UNSAID) for name, value in rows]
    return Table(("Item", "Value"), filled, (False, False), (2, 5))


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    return Table(heads, rows, (False,) * len(heads), (3, *(2,) * (len(heads) - 1)))


def _time(text: str) -> str:
    """Return a canonical time to the second."""
    return f"{text[:10]} {text[11:19]} UTC" if text else _UNSAID
