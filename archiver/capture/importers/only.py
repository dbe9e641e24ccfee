"""Platforms of which a city has exports alone: nothing is asked of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.capture.connector import Capability, Login
from archiver.capture.items import Page, Problem
from archiver.capture.legal import KEPT_THOUGH_DELETED, PRIVATE_MESSAGES, LegalNote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Digest, Site
    from archiver.capture.importers.importer import Importer
    from archiver.capture.items import Listing
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt, Request

__all__ = ["ImportOnly", "cells_of"]

_HANDED_IN = LegalNote(
    "storage",
    "The platform gave this export to whoever the account belongs to, for his own use: what of it"
    " is a record the city keeps. It may hold what concerns others, and messages of people:"
    " everything of it that is no public post is kept encrypted.",
    "the records law that the city is under",
    "",
    "general knowledge",
)


def cells_of(importers: tuple[Importer, ...], platform: str) -> tuple[Capability, ...]:
    """Return the cells of a platform that importers alone fill, by stream.

    ``platform`` "": those of importers for any platform.
    """
    found: dict[str, Capability] = {}
    for one in importers:
        if platform in one.platforms or not (platform or one.platforms):
            for cell in one.cells:
                limit = f"by import of a {one.name}: {cell.limit}"
                made = Capability(cell.stream, "export-only", limit, cell.citation, cell.proved_by)
                found.setdefault(cell.stream, made)
    return tuple(found[stream] for stream in sorted(found))


@dataclass(frozen=True)
class ImportOnly:
    """The connector; see `archiver.capture.connector.Connector`."""

    platform: str
    title: str
    address_form: str
    capabilities: tuple[Capability, ...]
    credential_fields: tuple[str, ...] = ()
    secret_fields: tuple[str, ...] = ()
    digests: tuple[Digest, ...] = ()
    inconclusive: frozenset[str] = frozenset()
    legal: tuple[LegalNote, ...] = (_HANDED_IN, KEPT_THOUGH_DELETED, PRIVATE_MESSAGES)

    @property
    def parser(self) -> str:
        """A name: nothing is read by it."""
        return f"{self.platform.replace('-', '')}/1"

    def refuses(self, url: str) -> str:
        """Return nothing: the address says whose account it was."""
        del url
        return ""

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:
        """Return no headers."""
        del site, credential
        return Login()

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Return nothing to ask for."""
        del site, mode
        return ()

    def direct(self, site: Site, stream: str, native_id: str) -> Request | None:
        """Return nothing to ask for."""
        del site, stream, native_id
        return None

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Say that nobody asked."""
        del site, listing, response
        return Page(problem=Problem("schema", "of this platform exports alone are read"))

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read nothing: importers do."""
        del excerpts, context
        return {}
