"""What robots.txt asks for (RFC 9309), read as it says."""

from __future__ import annotations

import pytest

from archiver.capture.manners import ALL_ALLOWED, LONGEST_DELAY, check_scope, robots_of
from archiver.capture.platforms import CONNECTORS
from archiver.errors import UsageError

TEXT = b"""# for all
User-agent: *
Disallow: /private/
Allow: /private/minutes
Disallow: /*.cgi$
Disallow: /search?*q=
Crawl-delay: 2.5

User-agent: Other
User-agent: civic-archiver
Disallow: /nothing-of-this
crawl-delay: 900
"""


@pytest.mark.parametrize(
    ("target", "forbidden"),
    [
        ("/", False),
        ("/private/a", True),
        ("/private/minutes/1", False),
        ("/a/b.cgi", True),
        ("/a/b.cgi?x", False),
        ("/search?a=1&q=2", True),
        ("/%70rivate/a", True),
        ("/Private/a", False),
    ],
)
def test_the_longest_rule_counts(target: str, *, forbidden: bool) -> None:
    """Of those for anybody, where no group names us; in one spelling."""
    everybody = TEXT.partition(b"User-agent: Other")[0]
    assert bool(robots_of(everybody).forbids(target)) is forbidden


def test_a_group_for_us_is_the_only_one_that_counts() -> None:
    """With its delay, up to what is sensible."""
    found = robots_of(TEXT)
    assert found.forbids("/private/a") == ""
    assert found.forbids("/nothing-of-this/x") == "/nothing-of-this"
    assert found.delay == LONGEST_DELAY
    assert robots_of(TEXT.partition(b"User-agent: Other")[0]).delay == 2.5


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\0", b"<html>", b"Disallow: /", b"a:b\n" * 9999])
def test_what_is_no_robots_txt_forbids_nothing(body: bytes) -> None:
    """Rules before any group are nobody's."""
    assert robots_of(body) == ALL_ALLOWED


def test_no_pattern_takes_long() -> None:
    """Stars upon stars: one walk along the path."""
    hostile = robots_of(b"User-agent: *\nDisallow: /" + b"*a" * 200 + b"$\n")
    assert hostile.forbids("/" + "a" * 5000 + "b") == ""


def test_a_scope_is_for_platforms_that_have_one() -> None:
    """And is refused with an example where it can't be read."""
    check_scope(CONNECTORS["website"], "depth=3")
    check_scope(CONNECTORS["feed"], "")
    for platform, scope in (("feed", "depth=3"), ("website", "depth=-1")):
        with pytest.raises(UsageError) as refused:
            check_scope(CONNECTORS[platform], scope)
        assert refused.value.code == "account-scope"
