"""The next page: what an answer may decide of it, and what not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.paging import by_address, by_offset, by_parameter, linked, parameter_of
from archiver.capture.urls import same_origin
from archiver.formats.http1 import HttpResponse, parse_response

HERE = "https://api.example.gov/v1/posts?limit=50&after=a"


def answered(*links: str) -> HttpResponse:
    """Return an answer with Link headers."""
    head = "".join(f"Link: {link}\r\n" for link in links)
    return parse_response(f"HTTP/1.1 200 OK\r\n{head}Content-Length: 0\r\n\r\n".encode())


@pytest.mark.parametrize(
    ("links", "target"),
    [
        ((), ""),
        (('<https://a.example/?page=2>; rel="next"',), "https://a.example/?page=2"),
        (("<https://a.example/?page=2>; rel=next",), "https://a.example/?page=2"),
        (
            ('<https://a.example/?page=1>; rel="prev", <https://a.example/?page=3>; rel="next"',),
            "https://a.example/?page=3",
        ),
        (('<x>; rel="prev"', '<y>; rel="next"'), "y"),
        (('<x>; rel="prev"',), ""),
    ],
)
def test_the_link_to_the_next_page_is_found(links: tuple[str, ...], target: str) -> None:
    """Quoted or not, beside others, in one header or in several (RFC 8288)."""
    assert linked(answered(*links)) == target


def test_a_parameter_is_all_that_is_taken() -> None:
    """The next request goes where the first one went, whatever host the answer names."""
    target = "https://evil.example/v1/posts?after=b%20c&limit=1"
    request = by_parameter(HERE, "after", parameter_of(target, "after"))
    assert request is not None
    assert request.url == "https://api.example.gov/v1/posts?limit=50&after=b+c"
    assert by_parameter(HERE, "after", parameter_of(target, "cursor")) is None
    assert parameter_of("https://[bad/?after=1", "after") == ""
    assert by_parameter("https://[bad/", "after", "1") is None
    kept = by_parameter(HERE, "ids[]", "1,2", safe="[],")
    assert kept is not None
    assert kept.url.endswith("&ids[]=1,2")


@pytest.mark.parametrize(
    ("following", "url"),
    [
        ("https://api.example.gov/v1/posts?after=b", "https://api.example.gov/v1/posts?after=b"),
        ("/v1/posts?after=b#top", "https://api.example.gov/v1/posts?after=b"),
        ("?after=b", "https://api.example.gov/v1/posts?after=b"),
        ("https://api.example.gov:443/x", "https://api.example.gov:443/x"),
        ("", None),
        ("https://evil.example/v1/posts?after=b", None),
        ("//evil.example/v1", None),
        ("http://api.example.gov/v1/posts", None),
        ("https://api.example.gov:8443/v1", None),
        ("https://api.example.gov@evil.example/", None),
        ("javascript:alert(1)", None),
        ("https://[bad/", None),
        ("https://api.example.gov/a b", None),
        ("https://api.example.gov/\r\nX: y", None),
    ],
)
def test_an_address_is_taken_on_the_same_origin_only(following: str, url: str | None) -> None:
    """Our login goes with the request: no answer says to whom."""
    request = by_address(HERE, following)
    assert (request.url if request else None) == url


@given(st.text(max_size=60))
def test_no_text_leads_elsewhere(text: str) -> None:
    """Whatever stands for the next page, it is on the origin that was asked, or nowhere."""
    request = by_address(HERE, text)
    assert request is None or same_origin(request.url, HERE)


@pytest.mark.parametrize(
    ("url", "shown", "total", "start"),
    [
        (HERE, 50, None, "50"),
        (f"{HERE}&offset=50", 50, 101, "100"),
        (f"{HERE}&offset=50", 50, 100, None),
        (f"{HERE}&offset=-5", 10, None, "10"),
        (HERE, 0, 100, None),
    ],
)
def test_offsets_count_what_was_shown(
    url: str, shown: int, total: int | None, start: str | None
) -> None:
    """Not what was asked for: a platform may show fewer. An empty page ends it."""
    request = by_offset(url, "offset", shown, total)
    assert (parameter_of(request.url, "offset") if request else None) == start
