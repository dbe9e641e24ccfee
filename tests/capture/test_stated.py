"""What profiles count, against what the archive has, with the platform's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.capture.connector import Page, Problem
from archiver.capture.known import Known, KnownRecord
from archiver.capture.platforms.mastodon import Mastodon
from archiver.capture.platforms.wordpress import WordPress
from archiver.capture.platforms.x import X
from archiver.capture.platforms.youtube import YouTube
from archiver.capture.reading import Reading
from archiver.capture.stated import Count, Stated, words_of
from archiver.record import Exchange

if TYPE_CHECKING:
    from archiver.capture.connector import Connector

LISTING = {"role": "listing", "stream": "profile", "sensitivity": "public", "group": "account",
           "exhaustive": "no", "pass": "1", "page": "1"}  # fmt: skip


def known(group: str, *, present: int, absent: int = 0) -> Known:
    """Return what is known of posts of a group."""
    states = ["present"] * present + ["absent"] * absent
    return Known(
        {
            ("posts", str(number)): KnownRecord(
                state, b"", "uuid", group, "public", "x/1", "", "", "", ()
            )
            for number, state in enumerate(states)
        },
        bytes(32),
    )


def stated(connector: Connector, name: str, body: bytes, *, page: Page | None = None) -> Stated:
    """Return what is stated by one answer to a listing of that name."""
    found = Stated(connector)
    purpose = {**LISTING, "listing": name}
    answer = Exchange("lane", 1, "https://api.example", "", b"", body, purpose=purpose)
    found.take(answer, Reading(page or Page(), (), body))
    return found


@pytest.mark.parametrize(
    ("connector", "name", "body", "group"),
    [
        (X(), "account", b'{"data":{"id":"1","public_metrics":{"post_count":7}}}', "posts"),
        (X(), "account", b'{"data":{"public_metrics":{"tweet_count":7}}}', "posts"),
        (Mastodon(), "settings", b'{"id":"1","statuses_count":7}', "statuses"),
        (YouTube(), "count", b'{"items":[{"statistics":{"videoCount":"7"}}]}', "videos"),
    ],
)
def test_what_differs_is_told(connector: Connector, name: str, body: bytes, group: str) -> None:
    """Of what is there now; what is absent is not held."""
    found = stated(connector, name, body)
    assert found.counts(known(group, present=7), {group}, ()) == {"posts": Count(7, 7, 0)}
    less = found.counts(known(group, present=5, absent=2), {group}, ())
    assert less == {"posts": Count(7, 5, 2)}
    assert found.counts(known(group, present=5), {group}, ("posts",)) == {}
    assert found.counts(known(group, present=5), {"another"}, ()) == {}


def test_the_platforms_own_words_explain_one_direction_alone() -> None:
    """YouTube counts public videos; X lists no more than 3,200 posts."""
    said = b'{"items":[{"statistics":{"videoCount":"3"}}]}'
    (private,) = stated(YouTube(), "count", said).counts(
        known("videos", present=5), {"videos"}, ()
    ).values()  # fmt: skip
    assert private == Count(3, 5, 0)
    assert "public videos only" in words_of(YouTube(), "posts", private)
    assert words_of(YouTube(), "posts", Count(5, 3, 2)) == ""
    many = b'{"data":{"public_metrics":{"post_count":4000}}}'
    (old,) = stated(X(), "account", many).counts(known("posts", present=9), {"posts"}, ()).values()
    assert old == Count(4000, 9, 0)
    assert "3,200" in words_of(X(), "posts", old)
    assert words_of(X(), "posts", Count(10, 9, 1)) == ""


@pytest.mark.parametrize(
    "body", [b"", b"[" * 100_000, b'{"post_count":-1}', b'{"post_count":"many"}',
             b'{"post_count":true}', b'{"post_count":[7]}', b'{"other":7}',
             b'{"a":' * 9 + b'{"post_count":7}' + b"}" * 9],
)  # fmt: skip
def test_what_is_no_count_states_nothing(body: bytes) -> None:
    """Nor does an answer that is no account, another listing, or a platform without counts."""
    assert stated(X(), "account", body).counts(known("posts", present=1), {"posts"}, ()) == {}


def test_only_the_profile_states() -> None:
    """A refusal, another list and another platform count nothing."""
    said, there = b'{"post_count":7}', known("posts", present=1)
    refused = Page(problem=Problem("forbidden", "no"))
    assert stated(X(), "account", said, page=refused).counts(there, {"posts"}, ()) == {}
    assert stated(X(), "accounts", said).counts(there, {"posts"}, ()) == {}
    assert stated(WordPress(), "account", said).counts(there, {"posts"}, ()) == {}
