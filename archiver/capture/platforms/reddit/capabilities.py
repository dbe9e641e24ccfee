"""What Reddit gives a community's moderator, stream by stream, and how that is known."""

from __future__ import annotations

from archiver.capture.connector import Capability
from archiver.record import Stream

__all__ = ["CAPABILITIES"]

_DOCS = "https://www.reddit.com/dev/api"
_OURS = "simulator only"
_NONE = "cited only"

CAPABILITIES = (
    Capability(
        Stream.POSTS,
        "partial",
        "the newest 1,000 posts of the community, and what moderators removed; older ones that are"
        " known are asked for one by one; of an edited post only the text at the time of a capture",
        f"{_DOCS}#GET_new and {_DOCS}#GET_about_{{location}}",
        _OURS,
    ),
    Capability(
        Stream.COMMENTS,
        "partial",
        "all comments on posts that are listed, those that an answer only names by id as well; what"
        " is nested deeper than the API lists at once is reported as withheld; a comment that its"
        " author deleted leaves a mark without its text",
        f"{_DOCS}#GET_comments_{{article}} and {_DOCS}#GET_api_morechildren",
        _OURS,
    ),
    Capability(
        Stream.REACTIONS,
        "forbidden",
        "votes are secret; only their sum is shown, and blurred on purpose",
        f"{_DOCS}#POST_api_vote",
        _NONE,
    ),
    Capability(
        Stream.SUBSCRIBERS,
        "forbidden",
        "members are not listed to anybody; their number is on the profile whenever it is read",
        f"{_DOCS}#GET_r_{{subreddit}}_about",
        _NONE,
    ),
    Capability(
        Stream.MESSAGES,
        "partial",
        "modmail of the community, and the inbox and sent mail of the login's user (1,000 each);"
        " chat is not in the API, and has taken the place of private messages between users",
        f"{_DOCS}#GET_api_mod_conversations and {_DOCS}#GET_message_{{where}}",
        _OURS,
    ),
    Capability(
        Stream.MEDIA,
        "partial",
        "pictures that a post is, as parts of it; galleries and videos are named only",
        f"{_DOCS}#GET_api_info",
        _OURS,
    ),
    Capability(
        Stream.MODERATION,
        "partial",
        "what moderators did in the last three months, who moderates, who is banned or muted;"
        " automatic rules and removal reasons are not asked for",
        f"{_DOCS}#GET_about_log and {_DOCS}#GET_about_{{where}}",
        _OURS,
    ),
    Capability(
        Stream.PROFILE,
        "obtainable",
        "the community's own description and numbers, and whose the login is",
        f"{_DOCS}#GET_r_{{subreddit}}_about",
        _OURS,
    ),
    Capability(
        Stream.PAGES,
        "partial",
        "not built yet: the community's wiki and rules are not asked for",
        f"{_DOCS}#section_wiki",
        _NONE,
    ),
)
