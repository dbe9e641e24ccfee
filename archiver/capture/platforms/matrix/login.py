"""Logging in to a homeserver: with a password, or with an access token that somebody made.

Client-Server API, sections Login and Current account information. One device of a fixed
name serves all runs: a second login with it ends the first one's token, and the list of
the account's sessions shows one archive, not one a day.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from archiver.capture.auth import bearer
from archiver.capture.connector import Login
from archiver.capture.platforms.matrix.answers import error_of
from archiver.capture.platforms.matrix.requests import account_of
from archiver.formats.excerpts_json import UNREADABLE
from archiver.record import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Site
    from archiver.formats.http1 import HttpResponse

__all__ = ["DEVICE", "TOKEN_USER", "login"]

DEVICE = "CIVICARCHIVER"
TOKEN_USER = "token"  # noqa: S105 - the word that says what the password is
"""In place of the user: the password is an access token."""

_SOFT = "a soft logout: log in again with the same device, and give the new token"
_API = "/_matrix/client/v3"
_OK = 200
_NO_USER = "the account's address must end in its user id: https://matrix.example/@city:example"


class _Session(msgspec.Struct):
    """What both `/login` and `/account/whoami` answer."""

    user_id: str
    access_token: str = ""


_SESSION = msgspec.json.Decoder(_Session)


class _Refusal(msgspec.Struct):
    """What a refused token says (Client-Server API, section Soft logout)."""

    soft_logout: bool = False


_REFUSAL = msgspec.json.Decoder(_Refusal)


def login(site: Site, credential: Mapping[str, str]) -> Login:
    """Return the first step, nothing without a credential."""
    user, password = credential.get("user", ""), credential.get("password", "")
    if not user or not password:
        return Login()
    account = account_of(site)
    if not account.user:
        return Login(refused=_NO_USER)
    if user == TOKEN_USER:
        request = Request(f"{account.base}{_API}/account/whoami", headers=bearer(password))
        return Login(request=request, take=lambda answer: _taken(account.user, answer, password))
    body = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": user},
        "password": password,
        "device_id": DEVICE,
        "initial_device_display_name": "Civic Archiver",
    }
    request = Request(
        f"{account.base}{_API}/login",
        method="POST",
        headers=(("Content-Type", "application/json"),),
        body=json.dumps(body).encode(),
    )
    return Login(request=request, take=lambda answer: _taken(account.user, answer))


def _is_soft(body: bytes) -> bool:
    try:
        return _REFUSAL.decode(body).soft_logout
    except UNREADABLE:
        return False


def _taken(user: str, answer: HttpResponse, token: str = "") -> Login:
    """Read what the homeserver answers; only the account's own user may log in."""
    if answer.status != _OK:
        soft = f" ({_SOFT})" if _is_soft(answer.body) else ""
        return Login(refused=f"{answer.status} {error_of(answer.body)}{soft}".strip())
    try:
        session = _SESSION.decode(answer.body)
    except UNREADABLE:
        return Login(refused="the answer to the login is not what Matrix documents")
    if session.user_id != user:
        return Login(refused=f"this login is not that of {user}")
    token = token or session.access_token
    if not token or not token.isascii() or not token.isprintable():
        return Login(refused="the answer to the login has no access token")
    return Login(bearer(token), secrets={"access_token": token})
