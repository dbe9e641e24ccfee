"""Logging in to a wiki: a bot password in two steps, or an owner-only OAuth 2 token.

https://www.mediawiki.org/wiki/API:Login, Manual:Bot_passwords, OAuth/Owner-only_consumers.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from archiver.capture.answers import status_problem
from archiver.capture.auth import bearer
from archiver.capture.connector import Login
from archiver.capture.platforms.mediawiki.requests import endpoint
from archiver.capture.platforms.mediawiki.standing import of_token
from archiver.formats.excerpts_json import UNREADABLE
from archiver.record import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Site
    from archiver.formats.http1 import HttpResponse

__all__ = ["OAUTH", "authorise"]

OAUTH = "oauth2"
"""Nobody's name: every user's begins with a capital, and a bot's has an ``@`` too."""

_SECRET_LENGTH = 16
"""Session ids and tokens have 32 characters; user names and numbers are public."""
_PUBLIC = ("username", "userid")


class _Tokens(msgspec.Struct):
    logintoken: str = ""


class _Query(msgspec.Struct):
    tokens: _Tokens = msgspec.field(default_factory=_Tokens)


class _Result(msgspec.Struct):
    result: str = ""
    reason: str = ""


class _Error(msgspec.Struct):
    code: str = ""


class _Answer(msgspec.Struct):
    query: _Query = msgspec.field(default_factory=_Query)
    login: _Result = msgspec.field(default_factory=_Result)
    error: _Error = msgspec.field(default_factory=_Error)


_ANSWER = msgspec.json.Decoder(_Answer)


def authorise(site: Site, credential: Mapping[str, str]) -> Login:
    """Return the login for a stored credential: the name and password of a bot.

    For the ``user`` `OAUTH` the password is an access token. Without a credential, the
    wiki is read as a stranger reads it.
    """
    user, password = credential.get("user", ""), credential.get("password", "")
    if not user or not password:
        return Login()
    if user == OAUTH:
        return Login(bearer(password), standing=of_token(password))
    address = f"{endpoint(site)}?action=query&meta=tokens&type=login&format=json&formatversion=2"
    return Login(request=Request(address), take=partial(_with_token, site, user, password))


def _with_token(site: Site, user: str, password: str, response: HttpResponse) -> Login:
    """Send name and password with the token that the wiki gave."""
    answer = _read(response)
    token = answer.query.tokens.logintoken
    if not token:
        return Login(refused=_why(response, answer))
    cookies = _cookies(response, {})
    fields = {
        "action": "login",
        "lgname": user,
        "lgpassword": password,
        "lgtoken": token,
        "format": "json",
        "formatversion": "2",
    }
    headers = (("Content-Type", "application/x-www-form-urlencoded"), *_header(cookies))
    request = Request(endpoint(site), "POST", headers, urlencode(fields).encode())
    secrets = {"login-token": token, **_secrets(cookies)}
    return Login(request=request, take=partial(_done, cookies), secrets=secrets)


def _done(cookies: Mapping[str, str], response: HttpResponse) -> Login:
    """Keep the session that a successful login gave."""
    answer = _read(response)
    if answer.login.result != "Success":
        return Login(refused=_why(response, answer))
    session = _cookies(response, cookies)
    return Login(_header(session), secrets=_secrets(session))


def _read(response: HttpResponse) -> _Answer:
    try:
        return _ANSWER.decode(response.body)
    except UNREADABLE:
        return _Answer()


def _why(response: HttpResponse, answer: _Answer) -> str:
    """Return the reason of a refusal: the wiki's, or that of the status line."""
    said = (answer.login.reason or answer.login.result or answer.error.code)[:300]
    problem = status_problem(response)
    return said or (problem.message if problem else "no login token in the answer")


def _cookies(response: HttpResponse, before: Mapping[str, str]) -> dict[str, str]:
    """Return the cookies after a response (RFC 6265 §5.3, for one address and one session)."""
    cookies = dict(before)
    for line in response.values("set-cookie"):
        pair, _, attributes = line.partition(";")
        name, _, value = (part.strip() for part in pair.partition("="))
        if value in ("", "deleted") or "max-age=0" in attributes.lower():
            cookies.pop(name, None)
        else:
            cookies[name] = value
    return cookies


def _header(cookies: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    text = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return (("Cookie", text),) if text else ()


def _secrets(cookies: Mapping[str, str]) -> dict[str, str]:
    """Return the cookies that let one in; a user's name is public and stays as it is."""
    kept = (
        value
        for name, value in cookies.items()
        if len(value) >= _SECRET_LENGTH and not name.lower().endswith(_PUBLIC)
    )
    return {f"cookie-{number}": value for number, value in enumerate(kept, 1)}
