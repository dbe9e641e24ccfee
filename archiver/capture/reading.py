"""Reading one exchange: from its bytes to items with excerpts and rows. Pure.

The session and settling both call `read`; it gives the same result for the same
exchange and parser version, whenever it is called.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from archiver.capture.connector import Claim, Contained, Item, Listing, Page, Problem, Span
from archiver.capture.files import file_problem, file_row
from archiver.capture.problems import Action, kind_of
from archiver.capture.standing import CREDENTIAL, Inspected
from archiver.columns import fields_of
from archiver.formats.excerpts import residue
from archiver.formats.http1 import DELIVERY, response_of
from archiver.formats.parquet import is_canonical_time
from archiver.limits import LONGEST_ID, LONGEST_VALUE, MOST_EXCERPTS, MOST_HEADERS
from archiver.record import Excerpt, Kind, Request, record_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from archiver.capture.connector import Connector, Site
    from archiver.capture.standing import Standing
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Exchange

__all__ = [
    "FILE_PARSER",
    "Answer",
    "Ask",
    "Reading",
    "Sighting",
    "clean_row",
    "listing_of",
    "read",
]

FILE_PARSER = "file/1"
WHOLE_TYPE = "application/http; msgtype=response"

KEPT_HEADERS = frozenset(
    {"date", "content-type", "server", "facebook-api-version", "x-api-version"},
)
"""Response headers a record carries: none that tells of other content."""


_COLLECTIONS = frozenset({"application/vnd.ipld.car"})
"""Types of files that hold many things of an account: a repository of AT Protocol."""
_LISTENED = frozenset({"time", "disconnect", "length", "unspecified"})
"""How listening ends (WARC 1.1 truncation reasons): what came until then is the answer."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request the session wants sent, and what it is for (stored with the exchange)."""

    request: Request
    purpose: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sighting:
    """One item as read: its excerpts and its row."""

    item: Item
    excerpts: tuple[Excerpt, ...]
    row: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """One exchange as read. ``residue`` are the ranges of the body that nothing claims.

    ``standing``: what it says of our login, where it was asked for that.
    """

    page: Page
    sightings: tuple[Sighting, ...]
    body: bytes = b""
    residue: tuple[tuple[int, int], ...] = ()
    headers: tuple[tuple[str, str], ...] = field(default=())
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an `Ask`: the reading of the exchange, and a verdict on each item."""

    reading: Reading
    verdicts: Sequence[str | None]


def listing_of(exchange: Exchange) -> Listing:
    """Return the listing an exchange belongs to, from its stored purpose and address."""
    purpose = exchange.purpose
    return Listing(
        name=purpose["listing"],
        stream=purpose["stream"],
        request=Request(exchange.url, carried=purpose.get("carried", "")),
        sensitivity=purpose["sensitivity"],
        group=purpose["group"],
        exhaustive=purpose["exhaustive"] == "yes",
    )


def read(connector: Connector, site: Site, exchange: Exchange) -> Reading:
    """Read an exchange. Pure; never raises on any response bytes."""
    response = response_of(exchange)
    headers = _kept_headers(exchange, response)
    if response.complete and 300 <= response.status < 400:  # noqa: PLR2004 - RFC 9110 §15.4
        # A hop of a redirect: the exchange at its end is the answer.
        return Reading(Page(problem=Problem("redirect", response.status_line)), (), headers=headers)
    cut = not exchange.response or exchange.truncated or not response.complete
    # What does not end was listened to for a while: what came until then is the answer.
    if cut and not ("listen" in exchange.purpose and exchange.truncated in _LISTENED):
        # What is larger than we take will be so again: no other try, and its part, which
        # intake has, is no record of its own.
        large = exchange.truncated == "length"
        code = "too-large" if large else "transient"
        told = "larger than we take" if large else exchange.truncated
        problem = Problem(code, told or "response is not whole")
        whole = ((0, len(response.body)),) if response.body and not large else ()
        return Reading(Page(problem=problem), (), response.body, whole, headers)
    if exchange.purpose["role"] == "file":
        return _read_file(site, exchange, response, headers)
    if exchange.purpose["role"] == CREDENTIAL:
        return _read_standing(connector, response, headers)
    page = _fitting(site, connector, connector.split(site, listing_of(exchange), response))
    sightings = tuple(
        _sighting(connector, site, _placed(item, exchange), exchange.response)
        if item.whole
        else _sighting(connector, site, item, response.body)
        for item in page.items
    )
    claimed_by_problem = page.problem is not None and not kind_of(page.problem).is_content
    left = () if claimed_by_problem else _few(residue(response.body, page))
    return Reading(page, sightings, response.body, left, headers)


def _read_standing(
    connector: Connector, response: HttpResponse, headers: tuple[tuple[str, str], ...]
) -> Reading:
    """Read what a platform says of our login: it is of no record, and intake keeps it whole.

    A platform that does not tell has told us nothing of the login: only what is asked for
    content shows whether that is refused.
    """
    told = connector.standing(response) if isinstance(connector, Inspected) else None
    claims = (Claim(CREDENTIAL, 0, len(response.body), ""),) if response.body else ()
    if isinstance(told, Problem):
        waits = kind_of(told).action in {Action.RETRY, Action.WAIT}
        problem = told if waits else Problem("forbidden", told.message)
        return Reading(Page(claims=claims, problem=problem), (), response.body, (), headers)
    return Reading(Page(claims=claims), (), response.body, (), headers, told)


def _fitting(site: Site, connector: Connector, page: Page) -> Page:
    """Return a page without what no record has room for: its bytes are residue then."""
    fits = [
        len(item.spans) <= MOST_EXCERPTS
        and len(record_id(connector.platform, site.account, item.stream, item.native_id))
        <= LONGEST_ID
        for item in page.items
    ]
    if all(fits):
        return page
    return replace(page, items=tuple(one for one, fit in zip(page.items, fits, strict=True) if fit))


def _few(gaps: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return gaps as a record has room for them: too many are one, with all between them."""
    if len(gaps) <= MOST_EXCERPTS:
        return tuple(gaps)
    return ((gaps[0][0], gaps[-1][1]),)


def _kept_headers(exchange: Exchange, response: HttpResponse) -> tuple[tuple[str, str], ...]:
    """Return what a record keeps of a head; what is longer than sense is in intake alone.

    Of a delivery how it was found genuine, of an import its format, its handle and when the
    export was made, in place of a status.
    """
    kept = [
        ("Archive-Response-Header", f"{name}: {value}")
        for name, value in response.headers
        if name.lower() in KEPT_HEADERS and len(value) <= LONGEST_VALUE
    ]
    purpose, status_line = exchange.purpose, response.status_line[:LONGEST_VALUE]
    first = ("Archive-Status-Line", status_line)
    if purpose["role"] == DELIVERY:
        signed = f" {purpose['signed_at']}" if purpose.get("signed_at") else ""
        first = ("Archive-Delivery", f"verified {purpose['scheme']}{signed}")
    elif "importer" in purpose:  # nobody answered: the head is ours
        made = f" {purpose['made']}" if purpose.get("made") else ""
        first = ("Archive-Import", f"{purpose['importer']} {purpose['import']}{made}")
    return (first, *kept[:MOST_HEADERS])


def _placed(item: Item, exchange: Exchange) -> Item:
    """Return an item whose record is the answer as a whole, where that stands."""
    return replace(
        item,
        spans=(Span("exchange", 0, len(exchange.response)),),
        content_type=WHOLE_TYPE,
        page_url=exchange.url,
    )


def _sighting(connector: Connector, site: Site, item: Item, body: bytes) -> Sighting:
    excerpts = tuple(Excerpt(span.role, body[span.start : span.end]) for span in item.spans)
    context = {
        "platform": connector.platform,
        "account": site.account,
        "stream": item.stream,
        "native_id": item.native_id,
    }
    return Sighting(item, excerpts, clean_row(item.stream, connector.parse(excerpts, context)))


def _read_file(
    site: Site, exchange: Exchange, response: HttpResponse, headers: tuple[tuple[str, str], ...]
) -> Reading:
    """Read a response that is one thing as a whole: a picture, a document, a recording."""
    problem = file_problem(site, exchange, response)
    if problem is not None:
        return Reading(Page(problem=problem), (), headers=headers)
    purpose = exchange.purpose
    row = file_row(exchange.url, exchange.response, decoded=exchange.decoded)
    item = Item(
        stream=purpose["stream"],
        native_id=purpose["native_id"],
        kind=Kind.PRESENT,
        sensitivity=purpose["sensitivity"],
        spans=(Span("exchange", 0, len(exchange.response)),),
        content_type=WHOLE_TYPE,
        page_url=exchange.url,
        contains=(Contained(),) if row["media_type"].lower() in _COLLECTIONS else (),
    )
    excerpts = (Excerpt("exchange", exchange.response),)
    sighting = Sighting(item, excerpts, clean_row(item.stream, row))
    return Reading(Page(items=(item,)), (sighting,), headers=headers)


def clean_row(stream: str, row: Mapping[str, str]) -> dict[str, str]:
    """Return a row that can be stored whatever the parser gave.

    A value that its column can't hold is set aside in ``flags``; the excerpt has it.
    """
    columns, times = _names(stream)
    if (
        columns.issuperset(row)
        and all(row.values())
        and _storable(row.values())
        and all(is_canonical_time(row[name]) for name in times if name in row)
    ):
        return dict(row)
    refused = [
        name
        for name, value in row.items()
        if name not in columns
        or not _storable([value])
        or (name in times and not is_canonical_time(value))
    ]
    clean = {name: value for name, value in row.items() if value and name not in refused}
    if refused:
        flags = json.loads(clean.get("flags", "[]"))
        clean["flags"] = json.dumps([*flags, *(f"refused:{name}" for name in refused)])
    return clean


@lru_cache(maxsize=64)
def _names(stream: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the field columns of a stream, and those of them that hold times."""
    columns = fields_of(stream)
    times = tuple(column.name for column in columns if column.type == "timestamp")
    return frozenset(column.name for column in columns), times


def _storable(values: Iterable[str]) -> bool:
    """Tell whether all values are text that UTF-8 can hold, whatever a parser gave."""
    try:
        "".join(values).encode()
    except (TypeError, UnicodeEncodeError):
        return False
    return True
