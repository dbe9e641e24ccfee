"""Matrix: what is asked, how answers are cut, what events say. Shapes as of Synapse 1.163."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.connector import Listing, Site
from archiver.capture.platforms import CONNECTORS
from archiver.capture.platforms.matrix import Matrix, requests
from archiver.capture.platforms.matrix.terms import Terms
from archiver.capture.times import epoch_time
from archiver.columns import fields_of
from archiver.header_text import is_plain
from archiver.record import Excerpt, Request, Stream
from tests.capture.platforms.helpers import answer, left_over, row_of

if TYPE_CHECKING:
    from archiver.capture.connector import Item, Page

MATRIX = Matrix()
CITY, BO = "@city:city.example", "@bo:city.example"
ROOM, OTHER = "!hall", "!old:city.example"
SITE = Site("chat", f"https://matrix.city.example/{CITY}", authorised=True)
API = "https://matrix.city.example/_matrix/client/v3"
CLOSED = requests.messages(SITE, Terms(ROOM))
NEWS = requests.messages(SITE, Terms(ROOM, newest=True))
OPEN = requests.messages(SITE, Terms(ROOM, open_since=1000, opened="$0"))
STATE = requests.room(SITE, Terms(ROOM))
SYNC = MATRIX.listings(SITE, "reconcile")[1]


def event(number: int = 1, kind: str = "m.room.message", **more: object) -> dict[str, Any]:
    """Return an event as ``/messages`` shows it; ``more`` sets or replaces members."""
    base: dict[str, Any] = {
        "age": 87,
        "content": {"body": f"Said {number}", "msgtype": "m.text"},
        "event_id": f"${number}",
        "origin_server_ts": 1795193340176 + number,
        "room_id": ROOM,
        "sender": BO,
        "type": kind,
        "unsigned": {"age": 87, "membership": "join"},
        "user_id": BO,
    }
    return base | more


def redacted(number: int = 4) -> dict[str, Any]:
    """Return an event whose content somebody took back."""
    because = event(9, "m.room.redaction", content={"redacts": f"${number}"})
    unsigned = {"age": 5, "redacted_because": because, "redacted_by": "$9"}
    return event(number, content={}, redacted_because=because, unsigned=unsigned)


def state(kind: str, key: str = "", **content: object) -> dict[str, Any]:
    """Return a state event."""
    name = f"${kind}{key}".replace("@", "").replace(":", "")
    return event(1, kind, content=content, state_key=key, event_id=name)


def page_of(*events: object, listing: Listing = CLOSED, **more: str) -> Page:
    """Cut a page of a room's history, checking that no byte of it is left over."""
    response = answer({"chunk": list(events), "start": "t9", **more})
    page = MATRIX.split(SITE, listing, response)
    assert left_over(response.body, page) == []
    return page


def read(listing: Listing, document: object) -> tuple[Page, dict[str, dict[str, str]]]:
    """Return an answer cut, and the row of each item by its id."""
    response = answer(document)
    page = MATRIX.split(SITE, listing, response)
    return page, {item.native_id: row_of(MATRIX, response.body, item) for item in page.items}


def row(one: dict[str, Any]) -> dict[str, str]:
    """Return the row of one event in a room's history."""
    _, rows = read(CLOSED, {"chunk": [one], "start": "t9"})
    return rows[f"{ROOM}/{one['event_id']}"]


def names(item: Item) -> list[str]:
    """Return the names of what an item asks for."""
    return [one.listing.name if one.listing else one.native_id for one in item.follow]


# ── what is asked ────────────────────────────────────────────────────────────────────────


def test_the_connector_is_registered() -> None:
    """Its platform and parser names are those that records carry."""
    assert CONNECTORS["matrix"].parser == "matrix/1"


def test_a_full_capture_asks_for_profile_and_all_rooms() -> None:
    """The sync asks for ids only, and for rooms that were left; it shows nobody as online."""
    profile, sync, ignored = MATRIX.listings(SITE, "reconcile")
    kept = f"{API}/user/%40city%3Acity.example/account_data"
    assert ignored.request.url == f"{kept}/m.ignored_user_list"
    assert profile.request.url == f"{API}/profile/%40city%3Acity.example"
    query = {k: v[0] for k, v in parse_qs(urlsplit(sync.request.url).query).items()}
    wanted = json.loads(query.pop("filter"))
    assert query == {"timeout": "0", "set_presence": "offline"}
    assert wanted["event_fields"] == ["event_id"]
    assert wanted["room"]["include_leave"] is True
    assert (sync.exhaustive, sync.sensitivity) == (True, "private")


def test_an_incremental_capture_goes_on_where_the_last_left_off() -> None:
    """The cursor is the sync's token; one that is none is not sent."""
    site = Site("chat", SITE.url, authorised=True, cursors={"sync": "s72_1"})
    sync = MATRIX.listings(site, "incremental")[1]
    assert sync.request.url.endswith("&since=s72_1")
    assert sync.exhaustive is False
    full = MATRIX.listings(site, "reconcile")[1]
    assert "since" not in full.request.url
    assert full.exhaustive
    odd = Site("chat", SITE.url, authorised=True, cursors={"sync": "a\nb"})
    assert "since" not in MATRIX.listings(odd, "incremental")[1].request.url


def test_a_full_capture_is_not_answered_out_of_a_cache() -> None:
    """After news the same request is spelt anew, for homeservers keep full syncs a while."""
    sites = [Site("chat", SITE.url, authorised=True, cursors={"sync": one}) for one in ("a", "b")]
    urls = {MATRIX.listings(one, "reconcile")[1].request.url for one in (*sites, SITE)}
    assert len(urls) == 3


def test_without_a_login_or_a_user_little_is_asked() -> None:
    """Strangers see a profile; an address without a user id names nobody's, and that fails."""
    bare = Site("chat", "https://city.example", authorised=True)
    for site in (Site("chat", SITE.url, authorised=False), bare):
        assert [one.name for one in MATRIX.listings(site, "backfill")] == ["profile"]
    problem = MATRIX.split(
        bare, MATRIX.listings(bare, "backfill")[0], answer(error("M_UNRECOGNIZED"), 404)
    ).problem
    assert problem is not None
    assert problem.code == "schema"


@pytest.mark.parametrize(
    ("stream", "native_id", "path"),
    [
        ("messages", "!hall/$a", "rooms/%21hall/event/%24a"),
        ("reactions", "!o:x.example/$a/b+c", "rooms/%21o%3Ax.example/event/%24a%2Fb%2Bc"),
        ("moderation", "!hall/$r", "rooms/%21hall/event/%24r"),
        ("subscribers", "!hall/$j", "rooms/%21hall/event/%24j"),
        ("subscribers", "!hall/@bo:city.example", ""),
        ("messages", "!hall/$a unredacted", ""),
        ("pages", "!hall", ""),
        ("profile", "!hall", ""),
        ("media", "city.example/abc", ""),
    ],
)
def test_events_have_an_address_of_their_own(stream: str, native_id: str, path: str) -> None:
    """A deletion is proved on it; rooms, people and files have none."""
    request = MATRIX.direct(SITE, stream, native_id)
    assert (request.url if request else "") == (f"{API}/{path}" if path else "")


# ── paging and problems ──────────────────────────────────────────────────────────────────


def test_pages_go_back_to_the_beginning() -> None:
    """The token at the end of a page asks for the one before; without it that was all."""
    page = page_of(event(), end="t13-13_0")
    assert page.next is not None
    assert page.next.url == f"{API}/rooms/%21hall/messages?dir=b&limit=100&from=t13-13_0"
    again = Listing("messages !hall", "messages", page.next, "private", "g")
    assert page_of(listing=again, end="t13-13_0").next is None
    assert page_of(listing=again).next is None


def test_a_sync_token_that_ran_out_begins_anew() -> None:
    """The refusal is an envelope value, and the whole list of rooms is asked for."""
    site = Site("chat", SITE.url, authorised=True, cursors={"sync": "s72"})
    since = MATRIX.listings(site, "incremental")[1]
    response = answer({"errcode": "M_UNKNOWN", "error": "Invalid stream token"}, 400)
    page = MATRIX.split(site, since, response)
    assert page.problem is None
    assert page.next == MATRIX.listings(site, "reconcile")[1].request
    assert left_over(response.body, page) == []
    full = MATRIX.split(SITE, SYNC, response).problem
    assert full is not None
    assert full.code == "schema"


def error(code: str, **more: object) -> dict[str, object]:
    """Return a standard error response."""
    return {"errcode": code, "error": "no", **more}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (error("M_UNKNOWN_TOKEN", soft_logout=True), 401, "authorisation"),
        (error("M_MISSING_TOKEN"), 401, "authorisation"),
        (error("M_UNKNOWN_TOKEN"), 200, "authorisation"),
        (error("M_FORBIDDEN"), 403, "forbidden"),
        (error("M_LIMIT_EXCEEDED", retry_after_ms=2500), 429, "rate"),
        (error("M_UNRECOGNIZED"), 404, "schema"),
        (error("M_NOT_FOUND"), 404, "schema"),
        (error("M_UNKNOWN"), 500, "transient"),
        (error("M_ODD", retry_after_ms="soon"), 200, "schema"),
        ("<html>Bad gateway</html>", 502, "transient"),
        ("<html>Hello</html>", 200, "schema"),
        ("", 200, "schema"),
        ('{"chunk":[{"event_id":"$1"', 200, "transient"),
        ('{"chunk":[{"event_id":"$\\ud83d"}]', 200, "transient"),
        ("[", 200, "transient"),
    ],
)
def test_what_is_no_content_is_a_problem(body: object, status: int, code: str) -> None:
    """Error codes, status codes, HTML and cut bodies are told apart."""
    page = MATRIX.split(SITE, CLOSED, answer(body, status, length=False))
    assert page.problem is not None
    assert page.problem.code == code
    assert page.items == ()


def test_the_wait_is_in_the_body() -> None:
    """``retry_after_ms`` counts in milliseconds; without it the header does."""
    limited = answer(error("M_LIMIT_EXCEEDED", retry_after_ms=2500), 429, ("Retry-After", "9"))
    bare = answer(error("M_LIMIT_EXCEEDED"), 429, ("Retry-After", "9"))
    waits = [MATRIX.split(SITE, CLOSED, one).problem for one in (limited, bare)]
    assert [one.retry_after for one in waits if one] == [2.5, 9.0]


@pytest.mark.parametrize(
    ("name", "code"), [("messages !hall", "missing"), ("event !hall $1", "end")]
)
def test_only_an_event_asked_for_itself_is_missing(name: str, code: str) -> None:
    """What news point to and is not shown was before our time: nothing is gone."""
    url = f"{API}/rooms/%21hall/event/%241"
    one = Listing(name, "messages", Request(url), "private", "messages !hall")
    problem = MATRIX.split(SITE, one, answer(error("M_NOT_FOUND"), 404)).problem
    assert problem is not None
    assert problem.code == code


# ── rooms ────────────────────────────────────────────────────────────────────────────────


def synced(**rooms: object) -> dict[str, Any]:
    """Return a sync as Synapse answers it."""
    return {
        "next_batch": "s40_3",
        "account_data": {"events": [{"type": "m.direct", "content": {BO: ["!dm"]}}]},
        "device_one_time_keys_count": {"signed_curve25519": 0},
        "device_unused_fallback_key_types": [],
        "rooms": rooms,
    }


JOINED = {
    "timeline": {"events": [{"event_id": "$9"}], "prev_batch": "s22", "limited": True},
    "state": {"events": []},
    "account_data": {"events": []},
    "ephemeral": {"events": []},
    "unread_notifications": {"notification_count": 1, "highlight_count": 0},
    "summary": {},
}
INVITED = {"invite_state": {"events": [{"type": "m.room.name", "content": {"name": "Club"}}]}}


def test_a_sync_names_rooms_and_standings() -> None:
    """In, invited, left: each a record; rooms we are in are read each time, left ones once."""
    left = {k: JOINED[k] for k in ("timeline", "state", "account_data")}
    document = synced(join={ROOM: JOINED}, invite={"!club": INVITED}, leave={"!old": left})
    response = answer(document)
    page = MATRIX.split(SITE, SYNC, response)
    assert left_over(response.body, page) == []
    assert page.cursor == "s40_3"
    assert page.next == requests.sync(SITE, "s40_3")
    assert [(item.native_id, item.kind, names(item)) for item in page.items] == [
        (f"{CITY}/m.direct", "present", []),
        (ROOM, "present", [f"room {ROOM}"]),
        ("!club", "held", []),
        ("!old", "removed", ["room !old"]),
    ]
    assert all(item.sensitivity == "private" for item in page.items)
    assert [one.always for item in page.items for one in item.follow] == [True, False]
    _, rows = read(SYNC, document)
    assert rows[ROOM] == {"handle": ROOM, "state": "join"}
    assert rows["!club"]["state"] == "invite"
    assert "Club" in rows["!club"]["extra"]


def test_a_sync_that_tells_nothing_is_the_last() -> None:
    """What came since the answer before is asked for until nothing did."""
    quiet = {"next_batch": "s41", "device_one_time_keys_count": {}}
    page, _ = read(SYNC, quiet)
    assert (page.items, page.next, page.cursor) == ((), None, "s41")


def test_standings_do_not_change_with_counts_or_events() -> None:
    """A room with news is a repeat in the list of rooms."""
    _, before = read(SYNC, synced(join={ROOM: JOINED}))
    quiet = JOINED | {"unread_notifications": {"notification_count": 7}}
    _, after = read(SYNC, synced(join={ROOM: quiet}))
    assert before == after


def test_more_than_we_asked_for_points_to_itself() -> None:
    """A homeserver may send whole events in a sync: they are news of what is read elsewhere."""
    chatty = JOINED | {"timeline": {"events": [event()], "limited": False}}
    response = answer(synced(join={ROOM: chatty | {"state": {"events": [*FOUNDED]}}}))
    page = MATRIX.split(SITE, SYNC, response)
    assert left_over(response.body, page) == []
    told = [(claim.name, claim.value) for claim in page.claims if claim.value[:1] == "$"]
    assert told[0] == (f"{ROOM} newest", "$1")
    assert {name for name, _ in told[1:]} == {f"{ROOM} state"}
    odd = JOINED | {"timeline": {"events": [{"content": 1}], "limited": False}}
    response = answer(synced(join={ROOM: odd}))
    left = left_over(response.body, MATRIX.split(SITE, SYNC, response))
    assert b'{"content":1}' in b"".join(left)


FOUNDED = (
    state("m.room.create", room_version="11"),
    state("m.room.name", name="Town Hall"),
    state("m.room.topic", topic="News"),
    state("m.room.join_rules", join_rule="public"),
)
WORLD = state("m.room.history_visibility", history_visibility="world_readable")
MEMBERS = (
    state("m.room.member", BO, membership="join", displayname="Bo"),
    state("m.room.member", "@al:city.example", membership="ban", reason="spam"),
    state("m.room.member", "@cy:city.example", membership="invite"),
    state("m.room.third_party_invite", "tok", display_name="d...@mail.example"),
)


def test_a_room_is_one_record_and_each_member_another() -> None:
    """Name, topic and rules are read; what the rest says is kept."""
    page, rows = read(STATE, [*FOUNDED, *MEMBERS])
    kinds = {item.native_id: (item.stream, item.kind) for item in page.items}
    assert kinds == {
        f"{ROOM}/{BO}": ("subscribers", "present"),
        f"{ROOM}/@al:city.example": ("subscribers", "removed"),
        f"{ROOM}/@cy:city.example": ("subscribers", "held"),
        f"{ROOM}/m.room.third_party_invite tok": ("subscribers", "held"),
        ROOM: ("pages", "present"),
    }
    room = rows[ROOM]
    assert (room["title"], room["text"], room["author_id"]) == ("Town Hall", "News", BO)
    assert json.loads(room["tags"]) == {"room_version": "11", "join_rule": "public"}
    member = rows[f"{ROOM}/{BO}"]
    assert (member["handle"], member["name"], member["state"]) == (BO, "Bo", "join")
    assert rows[f"{ROOM}/@al:city.example"]["text"] == "spam"


def test_a_rooms_row_does_not_depend_on_the_order_of_its_state() -> None:
    """Homeservers name the parts of a room's state in any order."""
    assert read(STATE, FOUNDED)[1][ROOM] == read(STATE, FOUNDED[::-1])[1][ROOM]


@pytest.mark.parametrize(
    ("more", "sensitivity", "name"),
    [
        ((), "private", "messages !hall"),
        ((WORLD,), "public", "messages !hall open 1795193340177 $m.room.history_visibility"),
        ((WORLD, state("m.room.encryption", algorithm="m.megolm")), "private", "messages !hall"),
    ],
)
def test_only_rooms_that_anybody_may_read_are_public(
    more: tuple[dict[str, Any], ...], sensitivity: str, name: str
) -> None:
    """World-readable and not encrypted; the listing says since when."""
    page, _ = read(STATE, [*FOUNDED, *more])
    (room,) = page.items
    assert (room.sensitivity, names(room)) == (sensitivity, [name])


def test_news_of_a_room_is_asked_for_by_name() -> None:
    """What a room with news asks for may stop at what is known."""
    page, _ = read(requests.room(SITE, Terms(ROOM, newest=True, latest="$9")), FOUNDED)
    (follow,) = page.items[0].follow
    assert follow.listing is not None
    assert follow.listing.name == "messages !hall newest $9"
    assert (follow.listing.newest_first, follow.listing.group) == (True, "messages !hall")


# ── events ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "more", "stream"),
    [
        ("m.room.message", {}, "messages"),
        ("m.sticker", {}, "messages"),
        ("m.room.encrypted", {}, "messages"),
        ("org.example.anything", {}, "messages"),
        ("m.reaction", {}, "reactions"),
        ("m.room.member", {"state_key": BO}, "subscribers"),
        ("m.room.redaction", {}, "moderation"),
        ("m.room.name", {"state_key": ""}, "moderation"),
    ],
)
def test_every_event_is_kept_in_its_stream(kind: str, more: dict[str, str], stream: str) -> None:
    """No type of event is left out."""
    (item,) = page_of(event(1, kind, **more)).items
    assert (item.stream, item.native_id, item.sensitivity) == (stream, f"{ROOM}/$1", "private")


def test_a_message_says_what_and_who_and_when() -> None:
    """Text, markup, sender and time; the age of the answer changes nothing."""
    content = {"body": "*Hi*", "formatted_body": "<b>Hi</b>", "format": "org.matrix.custom.html"}
    said = row(event(content=content | {"msgtype": "m.text"}))
    assert said.pop("volatile")
    assert said == {
        "text": "*Hi*",
        "markup": "<b>Hi</b>",
        "author_id": BO,
        "author_name": BO,
        "thread_id": ROOM,
        "created": "1795193340177",
        "created_source": "origin_server_ts",
        "created_precision": "fraction",
        "created_at": "2026-11-20T16:49:00.177000Z",
        "extra": '{"content":{"format":"org.matrix.custom.html","msgtype":"m.text"}}',
    }
    older = row(event(age=9999, content=content | {"msgtype": "m.text"}, unsigned={"age": 9999}))
    assert older | {"volatile": ""} == said | {"volatile": ""}


def test_the_latest_edit_gives_the_text() -> None:
    """The message shows what it now says, since when, and keeps what was first written."""
    content = {"body": "* New", "m.new_content": {"body": "New", "msgtype": "m.text"}}
    edit = event(5, content=content)
    said = row(event(unsigned={"age": 1, "m.relations": {"m.replace": edit}}))
    assert (said["text"], said["modified"]) == ("New", "1795193340181")
    extra = json.loads(said["extra"])
    assert extra["content"]["body"] == "Said 1"
    assert extra["replaced_by"] == "$5"


def test_an_edit_is_a_message_that_names_another() -> None:
    """Its text is the new one; what clients show in its place is kept."""
    relation = {"rel_type": "m.replace", "event_id": "$1"}
    content = {"body": "* New", "m.new_content": {"body": "New"}, "m.relates_to": relation}
    said = row(event(5, content=content))
    assert (said["text"], said["parent_id"]) == ("New", f"{ROOM}/$1")
    assert json.loads(said["extra"])["content"]["body"] == "* New"


def test_answers_and_reactions_name_what_they_are_about() -> None:
    """The answered message comes before the thread's root."""
    thread = {"rel_type": "m.thread", "event_id": "$1", "m.in_reply_to": {"event_id": "$3"}}
    assert row(event(5, content={"body": "x", "m.relates_to": thread}))["parent_id"] == "!hall/$3"
    sign = {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$2", "key": "👍"}}
    liked = row(event(6, "m.reaction", content=sign))
    assert liked["parent_id"] == "!hall/$2"
    assert json.loads(liked["extra"])["content"] == sign


def test_a_redacted_message_is_removed_and_asked_for_as_moderators_see_it() -> None:
    """It keeps its sender; the request for the text is made in its name."""
    (item,) = page_of(redacted()).items
    assert (item.kind, item.sensitivity) == ("removed", "private")
    assert names(item) == ["unredacted !hall $4"]
    said = row(redacted())
    assert (said["state"], said.get("text", ""), said["author_id"]) == ("redacted", "", BO)


def test_what_moderators_see_is_a_record_of_its_own() -> None:
    """Hidden and private; a homeserver that shows nothing adds nothing."""
    one = requests.unredacted(SITE, ROOM, "$4")
    page, rows = read(one, event(4))
    assert [(item.native_id, item.kind) for item in page.items] == [
        (f"{ROOM}/$4 unredacted", "hidden")
    ]
    assert rows[f"{ROOM}/$4 unredacted"]["text"] == "Said 4"
    response = answer(redacted())
    nothing = MATRIX.split(SITE, one, response)
    assert nothing.items == ()
    assert left_over(response.body, nothing) == []
    refused = MATRIX.split(SITE, one, answer(error("M_FORBIDDEN"), 403)).problem
    assert refused is not None
    assert refused.code == "end"


def test_news_ask_for_the_older_event_that_they_changed() -> None:
    """Edits and redactions of what stands on another page, and only among news."""
    relation = {"rel_type": "m.replace", "event_id": "$1"}
    edit = event(5, content={"body": "* x", "m.new_content": {}, "m.relates_to": relation})
    gone = event(6, "m.room.redaction", content={"redacts": "$2"})
    older = event(7, "m.room.redaction", redacts="$3", content={})
    page = page_of(edit, gone, older, event(3), listing=NEWS)
    assert [names(item) for item in page.items] == [["event !hall $1"], ["event !hall $2"], [], []]
    follow = page.items[0].follow[0].listing
    assert follow is not None
    assert (follow.group, follow.exhaustive) == ("messages !hall", False)
    assert [names(item) for item in page_of(edit, gone).items] == [[], []]


def test_changes_of_a_room_say_what_changed() -> None:
    """Type, new text, and who did it; a redaction names what was taken back, and why."""
    named = row(event(1, "m.room.name", state_key="", content={"name": "New hall"}))
    assert (named["title"], named["text"], named["author_id"]) == ("m.room.name", "New hall", BO)
    content = {"redacts": "$2", "reason": "spam"}
    redaction = row(event(2, "m.room.redaction", content=content))
    assert (redaction["text"], redaction["parent_id"]) == ("spam", "!hall/$2")
    before_v11 = row(event(2, "m.room.redaction", redacts="$2", content={}))
    assert before_v11["parent_id"] == "!hall/$2"


def test_encrypted_messages_are_kept_and_said_to_be() -> None:
    """Without keys there is no text, and the row says why."""
    content = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "AwgA"}
    said = row(event(1, "m.room.encrypted", content=content))
    assert said["state"] == "encrypted"
    assert "text" not in said
    assert json.loads(said["extra"])["content"] == content


def test_files_are_fetched_from_the_homeserver() -> None:
    """Content URIs become authenticated downloads; anything else is no file."""
    info = {"thumbnail_url": "mxc://city.example/thumb"}
    content = {"msgtype": "m.image", "url": "mxc://far.example/abc", "info": info, "body": "a.png"}
    (item,) = page_of(event(content=content)).items
    assert names(item) == ["far.example/abc", "city.example/thumb"]
    request = item.follow[0].request
    assert request is not None
    assert request.url == (
        "https://matrix.city.example/_matrix/client/v1/media/download/far.example/abc"
    )
    assert json.loads(row(event(content=content))["attachments"]) == [
        {"role": "file", "url": "mxc://far.example/abc"}
    ]
    for odd in ("https://far.example/a.png", "mxc://far.example/../x", "mxc://a b/c", 7):
        (item,) = page_of(event(content={"url": odd})).items
        assert item.follow == ()


def test_what_was_said_before_a_room_was_opened_stays_private() -> None:
    """Public is what anybody may read: not members, redacted events or what came before."""
    old = event(1, origin_server_ts=999)
    items = page_of(
        event(2), old, redacted(), event(5, "m.room.member", state_key=BO), listing=OPEN
    ).items
    assert [item.sensitivity for item in items] == ["public", "private", "private", "private"]


def test_the_profile_is_public() -> None:
    """Name and picture of the account."""
    document = {"displayname": "City Hall", "avatar_url": "mxc://city.example/seal", "m.tz": "UTC"}
    page, rows = read(MATRIX.listings(SITE, "backfill")[0], document)
    assert [(item.native_id, item.sensitivity) for item in page.items] == [(CITY, "public")]
    assert names(page.items[0]) == ["city.example/seal"]
    assert (rows[CITY]["name"], rows[CITY]["handle"]) == ("City Hall", CITY)
    assert rows[CITY]["extra"] == '{"m.tz":"UTC"}'


@pytest.mark.parametrize(
    ("text", "precision", "at"),
    [
        ("1795193340177", "fraction", "2026-11-20T16:49:00.177000Z"),
        ("0", "fraction", "1970-01-01T00:00:00.000000Z"),
        ("-1", "fraction", "1969-12-31T23:59:59.999000Z"),
        ("1e3", "", ""),
        ("9" * 15, "", ""),
        ("9" * 40, "", ""),
        ("", "", ""),
    ],
)
def test_moments_are_milliseconds(text: str, precision: str, at: str) -> None:
    """Anything but a number of a calendar's range is not understood."""
    assert epoch_time(text) == (precision, at)


def test_odd_events_do_not_hide_others() -> None:
    """Wrong types, lone surrogates, missing ids and second names in one page."""
    body = (
        b'{"chunk":[{"event_id":"$1","type":7,"content":[],"unsigned":3},'
        b'{"event_id":"$2","content":{"body":"\\ud83d"},"unsigned":{"redacted_because":{}}},'
        b'{"x":3},4,{"event_id":"not one"},{"event_id":"$5","event_id":"$6"}],"start":"t"}'
    )
    page = MATRIX.split(SITE, CLOSED, answer(body))
    ids = [(item.native_id, item.kind) for item in page.items]
    assert ids == [("!hall/$1", "present"), ("!hall/$2", "removed"), ("!hall/$6", "present")]
    assert b'{"x":3}' in b"".join(left_over(body, page))
    assert row_of(MATRIX, body, page.items[0])["extra"] == '{"type":7,"content":[]}'


# ── any bytes ────────────────────────────────────────────────────────────────────────────

SEEDS = [
    answer({"chunk": [event(), redacted(), event(3, "m.reaction")], "start": "t", "end": "u"}).body,
    answer([*FOUNDED, WORLD, *MEMBERS]).body,
    answer(synced(join={ROOM: JOINED}, invite={"!club": INVITED})).body,
    answer(event()).body,
    json.dumps({"chunk": [event()], "start": "t"}, indent=1).encode(),
]
LISTINGS = [
    CLOSED, NEWS, OPEN, STATE, SYNC, requests.event(SITE, ROOM, "$1"),
    requests.unredacted(SITE, ROOM, "$1"), MATRIX.listings(SITE, "backfill")[0],
    Listing("messages", "messages", CLOSED.request, "private", "g"),
    Listing("room", "messages", STATE.request, "private", "g"),
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Return an answer with a few bytes cut, changed or put in."""
    body = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(body)))
        gone = draw(st.integers(0, 30))
        body = body[:at] + draw(st.binary(max_size=5)) + body[at + gone :]
    return body[: draw(st.integers(0, len(body)))] if draw(st.booleans()) else body


@given(damaged(), st.sampled_from(LISTINGS))
def test_damaged_answers_never_raise_and_never_vanish(body: bytes, listing: Listing) -> None:
    """Every byte is item, claim, frame or residue, and every row can be stored."""
    page = MATRIX.split(SITE, listing, answer(body))
    left_over(body, page)
    for item in page.items:
        assert is_plain(item.native_id)
        found = row_of(MATRIX, body, item)
        assert set(found) <= {column.name for column in fields_of(item.stream)}
        for name, value in found.items():
            assert value.encode()
            if name in ("extra", "volatile", "flags", "tags", "attachments"):
                json.loads(value)


@given(st.binary(max_size=60), st.sampled_from(sorted(Stream)), st.sampled_from("!@$"))
def test_any_bytes_can_be_parsed(data: bytes, stream: str, sigil: str) -> None:
    """A stored excerpt of any content gives a row."""
    context = {"stream": stream, "native_id": f"!hall/{sigil}x"}
    found = MATRIX.parse((Excerpt("item", data),), context)
    assert all(value.encode() for value in found.values())


@given(st.lists(st.integers(0, 10**20), unique=True, max_size=5))
def test_undamaged_answers_leave_no_residue(ids: list[int]) -> None:
    """Every event is found, whatever its id."""
    page = page_of(*(event(one) for one in ids))
    assert [item.native_id for item in page.items] == [f"{ROOM}/${one}" for one in ids]
