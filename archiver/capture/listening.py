"""Listening to a platform's events for one window, as a generator without I/O.

A window is one answer that does not end, listened to for a while. What events lead to is
asked for at once: files of what is new, and each thing that is said to be gone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.following import LACKING, lacking
from archiver.capture.problems import told
from archiver.capture.purposes import ask_known, ask_page

if TYPE_CHECKING:
    from collections.abc import Generator

    from archiver.capture.connector import Connector, Listing, Site
    from archiver.capture.reading import Answer, Ask
    from archiver.capture.session import Session
    from archiver.capture.settling import Settler

__all__ = ["Heard", "led_to", "window"]

MAX_PAGES = 5
"""Requests that may lead to a stream (where it is, whose it is), and the stream itself; or pages
of a list of which that much may be new since it was asked for a moment ago."""


class Heard(NamedTuple):
    """What came of a window: the position after it ("" for none), and why not to go on."""

    position: str
    refused: str


def window(  # noqa: PLR0913 - what a window is of, and how long
    connector: Connector,
    site: Site,
    settler: Settler,
    session: Session,
    *,
    listing: Listing,
    seconds: float,
    polled: bool = False,
) -> Generator[Ask, Answer, Heard]:
    """Listen to one stream once, then ask for what its events lead to.

    ``polled``: it is a list, of which only what is new is asked for.
    """
    request, position, refused = listing.request, "", ""
    session.follows.asked_for.clear()  # the next news of a thing leads on again
    for page in range(1, MAX_PAGES + 1):
        if request.listen:
            request = replace(request, listen=seconds)
        answer = yield ask_page(listing, request, "1", page)
        result = answer.reading.page
        session.follows.take(result.items, answer.verdicts, every=False)
        position = result.cursor or position
        if answer.reading.residue:
            session.incomplete[listing.name] = "schema: a part of an answer was not understood"
        if result.problem is not None:
            why = session.incomplete[listing.name] = told(result.problem)
            refused = "" if result.problem.code == "gap" else why
            break
        seen = polled and bool(answer.verdicts) and not any(answer.verdicts)
        if result.next is None or seen or (polled and page == MAX_PAGES):
            break
        request = result.next
    else:
        refused = session.incomplete[listing.name] = "schema: the way to the stream does not end"
    yield from led_to(connector, site, settler, session)
    return Heard(position, refused)


def led_to(
    connector: Connector, site: Site, settler: Settler, session: Session
) -> Generator[Ask, Answer, None]:
    """Ask for what events led to: each thing that is said to be gone, then what items name."""
    for thing in settler.told():
        ask = ask_known(connector, site, settler.known, thing)
        if ask is not None:
            why = lacking((yield ask), gone=True)
            if why:
                session.incomplete[f"{thing[0]} {thing[1]}"] = LACKING + why
            settler.conclude_told(thing)
    yield from session.rest((), every=False)
