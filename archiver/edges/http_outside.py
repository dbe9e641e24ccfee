"""Asking witnesses and time-stamp authorities over HTTP, with bounds on bytes and time.

No redirects, no cookies, nothing from the environment: an answer proves itself by its
signature, or it is nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from archiver.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archiver.ports import Clock

__all__ = ["HttpOutside"]

MAX_ANSWER = 1 << 20
WHY: dict[type[Exception], str] = {
    httpx.ConnectTimeout: "it can't be reached",
    httpx.TimeoutException: "it takes too long",
    httpx.ConnectError: "it can't be reached: nobody listens there, or there is no such host",
    httpx.RemoteProtocolError: "it broke off, or does not speak HTTP",
    httpx.NetworkError: "the connection broke off",
    httpx.UnsupportedProtocol: "not an http or https address",
    httpx.InvalidURL: "not an http or https address",
}
"""What goes wrong, in words."""
SECONDS = 10.0
"""For one answer altogether, and for each silence within it."""


class HttpOutside:
    """Services of others over HTTP (`archiver.outsiders.Outside`)."""

    def __init__(self, clock: Clock, seconds: float = SECONDS) -> None:
        self._clock = clock
        self._seconds = seconds

    def get(self, url: str) -> tuple[int, bytes]:
        """Return status and body of a GET. Raises `TransientError` where no answer came."""
        return self._ask("GET", url, b"", {})

    def post(self, url: str, body: bytes, content_type: str) -> tuple[int, bytes]:
        """Return status and body of a POST. Raises `TransientError` where no answer came."""
        return self._ask("POST", url, body, {"Content-Type": content_type})

    def _ask(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        until = self._clock.now() + timedelta(seconds=self._seconds)
        parts: list[bytes] = []
        try:
            with (
                httpx.Client(timeout=self._seconds, trust_env=False) as client,
                client.stream(method, url, content=body, headers=headers) as answer,
            ):
                for part in answer.iter_raw():
                    parts.append(part)
                    if sum(map(len, parts)) > MAX_ANSWER or self._clock.now() > until:
                        raise _failed("its answer is too long, or takes too long", url)
                return answer.status_code, b"".join(parts)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            why = next((told for kind, told in WHY.items() if isinstance(error, kind)), "")
            raise _failed(why or type(error).__name__, url) from None

    def shares_host(self, url: str, others: Sequence[str]) -> bool:
        """Tell whether a URL leads to this machine, or to where one of the others leads."""
        own = _addresses(url)
        if not own or any(_is_ours(one) for one in own):
            return True
        return any(own & _addresses(other) for other in others)


def _addresses(url: str) -> set[str]:
    """Return the network addresses of a URL's host; none where there are none."""
    try:
        host = urlsplit(url).hostname
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM) if host else []
    except (OSError, ValueError):  # no such host, or no address
        return set()
    return {str(one[4][0]) for one in found}


def _is_ours(address: str) -> bool:
    """Tell whether an address is this machine's: then, and only then, it can be bound."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if ip.is_loopback or ip.is_unspecified:
        return True
    family = socket.AF_INET if ip.version == 4 else socket.AF_INET6  # noqa: PLR2004 - IP versions
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(ip), 0))
        except OSError:
            return False
    return True


def _failed(why: str, url: str) -> TransientError:
    return TransientError(f"no answer: {why}", where=url.partition("?")[0], mend="try again later")
