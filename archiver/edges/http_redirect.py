"""Which requests we send, and where a redirect leads (RFC 9110 §15.4).

Credentials stay with the origin they were meant for: after a redirect to another origin
they are not sent any more, not even back to the first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import httpx

from archiver.errors import CaptureError, UsageError
from archiver.formats.replacement import CREDENTIAL_HEADERS, Secrets, scrub_url

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archiver.formats.http1_framing import Framed, Headers
    from archiver.record import Request

__all__ = ["MOST_HOPS", "Hop", "check_headers", "first_hop", "next_hop", "origin_of"]

MOST_HOPS = 10
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = re.compile(
    r"accept-encoding|connection|content-length|expect|host|if-.+|keep-alive|proxy-connection"
    r"|range|te|trailer|transfer-encoding|upgrade|user-agent",
    re.IGNORECASE,
)
"""Headers that only the recorder may set, or that would make an answer less than the whole."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One request of a chain.

    ``crossed``: no credentials are added, for another origin stands between it and the
    first, or nobody is to be logged in.
    ``listen``, ``websocket``, ``choose`` and ``fenced`` are those of `archiver.record.Request`.
    """

    method: str
    url: httpx.URL
    headers: Headers
    body: bytes
    number: int = 0
    crossed: bool = False
    listen: float = 0.0
    websocket: bool = False
    choose: Callable[[Sequence[bytes]], Sequence[bytes]] | None = None
    fenced: bool = False

    @property
    def origin(self) -> str:
        """Scheme, host and port of its URL."""
        return origin_of(self.url)


def origin_of(url: httpx.URL) -> str:
    """Return scheme, host and port (RFC 6454 §4), the usual port left out."""
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def first_hop(request: Request, secrets: Secrets) -> Hop:
    """Return the request as we will send it. Raises `UsageError`."""
    url = _url(request.url, None)
    if url is None or url.userinfo:
        raise UsageError(
            "not an address that we can ask",
            where=scrub_url(request.url, secrets)[0],
            mend="give an http or https address without user and password in it",
        )
    check_headers(request.headers, secrets)
    if not _TOKEN.fullmatch(request.method) or request.method.upper() == "CONNECT":
        raise UsageError("not a method that we send", mend="use GET, HEAD or POST")
    return Hop(
        request.method, url, request.headers, request.body, crossed=request.anonymous,
        listen=request.listen, websocket=request.websocket, choose=request.choose,
        fenced=request.fenced,
    )  # fmt: skip


def check_headers(headers: Headers, secrets: Secrets) -> None:
    """Raise `UsageError` for headers that a request may not set, or that no line can hold."""
    for name, value in headers:
        if _OURS.fullmatch(name) or not _TOKEN.fullmatch(name) or not _sendable(value):
            raise UsageError(
                "not a header that a request may set",
                where=secrets.clean(name),
                mend="leave framing, codings, ranges and validators to the recorder",
            )


def next_hop(hop: Hop, response: Framed, secrets: Secrets) -> Hop | None:
    """Return the request that a redirect asks for, or None for any other response.

    Raises `CaptureError` for one that we do not follow; its exchange is recorded already.
    """
    location = response.values("location")
    if response.status not in _REDIRECTS or not location:
        return None
    url = _url(location[0], hop.url)
    if url is None:
        raise _refused("a redirect to what is no http address", hop, secrets)
    url = url.copy_with(username=None, password=None)
    to_get = response.status == 303 or (response.status < 303 and hop.method == "POST")  # noqa: PLR2004 - RFC 9110 §15.4.2-4
    following = Hop(
        "GET" if to_get and hop.method != "HEAD" else hop.method,
        url,
        tuple(pair for pair in hop.headers if not to_get or not _describes_body(pair[0])),
        b"" if to_get else hop.body,
        hop.number + 1,
        hop.crossed,
        hop.listen,
        hop.websocket,
        hop.choose,
        hop.fenced,
    )
    return _checked(hop, following, secrets)


def _checked(hop: Hop, following: Hop, secrets: Secrets) -> Hop:
    """Refuse what is not safe to follow, and leave credentials behind at a border."""
    if following.number > MOST_HOPS:
        raise _refused(f"more than {MOST_HOPS} redirects", hop, secrets)
    if hop.url.scheme == "https" and following.url.scheme == "http":
        raise _refused("a redirect from https to http", hop, secrets)
    if hop.origin == following.origin:
        return following
    if following.body:
        raise _refused("a redirect of a request's body to another server", hop, secrets)
    kept = tuple(
        (name, value)
        for name, value in following.headers
        if name.lower() not in CREDENTIAL_HEADERS and not secrets.find(value.encode())
    )
    return replace(following, headers=kept, body=b"", crossed=True)


def _url(text: str, base: httpx.URL | None) -> httpx.URL | None:
    """Return an http(s) URL without fragment, or None. A location is bytes as Latin-1."""
    try:
        if base is not None:
            text = text.encode("latin-1").decode("utf-8", "replace")
        url = httpx.URL(text) if base is None else base.join(text)
        usable = url.scheme in {"http", "https"} and url.host
    except (httpx.InvalidURL, UnicodeError, ValueError):
        return None
    return url.copy_with(fragment=None) if usable else None


def _sendable(value: str) -> bool:
    """Whether a header value is one line of Latin-1 text (RFC 9110 §5.5)."""
    return value.isprintable() and all(ord(one) < 256 for one in value) and value == value.strip()  # noqa: PLR2004


def _describes_body(name: str) -> bool:
    return name.lower().startswith("content-")


def _refused(what: str, hop: Hop, secrets: Secrets) -> CaptureError:
    return CaptureError(
        f"we do not follow {what}",
        where=f"{hop.method} {scrub_url(str(hop.url), secrets)[0]}",
        mend="give the account the address that the platform redirects to",
        code="capture-redirect",
    )
