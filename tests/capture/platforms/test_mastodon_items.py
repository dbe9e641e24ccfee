"""Mastodon: how answers are cut into things, and what each of them says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archiver.record import Request
from tests.capture.platforms.helpers import answer, left_over
from tests.capture.platforms.mastodon import (
    ANN,
    API,
    CITY,
    LETTER,
    MASTODON,
    PICTURE,
    REPLY,
    SITE,
    TOOT,
    at,
    cut,
    first,
    listed,
    notification,
    rows,
    statuses,
)

# ── statuses ─────────────────────────────────────────────────────────────────────────────


def test_an_own_status_is_a_post() -> None:
    """Known members go to columns, counts and link previews to volatile, the rest to extra."""
    item, row = first(statuses(), [TOOT])
    assert (item.stream, item.native_id, item.kind) == ("posts", "500", "present")
    assert (item.sensitivity, item.page_url) == ("public", TOOT["url"])
    assert row["text"] == "Tea & talk\nat six"
    assert row["markup"] == TOOT["content"]
    assert (row["created"], row["created_at"]) == (
        "2026-03-01T10:00:00.125Z", "2026-03-01T10:00:00.125000Z",
    )  # fmt: skip
    assert row["created_precision"] == "fraction"
    assert (row["author_id"], row["author_name"]) == ("1", "city")
    assert json.loads(row["tags"])[0]["name"] == "tea"
    assert (row["state"], row["language"], row["url"]) == ("public", "en", TOOT["url"])
    volatile, extra = json.loads(row["volatile"]), json.loads(row["extra"])
    assert volatile["replies_count"] == 2
    assert volatile["account"] == CITY
    assert extra == {"uri": TOOT["uri"], "mentions": []}
    assert volatile["pinned"] is True
    assert "parent_id" not in row


def test_counts_and_profiles_change_without_the_status() -> None:
    """A new like or follower, or an own new name, is no edit; a new text is one."""
    _, before = first(statuses(), [TOOT])
    later = {"favourites_count": 9, "card": {"url": "x"}, "favourited": True}
    named = {"account": CITY | {"display_name": "Quillwater 🎃", "followers_count": 9}}
    _, same = first(statuses(), [TOOT | later | named])
    _, other = first(statuses(), [TOOT | {"content": "<p>Coffee</p>"}])
    stable = [{k: v for k, v in one.items() if k != "volatile"} for one in (before, same, other)]
    assert stable[0] == stable[1]
    assert stable[0] != stable[2]


def test_statuses_of_others_are_comments_and_letters_are_messages() -> None:
    """By author and visibility, in whatever listing they are found."""
    thread = {"ancestors": [LETTER], "descendants": [REPLY, TOOT]}
    found = [item for item, _ in rows(at("v1/statuses/500/context", "posts 500 replies"), thread)]
    assert [(one.stream, one.native_id, one.sensitivity) for one in found] == [
        ("messages", "502", "private"), ("comments", "501", "public"), ("posts", "500", "public"),
    ]  # fmt: skip
    _, row = rows(statuses(), [REPLY])[0]
    assert (row["author_name"], row["author_url"]) == (ANN["acct"], ANN["url"])
    assert row["parent_id"] == "500"


@pytest.mark.parametrize(
    "member",
    [
        {"visibility": "private"}, {"visibility": "new"}, {"bookmarked": True}, {"muted": True},
        {"filtered": [{"filter": {"title": "Raffles"}}]},
        {"reblog": REPLY | {"bookmarked": True}}, {"reblog": REPLY | {"visibility": "private"}},
        {"quote": {"state": "accepted", "quoted_status": REPLY | {"muted": True}}},
        {"quote": {"state": "accepted", "quoted_status": {"id": "8", "visibility": "private"}}},
        {"quote": {"quoted_status": {"filtered": [{"keyword_matches": ["recall"]}]}}},
        {"poll": {"id": "4", "own_votes": [1], "options": []}},
    ],
)  # fmt: skip
def test_what_only_the_account_is_told_is_private(member: dict[str, object]) -> None:
    """Posts for followers, and what says what the account marked at any depth, are encrypted."""
    item, _ = first(statuses(), [TOOT | member])
    assert item.sensitivity == "private"


def test_what_a_text_says_of_marks_is_no_mark() -> None:
    """Whoever writes the JSON of one into a status keeps it public."""
    text = '<p>"bookmarked":true,"visibility":"direct","filtered":[1]</p>'
    poll = {"id": "4", "own_votes": [], "options": []}
    item, _ = first(statuses(), [TOOT | {"content": text, "poll": poll}])
    assert item.sensitivity == "public"


def test_a_boost_has_the_text_it_boosts() -> None:
    """Its row says that it is a boost, of what and whose; the original's counts are volatile."""
    boost = TOOT | {"id": "600", "content": "", "reblog": REPLY}
    item, row = first(statuses(), [boost])
    assert (item.stream, item.follow) == ("posts", ())
    assert (row["state"], row["parent_id"]) == ("boost", "501")
    assert (row["author_id"], row["author_name"]) == ("22", "ann@other.example")
    assert json.loads(row["extra"])["visibility"] == "public"
    assert json.loads(row["volatile"])["account"]["id"] == "1"
    assert row["text"] == "Tea & talk\nat six"
    assert json.loads(row["extra"])["reblog"] == {
        "id": "501", "uri": REPLY["uri"], "url": REPLY["url"], "account_id": "22",
        "account_acct": "ann@other.example",
    }  # fmt: skip
    pictured = boost | {"reblog": REPLY | {"media_attachments": [PICTURE]}}
    _, (medium, _) = rows(statuses(), [pictured])
    assert (medium.stream, medium.native_id, len(medium.follow)) == ("media", "77", 1)
    _, counted = first(statuses(), [boost | {"reblog": REPLY | {"replies_count": 9}}])
    assert {k: v for k, v in counted.items() if k != "volatile"} == {
        k: v for k, v in row.items() if k != "volatile"
    }


def test_polls_and_quotes_keep_what_is_said() -> None:
    """Votes are volatile, what is asked is not; of a quoted status its id stays."""
    poll = {"id": "4", "multiple": False, "votes_count": 3,
            "options": [{"title": "Yes", "votes_count": 2}, {"title": "Nó"}]}  # fmt: skip
    quote = {"state": "accepted", "quoted_status": REPLY}
    _, row = first(statuses(), [TOOT | {"poll": poll, "quote": quote}])
    extra = json.loads(row["extra"])
    assert extra["poll"] == {"id": "4", "multiple": False, "options": ["Yes", "Nó"]}
    assert extra["quote"] == {"state": "accepted", "quoted_status": "501"}
    assert json.loads(row["volatile"])["poll"] == poll
    for state in ("blocked_account", "blocked_domain", "muted_account"):  # for this reader
        _, other = first(statuses(), [TOOT | {"poll": poll, "quote": quote | {"state": state}}])
        assert other["extra"] == row["extra"]


def test_a_poll_that_has_closed_has_a_result() -> None:
    """Its votes are kept then, and no vote before is an edit."""
    open_poll = {"id": "4", "expired": False, "votes_count": 3, "voters_count": 3,
                 "options": [{"title": "Yes", "votes_count": 2}, {"title": "No", "votes_count": 1}],
                 "voted": True, "own_votes": []}  # fmt: skip
    found = []
    for more in ({}, {"votes_count": 4}, {"expired": True, "voters_count": None}):
        _, row = first(statuses(), [TOOT | {"poll": open_poll | more}])
        found.append(json.loads(row["extra"])["poll"])
    asked = {"id": "4", "options": ["Yes", "No"]}
    result = {"expired": True, "votes_count": 3, "voters_count": None, "votes": [2, 1]}
    assert found == [asked, asked, asked | result]


def follows(status: dict[str, Any], name: str = "statuses") -> dict[str, tuple[object, bool]]:
    """Return what hangs on a status: name of the listing -> stated number, asked for always."""
    item, _ = first(statuses(name), [status])
    return {
        one.listing.name: (one.listing.stated, one.always)
        for one in item.follow
        if one.listing is not None and one.listing.group == one.listing.name
    }


def test_what_hangs_on_a_post_is_asked_for() -> None:
    """Replies and likes where there are any, in a full run; the history once it was edited."""
    assert follows(TOOT) == {
        "posts 500 replies": (2, True),
        "posts 500 replies shown to all": (2, True),
        "posts 500 favourited_by": (1, True),
        "posts 500 reblogged_by": (0, False),
    }
    edited = TOOT | {"edited_at": "2026-03-02T00:00:00.000Z"}
    assert follows(edited)["posts 500 history"] == (None, False)
    assert not any(always for _, always in follows(TOOT, "statuses newest").values())
    assert follows(REPLY) == {}
    lonely = TOOT | {"replies_count": 0, "in_reply_to_id": "9", "in_reply_to_account_id": "22"}
    assert follows(lonely)["posts 500 replies"] == (None, True)
    assert follows(lonely, "statuses newest")["posts 500 replies"] == (None, False)
    assert follows(lonely | {"in_reply_to_account_id": "1"})["posts 500 replies"] == (0, False)
    assert "posts 500 replies shown to all" not in follows(TOOT | {"visibility": "private"})
    assert follows(REPLY | {"edited_at": "x"}) == {"comments 501 history": (None, False)}


def test_history_has_a_record_of_each_version() -> None:
    """Oldest first, numbered from 1, each naming its status."""
    versions = [{"content": f"<p>{n}</p>", "spoiler_text": "", "sensitive": False,
                 "created_at": "2026-03-01T10:00:00.000Z", "account": ANN,
                 "media_attachments": [], "emojis": []} for n in range(2)]  # fmt: skip
    found = rows(at("v1/statuses/501/history", "comments 501 history", stream="comments"), versions)
    assert [item.native_id for item, _ in found] == ["501/edit/1", "501/edit/2"]
    assert [row["text"] for _, row in found] == ["0", "1"]
    assert {row["parent_id"] for _, row in found} == {"501"}
    assert found[0][1]["created_at"] == "2026-03-01T10:00:00.000000Z"


def test_what_an_edit_took_away_is_captured_from_the_history() -> None:
    """As the last version had it; what the status still has is its own, with its text now."""
    pictures = [[PICTURE | {"id": "1"}, PICTURE], [PICTURE | {"id": "1", "description": "New"}],
                [PICTURE | {"id": "2"}, PICTURE]]  # fmt: skip
    versions = [{"content": "<p>x</p>", "created_at": "2026-03-01T10:00:00.000Z", "account": CITY,
                 "media_attachments": some} for some in pictures]  # fmt: skip
    found = rows(at("v1/statuses/500/history", "posts 500 history"), versions)
    media = [(item.native_id, row["alt_text"]) for item, row in found if item.stream == "media"]
    assert media == [("1", "New")]
    assert [item.follow[0].native_id for item, _ in found if item.stream == "media"] == ["1/file"]


def test_a_thread_as_strangers_see_it_shows_what_others_said() -> None:
    """The account's own part is known by its login; a refusal says nothing of that login."""
    listing = at("v1/statuses/500/context", "posts 500 replies shown to all", "comments")
    items = cut(listing, {"ancestors": [], "descendants": [REPLY, TOOT]}).items
    assert [(item.stream, item.native_id) for item in items] == [("comments", "501")]
    refusal = {"error": "This API requires an authenticated user"}
    for status in (401, 422):
        page = MASTODON.split(SITE, listing, answer(refusal, status))
        assert page.problem is not None
        assert page.problem.code == "forbidden"


@pytest.mark.parametrize("body", [{}, {"ancestors": []}, [], {"error": "Busy"}])
def test_what_is_no_thread_shows_no_empty_one(body: object) -> None:
    """Both lists are there, or nothing is concluded."""
    page = MASTODON.split(SITE, at("v1/statuses/500/context", "posts 500 replies"), answer(body))
    assert page.problem is not None
    assert (page.items, page.problem.code) == ((), "schema")


def test_attachments_are_media_with_their_description() -> None:
    """Each is a record of its own, inside the bytes of its status, with its file."""
    (post, row), (medium, described) = rows(statuses(), [TOOT | {"media_attachments": [PICTURE]}])
    assert json.loads(row["attachments"]) == [
        {name: PICTURE[name] for name in ("id", "type", "description", "blurhash")}
    ]
    assert json.loads(row["volatile"])["media_attachments"] == [PICTURE]
    assert (medium.stream, medium.native_id) == ("media", "77")
    assert post.spans[0].start < medium.spans[0].start < medium.spans[0].end < post.spans[0].end
    assert described["alt_text"] == "A culvert"
    assert json.loads(described["extra"]) == {"type": "image", "blurhash": "UBL_"}
    assert json.loads(described["volatile"])["url"] == PICTURE["url"]
    (file,) = medium.follow
    assert (file.role, file.stream, file.native_id) == ("file", "media", "77/file")
    assert file.request == Request(PICTURE["url"])


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/p.png", "http://files.social.example/p.png", "javascript:x", None,
     "https://evilsocial.example/p.png", "https://files.social.example:8443/p.png",
     "https://user@files.social.example/p.png", "https://[x"],
)  # fmt: skip
def test_files_elsewhere_are_not_fetched(url: str | None) -> None:
    """Only the server's own host, and those below it by https, are asked for files."""
    found = rows(statuses(), [TOOT | {"media_attachments": [PICTURE | {"url": url}]}])
    assert [item.follow for item, _ in found if item.stream == "media"] == [()]


# ── threads and conversations ────────────────────────────────────────────────────────────


def test_conversation_leads_to_its_messages() -> None:
    """A new last message makes it another one; its thread is asked for from there."""
    talk = {"id": "8", "unread": True, "accounts": [ANN], "last_status": LETTER}
    item, row = first(listed("conversations"), [talk])
    assert (item.native_id, item.sensitivity) == ("conversation/8", "private")
    assert json.loads(row["extra"]) == {"accounts": ["22"], "last_status": "502"}
    assert json.loads(row["volatile"])["unread"] is True
    (follow,) = item.follow
    assert follow.always
    assert follow.listing is not None
    assert follow.listing.group == "messages 8"
    assert follow.listing.request.url == f"{API}/v1/statuses/502"
    newest, _ = first(listed("conversations newest", mode="incremental"), [talk])
    assert [one.always for one in newest.follow] == [False]
    empty, _ = first(listed("conversations"), [talk | {"last_status": None}])
    assert empty.follow == ()


def test_messages_are_read_from_the_last_to_the_first_to_all() -> None:
    """The last message, its thread, then the thread of the first."""
    page = cut(at("v1/statuses/502", "messages 8"), LETTER)
    assert [item.native_id for item in page.items] == ["502"]
    assert page.next == Request(f"{API}/v1/statuses/502/context")
    above = {"ancestors": [LETTER | {"id": "490"}, LETTER | {"id": "491"}], "descendants": []}
    page = cut(at("v1/statuses/502/context", "messages 8"), above)
    assert page.next == Request(f"{API}/v1/statuses/490/context")
    below = {"ancestors": [], "descendants": [LETTER]}
    assert cut(at("v1/statuses/490/context", "messages 8"), below).next is None
    assert cut(at("v1/statuses/502/context", "posts 502 replies"), above).next is None


def test_unknown_members_of_a_thread_are_residue() -> None:
    """What a thread has beside its two lists is kept and reported, not dropped."""
    body = {"ancestors": [], "descendants": [REPLY], "more": ["x"]}
    response = answer(body)
    page = MASTODON.split(SITE, at("v1/statuses/500/context"), response)
    assert left_over(response.body, page) == [b'],"more":["x"]}']


# ── notifications ────────────────────────────────────────────────────────────────────────


def test_mention_is_a_notification_and_a_comment() -> None:
    """Each has its own bytes: of the status the notification keeps the id alone."""
    body = [notification("mention", REPLY)]
    raw = answer(body).body
    (note, row), (comment, said) = rows(listed("notifications"), body)
    assert (note.stream, note.native_id, note.sensitivity) == (
        "messages", "notification/9", "private",
    )  # fmt: skip
    assert b"Tea" not in b"".join(raw[span.start : span.end] for span in note.spans)
    assert (row["state"], row["parent_id"], row["author_id"]) == ("mention", "501", "22")
    assert row["created_at"] == "2026-03-01T10:00:01.000000Z"
    assert "text" not in row
    assert (comment.stream, comment.native_id, comment.sensitivity) == ("comments", "501", "public")
    assert said["text"] == "Tea & talk\nat six"


@pytest.mark.parametrize(
    ("kind", "status", "parent"),
    [("favourite", TOOT, "500"), ("follow", None, ""), ("mention", None, ""), ("new", 7, "")],
)
def test_other_notifications_are_one_record(kind: str, status: object, parent: str) -> None:
    """A like, a follower, a mention whose status is gone, and what there is no name for yet."""
    ((item, row),) = rows(listed("notifications"), [notification(kind, status)])
    assert item.native_id == "notification/9"
    assert (row["state"], row.get("parent_id", "")) == (kind, parent)


# ── people and moderation ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "stream", "native_id", "kind"),
    [
        ("v1/accounts/1/followers", "subscribers", "follower/22", "present"),
        ("v1/accounts/1/following", "subscribers", "following/22", "present"),
        ("v1/follow_requests", "subscribers", "follow_request/22", "held"),
    ],
)
def test_people_are_subscribers(path: str, stream: str, native_id: str, kind: str) -> None:
    """By what they are to the account; numbers and pictures of theirs are volatile."""
    item, row = first(at(path, stream=stream), [ANN])
    assert (item.stream, item.native_id, item.kind) == (stream, native_id, kind)
    assert item.sensitivity == "private"
    assert (row["handle"], row["name"], row["text"]) == ("ann@other.example", "Ann", "News & more")
    assert row["state"] == native_id.partition("/")[0]
    assert json.loads(row["volatile"])["avatar"] == CITY["avatar"]
    assert json.loads(row["extra"])["fields"] == CITY["fields"]


@pytest.mark.parametrize("what", ["blocks", "mutes"])
def test_blocked_accounts_are_moderation(what: str) -> None:
    """Who it is, by names that do not change."""
    item, row = first(at(f"v1/{what}", stream="moderation"), [ANN | {"mute_expires_at": None}])
    assert item.native_id == f"{what[:-1]}/22"
    assert (row["state"], row["author_name"]) == (what[:-1], "ann@other.example")
    assert "Ann" not in row.get("extra", "")


def test_domains_and_filters_are_moderation() -> None:
    """Domains come as texts, filters as objects."""
    listing = at("v1/domain_blocks", "domain_blocks", stream="moderation")
    item, row = first(listing, ["spam.example", "x/y"][:1])
    assert item.native_id == "domain_block/spam.example"
    assert (row["state"], row["title"]) == ("domain_block", "spam.example")
    raffle = {"id": "3", "title": "Raffles", "filter_action": "warn", "keywords": []}
    item, row = first(at("v2/filters", stream="moderation"), [raffle])
    assert (item.native_id, row["title"], row["state"]) == ("filter/3", "Raffles", "warn")


@pytest.mark.parametrize(
    ("route", "state"), [("favourited_by", "favourite"), ("reblogged_by", "boost")]
)
def test_reactions_name_who_and_what(route: str, state: str) -> None:
    """One record for each person; a new name of theirs changes nothing."""
    listing = at(f"v1/statuses/500/{route}?limit=80", stream="reactions")
    item, row = first(listing, [ANN])
    assert (item.stream, item.native_id) == ("reactions", f"500/{route}/22")
    assert (row["state"], row["parent_id"], row["author_id"]) == (state, "500", "22")
    _, renamed = first(listing, [ANN | {"display_name": "Ann B.", "new": 1}])
    assert {k: v for k, v in renamed.items() if k != "volatile"} == {
        k: v for k, v in row.items() if k != "volatile"
    }


def test_own_favourites_are_reactions() -> None:
    """They name the status; asked for directly, Mastodon says whether it is one still."""
    item, row = first(listed("favourites"), [REPLY | {"favourited": True}])
    assert (item.stream, item.native_id) == ("reactions", "favourite/501")
    assert (row["parent_id"], row["author_id"], row["url"]) == ("501", "22", REPLY["url"])
    direct = at("v1/statuses/501", "favourites", stream="reactions")
    (still,) = cut(direct, REPLY | {"favourited": True}).items
    assert still.native_id == "favourite/501"
    page = MASTODON.split(SITE, direct, answer(REPLY))
    assert page.problem is not None
    assert page.problem.code == "missing"


@pytest.mark.parametrize(
    ("group", "flag"),
    [("followers", "followed_by"), ("following", "following"), ("blocks", "blocking"),
     ("mutes", "muting"), ("follow_requests", "requested_by")],
)  # fmt: skip
def test_relations_are_told_by_the_server(group: str, flag: str) -> None:
    """Gone is only what the flag of the very account says; no word on it is none."""
    listing = at("v1/accounts/relationships?id[]=22&with_suspended=true", group)
    relation = {"id": "22", "following": False, "followed_by": False, "blocking": False}
    page = MASTODON.split(SITE, listing, answer([relation | {flag: False}]))
    assert page.problem is not None
    assert (page.problem.code, page.problem.message) == ("missing", f"200 {flag} is false")
    for body in ([relation | {flag: True}], [relation | {flag: None}], [{"id": "22"}], []):
        page = cut(listing, body)
        assert (page.items, page.problem) == ((), None)
    others: list[object] = [[relation | {"id": "23", flag: False}], {}, {"error": "Busy"}, [7]]
    for other in others:
        page = MASTODON.split(SITE, listing, answer(other))
        assert page.problem is not None
        assert page.problem.code == "schema"


@pytest.mark.parametrize(
    "path",
    ["v1/accounts/1/followers", "v1/domain_blocks", "v1/statuses/5/favourited_by", "v2/filters",
     "v1/conversations", "v1/statuses/5/history", "v1/accounts/lookup", "v1/statuses/5",
     "v1/accounts/verify_credentials"],
)  # fmt: skip
@pytest.mark.parametrize("body", [{}, {"error": "Busy"}])
def test_an_object_of_another_kind_is_no_empty_list(path: str, body: dict[str, str]) -> None:
    """Nor is it a thing without an id: it says nothing, and nothing is concluded from it."""
    page = MASTODON.split(SITE, at(path), answer(body))
    assert page.problem is not None
    assert (page.items, page.problem.code) == ((), "schema")


def test_profile_is_public_and_the_settings_are_not() -> None:
    """Pictures of the account itself belong to it; how many ask to follow is a number."""
    item, row = first(listed("profile"), CITY)
    assert (item.native_id, item.sensitivity, item.follow) == ("1", "public", ())
    assert (row["handle"], row["name"], row["text"]) == (
        "city",
        CITY["display_name"],
        "News & more",
    )
    assert [one["role"] for one in json.loads(row["attachments"])] == ["avatar", "header"]
    source = {"privacy": "public", "follow_requests_count": 4}
    _, settings = first(listed("settings"), CITY | {"source": source})
    assert json.loads(settings["extra"])["source"] == {"privacy": "public"}
    assert json.loads(settings["volatile"])["source"] == {"follow_requests_count": 4}


def test_scheduled_statuses_are_held() -> None:
    """What is yet to be published is private, with its text."""
    plan = {"id": "5", "scheduled_at": "2026-12-01T10:00:00.000Z", "media_attachments": [],
            "params": {"text": "Parade at 10", "in_reply_to_id": None}}  # fmt: skip
    item, row = first(listed("scheduled"), [plan])
    assert (item.stream, item.native_id, item.kind) == ("posts", "scheduled/5", "held")
    assert (row["state"], row["text"], item.sensitivity) == ("scheduled", "Parade at 10", "private")
    assert json.loads(row["extra"])["scheduled_at"] == plan["scheduled_at"]


def test_answers_written_otherwise_are_cut_the_same() -> None:
    """White space and another order of members change nothing of what is found."""
    turned = dict(reversed(REPLY.items()))
    mention = notification("mention", turned)
    for listing, body in (
        (listed("notifications"), [mention]),
        (at("v1/statuses/500/context"), {"descendants": [turned], "ancestors": [LETTER]}),
    ):
        spaced = json.dumps(body, indent=1)
        told = [
            [
                (one.stream, one.native_id, row.get("text"), row.get("parent_id"))
                for one, row in some
            ]
            for some in (rows(listing, body), rows(listing, spaced))
        ]
        assert told[0] == told[1]
        assert ("comments", "501", "Tea & talk\nat six", "500") in told[0]


def test_repeated_members_are_never_lost() -> None:
    """A notification with two statuses is one record with all its bytes."""
    raw = json.dumps(notification("mention", REPLY))
    twice = raw[:-1] + ', "status": null, "status": ' + json.dumps(REPLY) + "}"
    ((item, row),) = rows(listed("notifications"), f"[{twice}]")
    assert item.native_id == "notification/9"
    assert json.loads(row["flags"]) == ["duplicate status"]


def test_roles_of_people_are_kept() -> None:
    """What a server calls its staff is a role."""
    role = {"id": "3", "name": "Clerk"}
    _, row = first(at("v1/accounts/1/followers", stream="subscribers"), [ANN | {"roles": [role]}])
    assert json.loads(row["roles"]) == [role]
