"""MediaWiki: what is asked, how answers are cut, what items say. Shapes as measured on 1.39.17."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.connector import Listing, Login, Page, Site
from archiver.capture.platforms.mediawiki import MediaWiki
from archiver.capture.platforms.mediawiki.cutting import members_of
from archiver.columns import fields_of
from archiver.formats.excerpts_json import json_members
from archiver.header_text import is_plain
from tests.capture.platforms.helpers import answer, left_over, row_of

if TYPE_CHECKING:
    from archiver.formats.http1 import HttpResponse

WIKI = MediaWiki()
SITE = Site("wiki", "https://wiki.example/w/api.php", authorised=True)
PUBLIC = Site("wiki", "https://wiki.example/w/", authorised=False)

REVISION: dict[str, Any] = {
    "revid": 7,
    "parentid": 3,
    "minor": False,
    "user": "Ida Fennimore",
    "userid": 1,
    "timestamp": "2026-03-01T10:00:00Z",
    "size": 9,
    "sha1": "e4ed",
    "roles": ["main"],
    "slots": {
        "main": {
            "contentmodel": "wikitext",
            "contentformat": "text/x-wiki",
            "content": "Call 555-0100, “Łódź” {",
        }
    },
    "comment": "dates",
    "tags": ["mw-undo"],
}
PAGE: dict[str, Any] = {
    "pageid": 2,
    "ns": 0,
    "title": "Road closure",
    "contentmodel": "wikitext",
    "pagelanguage": "en",
    "touched": "2026-03-01T10:00:00Z",
    "lastrevid": 7,
    "length": 9,
    "protection": [],
    "watchers": 1,
    "fullurl": "https://wiki.example/index.php/Road_closure",
}
ENTRY: dict[str, Any] = {
    "logid": 5,
    "ns": 0,
    "title": "Bad page",
    "pageid": 0,
    "logpage": 4,
    "params": {},
    "type": "delete",
    "action": "delete",
    "user": "Ida Fennimore",
    "userid": 1,
    "timestamp": "2026-03-01T10:00:00Z",
    "comment": "spam",
    "tags": [],
}
USER: dict[str, Any] = {
    "userid": 3,
    "name": "Ann",
    "editcount": 4,
    "registration": "2026-03-01T10:00:00Z",
    "groups": ["*", "user"],
}
VERSION: dict[str, Any] = {
    "timestamp": "2026-03-01T10:00:00Z",
    "user": "Ida Fennimore",
    "userid": 1,
    "size": 73,
    "comment": "map",
    "url": "https://wiki.example/images/4/43/Map.png",
    "descriptionurl": "https://wiki.example/index.php/File:Map.png",
    "sha1": "352a",
    "mime": "image/png",
}
FILE_PAGE = {"pageid": 6, "ns": 6, "title": "File:Map.png", "imagerepository": "local"}


GROUPS = [{"name": "*", "rights": ["read"]}, {"name": "user", "rights": ["read", "edit"]}]


def answered(
    key: str,
    things: list[Any],
    groups: list[Any] | None = None,
    going_on: dict[str, str] | None = None,
) -> HttpResponse:
    """Return an answer as the API writes it: compact JSON, UTF-8 as it is."""
    query = {key: things, "usergroups": GROUPS if groups is None else groups}
    more = {"continue": going_on} if going_on else {}
    body = {"batchcomplete": True, **more, "query": query}
    return answer(json.dumps(body, separators=(",", ":"), ensure_ascii=False))


def revisions(*found: dict[str, Any], key: str = "allrevisions", pageid: int = 2) -> HttpResponse:
    """Return a listing of revisions of one page, as ``allrevisions`` gives them."""
    return answered(
        key, [{"pageid": pageid, "revisions": [*found], "ns": 0, "title": "Road closure"}]
    )


def listing(name: str, site: Site = SITE, mode: str = "reconcile") -> Listing:
    """Return one of the connector's listings by its name."""
    return next(one for one in WIKI.listings(site, mode) if one.name == name)


def asked(url: str) -> dict[str, str]:
    """Return the parameters of a request."""
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}


def cut(name: str, response: HttpResponse, mode: str = "reconcile") -> Page:
    """Cut an answer to a listing; nothing may be left over."""
    page = WIKI.split(SITE, listing(name, mode=mode), response)
    assert page.problem is None
    assert left_over(response.body, page) == []
    return page


def only(name: str, response: HttpResponse) -> tuple[Any, dict[str, str]]:
    """Return the one item of an answer, and its row."""
    (item,) = cut(name, response).items
    row = row_of(WIKI, response.body, item)
    assert set(row) <= {column.name for column in fields_of(item.stream)}
    return item, row


# ── what is asked ────────────────────────────────────────────────────────────────────────
def test_asks_every_namespace_and_both_kinds_of_revisions() -> None:
    """A reconcile reads all pages, live and deleted revisions, logs, users and files."""
    names = [one.name for one in WIKI.listings(SITE, "reconcile")]
    assert names[:2] == ["profile", "pages ns=0"]
    assert {"revisions", "revisions deleted", "log", "users", "media", "media deleted"} <= {*names}
    assert len(names) == len(set(names)) == 1 + 16 + 6
    known = replace(SITE, cursors={"profile": "3000 3001"})
    assert listing("pages ns=3000", known).group == "pages"


def test_incremental_is_short_and_newest_first() -> None:
    """What is new comes first; such a listing proves no absence."""
    found = WIKI.listings(SITE, "incremental")
    assert [one.name for one in found] == [
        "profile", "pages newest", "revisions newest", "log newest", "media newest"
    ]  # fmt: skip
    assert all(one.newest_first and not one.exhaustive for one in found[1:])


def test_a_stranger_asks_for_nothing_deleted() -> None:
    """Without a login there is no assertion and no listing of deleted things."""
    found = WIKI.listings(PUBLIC, "reconcile")
    assert not [one.name for one in found if "deleted" in one.name]
    assert all("assert" not in asked(one.request.url) for one in found)
    assert found[0].request.url.startswith("https://wiki.example/w/api.php?")
    direct = WIKI.direct(PUBLIC, "pages", "revision/7")
    assert direct is not None
    assert asked(direct.url)["prop"] == "revisions"


def test_every_request_asserts_its_login() -> None:
    """An expired session must be an error, not an answer to a stranger."""
    for mode in ("reconcile", "incremental"):
        for one in WIKI.listings(SITE, mode):
            about = asked(one.request.url)
            assert about["assert"] == "user"
            assert (about["formatversion"], about["maxlag"]) == ("2", "5")


def test_goes_on_where_the_wiki_says() -> None:
    """All members of ``continue`` are added to the first request, replacing earlier ones."""
    more = {"arvcontinue": "2026|8 ä", "continue": "-||"}
    first = listing("revisions")
    page = WIKI.split(SITE, first, answered("allrevisions", [], going_on=more))
    assert page.next is not None
    assert asked(page.next.url) == asked(first.request.url) | more | {"requestid": "open"}
    second = replace(first, request=page.next)
    later = answered("allrevisions", [], going_on={"arvcontinue": "9", "continue": "-||"})
    after = WIKI.split(SITE, second, later).next
    assert after is not None
    assert parse_qs(urlsplit(after.url).query)["arvcontinue"] == ["9"]
    assert cut("revisions", answered("allrevisions", [])).next is None


@pytest.mark.parametrize(
    ("stream", "native_id", "wanted"),
    [
        ("pages", "2", {"pageids": "2", "prop": "info"}),
        ("pages", "revision/7", {"revids": "7", "prop": "revisions|deletedrevisions"}),
        ("subscribers", "3", {"ususerids": "3", "list": "users"}),
        (
            "media",
            "Map.png/2026-03-01T10:00:00Z",
            {"titles": "File:Map.png", "iistart": "2026-03-01T10:00:00Z"},
        ),
    ],
)
def test_asks_for_one_thing_itself(stream: str, native_id: str, wanted: dict[str, str]) -> None:
    """Each kind of thing has a request of its own."""
    request = WIKI.direct(SITE, stream, native_id)
    assert request is not None
    about = asked(request.url)
    assert {name: about[name] for name in wanted} == wanted


def test_some_things_cannot_be_asked_for() -> None:
    """The API has no request for a log entry, the profile or a file's bytes."""
    assert WIKI.direct(SITE, "moderation", "5") is None
    assert WIKI.direct(SITE, "profile", "site") is None
    assert WIKI.direct(SITE, "media", "Map.png/2026-03-01T10:00:00Z/file") is None


# ── logging in ───────────────────────────────────────────────────────────────────────────
COOKIE = "f9n7kl49fifjn5pv6a340q6o1t682uo7"


def test_logs_in_with_a_bot_password() -> None:
    """Token, name and password, session: the cookies are secret, the user's name is not."""
    step = WIKI.authorise(SITE, {"user": "Ida@archive", "password": "0123456789abcdef"})
    assert step.request is not None
    assert step.take is not None
    token = {"query": {"tokens": {"logintoken": "abc123+\\"}}}
    step = step.take(answer(token, 200, ("Set-Cookie", f"w_session={COOKIE}; path=/")))
    assert step.request is not None
    assert step.take is not None
    assert parse_qs(step.request.body.decode()) == {
        "action": ["login"],
        "lgname": ["Ida@archive"],
        "lgpassword": ["0123456789abcdef"],
        "lgtoken": ["abc123+\\"],
        "format": ["json"],
        "formatversion": ["2"],
    }
    assert ("Cookie", f"w_session={COOKIE}") in step.request.headers
    assert set(step.secrets.values()) == {"abc123+\\", COOKIE}
    done = step.take(
        answer(
            {"login": {"result": "Success", "lgusername": "Ida"}},
            200,
            ("Set-Cookie", f"w_session={COOKIE[::-1]}; path=/; HttpOnly"),
            ("Set-Cookie", "wUserName=Ida_of_the_records_office; path=/"),
            ("Set-Cookie", "old=deleted; Max-Age=0"),
        )
    )
    assert done.request is None
    cookie = f"w_session={COOKIE[::-1]}; wUserName=Ida_of_the_records_office"
    assert done.headers == (("Cookie", cookie),)
    assert list(done.secrets.values()) == [COOKIE[::-1]]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"login": {"result": "Failed", "reason": "Incorrect password."}}, "Incorrect password."),
        ({"login": {"result": "Throttled"}}, "Throttled"),
        ({"error": {"code": "badtoken"}}, "badtoken"),
        ("<html>", "no login token in the answer"),
    ],
)
def test_says_why_a_login_is_refused(body: object, words: str) -> None:
    """The wiki's own reason is passed on, at either step."""
    step = WIKI.authorise(SITE, {"user": "Ida@archive", "password": "0123456789abcdef"})
    assert step.take is not None
    assert step.take(answer(body)).refused == words
    step = step.take(answer({"query": {"tokens": {"logintoken": "abc123+\\"}}}))
    assert step.take is not None
    assert step.take(answer(body)).refused == words


def test_uses_an_access_token() -> None:
    """An OAuth 2 token needs no steps; without a credential there is no login."""
    login = WIKI.authorise(SITE, {"user": "oauth2", "password": "ey.token"})
    assert login == Login((("Authorization", "Bearer ey.token"),))
    assert WIKI.authorise(SITE, {}) == Login()


# ── items ────────────────────────────────────────────────────────────────────────────────
def test_a_revision_has_its_text_and_its_page() -> None:
    """Its record holds the page's members too; a move of the page changes no revision."""
    response = revisions(REVISION)
    item, row = only("revisions", response)
    assert (item.stream, item.native_id, item.kind) == ("pages", "revision/7", "present")
    assert item.sensitivity == "public"
    assert item.page_url == "https://wiki.example/w/index.php?oldid=7"
    assert [span.role for span in item.spans] == ["item", "page", "page"]
    assert row == {
        "text": "Call 555-0100, “Łódź” {",
        "summary": "dates",
        "author_name": "Ida Fennimore",
        "author_id": "1",
        "parent_id": "revision/3",
        "thread_id": "2",
        "created": "2026-03-01T10:00:00Z",
        "created_source": "timestamp",
        "created_precision": "second",
        "created_at": "2026-03-01T10:00:00.000000Z",
        "tags": '["mw-undo"]',
        "volatile": '{"ns":0,"title":"Road closure"}',
        "extra": '{"minor":false,"size":9,"sha1":"e4ed","roles":["main"],"slots":{"main":'
        '{"contentmodel":"wikitext","contentformat":"text/x-wiki"}}}',
    }


def test_hidden_parts_are_hidden_and_private() -> None:
    """Hidden text or author make a revision hidden; words that look so in a text do not."""
    hidden = {**REVISION, "userhidden": True, "slots": {"main": {"texthidden": True}}}
    item, row = only("revisions", revisions(hidden))
    assert (item.kind, item.sensitivity) == ("hidden", "private")
    assert row["state"] == "texthidden userhidden"
    assert "text" not in row
    quoting = {**REVISION, "comment": '{"texthidden":true}'}
    assert only("revisions", revisions(quoting))[0].kind == "present"


def test_a_deleted_revision_is_the_same_record() -> None:
    """It is removed and private; number and text are those it had before."""
    response = revisions(REVISION, key="alldeletedrevisions", pageid=0)
    item, row = only("revisions deleted", response)
    assert (item.native_id, item.kind, item.sensitivity) == ("revision/7", "removed", "private")
    assert row["text"] == "Call 555-0100, “Łódź” {"
    assert "thread_id" not in row


def test_a_page_changes_with_its_last_revision() -> None:
    """A page's record has title and address; cache time and watchers are volatile."""
    item, row = only("pages ns=0", answered("pages", [PAGE]))
    assert (item.native_id, item.kind, item.page_url) == ("2", "present", PAGE["fullurl"])
    assert (row["title"], row["language"]) == ("Road closure", "en")
    assert json.loads(row["volatile"]) == {"touched": PAGE["touched"], "watchers": 1}
    assert json.loads(row["extra"])["lastrevid"] == 7


def test_a_page_that_an_answer_only_names_waits_for_the_next() -> None:
    """Where ``prop=info`` goes on in the next answer, the bare name is neither page nor residue."""
    bare = {"pageid": 2, "ns": 0, "title": "Road closure"}
    going_on = {"incontinue": "0|Road", "continue": "||siteinfo"}
    page = cut("pages ns=0", answered("pages", [bare, PAGE | {"pageid": 3}], going_on=going_on))
    assert [item.native_id for item in page.items] == ["3"]
    assert page.next is not None


def test_all_versions_of_a_file_are_kept() -> None:
    """Each upload is a thing of its own; bytes are asked for on the wiki's own host alone."""
    old = {**VERSION, "timestamp": "2026-02-01T10:00:00Z", "archivename": "2026!Map.png"}
    elsewhere = {**VERSION, "timestamp": "2026-01-01T10:00:00Z", "url": "https://cdn.example/m"}
    page = {**FILE_PAGE, "imageinfo": [VERSION, old, elsewhere]}
    response = answered("pages", [page])
    items = cut("media", response).items
    assert [item.native_id for item in items] == [
        f"Map.png/2026-0{month}-01T10:00:00Z" for month in (3, 2, 1)
    ]
    asked = [[follow.role for follow in item.follow] for item in items]
    assert asked == [["file"], ["file"], ["listing"]]
    follow = items[0].follow[0]
    assert (follow.role, follow.native_id) == ("file", "Map.png/2026-03-01T10:00:00Z/file")
    rows = [row_of(WIKI, response.body, item) for item in items[:2]]
    assert rows[0]["file_name"] == "Map.png"
    assert rows[0]["media_type"] == "image/png"
    without = [{k: v for k, v in row.items() if k != "volatile"} for row in rows]
    assert {k for k in without[0] if without[0][k] != without[1][k]} == {"created", "created_at"}


def test_a_deleted_file_is_the_same_record() -> None:
    """What remains of it is said under the id that it had."""
    archived = {"id": 1, "name": "Map.png", "ns": 6, "title": "File:Map.png", **VERSION}
    item, row = only("media deleted", answered("filearchive", [archived]))
    assert (item.native_id, item.kind) == ("Map.png/2026-03-01T10:00:00Z", "removed")
    assert item.follow == ()
    assert row["file_name"] == "Map.png"


def test_a_log_entry_says_who_did_what() -> None:
    """Type and action are its state, the reason its text."""
    item, row = only("log", answered("logevents", [ENTRY]))
    assert (item.stream, item.native_id, item.sensitivity) == ("moderation", "5", "public")
    assert item.follow == ()
    assert (row["state"], row["text"], row["thread_id"]) == ("delete/delete", "spam", "4")
    hidden = {"actionhidden": True} | {k: v for k, v in ENTRY.items() if k != "title"}
    item, row = only("log", answered("logevents", [hidden]))
    assert (item.kind, item.sensitivity, row["state"]) == (
        "hidden", "private", "delete/delete actionhidden"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({}, ["revisions deleted"]),
        ({"ns": 6, "title": "File:Map.png"}, ["revisions deleted", "media deleted"]),
        ({"action": "restore"}, ["pages", "revisions"]),
        ({"action": "restore", "ns": 6, "title": "File:M.png"}, ["pages", "revisions", "media"]),
        ({"action": "revision", "params": {"type": "revision", "ids": [7, 8]}}, ["revisions"]),
        ({"action": "revision", "params": {"type": "oldimage"}}, ["media"]),
        ({"action": "revision", "params": []}, ["revisions"]),
        ({"type": "import", "action": "upload"}, ["pages", "revisions"]),
        ({"type": "block", "action": "block", "ns": 2, "title": "User:Ann"}, ["users"]),
        ({"type": "move", "action": "move"}, []),
        ({"title": ""}, []),
    ],
)
def test_an_incremental_run_follows_the_log(change: dict[str, Any], names: list[str]) -> None:
    """What an entry changed is asked for, in the group it belongs to."""
    response = answered("logevents", [ENTRY | change])
    (item,) = cut("log newest", response, "incremental").items
    found = [follow.listing for follow in item.follow if follow.listing is not None]
    assert [one.name.removeprefix("log entry 5 ") for one in found] == names
    assert all(not one.exhaustive for one in found)


def test_users_are_private() -> None:
    """Groups are roles; a block shows in the state; the number of edits is volatile."""
    item, row = only("users", answered("allusers", [USER | {"blockid": 1, "blockreason": "noise"}]))
    assert (item.stream, item.native_id, item.sensitivity) == ("subscribers", "3", "private")
    assert (row["handle"], row["roles"], row["state"]) == ("Ann", '["*","user"]', "blocked")
    assert json.loads(row["extra"]) == {"blockid": 1, "blockreason": "noise"}
    assert json.loads(row["volatile"]) == {"editcount": 4}


def test_the_wiki_itself_is_the_profile() -> None:
    """Its clock and counts are volatile; namespaces of its own are asked for, now and later."""
    about = {"sitename": "City Wiki", "lang": "en", "time": "2026-03-01T10:00:00Z"}
    spaces = {"-1": {"id": -1}, "0": {"id": 0}, "3000": {"id": 3000, "name": "Council"}}
    query = {"general": about, "namespaces": spaces, "statistics": {"pages": 7}}
    query["usergroups"] = GROUPS
    response = answer({"batchcomplete": True, "query": query})
    page = cut("profile", response)
    (item,) = page.items
    row = row_of(WIKI, response.body, item)
    assert (row["name"], row["language"]) == ("City Wiki", "en")
    assert json.loads(row["volatile"]) == {"time": about["time"], "statistics": {"pages": 7}}
    assert page.cursor == "3000"
    (follow,) = item.follow
    assert follow.listing is not None
    assert (follow.listing.name, follow.listing.exhaustive) == ("pages ns=3000", False)
    known = replace(SITE, cursors={"profile": "3000"})
    assert WIKI.split(known, listing("profile"), response).items[0].follow == ()


def test_what_strangers_may_not_read_is_private() -> None:
    """Of a closed wiki everything is private, and of one that does not say so."""
    closed = [{"name": "*", "rights": ["createaccount"]}, {"name": "user", "rights": ["read"]}]
    for groups in (closed, [], [{"x": 1}]):
        (item,) = cut("log", answered("logevents", [ENTRY], groups)).items
        assert (item.kind, item.sensitivity) == ("present", "private")
    more = {"lecontinue": "9", "continue": "-||siteinfo"}
    for groups, later in ((closed, "private"), (GROUPS, "public")):
        following = cut("log", answered("logevents", [], groups, more)).next
        assert following is not None
        plain = {"batchcomplete": True, "requestid": "open", "query": {"logevents": [ENTRY]}}
        second = replace(listing("log"), request=following)
        response = answer(plain)
        (item,) = WIKI.split(SITE, second, response).items
        assert item.sensitivity == later


# ── answers that are no content ──────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("code", "wanted", "wait"),
    [
        ("assertuserfailed", "authorisation", 0),
        ("readapidenied", "authorisation", 0),
        ("mwoauth-invalid-authorization", "authorisation", 0),
        ("permissiondenied", "forbidden", 0),
        ("maxlag", "rate", 5),
        ("ratelimited", "rate", 60),
        ("readonly", "transient", 0),
        ("internal_api_error_DBQueryError", "transient", 0),
        ("badvalue", "schema", 0),
    ],
)
def test_errors_come_with_status_200(code: str, wanted: str, wait: float) -> None:
    """The platform's code decides, not the status."""
    response = answer({"error": {"code": code, "info": "x"}, "docref": "y"})
    problem = WIKI.split(SITE, listing("log"), response).problem
    assert problem is not None
    assert (problem.code, problem.retry_after) == (wanted, wait)


def test_waits_as_long_as_the_wiki_says() -> None:
    """``Retry-After`` counts more than the usual wait."""
    response = answer({"error": {"code": "maxlag"}}, 200, ("Retry-After", "9"))
    problem = WIKI.split(SITE, listing("log"), response).problem
    assert problem is not None
    assert problem.retry_after == 9


@pytest.mark.parametrize(
    ("body", "status", "wanted"),
    [
        ('{"batchcomplete":true,"query":{"allrevisions":[{"pag', 200, "transient"),
        ("<html>Error</html>", 503, "transient"),
        ("<html>Welcome</html>", 200, "schema"),
        ("slow down", 429, "rate"),
        ("[]", 200, "transient"),
    ],
)
def test_other_bodies_are_no_content(body: str, status: int, wanted: str) -> None:
    """Pages, cut answers and errors of servers in between are told apart."""
    problem = WIKI.split(SITE, listing("revisions"), answer(body, status)).problem
    assert problem is not None
    assert problem.code == wanted


@pytest.mark.parametrize(
    ("stream", "native_id", "query"),
    [
        ("pages", "99", {"pages": [{"pageid": 99, "missing": True}]}),
        ("pages", "revision/99", {"badrevids": {"99": {"revid": 99, "missing": True}}}),
        ("subscribers", "99", {"users": [{"userid": 99, "missing": True}]}),
        ("media", "Map.png/2026-03-01T10:00:00Z", {"pages": [FILE_PAGE]}),
    ],
)
def test_only_the_wiki_itself_says_that_there_is_none(
    stream: str, native_id: str, query: dict[str, Any]
) -> None:
    """A direct question about a thing that is gone is answered in the wiki's own words."""
    request = WIKI.direct(SITE, stream, native_id)
    assert request is not None
    one = Listing("x", stream, request, "public", "x")
    page = WIKI.split(SITE, one, answer({"batchcomplete": True, "query": query}))
    assert page.problem is not None
    assert page.problem.code == "missing"


def test_a_page_that_is_gone_again_is_no_problem_to_a_log_entry() -> None:
    """Asked for because of a log entry, nothing found is just that."""
    response = answered("logevents", [ENTRY | {"action": "restore"}])
    (item,) = cut("log newest", response, "incremental").items
    one = item.follow[0].listing
    assert one is not None
    gone = answered("pages", [{"ns": 0, "title": "Bad page", "missing": True}])
    page = WIKI.split(SITE, one, gone)
    assert (page.problem, page.items) == (None, ())
    assert left_over(gone.body, page) == []


def test_a_deleted_revision_is_found_by_asking_for_it() -> None:
    """Asked for itself, a revision of a deleted page is removed, not gone."""
    request = WIKI.direct(SITE, "pages", "revision/7")
    assert request is not None
    one = Listing("pages ns=0", "pages", request, "public", "pages")
    found = {"ns": 0, "title": "Bad", "missing": True, "deletedrevisions": [REVISION]}
    response = answered("pages", [found])
    (item,) = WIKI.split(SITE, one, response).items
    assert (item.native_id, item.kind, item.sensitivity) == ("revision/7", "removed", "private")


# ── any bytes ────────────────────────────────────────────────────────────────────────────
SEEDS = [
    revisions(REVISION, REVISION | {"revid": 8}).body,
    answered("pages", [PAGE]).body,
    answered("pages", [{**FILE_PAGE, "imageinfo": [VERSION]}]).body,
    answered("logevents", [ENTRY], going_on={"lecontinue": "1", "continue": "-||"}).body,
    json.dumps({"batchcomplete": True, "query": {"allusers": [USER]}}, indent=1).encode(),
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Return an answer with a few bytes cut, changed or put in."""
    body = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(body)))
        gone = draw(st.integers(0, 30))
        body = body[:at] + draw(st.binary(max_size=5)) + body[at + gone :]
    return body[: draw(st.integers(0, len(body)))] if draw(st.booleans()) else body


NAMES = ["profile", "pages ns=0", "revisions", "revisions deleted", "log", "users", "media"]


@given(damaged(), st.sampled_from(NAMES))
def test_damaged_answers_never_raise_and_never_vanish(body: bytes, name: str) -> None:
    """Every byte is item, claim, frame or residue, and every row can be stored."""
    page = WIKI.split(SITE, listing(name), answer(body))
    left_over(body, page)
    for item in page.items:
        assert is_plain(item.native_id)
        for column, value in row_of(WIKI, body, item).items():
            assert value.encode()
            if column in ("extra", "volatile", "flags"):
                json.loads(value)


@given(damaged())
def test_the_quick_way_finds_what_the_careful_way_finds(body: bytes) -> None:
    """Members lie where the tolerant scanner finds them."""
    text = body.rstrip(b" \t\r\n")
    quick = members_of(body, 0, len(text))
    try:
        json.loads(text)
    except ValueError:
        return
    assert quick == json_members(body, 0, len(text))


@given(st.lists(st.integers(1, 10**12), unique=True, max_size=5))
def test_undamaged_answers_leave_no_residue(ids: list[int]) -> None:
    """Every revision is found, whatever its number."""
    page = cut("revisions", revisions(*(REVISION | {"revid": one} for one in ids)))
    assert [item.native_id for item in page.items] == [f"revision/{one}" for one in ids]


@pytest.mark.parametrize("name", ["revisions", "media deleted", "log", "users"])
def test_what_is_no_item_is_left_over(name: str) -> None:
    """An item without an id is residue, in every stream, and never proves that a thing is gone."""
    keys = {"revisions": "allrevisions", "media deleted": "filearchive", "log": "logevents"}
    key = keys.get(name, "allusers")
    thing = {"revisions": [{"x": 1}]} if name == "revisions" else {"x": 1}
    response = answered(key, [thing])
    page = WIKI.split(SITE, listing(name), response)
    assert (page.items, page.problem) == ((), None)
    assert b'"x":1' in b"".join(left_over(response.body, page))
