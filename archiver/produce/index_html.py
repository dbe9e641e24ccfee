"""An index of a volume as web pages for people: WCAG 2.1 AA, without scripts. Pure.

Each page has so many documents; the first page leads to them. What records say is escaped, and
isolated where it changes the direction of writing. A policy in each page forbids browsers
everything but its own style, whatever were to slip through.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from archiver.produce.shown import Shown, codes, made_at
from archiver.produce.text import time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from archiver.produce.placed import Placed
    from archiver.produce.profile import Profile

__all__ = ["IN_PAGE", "Part", "front", "part_page"]

IN_PAGE = 500
"""Documents of one page: few enough to be read, many enough to be few pages."""
_LONGEST = 2000
_ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_STYLE = """
:root { color-scheme: light; }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1b2733; background: #fff;
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; } a { color: #0b4f8a; } a:focus { outline: 3px solid #b25000; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; padding: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem .4rem 0;
  border-bottom: 1px solid #8795a1; overflow-wrap: anywhere; }
td.said { white-space: pre-wrap; } nav { margin: 1rem 0; }
"""


class Part(NamedTuple):
    """One page of the index: its file below the volume, its first and last number, documents."""

    path: str
    first: str
    last: str
    documents: int


def _text(value: str) -> str:
    """Return somebody's text as HTML: what has no letter is shown, what turns lines is taken out.

    Directions come from the letters themselves, and end where the text ends.
    """
    plain = _ODD.sub("\N{REPLACEMENT CHARACTER}", value)
    plain = _DIRECTION.sub(lambda found: f"{{U+{ord(found[0]):04X}}}", plain)
    return f'<bdi dir="auto">{escape(plain)}</bdi>' if plain else ""


_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def _page(title: str, body: Iterable[str]) -> bytes:
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="referrer" content="no-referrer">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>{_STYLE}</style>",
            "</head>",
            "<body>",
            "<main>",
            f"<h1>{escape(title)}</h1>",
            *body,
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    ).encode("utf-8", "replace")


def part_page(documents: Sequence[Placed], profile: Profile, title: str, up: str) -> bytes:
    """Return one page.

    Args:
        documents: what is on it.
        profile: how it is shown.
        title: of the page.
        up: what leads from its folder to that of the volume, such as ``../``.
    """
    heads = ("Number", "Date", "Author", "What it says", "State", "Withheld", "Files")
    return _page(
        title,
        [
            f'<nav aria-label="Index"><a href="{up}index.html">All documents</a></nav>',
            "<table>",
            f"<caption>{len(documents)} documents; times of {escape(profile.zone)}</caption>",
            "<thead><tr>"
            + "".join(f'<th scope="col">{one}</th>' for one in heads)
            + "</tr></thead>",
            "<tbody>",
            *(_row(one, profile, up) for one in documents),
            "</tbody>",
            "</table>",
        ],
    )


def _row(placed: Placed, profile: Profile, up: str) -> str:
    document = placed.document
    shown = Shown(document.latest, profile)
    made, source = made_at(document, profile)
    note = " (captured)" if source == "captured_at" else ""
    body = shown.body
    cut = body[:_LONGEST] + ("…" if len(body) > _LONGEST else "")
    number = placed.first if placed.first == placed.last else f"{placed.first} to {placed.last}"
    when = escape(time_of(made, profile.zone))
    cells = (
        f'<td><time datetime="{escape(made)}">{when}</time>{note}</td>',
        f"<td>{_text(shown.author)}</td>",
        f'<td class="said">{_text(document.title)}\n{_text(cut)}</td>',
        f"<td>{escape(document.state)}</td>",
        f"<td>{escape(codes(document.exemptions)) or 'nothing'}</td>",
        f"<td>{_links(placed, up)}</td>",
    )
    head = f'<th scope="row" id="{escape(placed.first)}">{escape(number)}</th>'
    return f"<tr>{head}{''.join(cells)}</tr>"


def _links(placed: Placed, up: str) -> str:
    """Return links to a document's files; their names are ours, and plain."""
    named = [("page as PDF", placed.pdf), ("text", placed.text), ("e-mail", placed.mail)]
    named += [(f"file {at}", one.path) for at, one in enumerate(placed.natives, 1)]
    named = [(name, f"{up}{path}") for name, path in named if path]
    named += [(f"proof of entry {leaf}", f"{up}../{path}") for leaf, path in placed.proofs]
    return "<br>".join(
        f'<a href="{escape(path)}" aria-label="{name} of {placed.first}">{name}</a>'
        for name, path in named
    )


def front(title: str, parts: Sequence[Part], files: Sequence[tuple[str, str]]) -> bytes:
    """Return the first page.

    Args:
        title: of the volume.
        parts: pages in their order.
        files: what else the volume has for people: what it is, its path below the volume.
    """
    total = sum(one.documents for one in parts)
    listed = [f'<li><a href="{escape(path)}">{escape(name)}</a></li>' for name, path in files]
    pages = [
        f'<li><a href="{escape(one.path)}">{escape(one.first)} to {escape(one.last)}</a>, '
        f"{one.documents} documents</li>"
        for one in parts
    ]
    return _page(
        title,
        [
            f"<p>{total} documents.</p>",
            *(["<h2>Documents</h2>", "<ol>", *pages, "</ol>"] if pages else []),
            *(["<h2>The same as files</h2>", "<ul>", *listed, "</ul>"] if listed else []),
        ],
    )
