"""A forecast as a picture: how many records fall due in each span, as an SVG of its own.

Bars of rows in force are full, those of what only would be due are hatched, so that it can be
read without colours; what is drawn is also said in words.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["picture"]

WIDTH, LEFT, ROW, TOP, RIGHT = 1000, 110, 26, 70, 120
"""Of the picture, its spans, a row, its title and its numbers, in units of the picture."""
DUE, WOULD = "due", "would"
WORDS = {DUE: "due by a row in force", WOULD: "would be due: the row is not in force"}
COLOUR = "#0072b2"


def picture(told: Mapping[str, Any]) -> bytes:
    """Return the picture of a forecast (`archiver.flows.forecast.plan`): an SVG file."""
    spans = sorted({one["span"] for one in told["forecast"]})
    counts = {(span, kind): 0 for span in spans for kind in WORDS}
    for one in told["forecast"]:
        counts[one["span"], DUE if one["in_force"] else WOULD] += one["records"]
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {TOP + ROW * (len(spans) + 1)}",
            "role": "img",
            "aria-labelledby": "title description",
            "font-family": "sans-serif",
            "font-size": "13",
        },
    )
    title = f"Records that fall due from {told['as_of']} to {told['until']}"
    ET.SubElement(root, "title", id="title").text = title
    ET.SubElement(root, "desc", id="description").text = _summary(spans, counts)
    _pattern(root)
    _text(root, 10, 22, title)
    for place, kind in enumerate(WORDS):
        _box(root, LEFT + 200 * place, 34, 24, kind)
        _text(root, LEFT + 200 * place + 32, 48, WORDS[kind])
    most = max((sum(counts[span, kind] for kind in WORDS) for span in spans), default=0)
    for row, span in enumerate(spans):
        _bar(root, TOP + ROW * row, span, {kind: counts[span, kind] for kind in WORDS}, most)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _summary(spans: list[str], counts: Mapping[tuple[str, str], int]) -> str:
    """Return in words what the picture shows."""
    said = [
        f"{span}: {counts[span, DUE]} due, {counts[span, WOULD]} would be due." for span in spans
    ]
    return " ".join(said) or "Nothing falls due."


def _pattern(root: ET.Element) -> None:
    about = {"id": WOULD, "width": "8", "height": "8", "patternUnits": "userSpaceOnUse"}
    pattern = ET.SubElement(ET.SubElement(root, "defs"), "pattern", about)
    ET.SubElement(pattern, "rect", width="8", height="8", fill="#ffffff")
    ET.SubElement(pattern, "path", {"d": "M0,8 L8,0", "stroke": COLOUR, "stroke-width": "2"})


def _bar(root: ET.Element, top: float, span: str, counts: Mapping[str, int], most: int) -> None:
    group = ET.SubElement(root, "g", role="group")
    ET.SubElement(group, "title").text = span
    _text(group, 10, top + 16, span)
    left = float(LEFT)
    for kind, count in counts.items():
        if count:
            width = (WIDTH - LEFT - RIGHT) * count / most
            ET.SubElement(
                _box(group, left, top, width, kind), "title"
            ).text = f"{span}: {count} {WORDS[kind]}"
            left += width
    _text(group, left + 8, top + 16, str(sum(counts.values())))


def _box(parent: ET.Element, left: float, top: float, width: float, kind: str) -> ET.Element:
    about = {"x": f"{left:.2f}", "y": f"{top:.2f}", "width": f"{width:.2f}", "height": "18"}
    fill = COLOUR if kind == DUE else f"url(#{WOULD})"
    return ET.SubElement(parent, "rect", {**about, "fill": fill, "stroke": COLOUR})


def _text(parent: ET.Element, left: float, top: float, words: str) -> None:
    ET.SubElement(parent, "text", {"x": f"{left:.2f}", "y": f"{top:.2f}"}).text = words
