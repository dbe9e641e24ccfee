"""Logging in with a refresh token (RFC 6749 §6; Google's OAuth 2.0 for web server apps).

The access token is good for about an hour; after that the login is made anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from archiver.capture.answers import status_problem
from archiver.capture.connector import Login
from archiver.capture.platforms.youtube.addresses import origin, token_endpoint
from archiver.formats.excerpts_json import UNREADABLE
from archiver.record import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Site
    from archiver.formats.http1 import HttpResponse

__all__ = ["FIELDS", "login"]

FIELDS = ("client_id", "client_secret", "refresh_token")
_SHORTEST = 16
"""Characters; no token is shorter."""


class _Tokens(msgspec.Struct):
    """What a token endpoint answers (RFC 6749 §5.1, §5.2)."""

    access_token: str = ""
    refresh_token: str = ""
    error: str = ""
    error_description: str = ""


_TOKENS = msgspec.json.Decoder(_Tokens)


def login(site: Site, credential: Mapping[str, str]) -> Login:
    """Return the request for an access token; nothing without a credential."""
    if not credential.get("refresh_token"):
        return Login()
    fields = {name: credential.get(name, "") for name in FIELDS}
    body = urlencode({**fields, "grant_type": "refresh_token"}).encode()
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    request = Request(token_endpoint(site), "POST", headers, body)
    return Login(request=request, take=lambda response: _taken(site, response))


def _taken(site: Site, response: HttpResponse) -> Login:
    """Take the tokens out of an answer, or say why there are none."""
    try:
        told = _TOKENS.decode(response.body)
    except UNREADABLE:
        told = _Tokens()
    token = told.access_token
    if not token.isascii() or len(token) < _SHORTEST:
        problem = status_problem(response)
        words = f"{told.error}: {told.error_description}" if told.error else ""
        return Login(refused=words[:200] or (problem.message if problem else "no access token"))
    secrets, keep = {"access-token": token}, {}
    if len(told.refresh_token) >= _SHORTEST:
        secrets["refresh-token"] = keep["refresh_token"] = told.refresh_token
    headers = (("Authorization", f"Bearer {token}"),)
    return Login(headers, secrets=secrets, origin=origin(site), keep=keep)
