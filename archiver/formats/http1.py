"""Read a recorded HTTP/1.1 message: its head verbatim, its body without codings.

Nothing here raises on any bytes: a message that is cut, malformed or coded in a way
we do not know is read as far as it goes, and ``problem`` says what is wrong.
Sources: RFC 9110, RFC 9112.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.formats.http1_codings import decode
from archiver.formats.http1_framing import Framed, Headers, frame_request, frame_response
from archiver.limits import LARGEST_DECODED

if TYPE_CHECKING:
    from archiver.record import Exchange

__all__ = [
    "DELIVERY",
    "HttpRequest",
    "HttpResponse",
    "codings_of",
    "parse_request",
    "parse_response",
    "response_of",
]

DELIVERY = "delivery"
"""The role, in its purpose, of an exchange that the platform began: it sent us the request."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A recorded request. ``target`` is the request-target (RFC 9112 §3.2), verbatim."""

    request_line: str
    method: str
    target: str
    headers: Headers
    body: bytes
    complete: bool
    problem: str = ""

    def header(self, name: str) -> str:
        """Return the first value of that name in any case, or ""."""
        return _first(self.headers, name)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A recorded response.

    ``status_line`` and ``headers`` are verbatim, bytes as Latin-1; ``status`` is 0 where
    no status line could be read. ``body`` is without transfer and content codings, but
    for those named in ``coded``. ``complete``: every byte of the body came and decoded.
    ``problem`` is "" or what is wrong, in words. ``interim`` are status lines of 1xx
    responses that came before, ``trailers`` the header lines after a chunked body.
    """

    status_line: str
    status: int
    headers: Headers
    body: bytes
    complete: bool
    problem: str = ""
    coded: tuple[str, ...] = ()
    trailers: Headers = ()
    interim: tuple[str, ...] = ()

    def header(self, name: str) -> str:
        """Return the first value of that name in any case, or ""."""
        return _first(self.headers, name)

    def values(self, name: str) -> list[str]:
        """Return all values of that name in any case, in order."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


def parse_request(raw: bytes, largest: int = LARGEST_DECODED) -> HttpRequest:
    """Read a recorded request; ``largest`` bounds a decoded body, in bytes."""
    framed = frame_request(raw)
    words = framed.start_line.split(" ")
    method, target = (words[0], " ".join(words[1:-1])) if len(words) > 2 else ("", "")  # noqa: PLR2004 - method target version
    decoded = decode(framed.payload(raw), codings_of(framed), largest)
    return HttpRequest(
        framed.start_line,
        method,
        target,
        framed.headers,
        decoded.data,
        framed.complete and not decoded.problem,
        framed.problem or decoded.problem or ("" if method else "no HTTP request line"),
    )


def parse_response(
    raw: bytes, *, method: str = "GET", decoded: bool = False, largest: int = LARGEST_DECODED
) -> HttpResponse:
    """Read a recorded response.

    Args:
        raw: the response as it went over the wire, 1xx responses included.
        method: of its request; a response to HEAD has no body (RFC 9112 §6.3).
        decoded: the body was stored without the codings that its headers name,
            because a credential in it had to be replaced.
        largest: no body is decoded beyond this many bytes.
    """
    framed = frame_response(raw, method)
    if decoded and framed.body_start >= 0:
        return _response(framed, raw[framed.body_start :], complete=True)
    plain = decode(framed.payload(raw), codings_of(framed), largest)
    return _response(
        framed,
        plain.data,
        complete=framed.complete and not plain.problem,
        problem=framed.problem or plain.problem,
        coded=plain.left,
    )


def response_of(exchange: Exchange) -> HttpResponse:
    """Read what the platform sent, knowing its method, cuts and replacements.

    Of a delivery that is the request: its line, headers and body, as those of an answer with
    status 200.
    """
    if exchange.purpose.get("role") == DELIVERY:
        sent = parse_request(exchange.request)
        return HttpResponse(
            sent.request_line, 200, sent.headers, sent.body, sent.complete, sent.problem
        )
    method = exchange.request.partition(b" ")[0].decode("latin-1")
    response = parse_response(exchange.response, method=method, decoded=exchange.decoded)
    if not exchange.truncated:
        return response
    problem = response.problem or f"response was cut: {exchange.truncated}"
    return HttpResponse(
        response.status_line,
        response.status,
        response.headers,
        response.body,
        complete=False,
        problem=problem,
        coded=response.coded,
        trailers=response.trailers,
        interim=response.interim,
    )


def codings_of(framed: Framed) -> tuple[str, ...]:
    """Return the codings of a body in the order they were applied, but for ``chunked``."""
    names = ",".join([*framed.values("content-encoding"), *framed.values("transfer-encoding")])
    words = (word.strip(" \t") for word in names.split(","))
    return tuple(word for word in words if word and word.lower() != "chunked")


def _first(headers: Headers, name: str) -> str:
    return next((value for key, value in headers if key.lower() == name.lower()), "")


def _response(
    framed: Framed,
    body: bytes,
    *,
    complete: bool,
    problem: str = "",
    coded: tuple[str, ...] = (),
) -> HttpResponse:
    return HttpResponse(
        framed.start_line,
        framed.status,
        framed.headers,
        body,
        complete,
        problem,
        coded,
        framed.trailers,
        framed.interim,
    )
