"""The recorder: every HTTP exchange is on disk before anybody sees its answer.

HTTP/1.1 only, over the connection pool of httpx, with a tee below the client and above TLS: what
is kept are the bytes that were written and read, not what a client made of them. Each
redirect, retry and failure is an exchange of its own. Nothing is taken from the
environment: no proxies, no ``.netrc``, no cookies.

Responses are held in memory whole, as an `Exchange` holds bytes; chunked and coded ones
once more while they are searched for credentials.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode

import httpcore
import httpx

from archiver.edges.fence import Fence
from archiver.edges.http_listen import handshake, listen
from archiver.edges.http_outcome import CLIENT_ERRORS, Outcome, failure_of
from archiver.edges.http_pools import Pools
from archiver.edges.http_redirect import Hop, check_headers, first_hop, next_hop, origin_of
from archiver.edges.http_tee import OverLimitError, Tape, recording
from archiver.errors import TransientError
from archiver.formats.http1_framing import frame_response
from archiver.formats.replacement import Secrets, scrub, scrub_purpose, scrub_url
from archiver.limits import LARGEST_BODY, LARGEST_PAGE
from archiver.record import Exchange

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from datetime import datetime

    from archiver.edges.spool import Spool
    from archiver.formats.http1_framing import Framed, Headers
    from archiver.ports import Clock
    from archiver.record import Request

__all__ = ["USER_AGENT", "Recorder", "Secrets"]

USER_AGENT = "civic-archiver/0.1 (public records kept by the account's owner)"
_LARGEST_HEAD = 1 << 20

_log = logging.getLogger(__name__)


class Recorder:
    """Sends requests and records every exchange. Safe for use by many threads.

    Args:
        spool: where exchanges go.
        secrets: values that must not be stored.
        clock: tells when an exchange began.
        timeout: seconds of silence that we bear; a response that takes longer altogether
            must come at 1 KiB/s on average.
        max_body: bytes of a file's body, chunk sizes included; of one that is longer by its own
            head nothing is read, any other is cut there. ``max_page``: of any other body.
        authorisation: headers that log in, by origin (``https://host`` or
            ``https://host:port``). They are sent to no other origin.
        parameters: likewise what is added to the query of addresses, and stands in no address
            that is kept or told: only, replaced, in the request as it was sent.
        tls: trust settings; without them the certificate authorities that httpx brings.
        clock_source: whose time the clock tells.
        fence: what fenced requests may reach besides public addresses; nothing unless given.

    Raises:
        UsageError: an authorisation is not one that a request may carry.
    """

    def __init__(  # noqa: PLR0913 - the parts, and what a caller may set, each once per process
        self,
        spool: Spool,
        secrets: Secrets,
        clock: Clock,
        *,
        timeout: float = 60.0,
        max_body: int = LARGEST_BODY,
        max_page: int = LARGEST_PAGE,
        authorisation: Mapping[str, Headers] | None = None,
        parameters: Mapping[str, Headers] | None = None,
        tls: ssl.SSLContext | None = None,
        clock_source: str = "system clock",
        fence: Fence | None = None,
    ) -> None:
        self._spool = spool
        self._secrets = secrets
        self._clock = clock
        self._timeout = timeout
        self._max_body = max_body
        self._max_page = min(max_body, max_page)
        self._authorisation: dict[str, Headers] = {}
        for origin, headers in (authorisation or {}).items():
            check_headers(headers, secrets)
            self._authorisation[origin_of(httpx.URL(origin))] = headers
        self._parameters = {
            origin_of(httpx.URL(origin)): urlencode(pairs).encode()
            for origin, pairs in (parameters or {}).items()
            if pairs
        }
        self._clock_source = clock_source
        self._pools = Pools(tls)
        self._fence = fence or Fence.around("")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._pools.close()

    def send(self, request: Request, purpose: Mapping[str, str]) -> Exchange:
        """Send a request, follow its redirects, and return the last exchange.

        Every exchange is in the spool before this returns or raises. A redirect's
        exchanges carry the same purpose, from the second one on with ``hop`` added.
        A body longer than `max_body` is no error: the exchange is ``truncated``
        (``length``). Status codes are for the caller to judge.

        Args:
            request: what to ask; `authorisation` is added to its headers.
            purpose: what for, as flat text; settling reads it back.

        Raises:
            UsageError: the request is not one that we send.
            TransientError: no whole response came; what came is in the spool.
                CaptureError: a redirect that we do not follow; a fenced one that leads inside.
        """
        hop = first_hop(request, self._secrets)
        while True:
            marked = {**purpose, "hop": str(hop.number)} if hop.number else purpose
            exchange, framed = self._exchange(hop, marked)
            following = next_hop(hop, framed, self._secrets)
            if following is None:
                return exchange
            hop = following

    def log_in(self, request: Request) -> bytes:
        """Send one request of a login and return its raw response. Nothing of it is kept.

        A login's exchange is no evidence of content and is made of secrets. No redirect is
        followed and no authorisation added.

        Raises:
            UsageError: the request is not one that we send.
            TransientError: no whole response came.
        """
        hop = replace(first_hop(request, self._secrets), crossed=True)
        tape = Tape(self._timeout, _LARGEST_HEAD)
        outcome = self._attempt(hop, tape)
        if outcome.truncated:
            raise TransientError(
                f"{outcome.failure or 'the answer is too long'}, while logging in",
                where=f"{hop.method} {scrub_url(str(hop.url), self._secrets)[0]}",
                mend="try again later",
            )
        return tape.received.getvalue()

    def _exchange(self, hop: Hop, purpose: Mapping[str, str]) -> tuple[Exchange, Framed]:
        """Send one request and keep what came of it."""
        largest = self._max_body if purpose.get("role") == "file" else self._max_page
        fence = self._fence if hop.fenced else None
        tape = Tape(self._timeout, _LARGEST_HEAD, hop.listen, largest, fence=fence)
        began = self._clock.now()
        try:
            outcome = self._attempt(hop, tape)
        except BaseException:
            self._keep(hop, purpose, tape, began, "unspecified")
            raise
        # Raised here, outside any handler: the client's own errors quote what the server sent.
        exchange = self._keep(hop, purpose, tape, began, outcome.truncated)
        if outcome.failure:
            raise TransientError(
                f"{outcome.failure}, after {tape.received.tell()} bytes",
                where=f"{hop.method} {exchange.url}",
                mend=f"try again later; what came is kept as exchange {exchange.id}",
                exchange=exchange,
            )
        return exchange, frame_response(tape.received.getvalue(), hop.method)

    def _attempt(self, hop: Hop, tape: Tape) -> Outcome:
        """Send one request and read its response to the end, or say why that failed."""
        try:
            with recording(tape):
                return self._perform(hop, tape)
        except (OverLimitError, OSError, UnicodeError, *CLIENT_ERRORS) as error:
            outcome = failure_of(error, tape)
            if hop.listen and frame_response(tape.received.getvalue()).body_start >= 0:
                return outcome._replace(failure="")  # what came until then is the answer
            if isinstance(error, httpcore.ConnectError):  # said here: no port, bad certificate
                reason = self._secrets.clean(str(error))
                outcome = outcome._replace(failure=f"no connection: {reason}")
            return outcome

    def _perform(self, hop: Hop, tape: Tape) -> Outcome:
        pool = self._pools.of(hop.url.scheme, fenced=hop.fenced)
        response = pool.handle_request(self._request(hop))
        try:
            head = frame_response(tape.received.getvalue(), hop.method)
            if not tape.allow(head, hop.method):
                return Outcome("length")
            refused = listen(response, tape, head)
            if refused:
                return Outcome("unspecified", refused)
            received = tape.received.getvalue()
            if len(received) > tape.largest:
                return Outcome("length")
            if frame_response(received, hop.method).end != len(received):
                # What stands after the end must not become the next request's response.
                response.extensions["network_stream"].close()
            return Outcome()
        except OverLimitError:
            return Outcome("length")
        finally:
            response.close()

    def _request(self, hop: Hop) -> httpcore.Request:
        """Return the request with our own headers: no codings, no validators, no cookies."""
        headers = [
            ("Host", hop.url.netloc.decode("ascii")),
            ("User-Agent", USER_AGENT),
            ("Accept-Encoding", "identity"),
            *hop.headers,
        ]
        if not any(name.lower() == "accept" for name, _ in hop.headers):
            headers.append(("Accept", "*/*"))
        target = hop.url.raw_path
        if not hop.crossed:
            headers += self._authorisation.get(hop.origin, ())
            more = self._parameters.get(hop.origin)
            target += (b"&" if b"?" in target else b"?") + more if more else b""
        if hop.websocket:
            headers += handshake()
        if hop.body or hop.method in {"POST", "PUT", "PATCH"}:
            headers.append(("Content-Length", str(len(hop.body))))
        return httpcore.Request(
            hop.method.encode("ascii"),
            httpcore.URL(
                scheme=hop.url.raw_scheme,
                host=hop.url.raw_host,
                port=hop.url.port,
                target=target,
            ),
            headers=[(name.encode("ascii"), value.encode("latin-1")) for name, value in headers],
            content=hop.body,
            extensions={"timeout": {"pool": self._timeout}},
        )

    def _keep(
        self, hop: Hop, purpose: Mapping[str, str], tape: Tape, began: datetime, truncated: str
    ) -> Exchange:
        """Replace credentials, and have the exchange on disk."""
        end = tape.largest if truncated == "length" else None
        sent, received = tape.sent.getvalue(), tape.received.getvalue()[:end]
        clean = scrub(sent, received, self._secrets, cut=bool(truncated), choose=hop.choose)
        url, in_url = scrub_url(str(hop.url), self._secrets)
        wanted, in_purpose = scrub_purpose(purpose, self._secrets)
        exchange = Exchange(
            lane="",
            number=0,
            url=url,
            captured_at=began.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            request=clean.request,
            response=clean.response,
            truncated=truncated,
            ip_address=tape.peer.address,
            tls=tape.peer.tls,
            replacements=in_url + clean.replacements + in_purpose,
            purpose=wanted,
            certificates=tape.peer.digests,
            clock_source=self._clock_source,
        )
        kept = self._spool.append(exchange, tape.peer.certificates)
        _log.debug("exchange %s: %s %s %s", kept.id, hop.method, kept.url, truncated or "whole")
        return kept
