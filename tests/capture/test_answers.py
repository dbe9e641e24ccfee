"""What status lines say."""

from __future__ import annotations

import pytest

from archiver.capture.answers import retry_after, status_problem, until
from archiver.formats.http1 import parse_response


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("200 OK", ""),
        ("204 No Content", ""),
        ("301 Moved Permanently", "schema"),
        ("400 Bad Request", "schema"),
        ("401 Unauthorized", "authorisation"),
        ("402 Payment Required", "budget"),
        ("403 Forbidden", "forbidden"),
        ("404 Not Found", "schema"),
        ("410 Gone", "schema"),
        ("429 Too Many Requests", "rate"),
        ("451 Unavailable For Legal Reasons", "forbidden"),
        ("500 Internal Server Error", "transient"),
        ("503 Service Unavailable", "transient"),
    ],
)
def test_each_status_has_its_meaning(line: str, code: str) -> None:
    """A bare 404 never proves that a thing is gone."""
    problem = status_problem(parse_response(f"HTTP/1.1 {line}\r\n\r\n".encode()))
    assert (problem.code if problem else "") == code


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ("Retry-After: 120", 120.0),
        ("Retry-After: 99999999999", 86400.0),
        (
            "Date: Sun, 01 Mar 2026 00:00:00 GMT\r\nRetry-After: Sun, 01 Mar 2026 00:01:30 GMT",
            90.0,
        ),
        (
            "Date: Sun, 01 Mar 2026 00:00:00 GMT\r\nRetry-After: Sat, 28 Feb 2026 00:00:00 GMT",
            0.0,
        ),
        ("Retry-After: Sun, 01 Mar 2026 00:01:30 GMT", 7.0),
        ("Retry-After: soon", 7.0),
        ("X: y", 7.0),
    ],
)
def test_the_wait_is_what_the_platform_asks(headers: str, seconds: float) -> None:
    """Seconds or a date against the answer's own clock; a day at most."""
    response = parse_response(f"HTTP/1.1 429 Slow\r\n{headers}\r\n\r\n".encode())
    assert retry_after(response, 7.0) == seconds


def test_rubbish_is_transient() -> None:
    """What has no status line may be better next time."""
    problem = status_problem(parse_response(b"\x00\x01"))
    assert problem is not None
    assert problem.code == "transient"


@pytest.mark.parametrize(
    ("moment", "wait"),
    [
        ("1763985660", 60.0),
        (" 1763985660 ", 60.0),
        ("2025-11-24T12:01:00Z", 60.0),
        ("2025-11-24T12:01:00.5+00:00", 60.5),
        ("1763985000", 1.0),
        ("9999999999", 900.0),
        ("99999999999999999999", 7.0),
        ("2999-01-01T00:00:00Z", 900.0),
        ("soon", 7.0),
        ("", 7.0),
        ("²", 7.0),
    ],
)
def test_a_moment_is_counted_from_the_answers_own_date(moment: str, wait: float) -> None:
    """A past one is a second from now; one that no window of the platform's reaches is cut."""
    dated = b"HTTP/1.1 429 X\r\nDate: Mon, 24 Nov 2025 12:00:00 GMT\r\nContent-Length: 0\r\n\r\n"
    assert until(parse_response(dated), moment, 7.0, 900.0) == wait
    undated = b"HTTP/1.1 429 X\r\nContent-Length: 0\r\n\r\n"
    assert until(parse_response(undated), moment, 7.0, 900.0) == 7.0
