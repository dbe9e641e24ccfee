"""What an answer is cut into: pages of items, and the further requests that items carry.

Plain values, made by connectors (`archiver.capture.connector`) and read by the session.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from archiver.record import Request

__all__ = [
    "Claim",
    "Contained",
    "Follow",
    "Gone",
    "Item",
    "Listing",
    "Page",
    "Problem",
    "Span",
]


@dataclass(frozen=True, slots=True)
class Listing:
    """One enumeration of one stream.

    ``name`` is unique within the connector and stable (``comments status=hold``).
    ``group`` names the set of listings that together enumerate the same things (a
    comment moves from ``status=approve`` to ``status=hold``, both of group
    ``comments``); a thing is missing only when the whole group was listed without it.
    ``exhaustive``: the pages name everything there is, so an absence means something.
    ``newest_first``: an incremental capture may stop at a page with nothing new.
    ``stated``: how many things the item that named the listing says it has; where the
    archive knows another number, the listing is asked for again. ``counted``: it is the
    number of all that the listing names, so that fewer than those were left out.
    ``dated``: its pages go from what is newest by ``created_at`` to what is oldest, so that
    a run that looks back to a moment (mode ``sweep``) may stop there. The order is relied on
    for that alone: a known thing that should have been shown and was not is asked for.
    ``shows``: other streams of which it shows things, so that it tells how far these are read.
    """

    name: str
    stream: str
    request: Request
    sensitivity: str
    group: str
    exhaustive: bool = True
    newest_first: bool = False
    stated: int | None = None
    dated: bool = False
    shows: tuple[str, ...] = ()
    counted: bool = False

    @property
    def streams(self) -> tuple[str, ...]:
        """All streams of which the listing shows things, its own first."""
        return (self.stream, *self.shows)


@dataclass(frozen=True, slots=True)
class Follow:
    """A further request that an item asks for.

    ``role`` is ``file`` (the response as a whole is one observation, with the id and
    stream given here) or ``listing`` (`listing` is enumerated like any other). A part of
    the item, which goes with it (a version, a file), has the item's stream and as its id
    that of the item, a slash and its own; the listing of parts is a group by its own name.
    ``always``: asked for in every run (the messages of a room), not only where the item
    is news or the archive lacks what it names. ``ages``: not where a run that looks back
    to a moment finds that item and listing have nothing so young (the replies of a post).
    ``size``: bytes that the platform says a file has; where nothing else tells whether all
    of it came, fewer are a cut one. ``once``: what it names never changes, so that it is asked
    for where the archive lacks it, whatever became of the item.
    """

    role: str
    stream: str
    native_id: str = ""
    sensitivity: str = ""
    request: Request | None = None
    listing: Listing | None = None
    always: bool = False
    ages: bool = False
    size: int | None = None
    once: bool = False


class Span(NamedTuple):
    """A range of the decoded body that becomes an excerpt: role, start, end."""

    role: str
    start: int
    end: int


class Claim(NamedTuple):
    """A declared envelope value: its name, range in the decoded body, and text."""

    name: str
    start: int
    end: int
    value: str


class Contained(NamedTuple):
    """Another thing whose content an item's bytes hold: a boosted or quoted post.

    ``stream`` and ``native_id`` are those under which the account's archive keeps that
    thing, if it keeps it; both empty where the bytes don't say, or where they would tell
    in a public item of a private one. A mere link, and whoever wrote or did it, is not
    contained.
    """

    stream: str = ""
    native_id: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing found in an answer. ``kind`` is what its own state says (present, held …).

    ``contains``: what else its bytes hold the content of, in the order in which it stands.
    ``group``: of the listings that enumerate it, where that is not the one that showed it
    (a stream of events enumerates nothing). ``at``: when an event happened by the
    platform's clock (canonical time); where the archive has seen the thing since, what the
    event says is past, and is kept under ``version``, its name for this very content.
    ``whole``: its record keeps the answer as it came, head and all, as that of a file does; the
    spans then only say what of the body it is made of.
    """

    stream: str
    native_id: str
    kind: str
    sensitivity: str
    spans: tuple[Span, ...]
    content_type: str
    page_url: str = ""
    follow: tuple[Follow, ...] = ()
    contains: tuple[Contained, ...] = ()
    group: str = ""
    at: str = ""
    version: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Gone:
    """An event that says that a thing is no more, and names nothing of it but its id.

    ``streams`` are those it may belong to; where none of them has it, the first one keeps
    the word of it. ``group`` is then that of the listings that would enumerate it. ``at``:
    when it happened by the platform's clock, where the event says so (`Item.at`). ``word``:
    ``missing`` where it is no event but the answer to who asked for what an event told of.
    """

    native_id: str
    streams: tuple[str, ...]
    spans: tuple[Span, ...]
    content_type: str
    group: str = ""
    at: str = ""
    word: str = "event"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an answer is not a page of content.

    ``code``: one of `archiver.capture.problems.PROBLEMS`, which say what is done about it.
    ``message``: what the platform says; for ``scope`` which permission is lacking.
    ``retry_after``: seconds from the answer on after which asking again makes sense (``rate``,
    ``quota``, ``transient``); 0 where the platform names no time.
    """

    code: str
    message: str
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Page:
    """An answer, cut. Bytes that are neither item, claim nor frame are residue.

    ``total`` is the platform's own count of the whole listing, as it spelt it; ``bound``: why,
    in the words of the platform's manual, it may count more than it shows us. What is missing
    from an upper bound is explained by that, what is shown beyond it is not.
    ``next`` is the following page's request; None ends the listing. ``cursor`` is where a
    later run may go on (`Site.cursors`), empty where the platform has no such thing.
    ``gone`` are things that events say are no more.
    """

    items: tuple[Item, ...] = ()
    claims: tuple[Claim, ...] = ()
    total: str = ""
    next: Request | None = None
    problem: Problem | None = None
    cursor: str = ""
    gone: tuple[Gone, ...] = ()
    bound: str = ""
