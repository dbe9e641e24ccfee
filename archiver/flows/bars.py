"""Bars as a picture: an SVG of its own, with a row for each name and at most two kinds of bar.

The first kind is full, the second hatched, so that it can be read without colours; each bar says
in words what it shows, and the whole has a title and a description (ADR 0092).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, NamedTuple

from archiver.retention.reporting import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Kind", "bars"]

WIDTH, ROW, TOP, RIGHT = 1000, 26, 70, 120
"""Of the picture, a row, its title and its numbers, in units of the picture."""
LETTER, NARROW, WIDE = 7, 110, 420
"""The place of a letter of a name, and the least and most place that names are given."""
LEGEND = 380
FULL, HATCHED = "full", "hatched"
COLOUR = "#0072b2"


class Kind(NamedTuple):
    """What a kind of bar shows: in a few words beside a number, and in the legend."""

    short: str
    words: str


def bars(
    title: str, kinds: Sequence[Kind], counts: Mapping[str, Sequence[int]], nothing: str
) -> bytes:
    """Return the picture: an SVG file.

    Args:
        title: what it shows.
        kinds: one or two.
        counts: by name, in the order of rows, one number of things for each kind.
        nothing: the description of a picture without a row.
    """
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {TOP + ROW * (len(counts) + 1)}",
            "role": "img",
            "aria-labelledby": "title description",
            "font-family": "sans-serif",
            "font-size": "13",
        },
    )
    ET.SubElement(root, "title", id="title").text = printable(title)
    said = [f"{name}: {_said(kinds, row)}." for name, row in counts.items()]
    ET.SubElement(root, "desc", id="description").text = printable(" ".join(said) or nothing)
    _pattern(root)
    ET.SubElement(root, "rect", width="100%", height="100%", fill="#ffffff")
    left = min(max(NARROW, 20 + LETTER * max(map(len, counts), default=0)), WIDE)
    _text(root, 10, 22, title)
    for place, (kind, fill) in enumerate(zip(kinds, (FULL, HATCHED), strict=False)):
        _box(root, 10 + LEGEND * place, 34, 24, fill)
        _text(root, 10 + LEGEND * place + 32, 48, kind.words)
    most = max(map(sum, counts.values()), default=0)
    for row, (name, numbers) in enumerate(counts.items()):
        group = ET.SubElement(root, "g", role="group")
        ET.SubElement(group, "title").text = printable(name)
        _text(group, 10, TOP + ROW * row + 16, _cut(name, (left - 20) // LETTER))
        _bar(group, (left, TOP + ROW * row), kinds, numbers, most)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _said(kinds: Sequence[Kind], numbers: Sequence[int]) -> str:
    return ", ".join(f"{n} {kind.short}" for n, kind in zip(numbers, kinds, strict=True))


def _cut(name: str, most: int) -> str:
    """Return a name that fits before its bar; the whole of it is the row's title."""
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _pattern(root: ET.Element) -> None:
    about = {"id": HATCHED, "width": "8", "height": "8", "patternUnits": "userSpaceOnUse"}
    pattern = ET.SubElement(ET.SubElement(root, "defs"), "pattern", about)
    ET.SubElement(pattern, "rect", width="8", height="8", fill="#ffffff")
    ET.SubElement(pattern, "path", {"d": "M0,8 L8,0", "stroke": COLOUR, "stroke-width": "2"})


def _bar(
    group: ET.Element,
    place: tuple[float, float],
    kinds: Sequence[Kind],
    numbers: Sequence[int],
    most: int,
) -> None:
    (first, top), left = place, place[0]
    for kind, number, fill in zip(kinds, numbers, (FULL, HATCHED), strict=False):
        if number:
            width = (WIDTH - first - RIGHT) * number / most
            box = _box(group, left, top, width, fill)
            ET.SubElement(box, "title").text = f"{number} {kind.words}"
            left += width
    _text(group, left + 8, top + 16, str(sum(numbers)))


def _box(parent: ET.Element, left: float, top: float, width: float, fill: str) -> ET.Element:
    about = {"x": f"{left:.2f}", "y": f"{top:.2f}", "width": f"{width:.2f}", "height": "18"}
    paint = COLOUR if fill == FULL else f"url(#{HATCHED})"
    return ET.SubElement(parent, "rect", {**about, "fill": paint, "stroke": COLOUR})


def _text(parent: ET.Element, left: float, top: float, words: str) -> None:
    about = {"x": f"{left:.2f}", "y": f"{top:.2f}"}
    ET.SubElement(parent, "text", about).text = printable(words)
