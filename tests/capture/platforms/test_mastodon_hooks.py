"""Admin webhooks of Mastodon: what is kept of them, and how they are cut."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.connector import Site
from archiver.capture.delivery import Chooses, Delivery, Receives, Rejected, Verified
from archiver.capture.platforms.mastodon import Mastodon
from archiver.formats.http1 import HttpResponse
from tests.capture.platforms.helpers import left_over, row_of
from tests.receiver.events import SECRET, event, signature, status

NOW = datetime(2026, 11, 29, tzinfo=UTC)
SITE = Site("toots", "https://social.example/@quillwater", authorised=False)
ONE = Mastodon()
JSON = ("content-type", "application/json")


def sent(body: bytes, secret: str = SECRET) -> Delivery:
    """Return a signed delivery."""
    headers = (JSON, ("x-hub-signature", signature(body, secret)))
    return Delivery("POST", "/hooks/abc", headers, body)


def told(body: bytes) -> HttpResponse:
    """Return a delivery as splitting is given it."""
    return HttpResponse("POST /hooks/abc HTTP/1.1", 200, (JSON,), body, complete=True)


def other(kind: str, subject: object) -> bytes:
    """Return another event."""
    return json.dumps({"event": kind, "created_at": "2026-01-01", "object": subject}).encode()


def test_it_is_a_platform_that_sends() -> None:
    """And one whose deliveries tell of others."""
    assert isinstance(ONE, Receives)
    assert isinstance(ONE, Chooses)
    assert ONE.handshake(sent(b"{}"), {"webhook_secret": SECRET}) is None
    assert ONE.deliveries(SITE).exhaustive is False


def test_only_what_the_server_signed_is_genuine() -> None:
    """Under the webhook's own secret."""
    secrets = {"webhook_secret": SECRET}
    assert ONE.verify_webhook(sent(event(1)), secrets, NOW) == Verified(
        scheme="x-hub-signature sha256"
    )
    assert isinstance(ONE.verify_webhook(sent(event(1), "other"), secrets, NOW), Rejected)


def test_a_status_that_names_the_account_is_a_comment() -> None:
    """Cut as if the stream or a listing had shown it, without residue."""
    body = event(5, "a &amp; b")
    page = ONE.split(SITE, ONE.deliveries(SITE), told(body))
    (item,) = page.items
    assert (item.stream, item.native_id, item.group) == (
        "comments",
        "114000000000000005",
        "notifications",
    )
    assert left_over(body, page) == []
    assert row_of(ONE, body, item)["text"] == "a & b"


def test_the_accounts_own_status_is_a_post() -> None:
    """In the group of the listing of its own statuses."""
    subject = {**status(6), "account": {"id": "1", "acct": "quillwater"}, "mentions": []}
    page = ONE.split(SITE, ONE.deliveries(SITE), told(other("status.updated", subject)))
    assert [(one.stream, one.group) for one in page.items] == [("posts", "statuses")]


def test_of_others_nothing_is_kept() -> None:
    """No status of strangers, no report, no sign-up with its e-mail address."""
    strange = {**status(7), "mentions": []}
    assert ONE.may_keep(SITE, sent(event(7)))
    for body in (
        other("status.created", strange),
        other("account.created", {"id": "3", "email": "ann@example.org", "ip": "192.0.2.1"}),
        other("report.created", {"id": "4", "comment": "rude"}),
    ):
        assert not ONE.may_keep(SITE, sent(body))
    assert ONE.may_keep(SITE, sent(b"not JSON"))  # genuine, and nobody can say whose


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not JSON",
        b"[]",
        other("status.exploded", status(1)),
        other("status.created", "no status"),
        event(1)[:-1] + b',"object":{}}',
    ],
)
def test_what_is_not_understood_is_residue(body: bytes) -> None:
    """All of it, with the reason."""
    page = ONE.split(SITE, ONE.deliveries(SITE), told(body))
    assert page.items == ()
    assert page.problem is not None
    assert page.problem.code == "schema"


@given(st.binary(max_size=400) | st.binary(max_size=40).map(lambda one: event(1)[:80] + one))
def test_no_bytes_raise(body: bytes) -> None:
    """Whatever comes."""
    ONE.split(SITE, ONE.deliveries(SITE), told(body))
    ONE.may_keep(SITE, sent(body))
    ONE.verify_webhook(Delivery("POST", "/", (), body), {"webhook_secret": SECRET}, NOW)
