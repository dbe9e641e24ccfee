"""What platforms say of a login, and what is told of it: when it ends, what it may not."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from archiver.capture.connector import Problem, Site
from archiver.capture.platforms import CONNECTORS
from archiver.capture.standing import Inspected, Need, Standing, after, concerns, token_says
from archiver.formats.http1 import HttpResponse, parse_response
from archiver.formats.parquet import canonical_time
from archiver.record import Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Login

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
AT = canonical_time(NOW)
DATE = "Date: Mon, 30 Nov 2026 12:00:00 GMT\r\n"
MESSAGES = Need("dm.read", (Stream.MESSAGES,), ("dm",))


def answer(body: object, status: str = "200 OK") -> HttpResponse:
    """Return an answer of a platform at `NOW`."""
    data = json.dumps(body).encode()
    head = f"HTTP/1.1 {status}\r\n{DATE}Content-Length: {len(data)}\r\n\r\n"
    return parse_response(head.encode() + data)


def said(platform: str, body: object, status: str = "200 OK") -> Standing | Problem:
    """Return what an answer of a platform says of a login."""
    one = CONNECTORS[platform]
    assert isinstance(one, Inspected)
    return one.standing(answer(body, status))


def told(standing: Standing, *, now: datetime = NOW, lost: str = "") -> list[tuple[str, str]]:
    """Return code and words of what is told of a login that needs to read messages."""
    gone = {MESSAGES.scope: lost} if lost else {}
    return [
        (one.code, one.message)
        for one in concerns((MESSAGES,), standing, gone, canonical_time(now))
    ]


@pytest.mark.parametrize("platform", ["facebook", "instagram"])
def test_meta_tells_two_ends_and_the_scopes(platform: str) -> None:
    """The token's own, and that of its access to data; 0 is never."""
    scopes = {"scopes": ["pages_messaging", "instagram_basic"]}
    data = {"expires_at": 1796126400, "data_access_expires_at": 1796126401, **scopes}
    ends = (
        ("the token", "2026-12-01T12:00:00.000000Z"),
        ("the token's access to data", "2026-12-01T12:00:01.000000Z"),
    )
    assert said(platform, {"data": data}) == Standing(ends, ("instagram_basic", "pages_messaging"))
    never = {"expires_at": 0, "data_access_expires_at": 0, **scopes}
    assert said(platform, {"data": never}) == Standing((), ("instagram_basic", "pages_messaging"))
    refused = said(platform, {"error": {"code": 190, "message": "no"}}, "400 Bad Request")
    assert isinstance(refused, Problem)


def test_what_others_tell() -> None:
    """A Mastodon server the scopes of a token, since 4.3; a blog and a wiki a user's rights."""
    scopes = {"scopes": ["read", "profile"]}
    assert said("mastodon", {"name": "archive", **scopes}) == Standing((), ("profile", "read"))
    assert said("mastodon", {"name": "archive"}) == Standing()
    may = {"capabilities": {"list_users": True, "edit_others_posts": False}}
    assert said("wordpress", {"id": 1, **may}) == Standing((), ("list_users",))
    rights = {"query": {"userinfo": {"id": 1, "rights": ["read", "deletedtext"]}}}
    assert said("mediawiki", rights) == Standing((), ("deletedtext", "read"))


def finished(platform: str, credential: dict[str, str], *answers: object) -> Login:
    """Return a login after the answers to its steps."""
    one = CONNECTORS[platform]
    login = one.authorise(Site("city", one.address_form, authorised=True), credential)
    for body in answers:
        assert login.take is not None
        login = login.take(answer(body))
    return login


@pytest.mark.parametrize("odd", [7, None, ["a"], {"a": 1}, "x"])
def test_what_comes_with_a_new_token_is_heard_and_keeps_nobody_out(odd: object) -> None:
    """X and Google name scopes, Google an end; whatever stands there, the login is made."""
    app = {
        "client_id": "app",
        "client_secret": "secret-00",
        "refresh_token": "refresh-000000000000",
    }
    token = {"access_token": "access-token-0123456789", "expires_in": 3599}
    lasting = {**token, "scope": "b a", "refresh_token_expires_in": 86400}
    login = finished("youtube", app, lasting)
    ends = (("the login", "2026-12-01T12:00:00.000000Z"),)
    assert login.standing == Standing(ends, ("a", "b"))
    strange = {**token, "scope": odd, "refresh_token_expires_in": str(odd)}
    assert finished("youtube", app, strange).headers
    me = {"data": {"id": "1", "username": "CityOfX", "name": "City"}}
    assert finished("x", app, {**token, "scope": "dm.read"}, me).standing == Standing(
        (), ("dm.read",)
    )
    assert finished("x", app, {**token, "scope": odd}, me).headers


def test_a_token_that_says_its_own_end_is_believed() -> None:
    """An OAuth 2 access token of a wiki's is a JSON Web Token; another token says nothing."""
    claims = urlsafe_b64encode(json.dumps({"exp": 1796126400}).encode()).rstrip(b"=").decode()
    login = finished("mediawiki", {"user": "oauth2", "password": f"head.{claims}.signature"})
    assert login.standing == Standing((("the access token", "2026-12-01T12:00:00.000000Z"),))
    for token in ("opaque", "a.b.c", "a.W10.c", "a..c"):
        assert token_says(token) == {}
        login = finished("mediawiki", {"user": "oauth2", "password": token})
        assert login.standing is None


def test_a_soft_logout_is_said_to_be_one() -> None:
    """The session can be taken up again: whoever renews it learns how."""
    refused = answer({"errcode": "M_UNKNOWN_TOKEN", "soft_logout": True}, "401 Unauthorized")
    one = CONNECTORS["matrix"]
    site = Site("city", one.address_form, authorised=True)
    login = one.authorise(site, {"user": "token", "password": "secret-token"})
    assert login.take is not None
    assert "a soft logout: log in again" in login.take(refused).refused
    hard = answer({"errcode": "M_UNKNOWN_TOKEN"}, "401 Unauthorized")
    assert "soft" not in login.take(hard).refused


@pytest.mark.parametrize(
    ("left", "code"),
    [
        (timedelta(days=31), ""),
        (timedelta(days=30), "credential-expires"),
        (timedelta(seconds=1), "credential-expires"),
        (timedelta(0), "credential-expired"),
        (timedelta(days=-9), "credential-expired"),
    ],
)
def test_an_end_is_told_thirty_days_before(left: timedelta, code: str) -> None:
    """And that it has come, once it has."""
    standing = Standing((("the token", canonical_time(NOW + left)),), ("dm.read",))
    assert [one for one, _ in told(standing)] == ([code] if code else [])


def test_an_end_is_told_anew_after_thirty_seven_and_one_day() -> None:
    """Between these, the same is told under the same key: once."""
    end = NOW + timedelta(days=40)
    standing = Standing((("the token", canonical_time(end)),))
    keys = []
    for day in range(45):
        found = concerns((), standing, {}, canonical_time(NOW + timedelta(days=day)))
        keys += [one.key for one in found]
    assert len(keys) == 35
    assert [keys.count(one) for one in dict.fromkeys(keys)] == [23, 6, 1, 5]


def test_what_a_login_lacks_is_told_with_the_streams_that_need_it() -> None:
    """A wider scope will do; where scopes are not told, nothing is claimed."""
    assert told(Standing((), ("tweet.read",))) == [
        ("credential-scope-missing", "the login lacks dm.read, which messages need")
    ]
    assert told(Standing((), ()), lost=AT) == [
        ("credential-scope-lost", "the login has lost dm.read, which messages need (2026-11-30)")
    ]
    for enough in (("dm",), ("dm.read", "x"), None):
        assert told(Standing((), enough)) == []


def test_a_number_of_seconds_counts_from_the_answers_own_date() -> None:
    """What is no number, or too large for a time, gives no moment."""
    assert after(answer({}), 86400) == "2026-12-01T12:00:00.000000Z"
    for odd in (None, "86400", True, float("nan"), float("inf"), 1e300):
        assert after(answer({}), odd) == ""
    assert after(parse_response(b"HTTP/1.1 200 OK\r\n\r\n"), 5) == ""
