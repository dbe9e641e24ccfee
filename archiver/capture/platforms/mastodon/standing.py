"""What a Mastodon server says of a token (docs.joinmastodon.org/methods/apps, verify_credentials).

Tokens have no end. Their scopes are told since Mastodon 4.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archiver.capture.answers import status_problem
from archiver.capture.connector import Problem
from archiver.capture.standing import Need, Standing
from archiver.formats.excerpts_json import UNREADABLE
from archiver.record import Stream

if TYPE_CHECKING:
    from archiver.formats.http1 import HttpResponse

__all__ = ["NEEDS", "standing"]

_ALL = ("read",)
NEEDS = (
    Need("read:statuses", (Stream.POSTS, Stream.COMMENTS, Stream.MESSAGES), _ALL),
    Need("read:accounts", (Stream.PROFILE, Stream.SUBSCRIBERS), _ALL),
    Need("read:notifications", (Stream.MESSAGES, Stream.COMMENTS), _ALL),
    Need("read:favourites", (Stream.REACTIONS,), _ALL),
    Need("read:follows", (Stream.SUBSCRIBERS,), _ALL),
    Need("read:blocks", (Stream.MODERATION,), _ALL),
    Need("read:mutes", (Stream.MODERATION,), _ALL),
    Need("read:filters", (Stream.MODERATION,), _ALL),
)
"""Scopes as each method's page names them (docs.joinmastodon.org/api/oauth-scopes)."""


class _Application(msgspec.Struct):
    scopes: list[str] | None = None


_APPLICATION = msgspec.json.Decoder(_Application)


def standing(response: HttpResponse) -> Standing | Problem:
    """Return the scopes of the token that asked."""
    problem = status_problem(response)
    if problem is not None:
        return problem
    try:
        told = _APPLICATION.decode(response.body)
    except UNREADABLE:
        return Problem("schema", "the server tells nothing of the token")
    return Standing(scopes=None if told.scopes is None else tuple(sorted(told.scopes)))
