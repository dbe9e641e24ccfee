"""Deliveries as exchanges: what stands in them, and that reading them gives the body that came."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.connector import Listing
from archiver.capture.delivered import ACCEPTED, Arrival, exchange_of
from archiver.capture.delivery import Delivery, Verified
from archiver.formats.exchanges import ExchangeReader, exchange_parts
from archiver.formats.http1 import response_of
from archiver.formats.secret_values import Secrets
from archiver.record import Exchange, Request

LISTING = Listing("deliveries", "comments", Request("https://x.example/"), "private", "deliveries")
ARRIVAL = Arrival("https://hooks.example/hooks/abc?x=1", "2026-11-29T12:00:00.000000Z", "192.0.2.7")
SECRET = "sentinel-secret-77"


def made(delivery: Delivery, verified: Verified, secrets: dict[str, str]) -> Exchange:
    """Return the exchange as it is read back from a spool file."""
    exchange = exchange_of(delivery, verified, LISTING, ARRIVAL, Secrets(secrets))
    numbered = replace(exchange, lane="ab" * 16, number=7)
    reader = ExchangeReader(BytesIO(b"".join(exchange_parts(numbered))))
    (found,) = list(reader)
    assert reader.damage == ""
    assert found == numbered
    return found


@given(st.binary(max_size=3000))
def test_the_body_is_what_came(body: bytes) -> None:
    """Whatever bytes: they are what the connector is given to cut."""
    headers = (("content-type", "application/json"), ("content-length", str(len(body))))
    found = made(Delivery("POST", "/hooks/abc?x=1", headers, body), Verified(), {})
    told = response_of(found)
    assert (told.body, told.complete, told.status) == (body, True, 200)
    assert told.header("content-type") == "application/json"
    assert found.response == ACCEPTED


def test_what_the_check_found_stands_in_the_purpose() -> None:
    """The scheme, the time of signing, and who is not ours; the sender's address."""
    sent = Delivery("POST", "/hooks/abc", (), b"{}")
    verified = Verified(signed_at="2026-11-29T11:59:58.000000Z", scheme="slack v0")
    found = exchange_of(sent, verified, LISTING, ARRIVAL, Secrets({}), ("17", "18"))
    assert found.purpose["role"] == "delivery"
    assert found.purpose["scheme"] == "slack v0"
    assert found.purpose["signed_at"] == "2026-11-29T11:59:58.000000Z"
    assert found.purpose["unrouted"] == "17 18"
    assert found.purpose["exhaustive"] == "no"
    assert found.ip_address == "192.0.2.7"


def test_credentials_are_replaced_after_the_check() -> None:
    """In address, headers and body; lengths stay, and each is declared."""
    body = f'{{"token":"{SECRET}","text":"words"}}'.encode()
    headers = (("authorization", f"Bearer {SECRET}"), ("x-note", SECRET))
    sent = Delivery("POST", f"/hooks/abc?verify={SECRET}", headers, body)
    arrival = ARRIVAL._replace(url=f"https://hooks.example/hooks/abc?verify={SECRET}")
    found = exchange_of(sent, Verified(), LISTING, arrival, Secrets({"hook": SECRET}))
    stored = b"".join(exchange_parts(replace(found, lane="ab" * 16, number=1)))
    assert SECRET.encode() not in stored
    assert len(response_of(found).body) == len(body)
    assert {line.split()[0] for line in found.replacements} == {
        "url", "request-target", "request-header", "request-body",
    }  # fmt: skip


def test_chunks_are_taken_out_and_that_is_said() -> None:
    """The request is stored with a length, and says that it had none."""
    sent = Delivery("POST", "/hooks/abc", (("transfer-encoding", "chunked"),), b"whole body")
    found = made(sent, Verified(), {})
    assert response_of(found).body == b"whole body"
    assert b"content-length: 10\r\n" in found.request
    assert b"chunked" not in found.request
    assert "request-body transfer-encoding 1 decoded" in found.replacements
