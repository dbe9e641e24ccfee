"""One call of the REST API: who calls, what is asked, and what may be seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote_plus

from archiver.demo.wordpress.parameters import RestError, parse_query, values_of
from archiver.demo.wordpress.rules import rules_of
from archiver.demo.wordpress.site import Site

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archiver.demo.blog import Blog
    from archiver.demo.things import Post
    from archiver.demo.wordpress.items import Json
    from archiver.demo.wordpress.listing import Slice
    from archiver.demo.wordpress.rules import Value

__all__ = ["Call", "Reply", "refuse"]


class Reply(NamedTuple):
    """What goes back: the document, further headers, and the methods the route allows."""

    data: Json | list[Json]
    headers: tuple[tuple[str, str], ...] = ()
    methods: str = "GET"


def refuse(code: str, message: str) -> RestError:
    """Return the error for a stranger who asks for what only editors see."""
    return RestError(401, code, f"Sorry, you are not allowed to {message}.")


@dataclass(frozen=True, slots=True)
class Call:
    """A call to a route. ``login``: the caller is the administrator, else a stranger.

    ``title`` is the name of the site. ``values`` are the parameters; `of` reads them once
    the resource is known.
    """

    blog: Blog
    base: str
    title: str
    query: str
    login: bool
    values: Mapping[str, Value]

    def of(self, resource: str) -> Call:
        """Return the call with its parameters read. Raises `RestError` on bad ones."""
        given = parse_query(self.query)
        return replace(self, values=values_of(rules_of(resource), given, login=self.login))

    @property
    def site(self) -> Site:
        """The blog in the context that is asked for."""
        return Site(self.blog, self.base, str(self.values.get("context", "view")))

    def strange_edit(self) -> bool:
        """Tell whether a stranger asks for the context of editors."""
        return self.site.edit and not self.login

    def reads(self, post: Post) -> bool:
        """Tell whether the caller may see a post; a file is seen with the post it belongs to."""
        if self.login or post.status == "publish":
            return True
        parent = self.blog.posts.get(post.parent)
        return post.status == "inherit" and (parent is None or self.reads(parent))

    def listed(self, path: str, items: Sequence[Json], part: Slice, methods: str) -> Reply:
        """Return one page of a listing with its totals and links."""
        headers = [("X-WP-Total", str(part.total)), ("X-WP-TotalPages", str(part.pages))]
        page = int(str(self.values["page"]))
        links = []
        if page > 1:
            links.append(f'<{self._turned(path, min(page - 1, part.pages))}>; rel="prev"')
        if part.pages > page:
            links.append(f'<{self._turned(path, page + 1)}>; rel="next"')
        if links:
            headers.append(("Link", ", ".join(links)))
        return Reply(list(items), tuple(headers), methods if self.login else "GET")

    def single(self, item: Json, alternate: str = "") -> Reply:
        """Return one item; ``alternate`` is where people read it."""
        link = (("Link", f'<{alternate}>; rel="alternate"; type=text/html'),) if alternate else ()
        return Reply(item, link, "GET, POST, PUT, PATCH, DELETE" if self.login else "GET")

    def _turned(self, path: str, page: int) -> str:
        """Return the address of another page, spelt as PHP spells queries."""
        given: dict[str, str] = {}
        for name, value in parse_query(self.query).items():
            if isinstance(value, list):
                given |= {f"{name}%5B{place}%5D": one for place, one in enumerate(value)}
            else:
                given[name] = value
        given["page"] = str(page)
        spelt = "&".join(f"{name}={quote_plus(value)}" for name, value in given.items())
        return f"{self.base}/wp-json/wp/v2/{path}?{spelt}"
