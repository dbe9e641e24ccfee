"""Which addresses may be asked for."""

from __future__ import annotations

import pytest

from archiver.capture.urls import same_site, web_address


@pytest.mark.parametrize(
    ("url", "site", "same"),
    [
        ("https://city.example/a.jpg", "https://city.example", True),
        ("https://www.city.example/a.jpg", "https://city.example/", True),
        ("https://city.example:443/a.jpg", "http://www.city.example:80/blog", True),
        ("http://127.0.0.1:8080/a.jpg", "http://127.0.0.1:8080", True),
        ("http://127.0.0.1:8081/a.jpg", "http://127.0.0.1:8080", False),
        ("http://city.example/a.jpg", "https://city.example", False),
        ("https://other.example/a.jpg", "https://city.example", False),
        ("https://city.example.evil.example/", "https://city.example", False),
        ("https://city.example@evil.example/", "https://city.example", False),
        ("https://user:pw@city.example/", "https://city.example", False),
        ("ftp://city.example/a", "https://city.example", False),
        ("//city.example/a", "https://city.example", False),
        ("https://[bad/", "https://city.example", False),
        ("https://city.example:99999/", "https://city.example", False),
        ("https://city.example/a\r\nX: y", "https://city.example", False),
        ("", "https://city.example", False),
    ],
)
def test_only_the_own_host_is_asked(url: str, site: str, *, same: bool) -> None:
    """An item can't make the archive call another host, port or a weaker scheme."""
    assert same_site(url, site) is same


@pytest.mark.parametrize(
    "text", ["javascript:x", "https://a b", "https://a\nb", "x" * 9, "https://" + "a" * 3000]
)
def test_what_is_no_web_address_is_dropped(text: str) -> None:
    """Header lines get no line feeds, spaces or scripts."""
    assert web_address(text) == ""


def test_web_addresses_stay_verbatim() -> None:
    """Nothing is normalised."""
    assert web_address("HTTP://x") == ""
    assert web_address("https://x/É?a=%20#c") == "https://x/É?a=%20#c"
