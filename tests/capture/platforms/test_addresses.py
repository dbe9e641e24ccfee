"""Which addresses `account add` takes: those that a platform's connector can use."""

from __future__ import annotations

import pytest

from archiver.capture.connector import Site
from archiver.capture.platforms import CONNECTORS
from archiver.capture.urls import check_address, same_origin
from archiver.errors import UsageError

GOOD = [
    ("wordpress", "https://blog.example.gov"),
    ("wordpress", "http://127.0.0.1:8080/"),
    ("wordpress", "https://www.example.gov/news/blog/"),
    ("feed", "https://example.gov/feed.xml?format=rss&tag=a%20b"),
    ("feed", "https://[2001:db8::1]:8443/feed"),
    ("feed", "https://xn--mnchen-3ya.example/feed"),
    ("mediawiki", "https://wiki.example.gov/w/api.php"),
    ("mediawiki", "http://localhost/api.php"),
    ("mastodon", "https://social.example.gov/@city"),
    ("mastodon", "https://social.example.gov/@City_Hall.news/"),
    ("bluesky", "https://pds.example.gov/profile/city.example.gov"),
    ("bluesky", "https://pds.example.gov/profile/@city.example.gov/"),
    ("bluesky", "https://pds.example.gov/profile/did:plc:ewvi7nxzyoun6zhxrhs64oiz"),
    ("bluesky", "https://pds.example.gov/profile/did:web:city.example.gov"),
    ("matrix", "https://matrix.example.gov/@city:example.gov"),
    ("matrix", "https://matrix.example.gov:8448/@city:example.gov:8448"),
    ("matrix", "https://example.gov/matrix/@city:[2001:db8::1]:80"),
    ("youtube", "https://www.youtube.com/@CityOfExample"),
    ("youtube", "https://youtube.com/@city-of.example/"),
    ("youtube", "https://www.youtube.com/channel/UCabcdefghijklmnopqrstuv"),
]
BAD = [
    ("wordpress", "https://blog.example.gov/wp-admin/", "front page, without /wp-admin"),
    ("wordpress", "https://blog.example.gov/wp-json/wp/v2", "without /wp-json"),
    ("wordpress", "https://blog.example.gov/index.php", "without /index.php"),
    ("wordpress", "https://blog.example.gov/?rest_route=/", "front page"),
    ("mediawiki", "https://wiki.example.gov/wiki/Main_Page", "api.php"),
    ("mediawiki", "https://wiki.example.gov", "Special:Version"),
    ("mediawiki", "https://wiki.example.gov/w/index.php", "api.php"),
    ("mastodon", "https://social.example.gov", "ends in /@"),
    ("mastodon", "https://social.example.gov/city", "ends in /@"),
    ("mastodon", "https://social.example.gov/@city/113/", "ends in /@"),
    ("mastodon", "https://social.example.gov/@", "ends in /@"),
    ("mastodon", "https://social.example.gov/@city@other.example", "another server"),
    ("bluesky", "https://pds.example.gov", "/profile/"),
    ("bluesky", "https://pds.example.gov/city.example.gov", "/profile/"),
    ("bluesky", "https://pds.example.gov/profile/", "neither a handle nor a DID"),
    ("bluesky", "https://pds.example.gov/profile/city", "neither a handle nor a DID"),
    ("bluesky", "https://pds.example.gov/profile/did:plc", "neither a handle nor a DID"),
    ("bluesky", "https://pds.example.gov/profile/a.example/post/3k", "neither a handle nor"),
    ("bluesky", "https://bsky.app/profile/city.example.gov", "the account's own server"),
    ("matrix", "https://matrix.example.gov", "@name:server"),
    ("matrix", "https://matrix.example.gov/@city", "@name:server"),
    ("matrix", "https://matrix.example.gov/@city:example.gov/messages", "@name:server"),
    ("matrix", "https://matrix.example.gov/!room:example.gov", "@name:server"),
    ("matrix", "https://matrix.to/#/@city:example.gov", "after #"),
    ("youtube", "https://www.youtube.com", "ends in /@"),
    ("youtube", "https://www.youtube.com/channel/UCshort", "ends in /@"),
    ("youtube", "https://www.youtube.com/c/CityOfExample", "take one"),
    ("youtube", "https://www.youtube.com/user/city", "take one"),
    ("youtube", "https://www.youtube.com/watch?v=abc", "ends in /@"),
    ("youtube", "https://www.youtube.com/@city?sub=1", "ends in /@"),
]
HOSTILE = [
    ("", "not a web address"),
    ("example.gov", "not a web address"),
    ("ftp://example.gov/feed", "not a web address"),
    ("file:///etc/passwd", "not a web address"),
    ("javascript:alert(1)", "not a web address"),
    ("HTTPS://example.gov", "not a web address"),
    ("https://", "no such host"),
    ("https:///feed", "no such host"),
    ("https://example.gov:0/", "no such host or port"),
    ("https://example.gov:65536/", "can't be read"),
    ("https://example.gov:http/", "can't be read"),
    ("https://[::1/feed", "can't be read"),
    ("https://exa%6Dple.gov/", "no such host"),
    ("https://-example.gov/", "no such host"),
    ("https://example..gov/", "no such host"),
    (f"https://{'a' * 64}.example/", "no such host"),
    (f"https://{'a.' * 130}example/", "no such host"),
    ("https://münchen.example/feed", "xn--"),
    ("https://exаmple.gov/", "xn--"),  # noqa: RUF001 - a Cyrillic letter in it
    ("https://example.gov\u3002evil.example/", "xn--"),
    ("https://example.gov/feed\r\nX-Header: 1", "control characters"),
    ("https://example.gov/\x00", "control characters"),
    ("https://example.gov/\x1b]0;title\x07", "control characters"),
    ("https://example.gov/\u202egnp", "control characters"),
    ("https://example.gov/a b", "spaces"),
    ("https://example.gov\\@evil.example/", "backslashes"),
    ("https://example.gov/#top", "after #"),
    (f"https://example.gov/{'a' * 2000}", "at most 2000 characters, this one 2020"),
]


@pytest.mark.parametrize(("platform", "url"), GOOD)
def test_addresses_that_can_be_used(platform: str, url: str) -> None:
    """They are taken, and the connector asks something of them."""
    check_address(CONNECTORS[platform], url)
    assert CONNECTORS[platform].listings(Site("a", url, authorised=True), "reconcile")


@pytest.mark.parametrize("platform", CONNECTORS)
def test_the_example_is_a_good_one(platform: str) -> None:
    """What the error recommends would be taken."""
    check_address(CONNECTORS[platform], CONNECTORS[platform].address_form)


@pytest.mark.parametrize(("platform", "url", "words"), BAD)
def test_addresses_that_cannot_be_used(platform: str, url: str, words: str) -> None:
    """The error says what is wrong, with which address, and how a good one looks."""
    with pytest.raises(UsageError) as refused:
        check_address(CONNECTORS[platform], url)
    error = refused.value
    assert words in str(error)
    assert error.code == "account-address"
    assert (error.where, error.mend) == (url, f"write it as {CONNECTORS[platform].address_form}")


@pytest.mark.parametrize("platform", CONNECTORS)
@pytest.mark.parametrize(("url", "words"), HOSTILE)
def test_hostile_addresses(platform: str, url: str, words: str) -> None:
    """Whatever the platform: refused for what it is, and shown short and without controls."""
    with pytest.raises(UsageError, match=words) as refused:
        check_address(CONNECTORS[platform], url)
    assert len(refused.value.where) <= 200
    assert refused.value.where.isprintable()


@pytest.mark.parametrize(
    "url",
    [
        "https://clerk:hunter2@example.gov/@city",
        "https://hunter2@example.gov",
        "https://clerk:hun/ter2@example.gov/@city",
        "https://clerk:hunter2\\@example.gov/@city",
        "ftp://clerk:hunter2@example.gov",
        "clerk:hunter2@example.gov/feed#x",
        "https://clerk:hunter2@exаmple.gov",  # noqa: RUF001 - a Cyrillic letter in it
    ],
)
@pytest.mark.parametrize("platform", CONNECTORS)
def test_a_password_in_an_address_is_not_repeated(platform: str, url: str) -> None:
    """It is refused, and no part of the password stands in the error."""
    with pytest.raises(UsageError) as refused:
        check_address(CONNECTORS[platform], url)
    assert "hun" not in str(refused.value)
    assert "ter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://a.example/x", "https://a.example/y", True),
        ("https://a.example:443/x", "https://A.example/", True),
        ("http://a.example:8008/", "http://a.example:8008/@c:a.example", True),
        ("https://a.example", "http://a.example", False),
        ("https://a.example:8448", "https://a.example", False),
        ("https://www.a.example", "https://a.example", False),
        ("https://a.example:x", "https://a.example", False),
        ("https:///x", "https:///y", False),
        ("", "", False),
    ],
)
def test_where_a_login_is_sent(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a table
    """Scheme, host and port are the same, however the usual port is spelt."""
    assert same_origin(one, other) is same
