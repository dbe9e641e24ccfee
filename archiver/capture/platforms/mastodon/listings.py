"""What to ask a Mastodon server: listings, single things, and what things ask for in turn.

Names of listings end in `NEWEST` in an incremental run, so that what hangs on them is
asked for sparingly. Of what a listing shows, a status is in the listing that came first:
notifications (who mentioned the account), its own statuses, then threads.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.connector import Follow, Listing
from archiver.capture.platforms.mastodon.addresses import api, handle, quoted
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Site
    from archiver.capture.platforms.mastodon.heads import Conversation, Status
    from archiver.record import Request

__all__ = [
    "NEWEST",
    "RELATIONS",
    "REPLIES_FOR_ALL",
    "direct",
    "listings",
    "of_account",
    "of_conversation",
    "of_status",
]

NEWEST = " newest"
REPLIES_FOR_ALL = "replies shown to all"
STATUSES = "40"  # the most that Mastodon gives of statuses and conversations
PEOPLE = "80"  # and of accounts and notifications
DOMAINS = "200"

RELATIONS = {
    "followers": "followed_by",
    "following": "following",
    "follow_requests": "requested_by",
    "blocks": "blocking",
    "mutes": "muting",
}
"""What the entity Relationship calls that which a listing of people shows."""


class _Query(NamedTuple):
    """One listing: name, stream, path, parameters, whether new things come first, by date.

    ``shows``: the other streams of which it shows things that may be nowhere else.
    """

    name: str
    stream: Stream
    path: str
    parameters: dict[str, str]
    newest_first: bool = True
    dismissed: bool = False
    dated: bool = False
    shows: tuple[Stream, ...] = ()


class _Hanging(NamedTuple):
    """What hangs on a status: the path below it, stream, sensitivity, number stated.

    ``every``: asked for in every full run, whatever the number.
    """

    route: str
    stream: Stream
    sensitivity: Sensitivity
    stated: int | None
    every: bool = False


_NOTIFICATIONS = {"limit": PEOPLE, "include_filtered": "true"}
_OF_LOGIN = (
    # Whoever dismisses one takes it out of the list; nothing is missing from what is newest.
    _Query(
        "notifications", Stream.MESSAGES, "v1/notifications", _NOTIFICATIONS,
        dismissed=True, dated=True, shows=(Stream.COMMENTS, Stream.MEDIA),
    ),
    _Query("conversations", Stream.MESSAGES, "v1/conversations", {"limit": STATUSES}),
    _Query("scheduled", Stream.POSTS, "v1/scheduled_statuses", {"limit": STATUSES}),
    _Query("favourites", Stream.REACTIONS, "v1/favourites", {"limit": STATUSES}),
    _Query("follow_requests", Stream.SUBSCRIBERS, "v1/follow_requests", {"limit": PEOPLE}),
    _Query("blocks", Stream.MODERATION, "v1/blocks", {"limit": PEOPLE}),
    _Query("mutes", Stream.MODERATION, "v1/mutes", {"limit": PEOPLE}),
    _Query("domain_blocks", Stream.MODERATION, "v1/domain_blocks", {"limit": DOMAINS}),
    _Query("filters", Stream.MODERATION, "v2/filters", {}, newest_first=False),
)  # fmt: skip
_OF_ACCOUNT = (
    _Query("statuses", Stream.POSTS, "statuses", {"limit": STATUSES}, shows=(Stream.MEDIA,)),
    _Query("followers", Stream.SUBSCRIBERS, "followers", {"limit": PEOPLE}),
    _Query("following", Stream.SUBSCRIBERS, "following", {"limit": PEOPLE}),
)
_VERSION = re.compile(r"([^/]+)/edit/[0-9]+")
_RELATION = re.compile(r"(?:follower|following|follow_request|block|mute)/([^/]+)")
_ROUTES = {
    "scheduled": "v1/scheduled_statuses",
    "filter": "v2/filters",
    "favourite": "v1/statuses",
}
_STATUSES = (Stream.POSTS, Stream.COMMENTS, Stream.MESSAGES)


def listings(site: Site, mode: str) -> tuple[Listing, ...]:
    """Return what to enumerate first; the profile then names what goes by the account's id.

    Without a login: the public profile.
    """
    suffix = NEWEST if mode == "incremental" else ""
    lookup = api(site, "v1/accounts/lookup", acct=handle(site))
    profile = _single("profile", suffix, Stream.PROFILE, lookup, Sensitivity.PUBLIC)
    if not site.authorised:
        return (profile,)
    own = api(site, "v1/accounts/verify_credentials")
    return (
        _single("settings", suffix, Stream.PROFILE, own, Sensitivity.PRIVATE),
        profile,
        *(_listing(site, query, query.path, suffix) for query in _OF_LOGIN),
    )


def of_account(site: Site, listing: Listing, account: str) -> tuple[Follow, ...]:
    """Return the listings that go by the account's id, asked for in every run.

    Without a login: its public statuses. ``listing`` is the one that showed the account.
    """
    suffix = NEWEST if listing.name.endswith(NEWEST) else ""
    queries = _OF_ACCOUNT if site.authorised else _OF_ACCOUNT[:1]
    path = f"v1/accounts/{quoted(account)}"
    return tuple(
        Follow("listing", query.stream, always=True, listing=one)
        for query in queries
        for one in (_listing(site, query, f"{path}/{query.path}", suffix),)
    )


def of_status(
    site: Site, listing: Listing, stream: str, status: Status, sensitivity: Sensitivity
) -> tuple[Follow, ...]:
    """Return what hangs on a status: its versions; of an own post also replies and likes.

    In a full run of the account's statuses, replies and likes are asked for wherever
    there are any, by their age, else where their number is not the known one. What a status
    of its own answers is shown with its replies, and so asked for where there are none as well.
    """
    number, of_thread = str(status.id), Sensitivity.PUBLIC
    if site.authorised:
        of_thread = Sensitivity.PRIVATE
    found = []
    if status.edited_at:
        found.append(_Hanging("history", Stream(stream), sensitivity, None))
    if stream == Stream.POSTS and status.reblog is None:
        above = status.answers_another
        replies = None if above and not status.replies_count else status.replies_count
        found += [
            _Hanging("context", Stream.COMMENTS, of_thread, replies, every=above),
            _Hanging("favourited_by", Stream.REACTIONS, sensitivity, status.favourites_count),
            _Hanging("reblogged_by", Stream.REACTIONS, sensitivity, status.reblogs_count),
        ]
    full = listing.name == "statuses"
    return tuple(
        Follow(
            "listing",
            one.stream,
            listing=_hanging(site, f"{stream} {number}", number, one),
            always=full and (one.every or bool(one.stated)),
            ages=one.stated is not None,
        )
        for one in found
    ) + (_of_strangers(site, status) if full and _is_open(site, stream, status) else ())


def _is_open(site: Site, stream: str, status: Status) -> bool:
    """Say whether strangers may see a post, with replies that a login could hide."""
    public = stream == Stream.POSTS and status.visibility in {"public", "unlisted"}
    return site.authorised and public and status.reblog is None


def _of_strangers(site: Site, status: Status) -> tuple[Follow, ...]:
    """Return the replies to a post as everybody sees them, the account's login left out.

    With it a server leaves out the replies of people whom the account blocks or mutes
    (app/lib/status_filter.rb), which are comments all the same. What those who are not
    logged in are shown is no more than a part; of what is missing there, the server is asked.
    """
    name = f"{Stream.POSTS} {status.id} {REPLIES_FOR_ALL}"
    request = replace(api(site, f"v1/statuses/{quoted(str(status.id))}/context"), anonymous=True)
    public, count = Sensitivity.PUBLIC, status.replies_count
    one = Listing(name, Stream.COMMENTS, request, public, name, stated=count)
    return (Follow("listing", Stream.COMMENTS, listing=one, always=True),)


def of_conversation(site: Site, listing: Listing, conversation: Conversation) -> tuple[Follow, ...]:
    """Return the listing of a conversation's messages: from the last one, the whole thread."""
    if conversation.last_status is None:
        return ()
    name = f"messages {conversation.id}"
    last = api(site, f"v1/statuses/{quoted(str(conversation.last_status.id))}")
    shows = (Stream.MEDIA,)
    messages = Listing(name, Stream.MESSAGES, last, Sensitivity.PRIVATE, name, shows=shows)
    always = listing.name == "conversations"
    return (Follow("listing", Stream.MESSAGES, listing=messages, always=always, ages=True),)


def direct(site: Site, stream: str, native_id: str) -> Request | None:
    """Return the request for one thing; None where none tells whether it still is."""
    head, _, rest = native_id.partition("/")
    version, relation = _VERSION.fullmatch(native_id), _RELATION.fullmatch(native_id)
    if relation is not None:
        about = {"id[]": relation[1], "with_suspended": "true"}
        return api(site, "v1/accounts/relationships", **about)
    if head in _ROUTES and rest:
        return api(site, f"{_ROUTES[head]}/{quoted(rest)}")
    if stream not in _STATUSES or (rest and version is None):
        return None
    return api(site, f"v1/statuses/{quoted(head)}" + ("/history" if version else ""))


def _single(
    name: str, suffix: str, stream: Stream, request: Request, sensitivity: Sensitivity
) -> Listing:
    """Return the listing of one thing, which proves no absence."""
    return Listing(name + suffix, stream, request, sensitivity, name, exhaustive=False)


def _listing(site: Site, query: _Query, path: str, suffix: str) -> Listing:
    return Listing(
        name=query.name + suffix,
        stream=query.stream,
        request=api(site, path, **query.parameters),
        sensitivity=Sensitivity.PRIVATE if site.authorised else Sensitivity.PUBLIC,
        group=query.name,
        exhaustive=not (suffix and query.dismissed),
        newest_first=bool(suffix) and query.newest_first,
        dated=query.dated,
        shows=query.shows,
    )


def _hanging(site: Site, whole: str, number: str, one: _Hanging) -> Listing:
    """Return the listing of what hangs on a status.

    Without a login a thread is shown to a depth of 20 and a length of 60 only, so that an
    absence from it means nothing.
    """
    parameters = {"limit": PEOPLE} if one.stream == Stream.REACTIONS else {}
    name = f"{whole} {'replies' if one.route == 'context' else one.route}"
    return Listing(
        name=name,
        stream=one.stream,
        request=api(site, f"v1/statuses/{quoted(number)}/{one.route}", **parameters),
        sensitivity=one.sensitivity,
        group=name,
        exhaustive=site.authorised or one.route != "context",
        stated=one.stated,
        shows=(Stream.MEDIA,) if one.route == "context" else (),
        counted=one.stream == Stream.REACTIONS,
    )
