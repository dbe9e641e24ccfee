"""Connectors: which there are, and what each platform lets an owner obtain."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from archiver.capture.delivery import Receives
from archiver.capture.digests import OURS
from archiver.capture.importers import CLOSED, IMPORTERS
from archiver.capture.importers.exchanges import Importing
from archiver.capture.platforms import CONNECTORS
from archiver.errors import UsageError
from archiver.flows.installed import installed, load

if TYPE_CHECKING:
    from archiver.capture.connector import Connector
    from archiver.capture.importers.importer import Cell, Importer
    from archiver.capture.known import Known

__all__ = [
    "connector",
    "connectors",
    "every",
    "import_cells",
    "import_only",
    "importer_named",
    "importers_of",
    "imports",
    "known",
    "matrix",
    "parsers",
    "reader",
    "receives",
]


def known(platform: str) -> Connector | None:
    """Return a platform's connector, ours before an installed one; None where there is none.

    Raises `UsageError` for an installed one that can't be used.
    """
    if platform in CONNECTORS:
        return CONNECTORS[platform]
    return load(platform) if platform in installed() else CLOSED.get(platform)


def connector(platform: str) -> Connector:
    """Return a platform's connector. Raises `UsageError` where there is none."""
    one = known(platform)
    if one is None:
        raise UsageError(
            "no such platform", where=platform, mend=f"platforms: {', '.join(sorted(_names()))}"
        )
    return one


def importer_named(name: str) -> Importer:
    """Return the importer of a format. Raises `UsageError` where there is none."""
    if name not in IMPORTERS:
        mend = f"formats: {', '.join(sorted(IMPORTERS))}"
        raise UsageError("no such format of exports", where=name, code="import-format", mend=mend)
    return IMPORTERS[name]


def reader(connector: Connector | None, parser: str) -> Connector | None:
    """Return what reads again what a parser read: the importer of its family, else the connector.

    None where neither is here.
    """
    importer = IMPORTERS.get(parser.partition("/")[0])
    if importer is None or connector is None:
        return connector
    return cast("Connector", Importing(importer, connector))


def importers_of(documents: Known, platform: str) -> list[Connector]:
    """Return the importers whose parsers an account's documents have, as what reads its records."""
    kept = {thing[1].split("/")[1] for thing, _ in documents.items() if thing[1][:7] == "parser/"}
    one = known(platform)
    if one is None:
        return []
    own = [IMPORTERS[name] for name in sorted(kept & IMPORTERS.keys())]
    return [cast("Connector", Importing(importer, one)) for importer in own]


def parsers(connector: Connector) -> dict[str, str]:
    """Return the parsers in use for a platform's accounts, by family: importers' among them."""
    every = [connector.parser, *(one.parser for one in IMPORTERS.values())]
    return {parser.partition("/")[0]: parser for parser in every}


def every() -> list[Connector]:
    """Return all connectors. Raises `UsageError` for an installed one that can't be used."""
    return [connector(platform) for platform in _names()]


def _names() -> list[str]:
    return list(dict.fromkeys([*CONNECTORS, *sorted(installed()), *CLOSED]))


def import_only(platform: str) -> bool:
    """Say whether nothing is ever asked of a platform: there are exports alone."""
    return platform in CLOSED and known(platform) is CLOSED[platform]


def receives(platform: str) -> bool:
    """Say whether a platform sends what happens by itself."""
    return isinstance(connector(platform), Receives)


def connectors() -> list[dict[str, Any]]:
    """Return all platforms: name, title, parser version, credential fields, digests."""
    return [
        {
            "platform": one.platform,
            "title": one.title,
            "parser": one.parser,
            "credential_fields": list(one.credential_fields),
            "webhook_fields": list(one.webhook_fields) if isinstance(one, Receives) else [],
            "digests": [
                {"where": ".".join(each.where), "of": each.of} for each in (*OURS, *one.digests)
            ],
        }
        for one in every()
    ]


def import_cells(platform: str = "") -> list[tuple[str, Cell]]:
    """Return what importers give, of one platform's accounts or of all: format and cell."""
    return [
        (name, cell)
        for name, one in IMPORTERS.items()
        if not platform or platform in one.platforms
        for cell in one.cells
    ]


def imports(platform: str = "") -> list[dict[str, Any]]:
    """Return what imports add to the matrix: cells of platforms that have a connector, too."""
    return [
        {
            "platform": name,
            "stream": cell.stream,
            "verdict": "export-only",
            "limit": f"by import of a {form}: {cell.limit}",
            "citation": cell.citation,
            "proved_by": cell.proved_by,
        }
        for form, cell in import_cells(platform)
        for name in ([platform] if platform else IMPORTERS[form].platforms)
        if not import_only(name)
    ]


def matrix(platform: str = "") -> list[dict[str, Any]]:
    """Return the capability matrix, of one platform or of all."""
    chosen = [connector(platform)] if platform else every()
    return [
        {"platform": one.platform, **asdict(cell)} for one in chosen for cell in one.capabilities
    ]
