"""The nouns of the archive: streams, kinds, record ids, exchanges, observations.

Vocabulary: ``docs/ARCHITECTURE.md`` §1. Everything here is a frozen value without I/O.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from archiver.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = [
    "Excerpt",
    "Exchange",
    "Kind",
    "Observation",
    "Request",
    "Sensitivity",
    "Stream",
    "record_id",
    "split_record_id",
    "wholes",
]


_SLASH = quote("/", safe="")


class Stream(StrEnum):
    """One kind of thing an account yields."""

    POSTS = "posts"
    COMMENTS = "comments"
    REACTIONS = "reactions"
    SUBSCRIBERS = "subscribers"
    MESSAGES = "messages"
    MEDIA = "media"
    MODERATION = "moderation"
    PROFILE = "profile"
    PAGES = "pages"
    WORKFLOW = "workflow"


class Kind(StrEnum):
    """What an observation says about its record at that moment."""

    PRESENT = "present"
    EDITED = "edited"
    EXTENDED = "extended"
    HELD = "held"
    HIDDEN = "hidden"
    REMOVED = "removed"
    ABSENT = "absent"
    DELETED = "deleted"
    RESTORED = "restored"
    LISTING = "listing"
    SNAPSHOT = "snapshot"
    RESIDUE = "residue"


class Sensitivity(StrEnum):
    """Who may read a unit: public units are stored plain, private ones encrypted."""

    PUBLIC = "public"
    PRIVATE = "private"


def record_id(platform: str, account: str, stream: str, native_id: str) -> str:
    """Return ``platform:account:stream:native-id``, each part percent-encoded (RFC 3986)."""
    return f"{_prefix(platform, account, stream)}{_quoted(native_id)}"


@lru_cache(maxsize=256)  # the same for all records of a listing
def _prefix(platform: str, account: str, stream: str) -> str:
    return "".join([f"{_quoted(part)}:" for part in (platform, account, stream)])


def _quoted(part: str) -> str:
    plain = part.isalnum() and part.isascii()  # as nearly all are; `quote` takes longer
    return part if plain else quote(part, safe="")


def split_record_id(text: str) -> tuple[str, str, str, str]:
    """Return the four decoded parts of a record id. Raises `FormatError`."""
    parts = text.split(":")
    if len(parts) != 4 or not all(parts):  # noqa: PLR2004 - the four parts named above
        raise FormatError(
            "not a record id",
            where=text,
            mend="a record id is platform:account:stream:native-id, as `search` prints it",
        )
    platform, account, stream, native_id = (unquote(part) for part in parts)
    return platform, account, stream, native_id


def wholes(record: str) -> Iterator[str]:
    """Yield the ids of what a record may be a part of, by its id (ADR 0017), nearest first."""
    place, _, native_id = record.rpartition(":")
    while _SLASH in native_id:
        native_id = native_id.rpartition(_SLASH)[0]
        yield f"{place}:{native_id}"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Bytes exactly as received, and the part they play in their observation.

    ``role`` is a short token: ``item``, ``author``, ``declaration``, ``namespaces``,
    ``exchange`` (a whole HTTP response), ``document``, ``record`` (a block of a
    repository), ``event`` and what places an event in its stream (``seq``, ``time``).
    """

    role: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request to be sent. Credentials are added at the edge, never here.

    ``listen``: seconds to listen to an answer that does not end (events, frames); what
    came until then is the answer. ``websocket``: ask for a WebSocket (RFC 6455).
    ``choose`` says what may be stored of each message listened to: all of it, a shorter
    message that tells its position alone, or nothing (`archiver.formats.choosing`).
    ``anonymous``: no credentials are added, so that the answer is what strangers see.
    ``carried``: what the page after this one needs to know and this answer does not say (where
    the list goes on that named these things). It is kept with the exchange, and never sent.
    ``fenced``: others wrote the address, so it is asked at public network addresses alone, and so
    is whatever it redirects to (`archiver.edges.fence`). ``rendered``: not the answer is wanted
    but what a browser makes of it: ``dom`` or ``png`` (`archiver.browsing`).
    """

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    listen: float = 0.0
    websocket: bool = False
    choose: Callable[[Sequence[bytes]], Sequence[bytes]] | None = None
    anonymous: bool = False
    carried: str = ""
    fenced: bool = False
    rendered: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP request and its response, as they went over the wire.

    Credentials are replaced already, with each replacement declared. ``response`` is
    empty where none came. ``truncated`` is empty for a complete response, else the
    WARC 1.1 reason (``length``, ``time``, ``disconnect``, ``unspecified``).
    ``purpose`` is what the capture session wanted with it, as a flat mapping of text.
    ``tls`` is version and cipher suite; ``certificates`` are the SHA-256 digests (hex) of
    the peer's certificate chain, its own first. ``clock_source`` says whose clock
    ``captured_at`` was read from.
    """

    lane: str
    number: int
    url: str
    captured_at: str
    request: bytes
    response: bytes
    truncated: str = ""
    ip_address: str = ""
    tls: str = ""
    replacements: tuple[str, ...] = ()
    purpose: Mapping[str, str] = field(default_factory=dict)
    certificates: tuple[str, ...] = ()
    clock_source: str = ""

    @property
    def id(self) -> str:
        """The exchange's name: lane and number."""
        return f"{self.lane}/{self.number}"

    @property
    def provenance(self) -> tuple[tuple[str, str], ...]:
        """The header lines that say whose clock told the time, and what was replaced."""
        clock = (("Archive-Clock", self.clock_source),) if self.clock_source else ()
        return clock + tuple(("Archive-Replacement", text) for text in self.replacements)

    @property
    def decoded(self) -> bool:
        """Whether the response body is stored without the codings its headers name."""
        return any(
            line.startswith("response-body ") and " decoded" in line for line in self.replacements
        )


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing as seen at one moment: a WARC record, a ledger leaf and a row to be.

    ``row`` maps field names to exact text (`archiver.columns` orders them). ``context``
    holds further WARC header lines (name, value) in order; ``group`` names the set of
    listings it was found in (`archiver.capture.connector.Listing`). ``warc_type`` is
    ``resource``, ``response`` (one whole exchange), ``metadata`` (absence, no block)
    or ``conversion`` (a newer generation). ``contains``: ids of the records whose content
    its bytes hold too, or ``unresolved`` where it is not known which.
    """

    platform: str
    account: str
    stream: str
    native_id: str
    kind: str
    sensitivity: str
    captured_at: str
    excerpts: tuple[Excerpt, ...]
    row: Mapping[str, str]
    parser: str
    exchange: str = ""
    content_type: str = "application/octet-stream"
    page_url: str = ""
    group: str = ""
    context: tuple[tuple[str, str], ...] = ()
    warc_type: str = "resource"
    contains: tuple[str, ...] = ()

    @property
    def record_id(self) -> str:
        """The id of the record this observation belongs to."""
        return record_id(self.platform, self.account, self.stream, self.native_id)
