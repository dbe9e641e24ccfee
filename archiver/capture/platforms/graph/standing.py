"""What Meta says of a token (developers.facebook.com/docs/graph-api/reference/debug_token).

A token may ask about itself (general knowledge; the reference names tokens of the app and of
its developers). ``expires_at`` 0 means never; ``data_access_expires_at`` is when the person who
gave the permission must do so again, after 90 days.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.connector import Problem
from archiver.capture.platforms.graph.addresses import api
from archiver.capture.platforms.graph.cutting import node_of
from archiver.capture.platforms.graph.errors import problem_of
from archiver.capture.standing import Need, Standing, at_epoch
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Site
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Request

__all__ = ["FACEBOOK", "INSTAGRAM", "inspection", "standing"]

_ENDS = {"expires_at": "the token", "data_access_expires_at": "the token's access to data"}

FACEBOOK = (
    Need("pages_read_engagement", (Stream.POSTS, Stream.MEDIA, Stream.PROFILE, Stream.REACTIONS)),
    Need("pages_read_user_content", (Stream.COMMENTS, Stream.POSTS)),
    Need("pages_manage_metadata", (Stream.PROFILE, Stream.MODERATION)),
    Need("pages_messaging", (Stream.MESSAGES,)),
)
INSTAGRAM = (
    Need("instagram_basic", (Stream.POSTS, Stream.MEDIA, Stream.PROFILE)),
    Need("instagram_manage_comments", (Stream.COMMENTS,)),
    Need("instagram_manage_messages", (Stream.MESSAGES,)),
)
"""Permissions as the reference of each edge names them (docs/permissions)."""


def inspection(site: Site, credential: Mapping[str, str]) -> Request | None:
    """Return the request in which a token asks about itself; it is replaced where it is kept."""
    token = credential.get("token", "")
    return api(site, "debug_token", input_token=token) if token else None


def standing(response: HttpResponse) -> Standing | Problem:
    """Return when a token ends and what it may."""
    problem = problem_of(response)
    if problem is not None:
        return problem
    told = node_of(response.body).get("data")
    if not isinstance(told, dict):
        return Problem("schema", "Meta tells nothing of the token")
    ends = ((words, at_epoch(told.get(name))) for name, words in _ENDS.items())
    scopes = told.get("scopes")
    return Standing(
        tuple((words, at) for words, at in ends if at),
        tuple(sorted(map(str, scopes))) if isinstance(scopes, list) else None,
    )
