"""Recorded HTTP/1.1 is read as it was received, and nothing in it makes reading fail."""

from __future__ import annotations

import gzip
import zlib

import h11
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archiver.formats.http1 import parse_request, parse_response, response_of
from archiver.formats.http1_codings import decode
from archiver.formats.http1_framing import frame_request, frame_response, unchunk
from archiver.record import Exchange

OK = b"HTTP/1.1 200 OK\r\n"


def test_head_is_verbatim() -> None:
    """Status line, order, case and repetition of headers are kept, bytes as Latin-1."""
    parsed = parse_response(
        b"HTTP/1.1 200 \xdcber gut\r\nX-b: 2\r\nx-A:1 \r\nX-B:\r\nContent-Length: 2\r\n\r\nhi"
    )
    assert parsed.status_line == "HTTP/1.1 200 Über gut"
    assert parsed.status == 200
    assert parsed.headers == (("X-b", "2"), ("x-A", "1"), ("X-B", ""), ("Content-Length", "2"))
    assert (parsed.header("x-b"), parsed.header("none")) == ("2", "")
    assert parsed.values("x-b") == ["2", ""]
    assert (parsed.body, parsed.complete, parsed.problem) == (b"hi", True, "")


def test_request_is_verbatim() -> None:
    """A request's line, headers and body are read back."""
    parsed = parse_request(b"POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
    assert (parsed.request_line, parsed.method) == ("POST /a?b=c HTTP/1.1", "POST")
    assert (parsed.target, parsed.header("HOST"), parsed.body) == ("/a?b=c", "x", b"abc")
    assert (parsed.complete, parsed.problem) == (True, "")


@pytest.mark.parametrize(
    ("raw", "body", "complete", "problem"),
    [
        (b"", b"", False, "nothing was received"),
        (b"HTTP/1.1 200", b"", False, "head is cut"),
        (OK + b"Content-Type: te", b"", False, "head is cut"),
        (OK + b"\r\nto the end", b"to the end", True, ""),
        (OK + b"Content-Length: 5\r\n\r\nabc", b"abc", False, "body is cut: 3 of 5 bytes"),
        (OK + b"Content-Length: 2\r\n\r\nabc", b"ab", True, "1 bytes after the end"),
        (OK + b"Content-Length: 2, 2\r\nContent-Length: 2\r\n\r\nab", b"ab", True, ""),
        (OK + b"Content-Length: 2, 3\r\n\r\nabc", b"abc", False, "no single number"),
        (OK + b"Content-Length: +2\r\n\r\nabc", b"abc", False, "no single number"),
        (OK + b"Content-Length: " + b"9" * 19 + b"\r\n\r\n", b"", False, "no single number"),
        (b"HTTP/1.1 204 None\r\nContent-Length: 3\r\n\r\n", b"", True, ""),
        (b"HTTP/1.1 304 Same\r\n\r\nabc", b"", True, "3 bytes after the end"),
        (b"HTTP/1.1 101 Switch\r\n\r\n", b"", True, ""),
        (b"HTTP/1.0 200 OK\nA: b\n\nbare line ends", b"bare line ends", True, ""),
        (b"\r\n\r\nHTTP/1.1 200 OK\r\n\r\nlate", b"late", True, ""),
        (b"gibberish\r\n\r\nbody", b"body", True, "no HTTP status line"),
        (b"HTTP/1.1 2000 OK\r\n\r\nbody", b"body", True, "no HTTP status line"),
        (OK + b"no colon\r\n\r\nbody", b"body", True, "a header line has no colon"),
    ],
)
def test_framing(raw: bytes, body: bytes, complete: bool, problem: str) -> None:  # noqa: FBT001 - a table
    """Where a body ends, and what is said of one that does not end there."""
    parsed = parse_response(raw)
    assert (parsed.body, parsed.complete) == (body, complete)
    assert problem in parsed.problem
    assert bool(problem) == bool(parsed.problem)


@pytest.mark.parametrize(
    ("chunks", "body", "problem"),
    [
        (b"3\r\nabc\r\n0\r\n\r\n", b"abc", ""),
        (b"3;x=1\r\nabc\r\nA\r\n0123456789\r\n000\r\n\r\n", b"abc0123456789", ""),
        (b"3\nabc\n0\n\n", b"abc", ""),
        (b"0\r\n\r\n", b"", ""),
        (b"3\r\nabc\r\n0\r\n\r\nmore", b"abc", "4 bytes after the end"),
        (b"3\r\nabc\r\n0\r\n", b"abc", "body is cut in its trailers"),
        (b"3\r\nabc\r\n0\r\nX: y\r\n", b"abc", "body is cut in its trailers"),
        (b"3\r\nabc\r\n0", b"abc", "body is cut at a chunk size"),
        (b"3\r\nabc\r\n", b"abc", "body is cut at a chunk size"),
        (b"3\r\nabc\r", b"abc", "body is cut inside a chunk"),
        (b"3\r\nabc", b"abc", "body is cut inside a chunk"),
        (b"3\r\nab", b"ab", "body is cut inside a chunk"),
        (b"3\r\nabcd\r\n", b"abc", "chunk does not end where it says"),
        (b"-3\r\nabc\r\n0\r\n\r\n", b"", "not a chunk size"),
        (b"x" * 20_000, b"", "not a chunk size"),
    ],
)
def test_chunks(chunks: bytes, body: bytes, problem: str) -> None:
    """Chunks are joined as far as they are well formed."""
    parsed = parse_response(OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    assert (parsed.body, parsed.problem) == (body, problem)
    assert parsed.complete == (not problem or problem.endswith("after the end"))


def test_trailers_and_interim_responses() -> None:
    """Trailers and 1xx responses are told apart from headers and body."""
    raw = b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + OK
    raw += b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 1\r\nbroken\r\n\r\n"
    parsed = parse_response(raw)
    assert parsed.interim == ("HTTP/1.1 103 Early",)
    assert parsed.headers == (("Transfer-Encoding", "chunked"),)
    assert parsed.trailers == (("X-Sum", "1"), ("broken", ""))
    assert (parsed.body, parsed.complete) == (b"a", True)


def test_only_interim_responses() -> None:
    """When nothing follows a 100, no response came."""
    parsed = parse_response(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert (parsed.status, parsed.complete) == (0, False)
    assert parsed.interim == ("HTTP/1.1 100 Continue",)


def test_folded_header() -> None:
    """A value over several lines is joined by spaces (RFC 9112 §5.2)."""
    parsed = parse_response(OK + b"X-Long: one\r\n  two\r\n\tthree\r\nX-B: 1\r\n\r\n")
    assert parsed.headers == (("X-Long", "one two three"), ("X-B", "1"))


@pytest.mark.parametrize(
    ("coding", "coded"),
    [
        ("gzip", gzip.compress(b"text", mtime=0)),
        ("X-GZip", gzip.compress(b"te", mtime=0) + gzip.compress(b"xt", mtime=0)),
        ("deflate", zlib.compress(b"text")),
        ("deflate", zlib.compress(b"text")[2:-4]),
        ("identity", b"text"),
        ("gzip, deflate", zlib.compress(gzip.compress(b"text", mtime=0))),
    ],
)
def test_codings(coding: str, coded: bytes) -> None:
    """Content codings are taken off, the last one applied first; so is a transfer coding."""
    parsed = parse_response(OK + f"Content-Encoding: {coding}\r\n\r\n".encode() + coded)
    assert (parsed.body, parsed.complete, parsed.problem) == (b"text", True, "")
    head = f"Transfer-Encoding: {coding}, chunked\r\n\r\n".encode()
    parsed = parse_response(OK + head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(coded), coded))
    assert (parsed.body, parsed.complete) == (b"text", True)


def test_unknown_coding_is_said() -> None:
    """A coding that we do not know is named, its body left as it came."""
    parsed = parse_response(OK + b"Content-Encoding: gzip, br\r\n\r\ncoded")
    assert (parsed.body, parsed.coded, parsed.complete) == (b"coded", ("gzip", "br"), False)
    assert parsed.problem == "content coding 'br' is not known here"


@pytest.mark.parametrize(
    ("coding", "data", "problem"),
    [
        ("gzip", gzip.compress(b"text" * 999, mtime=0)[:-9], "coded body is cut"),
        ("gzip", gzip.compress(b"text", mtime=0)[:-4] + b"oops", "does not decode"),
        ("gzip", b"plain after all", "does not decode"),
        ("gzip", gzip.compress(b"text", mtime=0) + b"plain", "does not decode"),
        ("deflate", zlib.compress(b"text") + b"more", "bytes follow"),
        ("gzip", gzip.compress(b"0" * 5_000_001, mtime=0), "more bytes than we allow"),
    ],
)
def test_codings_that_fail(coding: str, data: bytes, problem: str) -> None:
    """What decodes is kept, what is wrong is said, and no bomb goes off."""
    decoded = decode(data, (coding,), 5_000_000)
    assert problem in decoded.problem
    assert len(decoded.data) <= 5_000_000
    assert decode(b"", ("gzip",)).problem == ""


def test_largest_body_just_fits() -> None:
    """A body of exactly the largest size is whole."""
    assert decode(gzip.compress(b"0" * 3_000_000, mtime=0), ("gzip",), 3_000_000).problem == ""


def test_head_has_no_body() -> None:
    """The length in a response to HEAD is that of a body that is not there."""
    raw = OK + b"Content-Length: 99\r\n\r\n"
    assert parse_response(raw, method="HEAD").complete
    assert not parse_response(raw).complete


def exchange(
    response: bytes,
    request: bytes = b"GET / HTTP/1.1\r\n\r\n",
    truncated: str = "",
    replacements: tuple[str, ...] = (),
) -> Exchange:
    """Return an exchange of that response."""
    return Exchange("a", 1, "", "", request, response, truncated, replacements=replacements)


def test_response_of_an_exchange() -> None:
    """The exchange knows the method, that a body was stored decoded, and that it was cut."""
    raw = OK + b"Content-Length: 9\r\nContent-Encoding: gzip\r\n\r\n"
    assert response_of(exchange(raw, b"HEAD / HTTP/1.1\r\n\r\n")).complete
    declared = ("response-body token 1 decoded",)
    parsed = response_of(exchange(raw + b"decoded", replacements=declared))
    assert (parsed.body, parsed.complete, parsed.problem) == (b"decoded", True, "")
    cut = response_of(exchange(OK + b"\r\nabc", truncated="time"))
    assert (cut.body, cut.complete, cut.problem) == (b"abc", False, "response was cut: time")
    assert not response_of(exchange(b"", truncated="disconnect")).complete


MESSY = st.lists(
    st.one_of(
        st.binary(max_size=12),
        st.sampled_from(
            [
                OK,
                b"HTTP/1.1 100 Continue\r\n\r\n",
                b"\r\n",
                b"\n",
                b"Content-Length: 3\r\n",
                b"Transfer-Encoding: gzip, chunked\r\n",
                b"Content-Encoding: deflate\r\n",
                b"3\r\nabc\r\n",
                b"0\r\n\r\n",
                gzip.compress(b"abc", mtime=0),
                b" folded\r\n",
            ]
        ),
    ),
    max_size=12,
).map(b"".join)


@given(MESSY)
@example(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n")
def test_no_bytes_make_it_raise(raw: bytes) -> None:
    """Whatever was recorded is read, and its parts lie within it."""
    for framed in (frame_response(raw), frame_request(raw), frame_response(raw, "HEAD")):
        assert 0 <= framed.end <= len(raw)
        assert all(0 <= start <= end <= framed.end for start, end in framed.ranges)
    parsed = parse_response(raw)
    assert parsed.complete or parsed.problem
    request = parse_request(raw)
    assert request.complete or request.problem


@given(st.binary(max_size=300), st.lists(st.integers(1, 40), min_size=1, max_size=12))
def test_chunked_agrees_with_h11(body: bytes, sizes: list[int]) -> None:
    """What h11 makes of a well-formed chunked response is what we make of it."""
    parts, at = [], 0
    for size in sizes:
        parts.append(body[at : at + size])
        at += size
    raw = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    raw += b"".join(b"%X\r\n%s\r\n" % (len(part), part) for part in parts if part) + b"0\r\n\r\n"
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    client.send(h11.EndOfMessage())
    client.receive_data(raw)
    theirs = b""
    while not isinstance(event := client.next_event(), h11.EndOfMessage):
        theirs += bytes(event.data) if isinstance(event, h11.Data) else b""
    parsed = parse_response(raw)
    assert (parsed.body, parsed.complete, parsed.problem) == (theirs, True, "")


@given(st.binary(max_size=60), st.integers(0, 60))
def test_every_cut_of_a_body_is_seen(body: bytes, keep: int) -> None:
    """A chunked or measured body that lost its end is never called complete."""
    chunk = b"%x\r\n%s\r\n" % (len(body), body) if body else b""
    for head, rest in (
        (b"Transfer-Encoding: chunked\r\n\r\n", chunk + b"0\r\n\r\n"),
        (b"Content-Length: %d\r\n\r\n" % len(body), body),
    ):
        cut = rest[:keep]
        assert parse_response(OK + head + cut).complete == (len(cut) == len(rest))


def test_offsets_of_chunks() -> None:
    """The ranges of a chunked body are offsets in the message."""
    raw = b"skip3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    chunks = unchunk(raw, 4)
    assert [raw[start:end] for start, end in chunks.ranges] == [b"abc", b"de"]
    assert chunks.end == len(raw)


def test_countless_chunks_are_not_all_taken_apart() -> None:
    """Few small ones are nothing unusual; a body of nothing else would cost more than it is."""
    for chunks, whole in ((65_000, True), (200_000, False)):
        body = b"1\r\nx\r\n" * chunks + b"0\r\n\r\n"
        found = unchunk(body, 0)
        assert found.whole is whole
        assert len(found.ranges) <= 65_536 + len(body) // 64
    assert found.problem == "too many small chunks"
