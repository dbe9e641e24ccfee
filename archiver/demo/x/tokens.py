"""Tokens of the stand-in X: an access token for a while, a refresh token for one use (RFC 6749)."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote

from archiver.demo.answer import Answer

if TYPE_CHECKING:
    from archiver.demo.answer import Asked

__all__ = ["CONSUMER_SECRET", "SCOPES", "Tokens"]

CONSUMER_SECRET = "stand-in-consumer-secret"  # noqa: S105 - opens nothing but the stand-in
"""Of the app: it signs what webhooks send."""

SCOPES = frozenset(
    {
        "tweet.read", "users.read", "follows.read", "like.read", "list.read", "block.read",
        "mute.read", "dm.read", "offline.access",
    }
)  # fmt: skip


class Tokens:
    """The tokens of one app for the city's account.

    ``rotates``: a refresh token is spent by its use, as on X; else it holds for ever.
    ``holds``: requests that an access token is good for, None: without end. ``scopes``
    are those that the city has granted.
    """

    def __init__(self) -> None:
        self.client = "stand-in-client-0123"
        self.secret = "stand-in-client-secret-4567"  # noqa: S105 - opens nothing but the stand-in
        self.refresh = "stand-in-refresh-0"
        self.rotates = True
        self.holds: int | None = None
        self.scopes = SCOPES
        self.refreshed = 0
        self._access = ""
        self._left = 0

    @property
    def credential(self) -> dict[str, str]:
        """What an account needs now."""
        return {
            "client_id": self.client,
            "client_secret": self.secret,
            "refresh_token": self.refresh,
            "consumer_secret": CONSUMER_SECRET,
        }

    def revoke(self) -> None:
        """Make all tokens worthless: the city has taken its permission back."""
        self.refresh, self._access = "stand-in-refresh-revoked-and-renewed", ""

    def expire(self) -> None:
        """Make the access token worthless."""
        self._access = ""

    def admits(self, asked: Asked) -> bool:
        """Say whether a request has a good access token; each use counts."""
        if not self._access or asked.headers.get("authorization") != f"Bearer {self._access}":
            return False
        if self.holds is not None:
            if self._left == 0:
                return False
            self._left -= 1
        return True

    def answer(self, asked: Asked) -> Answer:
        """Answer a request for new tokens."""
        fields = {name: one[0] for name, one in parse_qs(asked.body.decode()).items()}
        basic = f"{quote(self.client)}:{quote(self.secret)}".encode()
        known = asked.headers.get("authorization") == f"Basic {b64encode(basic).decode()}"
        if not known:
            why = "Missing valid authorization header"
            return _json(401, {"error": "unauthorized_client", "error_description": why})
        good = fields.get("refresh_token") == self.refresh
        if fields.get("grant_type") != "refresh_token" or not good:
            why = "Value passed for the token was invalid."
            return _json(400, {"error": "invalid_request", "error_description": why})
        self.refreshed += 1
        if self.rotates:
            self.refresh = f"stand-in-refresh-{self.refreshed}-of-the-city"
        self._access = f"stand-in-access-token-{self.refreshed}-of-the-city"
        self._left = self.holds or 0
        said = {
            "token_type": "bearer",
            "expires_in": 7200,
            "access_token": self._access,
            "scope": " ".join(sorted(self.scopes)),
            "refresh_token": self.refresh,
        }
        return _json(200, said)


def _json(status: int, body: object) -> Answer:
    kind = (("Content-Type", "application/json;charset=UTF-8"),)
    return Answer(status, kind, json.dumps(body, separators=(",", ":")).encode())
