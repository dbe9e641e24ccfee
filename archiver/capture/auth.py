"""Logging in, in the forms that platforms share. Pure.

A key in the query of an address is not among them: it would stand in every address that
is kept. Platforms that know one take it in a header as well.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import msgspec

from archiver.capture.answers import status_problem
from archiver.capture.connector import Login
from archiver.capture.standing import Standing, after
from archiver.capture.text import storable
from archiver.formats.excerpts_json import UNREADABLE
from archiver.record import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Problem
    from archiver.formats.http1 import HttpResponse

__all__ = ["api_key", "basic", "bearer", "client_credentials", "refreshed"]

Headers = tuple[tuple[str, str], ...]

_OK = 200
_LONGEST_MESSAGE = 200
_TOKEN = re.compile(r"[!-~]+", re.ASCII)
"""What can stand in a header after ``Bearer`` (RFC 6750 section 2.1 allows a little less)."""
_DENIED = frozenset({400, 401})
"""Statuses of RFC 6749 section 5.2: the answer says what is wrong with what we sent."""


def bearer(token: str) -> Headers:
    """Return the header of a bearer token (RFC 6750 section 2.1)."""
    return (("Authorization", f"Bearer {token}"),)


def basic(user: str, password: str) -> Headers:
    """Return the header of a user and a password (RFC 7617)."""
    token = b64encode(f"{user}:{password}".encode()).decode()
    return (("Authorization", f"Basic {token}"),)


def api_key(header: str, key: str) -> Headers:
    """Return the header of a key; ``header`` is the platform's own, e.g. ``X-Api-Key``."""
    return ((header, key),)


class _Tokens(msgspec.Struct):
    """A successful answer (RFC 6749 section 5.1), and what one of the other kind says (5.2).

    ``refresh_token_expires_in`` is Google's, where a person gave access for a time. What is
    only told, whatever it is, keeps nobody out.
    """

    access_token: str = ""
    refresh_token: str = ""
    error: str = ""
    error_description: str = ""
    scope: object = None
    refresh_token_expires_in: object = None


_TOKENS = msgspec.json.Decoder(_Tokens)


def refreshed(
    endpoint: str, credential: Mapping[str, str], *, in_body: bool = False, origin: str = ""
) -> Login:
    """Return the login by a refresh token (RFC 6749 section 6).

    A new refresh token in the answer takes the old one's place (`Login.keep`).

    Args:
        endpoint: address of the token endpoint.
        credential: ``client_id``, ``refresh_token``; ``client_secret``, empty for a public
            client, which names itself in the body.
        in_body: the platform wants the client's secret in the body, not as HTTP Basic.
        origin: where the token is sent then (`Login.origin`).
    """
    form = {"grant_type": "refresh_token", "refresh_token": credential.get("refresh_token", "")}
    if not form["refresh_token"]:
        return Login()
    return _asked(endpoint, form, credential, in_body=in_body, origin=origin)


def client_credentials(
    endpoint: str,
    credential: Mapping[str, str],
    *,
    scope: str = "",
    in_body: bool = False,
    origin: str = "",
) -> Login:
    """Return the login of an application for itself (RFC 6749 section 4.4); see `refreshed`."""
    if not credential.get("client_secret", ""):
        return Login()
    form = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}
    return _asked(endpoint, form, credential, in_body=in_body, origin=origin)


def _asked(
    endpoint: str,
    form: dict[str, str],
    credential: Mapping[str, str],
    *,
    in_body: bool,
    origin: str,
) -> Login:
    client, secret = credential.get("client_id", ""), credential.get("client_secret", "")
    headers: Headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    if secret and not in_body:
        # RFC 6749 section 2.3.1: both are form-encoded before they go into HTTP Basic.
        headers += basic(quote(client, safe=""), quote(secret, safe=""))
    else:
        form |= {"client_id": client, **({"client_secret": secret} if secret else {})}
    request = Request(endpoint, "POST", headers, urlencode(form).encode())
    return Login(request=request, take=partial(_taken, origin), judge=_judged)


def _judged(response: HttpResponse) -> Problem | None:
    """Leave to `_taken` what says something of the credential; the rest is trouble."""
    return None if response.status in _DENIED else status_problem(response)


def _taken(origin: str, response: HttpResponse) -> Login:
    """Read the answer of a token endpoint."""
    try:
        tokens = _TOKENS.decode(response.body)
    except UNREADABLE:
        tokens = _Tokens()
    token = tokens.access_token
    if response.status != _OK or tokens.error:
        return Login(refused=_words(tokens) or response.status_line or "no answer")
    if not _TOKEN.fullmatch(token):
        return Login(refused="the answer to the login has no access token")
    keep = {"refresh_token": tokens.refresh_token} if tokens.refresh_token else {}
    ends = after(response, tokens.refresh_token_expires_in)
    standing = Standing(
        (("the login", ends),) if ends else (),
        tuple(sorted(set(tokens.scope.split()))) if isinstance(tokens.scope, str) else None,
    )
    return Login(
        bearer(token),
        secrets={"access_token": token},
        origin=origin,
        keep=keep,
        standing=standing if standing != Standing() else None,
    )


def _words(tokens: _Tokens) -> str:
    words = ": ".join(one for one in (tokens.error, tokens.error_description) if one)
    return storable(words)[:_LONGEST_MESSAGE]
