"""Streams that tell of others, too: what may not be stored is gone, and declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from archiver.formats.choosing import choose_messages, messages
from archiver.formats.http1 import parse_response
from archiver.formats.replacement import Secrets, scrub
from archiver.formats.websocket import BINARY, CLOSE, CONTINUATION, PING, message
from tests.formats.test_websocket import framed

if TYPE_CHECKING:
    from collections.abc import Sequence

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
SOCKET = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def ours(found: Sequence[bytes]) -> list[bytes]:
    """Keep what has ``our`` in it, and of a last message of others its number."""
    kept = [one if b"our" in one else b"" for one in found]
    if kept and not kept[-1]:
        kept[-1] = found[-1][:2]
    return kept


def test_messages_of_others_are_left_out() -> None:
    """Ours and control frames stay byte for byte, the last position in short."""
    mine, ping = framed(b"1 ours"), framed(b"hb", PING)
    body = framed(b"0 theirs") + mine + ping + framed(b"2 theirs") + framed(b"3 theirs")
    chosen = choose_messages(body, ours)
    assert chosen.body == mine + ping + framed(b"3 ")
    assert chosen.declarations == ("response-messages others 2", "response-messages position 1")
    assert b"theirs" not in chosen.body


def test_where_all_is_ours_nothing_changes() -> None:
    """The very same bytes, and nothing is declared."""
    body = framed(b"1 ours") + framed(b"bye", CLOSE)
    assert choose_messages(body, ours) == (body, ())


def test_a_message_in_several_frames_is_stored_in_one() -> None:
    """Also with a control frame among them; a record needs its bytes in one place."""
    ping = framed(b"hb", PING)
    first = framed(b"1 o", BINARY, last=False) + ping + framed(b"urs", CONTINUATION)
    chosen = choose_messages(first, ours)
    assert chosen.body == framed(b"1 ours") + ping
    assert chosen.declarations == ("response-messages joined 1",)
    found, control = messages(first)
    assert [(one.payload, one.start) for one in found] == [(b"1 ours", -1)]
    assert [first[slice(*one)] for one in control] == [ping]


def test_half_a_message_is_left_out() -> None:
    """Whose it is is not known; from the last position it comes again."""
    for cut in (framed(b"2 ours")[:-1], framed(b"2 ours", last=False)):
        chosen = choose_messages(framed(b"1 ours") + cut, ours)
        assert chosen.body == framed(b"1 ours")
        assert chosen.declarations == ("response-messages unfinished 1",)


@given(st.lists(st.binary(min_size=1, max_size=200), max_size=6), st.integers(0, 400))
def test_what_is_left_is_what_was_chosen(payloads: list[bytes], cut: int) -> None:
    """In order, whole, and read again as the same messages."""
    body = b"".join(message(one) for one in payloads)[:cut]
    found, _ = messages(body)
    chosen = choose_messages(body, ours)
    again, _ = messages(chosen.body)
    wanted = [one for one in ours([one.payload for one in found]) if one]
    assert [one.payload for one in again] == wanted


def test_events_of_others_are_left_out() -> None:
    """Out of chunks that cut anywhere; heartbeats and half an event stay."""
    blocks = [b"event: a\ndata: ours\n\n", b"event: a\ndata: theirs\n\n", b":thump\n", b"data: o"]
    whole = b"".join(blocks)
    chunks = b"".join(b"1\r\n%b\r\n" % whole[n : n + 1] for n in range(len(whole)))
    clean = scrub(GET, EVENTS + chunks, Secrets({}), cut=True, choose=only)
    assert clean.replacements == ("response-body others 1 decoded",)
    read = parse_response(clean.response, decoded=True)
    assert read.body == blocks[0] + blocks[2] + blocks[3]
    same = scrub(
        GET, EVENTS + b"%x\r\n%b\r\n" % (len(blocks[0]), blocks[0]), Secrets({}), choose=only
    )
    assert same.replacements == ()
    assert same.response.startswith(EVENTS + b"15\r\n")


def only(found: Sequence[bytes]) -> list[bytes]:
    """Keep what has ``our`` in it."""
    return [one if b"our" in one else b"" for one in found]


def test_an_answer_that_is_no_stream_stays() -> None:
    """An error in place of events is recorded like any other."""
    error = b"HTTP/1.1 401 X\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    assert scrub(GET, error, Secrets({}), choose=only).response == error
    assert scrub(GET, b"HTTP/1.1 200", Secrets({}), cut=True, choose=only).replacements == ()


def test_secrets_are_replaced_before_anything_is_chosen() -> None:
    """Both are declared; what stays has no secret in it."""
    secrets = Secrets({"token": "EAABsbCS1iHgBO7sentinel"})
    body = framed(b"1 our EAABsbCS1iHgBO7sentinel") + framed(b"2 theirs") + framed(b"3 ours")
    clean = scrub(GET, SOCKET + body, secrets, choose=ours)
    assert clean.response == SOCKET + framed(b"1 our " + b"*" * 23) + framed(b"3 ours")
    assert clean.replacements == ("response-body token 1", "response-messages others 1")
