"""What a production asked, term by term, of which accounts; and what it holds as privileged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from archiver import __version__
from archiver.flows.accounts import registry
from archiver.flows.gap_report import Scope as Looked
from archiver.flows.matter_scope import looked_for
from archiver.flows.produce_documents import Documents
from archiver.flows.redacting import Reading
from archiver.ledger import ranges
from archiver.ledger.checkpoint import open_checkpoint
from archiver.produce.hit_report import Searched, hit_report
from archiver.produce.matter import PRIVILEGED, Matter
from archiver.produce.privilege_log import Assertion, privilege_log
from archiver.registry.people import spelled
from archiver.retention.calendar import known_zone
from archiver.search.query import Query, compile_query
from archiver.search.reading import read_query
from archiver.search.syntax import LANGUAGE, Phrase, terms_of
from archiver.search.syntax import spelled as as_query
from archiver.search.tokens import VERSION
from archiver.search.vocabulary import STEMMER

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.flows.produce_choice import Choice
    from archiver.flows.produce_telling import Telling
    from archiver.produce.hit_report import HitReport
    from archiver.produce.privilege_log import Withheld
    from archiver.redact.timed import Masker

__all__ = ["asked_of", "hits_of", "not_searched", "privileges_of"]

_SIGN = "[withheld]"


def asked_of(archive: Archive, choice: Choice) -> list[Looked]:
    """Return what was asked of each registered account; its days are the city's."""
    scope, zone = choice.scope, known_zone(archive.retention.zone)

    def midnight(day: str, more: int) -> str:
        if not day:
            return ""
        began = datetime.combine(datetime.fromisoformat(day).date() + timedelta(more), time(), zone)
        return spelled(began.astimezone(UTC))

    return [
        Looked(one.name, scope.streams, midnight(scope.since, 0), midnight(scope.until, 1))
        for one in registry(archive, size=choice.size).values()
        if one.handle in choice.inside.handles
    ]


def hits_of(
    archive: Archive, choice: Choice, gaps: int, note: bytes, telling: Telling
) -> HitReport:
    """Return what was searched, and what each term of the query finds of it.

    ``gaps``: how many rows the gap report has. ``note``: the checkpoint of the production. Of a
    query that says something that is withheld no word is told (``telling``): a number is several
    terms, and each alone says nothing.
    """
    scope, inside = choice.scope, choice.inside
    asked = compile_query(
        Query(scope.query, since=scope.since, until=scope.until), archive.retention.zone
    )
    terms = dict.fromkeys(as_query(Phrase((one,))) for one in terms_of(read_query(scope.query)))
    tells = any(map(telling.said_by, (scope.query, asked.told, " ".join(terms))))
    head = open_checkpoint(note, archive.identity.keys)
    about = Searched(
        query=_SIGN if tells else scope.query,
        read=_SIGN if tells else asked.told,
        sql=asked.sql,
        size=choice.size,
        root=head.root.hex(),
        searched=len(inside.records) - _closed(choice),
        captured=len(inside.records),
        not_searched=not_searched(choice),
        versions={
            "software": f"civic-archiver/{__version__}",
            "language": LANGUAGE,
            "words": VERSION,
            "stems": STEMMER,
            "files": archive.files.stamp,
        },
        gaps=gaps,
    )
    shown = {
        f"{_SIGN} {number}" if tells else term: looked_for(
            archive, replace(scope, query=term), inside
        )
        for number, term in enumerate(terms, 1)
    }
    records = {term: one.records for term, one in shown.items()}
    in_files = {term: len(one.in_files) for term, one in shown.items()}
    return hit_report(about, records, choice.hits, choice.heads, in_files)


def not_searched(choice: Choice) -> dict[str, int]:
    """Return how much was not looked into, by why: records, or versions where nobody can tell."""
    found = {
        "private, not looked into": _closed(choice),
        "versions without a key in this home": ranges.count(choice.inside.unread),
        "versions that are destroyed": ranges.count(choice.inside.destroyed),
        "files that could not be read, or not all of them": len(choice.unread),
    }
    return {why: count for why, count in found.items() if count}


def _closed(choice: Choice) -> int:
    private = set(ranges.numbers(choice.inside.private))
    return sum(not private.isdisjoint(own) for own in choice.inside.records.values())


def privileges_of(archive: Archive, choice: Choice, note: bytes, masker: Masker) -> list[Withheld]:
    """Return the privilege log: records tagged privileged, by what their tags and notes claim.

    Raises `UsageError` where nobody says which privilege, or why (``privilege-unasserted``).
    """
    about = choice.about
    if not isinstance(about, Matter):
        return []
    own = sorted(about.tagged(PRIVILEGED) & choice.inside.records.keys())
    if not own:
        return []
    reading = Reading(archive, own, size=choice.size, note=note, about=f"matter {about.handle}")
    documents = Documents(archive, replace(choice, marks={}), reading, masker)
    claims, numbers = dict[str, Assertion](), dict[str, str]()
    for number, record in enumerate(own, 1):
        tag = next(one for one in about.tags[record] if one.tag == PRIVILEGED)
        basis = about.basis(record, tag)
        claims[record] = Assertion(tag.exemption, basis, " ".join(tag.by))
        numbers[record] = f"PRIV-{number:06}"
    return privilege_log(map(documents.alone, own), claims, numbers)
