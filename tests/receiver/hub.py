"""A WebSub hub (W3C Recommendation 2018-01-23, §5 to §7) and the feed that it tells of."""

from __future__ import annotations

import hmac
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, urlencode

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

CHALLENGE = "a-challenge/+=%"


class Hub:
    """Serves ``/feed`` and ``/hub``; ``subscribers``: callback -> secret, once confirmed.

    ``reach`` gives the address where a callback is really served, as a proxy would.
    """

    def __init__(self, reach: Callable[[str], str], algorithm: str = "sha256") -> None:
        self.reach = reach
        self.algorithm = algorithm
        self.items: list[tuple[str, str]] = []
        self.subscribers: dict[str, str] = {}
        self.leases: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        """Its own address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def feed(self) -> bytes:
        """Return the feed as it is now (RFC 4287)."""
        entries = "".join(
            f"<entry><id>urn:x:{name}</id><title>{text}</title>"
            f"<updated>2026-11-29T12:00:00Z</updated></entry>"
            for name, text in self.items
        )
        return (
            '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
            f'<id>urn:x:feed</id><title>News</title><link rel="hub" href="{self.url}/hub"/>'
            f'<link rel="self" href="{self.url}/feed"/>'
            f"<updated>2026-11-29T12:00:00Z</updated>{entries}</feed>"
        ).encode()

    def publish(self) -> list[int]:
        """Send the feed to whoever subscribed (§7); return what they answered."""
        body, codes = self.feed(), []
        for back, secret in self.subscribers.items():
            made = hmac.new(secret.encode(), body, self.algorithm).hexdigest()
            headers = {
                "Content-Type": "application/atom+xml",
                "Link": f'<{self.url}/hub>; rel="hub", <{self.url}/feed>; rel="self"',
                "X-Hub-Signature": f"{self.algorithm}={made}",
            }
            codes.append(httpx.post(self.reach(back), content=body, headers=headers).status_code)
        return codes

    def asked(self, form: dict[str, str]) -> int:
        """Take a request of a subscriber (§5.1), and ask whether it was meant (§5.3)."""
        back, mode = form["hub.callback"], form["hub.mode"]
        query = {
            "hub.mode": mode,
            "hub.topic": form["hub.topic"],
            "hub.challenge": CHALLENGE,
            **({"hub.lease_seconds": "86400"} if mode == "subscribe" else {}),
        }
        try:
            answer = httpx.get(f"{self.reach(back)}&{urlencode(query)}")
        except httpx.HTTPError:  # nobody is there
            return 409
        if answer.status_code != 200 or answer.text != CHALLENGE:
            return 409
        if mode == "subscribe":
            self.subscribers[back] = form["hub.secret"]
            self.leases.append(form["hub.lease_seconds"])
        else:
            del self.subscribers[back]
        return 202

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._say(200, hub.feed())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode("ascii")
                form = {name: values[0] for name, values in parse_qs(body).items()}
                self._say(hub.asked(form), b"")

            def _say(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/atom+xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler
