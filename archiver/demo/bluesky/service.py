"""The stand-in PDS at ``/xrpc/``: sessions, limits, cursors, errors, as a PDS 0.4 has them."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from archiver.demo.answer import Answer, upgraded
from archiver.demo.bluesky import appview, repositories
from archiver.demo.bluesky.calls import XrpcError
from archiver.demo.bluesky.firehose import Firehose
from archiver.demo.bluesky.views import Views

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.demo.answer import Asked
    from archiver.demo.bluesky.network import Network, Value

__all__ = ["Bluesky"]

_LARGEST = 100
_ENDLESS = 1 << 60


class Bluesky:
    """The stand-in service.

    ``uses``: requests after which an access token has expired; ``throttle``: every so
    many requests one is refused with 429; ``largest``: things on a page at most.
    ``firehose`` is its event stream.
    """

    def __init__(
        self, network: Network, *, uses: int = _ENDLESS, throttle: int = 0, largest: int = _LARGEST
    ) -> None:
        self.network = network
        self.firehose = Firehose(network)
        self._uses, self._throttle, self._largest = uses, throttle, largest
        self._tokens: dict[str, list[int | str]] = {}
        self._asked = 0

    def answer(self, asked: Asked) -> Answer | None:
        """Answer a request, or None for an address that is not of the protocol."""
        if not asked.path.startswith("/xrpc/"):
            return None
        self._asked += 1
        if self._throttle and self._asked % self._throttle == 0:
            headers = (("ratelimit-remaining", "0"), ("ratelimit-reset", "0"))
            return _json(429, _error("RateLimitExceeded", "Rate Limit Exceeded"), headers)
        try:
            return self._method(asked)
        except XrpcError as refusal:
            status, name, message = refusal.args
            return _json(status, _error(name, message))

    def _method(self, asked: Asked) -> Answer:
        nsid = asked.path.removeprefix("/xrpc/")
        if nsid == "com.atproto.server.createSession":
            return self._session(asked)
        query = dict(parse_qsl(asked.query))
        if nsid == "com.atproto.sync.subscribeRepos":
            return upgraded(asked, self.firehose.frames(query.get("cursor", "")))
        query["limit"] = str(min(int(query.get("limit", "50")), self._largest))
        if nsid in repositories.METHODS:
            found = repositories.METHODS[nsid](self.network, query)
            return found if isinstance(found, Answer) else _json(200, found)
        if nsid not in appview.METHODS:
            raise XrpcError(501, "MethodNotImplemented", "Method Not Implemented")
        views = Views(self.network, self._login(asked.headers), asked.base)
        return _json(200, appview.METHODS[nsid](views, query))

    # ── Sessions ─────────────────────────────────────────────────────────────────────
    def _session(self, asked: Asked) -> Answer:
        sent = json.loads(asked.body)
        account = self.network.account(sent["identifier"])
        if account is None or account.password != sent["password"]:
            message = "Invalid identifier or password"
            raise XrpcError(401, "AuthenticationRequired", message)
        word = sha256(f"{len(self._tokens)} {account.did}".encode()).hexdigest()
        access, refresh = f"eyJ0eXAiOiJhdCtqd3Qi.{word}", f"eyJ0eXAiOiJyZWZyZXNo.{word[::-1]}"
        self._tokens[access] = [account.did, self._uses]
        about = {"did": account.did, "handle": account.handle, "active": True}
        return _json(200, {"accessJwt": access, "refreshJwt": refresh, **about})

    def _login(self, headers: Mapping[str, str]) -> str:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme != "Bearer":
            raise XrpcError(401, "AuthMissing", "Authentication Required")
        if token not in self._tokens:
            raise XrpcError(400, "InvalidToken", "Token could not be verified")
        did, left = self._tokens[token]
        if not left:
            raise XrpcError(400, "ExpiredToken", "Token has expired")
        self._tokens[token][1] = int(left) - 1
        return str(did)


def _error(name: str, message: str) -> Value:
    return {"error": name, "message": message}


def _json(status: int, value: Value, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, (("Content-Type", "application/json; charset=utf-8"), *headers), body)
