"""Signatures of deliveries, by examples that others published and by hostile ones."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.delivery import Delivery, Rejected, Verified
from archiver.capture.signatures import (
    MASTODON,
    META,
    SLACK,
    WEBSUB,
    WEBSUB_WEAK,
    Scheme,
    X,
    check,
    crc_reply,
)

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
SCHEMES = (META, WEBSUB, WEBSUB_WEAK, MASTODON, X, SLACK)

SLACK_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
SLACK_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554"
    b"%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
SLACK_AT = "1531420618"
SLACK_SIGNATURE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
"""The example of docs.slack.dev, "Verifying requests from Slack"."""


def delivery(body: bytes, *headers: tuple[str, str]) -> Delivery:
    """Return a POST."""
    return Delivery("POST", "/hooks/x", headers, body)


def signed(scheme: Scheme, body: bytes, secret: str, at: datetime = NOW) -> Delivery:
    """Return a delivery as its platform signs it, made here from the words of its manual."""
    stamp = str(int(at.timestamp()))
    algorithm = scheme.algorithms[-1]
    data = (b"v0:" + stamp.encode() + b":" + body) if scheme is SLACK else body
    digest = hmac.new(secret.encode(), data, getattr(hashlib, algorithm)).digest()
    text = b64encode(digest).decode() if scheme is X else digest.hex()
    name = "v0" if scheme is SLACK else algorithm
    headers = [(scheme.header.lower(), f"{name}={text}")]
    if scheme is SLACK:
        headers.append(("x-slack-request-timestamp", stamp))
    return delivery(body, *headers)


def test_the_example_of_slack() -> None:
    """Genuine when it was sent, and for five minutes."""
    sent = delivery(
        SLACK_BODY,
        ("X-Slack-Request-Timestamp", SLACK_AT),
        ("X-Slack-Signature", SLACK_SIGNATURE),
    )
    at = datetime.fromtimestamp(int(SLACK_AT), UTC)
    genuine = Verified(signed_at="2018-07-12T18:36:58.000000Z", scheme="slack v0")
    for now in (at, at + timedelta(seconds=300), at - timedelta(seconds=300)):
        assert check(SLACK, sent, [SLACK_SECRET], now) == genuine
    for now in (at + timedelta(seconds=301), at - timedelta(seconds=301)):
        found = check(SLACK, sent, [SLACK_SECRET], now)
        assert isinstance(found, Rejected)
        assert "too long ago" in found.reason


def test_the_example_of_github() -> None:
    """GitHub's and Meta's header are one (docs.github.com, "Validating webhook deliveries")."""
    given_ = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    sent = delivery(b"Hello, World!", ("X-Hub-Signature-256", given_))
    secret = "It's a Secret to Everybody"
    assert check(META, sent, [secret], NOW) == Verified(scheme="x-hub-signature-256")
    assert isinstance(check(META, sent, ["another secret"], NOW), Rejected)


@pytest.mark.parametrize(
    ("algorithm", "digest"),
    [
        ("sha256", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            "sha384",
            (
                "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
                "8e2240ca5e69e2c78b3239ecfab21649"
            ),
        ),
        (
            "sha512",
            (
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
            ),
        ),
    ],
)
def test_the_examples_of_rfc_4231(algorithm: str, digest: str) -> None:
    """Test case 2, by every algorithm that WebSub knows."""
    sent = delivery(b"what do ya want for nothing?", ("x-hub-signature", f"{algorithm}={digest}"))
    assert check(WEBSUB, sent, ["Jefe"], NOW) == Verified(scheme="websub")


def test_sha1_only_where_a_hub_has_nothing_better() -> None:
    """RFC 2202, test case 2."""
    given_ = "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
    sent = delivery(b"what do ya want for nothing?", ("X-Hub-Signature", given_))
    assert isinstance(check(WEBSUB, sent, ["Jefe"], NOW), Rejected)
    assert check(WEBSUB_WEAK, sent, ["Jefe"], NOW) == Verified(scheme="websub")


def test_the_check_of_x() -> None:
    """The token comes back signed, as X documents it."""
    reply = crc_reply("challenge", "consumer-secret")
    made = b64encode(hmac.new(b"consumer-secret", b"challenge", hashlib.sha256).digest()).decode()
    assert (reply.status, reply.content_type) == (200, "application/json")
    assert json.loads(reply.body) == {"response_token": f"sha256={made}"}


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda one: f"{one.name} {len(one.algorithms)}")
def test_one_changed_byte_is_a_forgery(scheme: Scheme) -> None:
    """Of body, signature, secret; and nothing at all is one, too."""
    good = signed(scheme, b'{"a":1}', "secret-one")
    name, value = good.headers[0]
    assert isinstance(check(scheme, good, ["", "old-secret", "secret-one"], NOW), Verified)
    forged = [
        replace(good, body=b'{"a":2}'),
        replace(good, body=b'{"a":1} '),
        replace(good, headers=((name, value[:-1]), *good.headers[1:])),
        replace(good, headers=((name, value.partition("=")[2]), *good.headers[1:])),
        replace(good, headers=((name, ""), *good.headers[1:])),
        replace(good, headers=good.headers[1:]),
    ]
    for one in forged:
        found = check(scheme, one, ["secret-one"], NOW)
        assert isinstance(found, Rejected)
        assert found.status == 401
    for secrets in ([], [""], ["secret-two"]):
        assert isinstance(check(scheme, good, secrets, NOW), Rejected)


def test_the_time_is_signed_too() -> None:
    """Who sends an old body with a new time has no signature for it."""
    old = signed(SLACK, b"body", "secret-one", NOW - timedelta(hours=1))
    assert isinstance(check(SLACK, old, ["secret-one"], NOW), Rejected)
    stamp = ("x-slack-request-timestamp", str(int(NOW.timestamp())))
    again = replace(old, headers=(old.headers[0], stamp))
    assert isinstance(check(SLACK, again, ["secret-one"], NOW), Rejected)
    for text in ("", "-1", "now", "9" * 12, "1" * 4000, "١٢٣"):
        odd = replace(old, headers=(old.headers[0], (stamp[0], text)))
        assert isinstance(check(SLACK, odd, ["secret-one"], NOW), Rejected)


@given(st.sampled_from(SCHEMES), st.binary(max_size=60), st.text(max_size=80), st.text(max_size=14))
def test_nothing_is_raised_or_told(scheme: Scheme, body: bytes, value: str, stamp: str) -> None:
    """Whatever stands in the headers: an answer without secret and without signature."""
    sent = delivery(body, (scheme.header, value), ("X-Slack-Request-Timestamp", stamp))
    found = check(scheme, sent, ["sentinel-secret"], NOW)
    assert isinstance(found, Rejected)
    assert "sentinel" not in found.reason
    assert value.strip() == "" or value not in found.reason or len(value) < 4
