"""What a Discourse forum gives, stream by stream, and how that is known."""

from __future__ import annotations

from archiver.capture.connector import Capability
from archiver.record import Stream

__all__ = ["CAPABILITIES"]

_DOCS = "https://docs.discourse.org/#tag"
_SOURCE = "https://github.com/discourse/discourse/blob/main"
_OURS = "simulator only"

CAPABILITIES = (
    Capability(
        Stream.POSTS,
        "obtainable",
        "topics and their first posts; with a login also those that are not for all, deleted ones"
        " as removed; topics that staff have deleted before the first capture are not listed",
        f"{_DOCS}/Topics and {_DOCS}/Posts",
        _OURS,
    ),
    Capability(
        Stream.COMMENTS,
        "obtainable",
        "replies as text and HTML, hidden and removed ones with staff's key, and their revisions;"
        " edits of older posts show when everything is read again (reconcile); posts that wait for"
        " approval (the review queue) are not asked for",
        f"{_DOCS}/Posts and {_SOURCE}/app/serializers/post_revision_serializer.rb",
        _OURS,
    ),
    Capability(
        Stream.REACTIONS,
        "partial",
        "who likes a post, as far as the forum lists them; bookmarks, poll votes and reactions of"
        " plugins are not asked for",
        f"{_SOURCE}/app/controllers/post_action_users_controller.rb",
        _OURS,
    ),
    Capability(
        Stream.SUBSCRIBERS,
        "partial",
        "active registered users with an administrator's key, groups and their members; users who"
        " never confirmed their address, and staged ones, are not listed; who watches a category"
        " is told to nobody",
        f"{_DOCS}/Admin and {_DOCS}/Groups",
        _OURS,
    ),
    Capability(
        Stream.MESSAGES,
        "partial",
        "private messages to and from the user that the key acts for, also archived ones; group"
        " inboxes, and conversations of others, are not asked for, nor chat channels",
        f"{_DOCS}/Private-Messages",
        _OURS,
    ),
    Capability(
        Stream.MEDIA,
        "partial",
        "files that posts show, on the forum's own host; of files on other hosts (a CDN, S3) the"
        " address alone",
        f"{_DOCS}/Uploads",
        _OURS,
    ),
    Capability(
        Stream.MODERATION,
        "partial",
        "the log of staff actions with an administrator's key; flags and the review queue are not"
        " asked for",
        f"{_SOURCE}/app/controllers/admin/staff_action_logs_controller.rb",
        _OURS,
    ),
    Capability(
        Stream.PROFILE,
        "obtainable",
        "name, description and pictures of the forum, and who the key acts for",
        f"{_DOCS}/Site",
        _OURS,
    ),
    Capability(
        Stream.PAGES,
        "obtainable",
        "categories and those within them",
        f"{_DOCS}/Categories",
        _OURS,
    ),
)
