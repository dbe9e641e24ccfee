"""Matrix: logging in with a password, or with an access token that somebody made."""

from __future__ import annotations

import json

import pytest

from archiver.capture.connector import Login, Site
from archiver.capture.platforms.matrix import Matrix
from tests.capture.platforms.helpers import answer

MATRIX = Matrix()
CITY, BO = "@city:city.example", "@bo:city.example"
SITE = Site("chat", f"https://matrix.city.example/{CITY}", authorised=True)
API = "https://matrix.city.example/_matrix/client/v3"


def test_a_password_is_exchanged_for_a_token() -> None:
    """One request to the homeserver, always as the same device; the token is a secret."""
    step = MATRIX.authorise(SITE, {"user": "city", "password": "long secret"})
    assert step.request is not None
    assert step.take is not None
    assert (step.request.method, step.request.url) == ("POST", f"{API}/login")
    sent = json.loads(step.request.body)
    assert (sent["device_id"], sent["identifier"]["user"]) == ("CIVICARCHIVER", "city")
    done = step.take(answer({"user_id": CITY, "access_token": "syt_x", "device_id": "D"}))
    assert done == Login((("Authorization", "Bearer syt_x"),), secrets={"access_token": "syt_x"})


def test_a_token_is_tried_before_it_is_used() -> None:
    """With user ``token`` the homeserver says whose token it is."""
    step = MATRIX.authorise(SITE, {"user": "token", "password": "syt_y"})
    assert step.request is not None
    assert step.take is not None
    assert step.request.url == f"{API}/account/whoami"
    done = step.take(answer({"user_id": CITY}))
    assert done.headers == (("Authorization", "Bearer syt_y"),)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"errcode": "M_FORBIDDEN", "error": "no"}, 403, "403 M_FORBIDDEN"),
        ({"user_id": BO, "access_token": "t"}, 200, f"this login is not that of {CITY}"),
        ({"user_id": CITY}, 200, "no access token"),
        ({"user_id": CITY, "access_token": "a\nb"}, 200, "no access token"),
        ("<html>", 200, "not what Matrix documents"),
        ("<html>", 502, "502"),
    ],
)
def test_a_login_can_be_refused(body: object, status: int, said: str) -> None:
    """Wrong passwords, other people's tokens and odd answers end the login with a reason."""
    step = MATRIX.authorise(SITE, {"user": "city", "password": "long secret"})
    assert step.take is not None
    assert said in step.take(answer(body, status)).refused


def test_a_login_needs_a_user_in_the_address() -> None:
    """Without one nothing is sent; without a credential nobody logs in."""
    bare = Site("chat", "https://matrix.city.example", authorised=True)
    refused = MATRIX.authorise(bare, {"user": "city", "password": "long secret"})
    assert refused.request is None
    assert "user id" in refused.refused
    assert MATRIX.authorise(SITE, {"user": "", "password": ""}) == Login()
