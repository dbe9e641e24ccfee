"""Logging in: an OAuth 2.0 user token, made from a refresh token (RFC 6749 §6).

docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code: an access token holds
for two hours; a refresh token is good for one use, and its answer brings the next one.
Whose the token is, X is asked at once: with that of somebody else nothing is captured.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import msgspec

from archiver.capture.answers import status_problem
from archiver.capture.connector import Login
from archiver.capture.platforms.x.addresses import api, handle, origin
from archiver.capture.platforms.x.answered import answered
from archiver.capture.platforms.x.answers import problem_of
from archiver.capture.platforms.x.heads import Person, head_of
from archiver.capture.standing import Need, Standing
from archiver.formats.excerpts_json import UNREADABLE
from archiver.record import Request, Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Site
    from archiver.formats.http1 import HttpResponse

__all__ = ["NEEDS", "login"]

NEEDS = (
    Need("tweet.read", (Stream.POSTS, Stream.COMMENTS, Stream.MEDIA)),
    Need("users.read", (Stream.PROFILE, Stream.POSTS)),
    Need("follows.read", (Stream.SUBSCRIBERS,)),
    Need("like.read", (Stream.REACTIONS,)),
    Need("list.read", (Stream.PROFILE,)),
    Need("block.read", (Stream.MODERATION,)),
    Need("mute.read", (Stream.MODERATION,)),
    Need("dm.read", (Stream.MESSAGES,)),
    Need("offline.access", (Stream.POSTS,)),
)
"""Scopes as the page of each endpoint names them; without the last no refresh token is given."""

_SHORTEST = 20
"""Characters; no token is shorter."""


class _Tokens(msgspec.Struct):
    """The answer to a refresh (RFC 6749 §5.1), or why there is none (§5.2)."""

    access_token: str = ""
    refresh_token: str = ""
    error: str = ""
    error_description: str = ""
    scope: object = None
    """What is only told, whatever it is, keeps nobody out."""


_TOKENS = msgspec.json.Decoder(_Tokens)


def login(site: Site, credential: Mapping[str, str]) -> Login:
    """Return the request for a token; nothing without a credential.

    A client with a secret (a *confidential* one) proves itself by HTTP Basic (§2.3.1), one
    without only names itself.
    """
    token, client = credential.get("refresh_token", ""), credential.get("client_id", "")
    if not token:
        return Login()
    fields = {"grant_type": "refresh_token", "refresh_token": token}
    headers = [("Content-Type", "application/x-www-form-urlencoded")]
    secret = credential.get("client_secret", "")
    if secret:
        proof = f"{quote(client, safe='')}:{quote(secret, safe='')}".encode()
        headers.append(("Authorization", f"Basic {b64encode(proof).decode()}"))
    else:
        fields["client_id"] = client
    url = f"{origin(site)}/2/oauth2/token"
    request = Request(url, "POST", tuple(headers), urlencode(fields).encode())
    return Login(request=request, take=partial(_taken, site, token), judge=status_problem)


def _taken(site: Site, spent: str, response: HttpResponse) -> Login:
    """Read the answer. The refresh token that it brings is kept: the old one is spent."""
    try:
        tokens = _TOKENS.decode(response.body)
    except UNREADABLE:
        tokens = _Tokens()
    if tokens.error or response.status != 200:  # noqa: PLR2004 - HTTP OK
        words = ": ".join(filter(None, [tokens.error, tokens.error_description]))
        return Login(refused=words[:300] if words.isprintable() and words else response.status_line)
    if len(tokens.access_token) < _SHORTEST or not tokens.access_token.isascii():
        return Login(refused="the answer to the login holds no access token")
    secrets = {"access-token": tokens.access_token}
    keep = {}
    if len(tokens.refresh_token) >= _SHORTEST and tokens.refresh_token != spent:
        secrets["next-refresh-token"] = keep["refresh_token"] = tokens.refresh_token
    headers = (("Authorization", f"Bearer {tokens.access_token}"),)
    told = tokens.scope if isinstance(tokens.scope, str) else ""
    scopes = tuple(sorted(set(told.split())))
    done = Login(
        headers, secrets=secrets, origin=origin(site), keep=keep,
        standing=Standing(scopes=scopes) if scopes else None,
    )  # fmt: skip
    request = replace(api(site, "users/me"), headers=headers)
    return replace(done, request=request, take=partial(_owned, site, done), judge=problem_of)


def _owned(site: Site, done: Login, response: HttpResponse) -> Login:
    """Read whose token it is: the login is done, or refused where it is not the account's."""
    problem = problem_of(response)
    if problem is not None:
        return Login(
            refused=f"X does not say whose the token is: {problem.message}", keep=done.keep
        )
    cuts = answered(response.body).data
    head = head_of(response.body[slice(*cuts[0])], Person) if cuts else None
    name = head.username if head is not None else ""
    if name.lower() == handle(site):
        return done
    who = name if name and name.isprintable() else "somebody else"
    return Login(refused=f"the token is that of {who[:80]}, not of {handle(site)}", keep=done.keep)
