"""What a WordPress site says of a login: what its user may do (REST API handbook, users/me).

Application passwords have no end and no scopes of their own: they may what their user may.
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

NEEDS = (
    Need("edit_others_posts", (Stream.POSTS, Stream.MEDIA)),
    Need("edit_others_pages", (Stream.PAGES,)),
    Need("moderate_comments", (Stream.COMMENTS,)),
    Need("list_users", (Stream.SUBSCRIBERS,)),
)
"""What an editor may, and of an administrator that he may list users (Roles and Capabilities)."""


class _Me(msgspec.Struct):
    capabilities: dict[str, bool]


_ME = msgspec.json.Decoder(_Me)


def standing(response: HttpResponse) -> Standing | Problem:
    """Return what the user may."""
    problem = status_problem(response)
    if problem is not None:
        return problem
    try:
        told = _ME.decode(response.body)
    except UNREADABLE:
        return Problem("schema", "the site does not tell what the user may")
    return Standing(scopes=tuple(sorted(name for name, held in told.capabilities.items() if held)))
