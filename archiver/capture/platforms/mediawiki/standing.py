"""What a wiki says of a login: the rights of its user (API:Userinfo).

With a bot password these are already no more than what was granted to it. Bot passwords have
no end; an OAuth 2 access token says its own (RFC 7519 section 4.1.4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archiver.capture.answers import status_problem
from archiver.capture.connector import Problem
from archiver.capture.standing import Need, Standing, at_epoch, token_says
from archiver.formats.excerpts_json import UNREADABLE
from archiver.record import Stream

if TYPE_CHECKING:
    from archiver.formats.http1 import HttpResponse

__all__ = ["NEEDS", "of_token", "standing"]

NEEDS = (
    Need("read", (Stream.PAGES, Stream.COMMENTS, Stream.MEDIA)),
    Need("deletedhistory", (Stream.PAGES, Stream.COMMENTS)),
    Need("deletedtext", (Stream.PAGES, Stream.COMMENTS)),
)


class _Info(msgspec.Struct):
    rights: list[str]


class _Query(msgspec.Struct):
    userinfo: _Info


class _Answer(msgspec.Struct):
    query: _Query


_ANSWER = msgspec.json.Decoder(_Answer)


def standing(response: HttpResponse) -> Standing | Problem:
    """Return the rights of whoever asked."""
    problem = status_problem(response)
    if problem is not None:
        return problem
    try:
        told = _ANSWER.decode(response.body)
    except UNREADABLE:
        return Problem("schema", "the wiki does not tell what the user may")
    return Standing(scopes=tuple(sorted(set(told.query.userinfo.rights))))


def of_token(token: str) -> Standing | None:
    """Return when an access token says that it ends; None where it says nothing."""
    at = at_epoch(token_says(token).get("exp"))
    return Standing((("the access token", at),)) if at else None
