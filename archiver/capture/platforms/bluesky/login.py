"""Logging in with an app password (lexicon com.atproto.server.createSession).

The access token is good for a few minutes to two hours, as the server likes; after that
the login is made anew. The refresh token is never used, and stored as little as the other.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from archiver.capture.auth import bearer
from archiver.capture.connector import Login
from archiver.capture.platforms.bluesky.addresses import actor_of, xrpc
from archiver.capture.platforms.bluesky.answers import error_of, problem_of
from archiver.formats.excerpts_json import UNREADABLE
from archiver.record import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Site
    from archiver.formats.http1 import HttpResponse

__all__ = ["login"]

_SHORTEST = 20
"""Characters; no token is shorter."""


class _Session(msgspec.Struct):
    """The part of a session that we use; ``did`` and ``handle`` are whose it is."""

    did: str
    handle: str
    access: str = msgspec.field(name="accessJwt")
    refresh: str = msgspec.field(name="refreshJwt", default="")


_SESSION = msgspec.json.Decoder(_Session)


def login(site: Site, credential: Mapping[str, str]) -> Login:
    """Return the first step of a login, or none without a password."""
    actor, password = actor_of(site), credential.get("password", "")
    if not password:
        return Login()
    if not actor:
        return Login(refused="the account's address is not of the form https://HOST/profile/ACTOR")
    identifier = credential.get("handle", "").removeprefix("@") or actor
    body = json.dumps({"identifier": identifier, "password": password}).encode()
    headers = (("Content-Type", "application/json"),)
    url = xrpc(site, "com.atproto.server.createSession")
    request = Request(url, "POST", headers, body)
    return Login(request=request, take=partial(_taken, actor), judge=problem_of)


def _taken(actor: str, response: HttpResponse) -> Login:
    """Read the answer to a login as ``actor``; the session of somebody else is refused."""
    error = error_of(response.body)
    if error is not None or response.status != 200:  # noqa: PLR2004 - HTTP OK
        words = f"{error.error}: {error.message}" if error else response.status_line
        return Login(refused=words[:200] or "no answer")
    try:
        session = _SESSION.decode(response.body)
    except UNREADABLE:
        return Login(refused="the answer to the login is no session: is this the address of a PDS?")
    if actor.lower() not in {session.did.lower(), session.handle.lower()}:
        return Login(refused=f"the login is that of {_named(session)}, not of {actor}")
    if not session.access.isascii() or len(session.access) < _SHORTEST:
        return Login(refused="the answer to the login holds no access token")
    secrets = {"accessjwt": session.access}
    if len(session.refresh) >= _SHORTEST:
        secrets["refreshjwt"] = session.refresh
    return Login(bearer(session.access), secrets=secrets)


def _named(session: _Session) -> str:
    """Return whose a session is, as far as a line can hold it."""
    who = f"{session.handle} ({session.did})"
    return who[:200] if who.isprintable() else "somebody else"
