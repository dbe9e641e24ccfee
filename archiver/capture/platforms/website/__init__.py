"""Websites: pages within a scope, what they are made of, and what a browser makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

from archiver.capture.connector import Capability, Digest, Listing, Login
from archiver.capture.manners import Bounds
from archiver.capture.platforms.website.addresses import (
    address_of,
    canonical,
    in_scope,
    shape,
    trap,
)
from archiver.capture.platforms.website.capabilities import CAPABILITIES, DIGESTS
from archiver.capture.platforms.website.cut import GROUP, cut, part
from archiver.capture.platforms.website.legal import LEGAL
from archiver.capture.platforms.website.rows import row_of
from archiver.capture.platforms.website.scope import FORM, problem_of, scope_of
from archiver.record import Request, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Follow, Page, Site
    from archiver.capture.legal import LegalNote
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt

__all__ = ["Website"]


class Website:
    """The connector; see `archiver.capture.connector.Connector` and `.manners.Bounded`."""

    platform = "website"
    parser = "website/1"
    title = "Website"
    credential_fields: tuple[str, ...] = ()
    secret_fields: tuple[str, ...] = ()
    capabilities: tuple[Capability, ...] = CAPABILITIES
    digests: tuple[Digest, ...] = DIGESTS
    legal: tuple[LegalNote, ...] = LEGAL
    inconclusive: frozenset[str] = frozenset()
    address_form = "https://www.example.gov/"
    scope_form = FORM

    def refuses(self, url: str) -> str:
        """Refuse what has no one spelling: nothing on its pages would be its own."""
        return "" if canonical(url, url) else "not an address that pages can be found under"

    def refuses_scope(self, scope: str) -> str:
        """Return why an account can't have a scope, empty where it can. Pure."""
        return problem_of(scope)

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:  # noqa: ARG002 - the port's signature
        """Return no headers: what anybody may see is read without a login."""
        return Login()

    def listings(
        self,
        site: Site,
        mode: str,  # noqa: ARG002 - the port's signature: every mode reads the whole site
    ) -> tuple[Listing, ...]:
        """Return the start page; robots.txt, which names sitemaps; and the usual sitemap."""
        start = canonical(site.url, site.url) or site.url
        robots, sitemap = (urljoin(start, one) for one in ("/robots.txt", "/sitemap.xml"))
        return (
            _listing("start", start, GROUP, exhaustive=True),
            _listing("robots", robots, "robots", exhaustive=False),
            _listing("sitemap", sitemap, "sitemap", exhaustive=False),
        )

    def direct(self, site: Site, stream: str, native_id: str) -> Request | None:
        """Return the request for one page; files are asked for where they were.

        What a browser made of a page is gone with the page.
        """
        page = native_id.removesuffix("/rendered").removesuffix("/screenshot")
        url = address_of(page, site.url) if stream == Stream.PAGES else ""
        own = url and in_scope(url, site.url, scope_of(site.scope))
        return Request(url, fenced=True) if own else None

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut an answer: it is one thing, and leads to others."""
        return cut(site, listing, response)

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read a page, a style sheet, another document, or what a browser made of a page."""
        return row_of(excerpts, context.get("stream", ""))

    def bounds(self, site: Site) -> Bounds:
        """Return how much may be asked, and how fast."""
        scope = scope_of(site.scope)
        return Bounds(scope.pages, scope.alike, scope.pause, scope.robots == "yes")

    def beyond(self, site: Site, request: Request) -> str:
        """Return why an address is not asked for, empty where it is. Pure."""
        depth = request.carried
        most = scope_of(site.scope).depth
        if depth.isdecimal() and int(depth) > most:
            return f"more than {most} links from the start"
        return trap(request.url)

    def part(self, site: Site, url: str, kind: str) -> Follow | None:
        """Return how a part of a page is asked for that a browser shows. Pure."""
        return part(site, url, kind)

    def shape(self, url: str) -> str:
        """Return what endless lists have in common, empty for an address of no such list."""
        return shape(url)


def _listing(name: str, url: str, group: str, *, exhaustive: bool) -> Listing:
    request = Request(url, carried="0", fenced=True)
    return Listing(name, Stream.PAGES, request, Sensitivity.PUBLIC, group, exhaustive=exhaustive)
