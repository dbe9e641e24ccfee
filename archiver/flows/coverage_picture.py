"""The time line of coverage as a picture (SVG 2): one row for each stream.

States differ by pattern as well as by colour (Okabe and Ito's, which people of all kinds of
colour vision tell apart), each row and span says in words what it shows (SVG 2 §5.7), and
the axis says its time zone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from archiver.capture.coverage_facts import Events
from archiver.capture.timeline import State, seconds_between

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.capture.timeline import Span
    from archiver.flows.coverage import AccountCoverage

__all__ = ["picture"]

WIDTH, LEFT, ROW, TOP = 1000, 220, 26, 60
"""Of the picture, its names, a row and its title, in units of the picture."""
TICKS = 5
LISTENED = "#009e73"
"""Of the thin line under a row: somebody listened then."""
COLOURS = {State.COVERED: "#0072b2", State.GAP: "#d55e00", State.UNOBSERVABLE: "#999999"}
PATTERNS = {State.GAP: "M0,8 L8,0", State.UNOBSERVABLE: "M4,4 h0.1"}
"""What is drawn over a colour: lines over gaps, dots over what cannot be observed."""
WORDS = {
    State.COVERED: "covered",
    State.GAP: "gap",
    State.UNOBSERVABLE: "not observable",
}


def picture(found: Sequence[AccountCoverage]) -> bytes:
    """Return the picture of accounts, one below the other: an SVG file."""
    height = TOP + sum(ROW * (len(one.streams) + 3) for one in found)
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {height}",
            "role": "img",
            "aria-labelledby": "title description",
            "font-family": "sans-serif",
            "font-size": "13",
        },
    )
    names = ", ".join(one.account.name for one in found) or "no account"
    ET.SubElement(root, "title", id="title").text = f"Coverage of {names}"
    ET.SubElement(root, "desc", id="description").text = _summary(found)
    _patterns(root)
    _legend(root)
    top = float(TOP)
    for one in found:
        top = _account(root, one, top)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _summary(found: Sequence[AccountCoverage]) -> str:
    """Return in words what the picture shows: streams, and their gaps."""
    said = ["Times are UTC."]
    for one in found:
        for stream in one.streams:
            open_ones = [span for span in stream.spans if span.state != State.COVERED]
            told = "; ".join(_words(span) for span in open_ones) or "covered throughout"
            heard = one.events.get(stream.stream, Events()).listened
            line = f" listened to in {len(heard)} spans;" if heard else ""
            said.append(f"{one.account.name}, {stream.stream}:{line} {told}.")
    return " ".join(said)


def _words(span: Span) -> str:
    cause = f" ({span.cause})" if span.cause else ""
    return f"{WORDS[span.state]}{cause} from {span.since[:16]} to {span.until[:16]}"


def _patterns(root: ET.Element) -> None:
    defs = ET.SubElement(root, "defs")
    for state, colour in COLOURS.items():
        about = {"id": state, "width": "8", "height": "8", "patternUnits": "userSpaceOnUse"}
        pattern = ET.SubElement(defs, "pattern", about)
        ET.SubElement(pattern, "rect", width="8", height="8", fill=colour)
        if state in PATTERNS:
            line = {"d": PATTERNS[state], "stroke": "#ffffff", "stroke-linecap": "round"}
            ET.SubElement(pattern, "path", {**line, "stroke-width": "2"})


def _legend(root: ET.Element) -> None:
    for place, state in enumerate(COLOURS):
        left = LEFT + 150.0 * place
        _box(root, left, 14, 24, state)
        _text(root, left + 32, 28, WORDS[state])
    left = LEFT + 150.0 * len(COLOURS)
    about = {"x": f"{left:.2f}", "y": "21", "width": "24", "height": "3", "fill": LISTENED}
    ET.SubElement(root, "rect", about)
    _text(root, left + 32, 28, "listened to")


def _account(root: ET.Element, found: AccountCoverage, top: float) -> float:
    """Draw an account; return where the next one begins."""
    _text(root, 10, top + 18, found.account.name, weight="bold")
    _axis(root, found, top + ROW * (len(found.streams) + 1))
    for row, stream in enumerate(found.streams, 1):
        level = top + ROW * row
        group = ET.SubElement(root, "g", role="group")
        ET.SubElement(group, "title").text = f"{found.account.name}: {stream.stream}"
        _text(group, 24, level + 17, stream.stream)
        heard = found.events.get(stream.stream, Events())
        for since, until in heard.listened:
            _listened(group, level + 23, _place(found, since), _place(found, until), (since, until))
        for span in stream.spans:
            left, right = (_place(found, moment) for moment in (span.since, span.until))
            box = _box(group, left, level + 4, max(right - left, 1.0), span.state)
            ET.SubElement(box, "title").text = _words(span)
    return top + ROW * (len(found.streams) + 3)


def _listened(
    group: ET.Element, level: float, left: float, right: float, span: tuple[str, str]
) -> None:
    about = {"x": f"{left:.2f}", "y": f"{level:.2f}", "width": f"{max(right - left, 1.0):.2f}"}
    line = ET.SubElement(group, "rect", {**about, "height": "3", "fill": LISTENED})
    ET.SubElement(line, "title").text = f"listened to from {span[0][:19]} to {span[1][:19]}"


def _axis(root: ET.Element, found: AccountCoverage, level: float) -> None:
    """Draw moments of the window, evenly spread, with their time zone."""
    first, end = map(datetime.fromisoformat, (found.since, found.until))
    for tick in range(TICKS):
        moment = first + (end - first) * tick / (TICKS - 1)
        at = LEFT + (WIDTH - LEFT - 20) * tick / (TICKS - 1)
        anchor = "start" if tick == 0 else "end" if tick == TICKS - 1 else "middle"
        _text(root, at, level + 16, _moment(moment, (end - first) / (TICKS - 1)), anchor=anchor)
    _text(root, 24, level + 16, "UTC")


def _moment(moment: datetime, step: timedelta) -> str:
    """Return a moment as finely as it takes to tell it from the next one."""
    if step >= timedelta(minutes=1):
        return f"{moment:%Y-%m-%d %H:%M}"
    return f"{moment:%H:%M:%S}" if step >= timedelta(seconds=1) else f"{moment:%H:%M:%S.%f}"


def _place(found: AccountCoverage, moment: str) -> float:
    whole = seconds_between(found.since, found.until)
    part = seconds_between(found.since, moment) / whole if whole else 0.0
    return LEFT + (WIDTH - LEFT - 20) * part


def _box(parent: ET.Element, left: float, top: float, width: float, state: State) -> ET.Element:
    about = {"x": f"{left:.2f}", "y": f"{top:.2f}", "width": f"{width:.2f}", "height": "18"}
    return ET.SubElement(parent, "rect", {**about, "fill": f"url(#{state})", "class": state})


def _text(
    parent: ET.Element, left: float, top: float, words: str, *,
    anchor: str = "start", weight: str = "normal",
) -> None:  # fmt: skip
    about = {"x": f"{left:.2f}", "y": f"{top:.2f}", "text-anchor": anchor, "font-weight": weight}
    ET.SubElement(parent, "text", about).text = words
