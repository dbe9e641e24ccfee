"""Credentials are replaced wherever and however they are spelt, and nothing else is."""

from __future__ import annotations

import base64
import gzip
import html
import json
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from archiver.errors import UsageError
from archiver.formats.http1 import parse_response
from archiver.formats.replacement import Secrets, scrub, scrub_purpose, scrub_url

if TYPE_CHECKING:
    from collections.abc import Callable

OK = b"HTTP/1.1 200 OK\r\n"
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=6, max_size=24)
SPELLINGS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "percent": lambda value: quote(value, safe=""),
    "percent, lower case": lambda value: (
        quote(value, safe="").lower() if value.islower() else value
    ),
    "plus": quote_plus,
    "percent twice": lambda value: quote(quote(value, safe=""), safe=""),
    "json": lambda value: json.dumps(value)[1:-1],
    "json with slashes": lambda value: json.dumps(value)[1:-1].replace("/", "\\/"),
    "json in json": lambda value: json.dumps(json.dumps(value)[1:-1])[1:-1],
    "json in utf-8": lambda value: json.dumps(value, ensure_ascii=False)[1:-1],
    "html": html.escape,
    "html numbers": lambda value: "".join(f"&#{ord(one)};" for one in value),
    "html in hex": lambda value: "".join(f"&#x{ord(one):X};" for one in value),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64url": lambda value: base64.urlsafe_b64encode(value.encode()).decode().rstrip("="),
    "basic": lambda value: base64.b64encode(f"user:{value}".encode()).decode(),
    "base64 of more": lambda value: base64.b64encode(f"x{value}yz".encode()).decode(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@given(value=VALUES)
@settings(max_examples=25)
def test_found_in_every_spelling(spelling: str, value: str) -> None:
    """A secret echoed in a body is replaced by as many asterisks, in whatever spelling."""
    assume("\\" not in value or "json in" not in spelling)
    echoed = SPELLINGS[spelling](value).encode()
    body = b'{"echo":"' + echoed + b'"}'
    response = OK + b"Content-Length: %d\r\n\r\n" % len(body) + body
    scrubbed = scrub(GET, response, Secrets({"token": value}))
    assert len(scrubbed.response) == len(response)
    assert echoed not in scrubbed.response or echoed.strip(b"*") == b""
    assert scrubbed.replacements[0].startswith("response-body token ")
    assert parse_response(scrubbed.response).complete


@given(VALUES, st.binary(max_size=60), st.integers(1, 9))
def test_found_across_chunks(value: str, around: bytes, size: int) -> None:
    """Chunks keep their sizes, and no secret survives in their joined data."""
    data = around + value.encode() + around
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    response = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    response += b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    scrubbed = scrub(GET, response, Secrets({"token": value})).response
    body = parse_response(scrubbed).body
    assert (len(scrubbed), len(body)) == (len(response), len(data))
    assert value.encode() not in body or not value.strip("*")


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_innocent_bytes_stay(request: bytes, response: bytes) -> None:
    """Without secrets and credential headers nothing changes; no bytes make it raise."""
    response = OK + b"\r\n" + response
    secrets = Secrets({"token": "never-in-random-bytes"})
    scrubbed = scrub(request, response, secrets)
    assert scrubbed.response is response
    assert scrub(response, request, secrets) is not None
    assert (scrubbed.request == request) == (not scrubbed.replacements)


def test_declarations() -> None:
    """Each replacement is declared: where, whose, how often."""
    secrets = Secrets({"basic-password": "hunter22!", "page-token": "EAAB1234567"})
    request = (
        b"GET /me?access_token=EAAB1234567&x=1 HTTP/1.1\r\nHost: x\r\n"
        b"authorization: Basic " + base64.b64encode(b"me:hunter22!") + b"\r\n"
        b"Cookie: a=b\r\nX-WP-Nonce: 12345\r\nX-Empty:\r\nCookie:\r\n"
        b"Referer: https://y.example/?password=unknown%20one&z=1\r\n\r\n"
    )
    response = OK + b"Set-Cookie: sid=abc; Path=/\r\nSet-Cookie: gone=; Max-Age=0\r\n\r\n"
    scrubbed = scrub(request, response + b"EAAB1234567 EAAB1234567", secrets)
    assert scrubbed.request == (
        b"GET /me?access_token=%5Breplaced%3A%20page-token%5D&x=1 HTTP/1.1\r\nHost: x\r\n"
        b"authorization: [replaced: basic-password]\r\n"
        b"Cookie: [replaced: credential]\r\nX-WP-Nonce: [replaced: credential]\r\n"
        b"X-Empty:\r\nCookie:\r\n"
        b"Referer: https://y.example/?password=%5Breplaced%3A%20password%5D&z=1\r\n\r\n"
    )
    assert scrubbed.response == (
        OK + b"Set-Cookie: sid=[replaced: credential]; Path=/\r\n"
        b"Set-Cookie: gone=; Max-Age=0\r\n\r\n*********** ***********"
    )
    assert scrubbed.replacements == (
        "request-header authorization basic-password 1",
        "request-header cookie credential 1",
        "request-header referer password 1",
        "request-header x-wp-nonce credential 1",
        "request-target page-token 1",
        "response-body page-token 2",
        "response-header set-cookie credential 1",
    )


TOKEN = Secrets({"token": "EAAB1234567"})


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"X-A: see EAAB1234567", b"X-A: [replaced: token]"),
        (b"X-EAAB1234567: a", b"X-[replaced: token]: a"),
        (b"no colon EAAB1234567", b"no colon [replaced: token]"),
        (b"Set-Cookie: t=EAAB1234567; Path=/", b"Set-Cookie: t=[replaced: token]; Path=/"),
        (b"Set-Cookie: t=1; Path=/EAAB1234567", b"Set-Cookie: [replaced: token]"),
        (b"Set-Cookie: EAAB1234567", b"Set-Cookie: [replaced: token]"),
        (b"Set-Cookie: bare", b"Set-Cookie: bare"),
        (b"Location: /?t=EAAB1234567#x", b"Location: /?t=%5Breplaced%3A%20token%5D#x"),
        (b"Location: //u:p@h/", b"Location: //%5Breplaced%3A%20userinfo%5D@h/"),
        (b"X-A: one\r\n EAAB1234567", b"X-A: [replaced: token]"),
        (b"Link: <?api_key=a>, <?API_KEY=b>", None),
    ],
)
def test_header_lines(line: bytes, expected: bytes | None) -> None:
    """Headers keep what is no credential."""
    if expected is None:
        expected = line.replace(b"=a>", b"=%5Breplaced%3A%20api_key%5D>")
        expected = expected.replace(b"=b>", b"=%5Breplaced%3A%20api_key%5D>")
    if line.startswith(b"Location: //"):
        line, expected = (part.replace(b": //", b": http://") for part in (line, expected))
    scrubbed = scrub(GET, OK + line + b"\r\nX-B: kept\r\n\r\n", TOKEN)
    assert scrubbed.response == OK + expected + b"\r\nX-B: kept\r\n\r\n"
    assert bool(scrubbed.replacements) == (line != expected)


def test_several_secrets_in_one_place() -> None:
    """Each is declared, and where one lies within another, both go."""
    secrets = Secrets({"inner": "abcdef123", "outer": "xx-abcdef123-yy"})
    scrubbed = scrub(GET, OK + b"\r\nxx-abcdef123-yy abcdef123", secrets)
    assert scrubbed.response == OK + b"\r\n" + b"*" * 15 + b" " + b"*" * 9
    assert scrubbed.replacements == ("response-body inner 1", "response-body outer 1")


@pytest.mark.parametrize("chunked", [False, True])
def test_coded_body_is_stored_decoded(chunked: bool) -> None:  # noqa: FBT001 - both ways
    """The header lines stay as received; the declaration says what was done."""
    coded = gzip.compress(b"token: EAAB1234567.")
    head = OK + b"Content-Encoding: gzip\r\n"
    if chunked:
        head += b"Transfer-Encoding: chunked\r\n"
        coded = b"%x\r\n%s\r\n0\r\nX-Sum: 1\r\n\r\n" % (len(coded), coded)
    scrubbed = scrub(GET, head + b"\r\n" + coded, TOKEN)
    assert scrubbed.response == head + b"\r\ntoken: ***********."
    declared = ["response-body token 1 decoded"]
    assert list(scrubbed.replacements) == declared + ["response-body trailers 1 cut"] * chunked
    body = parse_response(scrubbed.response, decoded=True).body
    assert body == b"token: ***********."


def test_coded_body_without_secret_stays_coded() -> None:
    """A coded body is stored as received when nothing in it had to be replaced."""
    response = OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"innocent")
    assert scrub(GET, response, TOKEN).response is response
    assert scrub(GET, response, Secrets({})).response is response


def test_bodies_that_do_not_decode() -> None:
    """What could not be searched is declared, and the part that decodes is cleaned."""
    unknown = OK + b"Content-Encoding: br\r\n\r\ncoded EAAB1234567"
    scrubbed = scrub(GET, unknown, TOKEN)
    assert scrubbed.response == OK + b"Content-Encoding: br\r\n\r\ncoded " + b"*" * 11
    assert scrubbed.replacements == ("response-body br 0 unsearched", "response-body token 1")
    coded = gzip.compress(b"EAAB1234567 " * 3, 0)[:-9]
    scrubbed = scrub(GET, OK + b"Content-Encoding: gzip\r\n\r\n" + coded, TOKEN)
    assert b"EAAB" not in scrubbed.response
    assert "response-body gzip 0 cut" in scrubbed.replacements
    assert "response-body token 3 decoded" in scrubbed.replacements


@pytest.mark.parametrize(
    "response",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx EAAB12345",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n63\r\nx EAAB12345",
        b"HTTP/1.1 200 OK\r\nX-A: EAAB12345",
        b"HTTP/1.1 2",
        b"EAAB1234567 EAAB12345",
    ],
)
def test_cut_inside_a_secret(response: bytes) -> None:
    """Where a message was cut within a secret, its beginning is replaced too."""
    assert b"EAAB" not in scrub(GET, response, TOKEN).response


def test_url_and_purpose() -> None:
    """Addresses and purposes are cleaned like request targets."""
    url, declared = scrub_url("https://x.example/?t=EAAB1234567&access_token=other", TOKEN)
    assert url == (
        "https://x.example/?t=%5Breplaced%3A%20token%5D&access_token=%5Breplaced%3A%20access_token%5D"
    )
    assert declared == ("url access_token 1", "url token 1")
    purpose, declared = scrub_purpose({"next": "EAAB1234567", "n\u00e4me": "ok\ud800"}, TOKEN)
    assert purpose == {"next": "%5Breplaced%3A%20token%5D", "n\u00e4me": "ok\ud800"}
    assert declared == ("purpose next token 1",)


def test_text_is_cleaned() -> None:
    """Words for people name the secret instead of showing it."""
    assert TOKEN.clean("it was EAAB1234567, \u00fc") == "it was [replaced: token], \u00fc"
    assert repr(TOKEN) == "Secrets(token)"


@pytest.mark.parametrize("values", [{"token": "short"}, {"Token": "long enough"}, {"": "123456"}])
def test_secrets_that_are_refused(values: dict[str, str]) -> None:
    """Values that would be found in innocent text, and names that would not fit, are refused."""
    with pytest.raises(UsageError) as raised:
        Secrets(values)
    assert not any(value in str(raised.value) for value in values.values())


@pytest.mark.parametrize("spelling", ["raw", "percent", "plus", "json", "html", "basic"])
@pytest.mark.parametrize("text", ["q7Zr W9pX k2Lm", "q7ZrW9pXk2Lm"])
def test_white_space_that_only_groups_a_secret_does_not_hide_it(spelling: str, text: str) -> None:
    """WordPress shows application passwords in groups, and takes them without the blanks."""
    secrets = Secrets({"password": "q7Zr W9pX k2Lm"})
    spelled = SPELLINGS[spelling](text)
    cleaned = secrets.clean(f"is {spelled}.")
    assert "[replaced: password]" in cleaned
    assert spelled not in cleaned
    assert spelled[-8:] not in cleaned


def test_innocent_neighbours() -> None:
    """Text that only resembles a secret stays."""
    text = b"EAAB123456 EAAB-1234567 eaab1234567 EAAB\\u0031234567x"
    assert scrub(GET, OK + b"Content-Length: 200\r\n\r\n" + text, TOKEN).response.endswith(
        b" eaab1234567 ***********" + b"*" * 5 + b"x"
    )
