"""Pages as PDF: tagged for readers who listen (PDF/UA-1), fit to be kept (PDF/A-2a). Pure.

What is told never is markup: it goes to the template as data. The same page gives the same bytes,
for its fonts come with the library, and its date with the page. Letters that these fonts have not
(they have Latin, Greek, Cyrillic, Hebrew, Arabic) stand as JSON escapes, never as a mere sign.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import typst

from archiver.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

__all__ = ["Page", "Section", "Table", "pdf"]

_STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]
_UNSHOWN = re.compile(r'the text `"(.+?)"` could not be displayed')
_CODED = re.compile(r"\\u\{([0-9a-f]{1,6})\}")
_MOST_TRIES = 64
"""How often a page is set anew for letters that no font has: each time it names all it met."""

_TEMPLATE = r"""
#let told = json(bytes(sys.inputs.told))
#let grey = rgb("#4a5560")
#let rule = rgb("#b9c2ca")
#set document(title: told.title, author: told.author, keywords: (told.subject,))
#set text(font: "Libertinus Serif", size: 10.5pt, lang: "en", hyphenate: false)
#show raw: set text(font: "DejaVu Sans Mono", size: 7.6pt)
#set page(
  paper: "us-letter",
  margin: (x: 0.9in, top: 0.9in, bottom: 0.95in),
  footer: context {
    set text(size: 8pt, fill: grey)
    grid(
      columns: (1fr, auto),
      told.footer,
      [Page #counter(page).display() of #counter(page).final().first()],
    )
  },
)
#set par(leading: 0.6em, spacing: 0.8em)
#show title: set text(size: 22pt, weight: "semibold")
#show title: set block(below: 0.7em)
#show heading: set text(size: 12.5pt, weight: "semibold")
#show heading: set block(above: 1.7em, below: 0.75em, sticky: true)
#set table(stroke: (x, y) => (bottom: 0.4pt + rule), inset: (x: 0pt, y: 4pt))
#set list(marker: [–], indent: 0pt, body-indent: 0.6em, spacing: 0.65em)
#let cell(value, code) = pad(right: 8pt, if code { raw(value) } else { value })
#title()
#for line in told.lead { par(line) }
#for section in told.sections {
  heading(section.heading)
  for line in section.lines { par(line) }
  for one in section.tables {
    table(
      columns: one.widths.map(width => if width == 0 { auto } else { width * 1fr }),
      align: left,
      table.header(..one.headings.map(it => pad(right: 8pt, text(
        size: 8.5pt, fill: grey, it,
      )))),
      ..one.rows.flatten().enumerate().map(((at, it)) => cell(
        it, one.codes.at(calc.rem(at, one.codes.len())),
      )),
    )
  }
  if section.points.len() > 0 { list(..section.points) }
}
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table. ``codes``: which columns are set as code; ``widths``: of columns, 0 is as needed."""

    headings: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    codes: tuple[bool, ...]
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with paragraphs, tables and points under it, in that order."""

    heading: str
    lines: Sequence[str] = ()
    tables: Sequence[Table] = ()
    points: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A document: its title, who makes it, what it is about, and what stands at the foot."""

    title: str
    author: str
    subject: str
    footer: str
    lead: Sequence[str]
    sections: Sequence[Section]


def pdf(page: Page, moment: datetime) -> bytes:
    """Return a page as PDF; ``moment``: the date that it bears.

    Raises `FormatError` where it can't be set.
    """
    unshown = set[str]()
    for _ in range(_MOST_TRIES):
        told = _mapped(asdict(page), unshown)
        try:
            return _set(json.dumps(told), moment)
        except typst.TypstError as error:
            more = _missing(error.diagnostic) - unshown
            if not more:
                raise FormatError(
                    f"the page can't be set: {error.message}",
                    mend="tell who maintains the archiver, with this message; the JSON is whole",
                ) from error
            unshown |= more
    raise FormatError("the page has too many letters that no font has", mend="use the JSON")


def _set(told: str, moment: datetime) -> bytes:
    """Return the PDF of what is told. Raises `typst.TypstError`."""
    made = typst.compile(
        _TEMPLATE.encode(),
        format="pdf",
        sys_inputs={"told": told},
        ignore_system_fonts=True,
        pdf_standards=_STANDARDS,
        timestamp=int(moment.timestamp()),
    )
    if not isinstance(made, bytes):  # other formats come page by page
        raise FormatError("a PDF that is not one file")
    return made


def _mapped(value: Any, unshown: Collection[str]) -> Any:  # noqa: ANN401 - any JSON
    """Return a value in which characters that don't show stand as JSON escapes."""
    if isinstance(value, str):
        return "".join(
            one if one.isprintable() and one not in unshown else json.dumps(one)[1:-1]
            for one in value
        )
    if isinstance(value, dict):
        return {name: _mapped(one, unshown) for name, one in value.items()}
    return [_mapped(one, unshown) for one in value] if isinstance(value, list | tuple) else value


def _missing(diagnostic: str) -> set[str]:
    """Return the characters that an error says no font has; those of ASCII every font has."""
    texts = "".join(_UNSHOWN.findall(diagnostic))
    coded = {chr(int(one, 16)) for one in _CODED.findall(texts)}
    return {one for one in {*texts, *coded} if not one.isascii()}
