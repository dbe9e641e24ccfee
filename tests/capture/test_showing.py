"""Ids of things in bytes, and addresses that are about one thing."""

from __future__ import annotations

import pytest

from archiver.capture.connector import Site
from archiver.capture.platforms import CONNECTORS
from archiver.capture.showing import Names, address_of, is_below


@pytest.mark.parametrize(
    ("native_id", "text", "there"),
    [
        ("42", b'{"id":42}', True),
        ("42", b'{"id":420,"of":"x42"}', False),
        ("$event:city.example", b'"$event:city.example"', True),
        ("$event:city.example", b'"$event:city.examples"', False),
        ("a/file", b"a%2Ffile", False),
        ("--", b"5 -- 6", True),
        ("\udcff", b"?", True),
    ],
)
def test_an_id_is_a_word_of_its_own(native_id: str, text: bytes, *, there: bool) -> None:
    """Whatever it is spelt with; a longer one is another."""
    assert Names([native_id, "elsewhere"]).are_in(text) is there
    assert not Names([]).are_in(text)


def test_addresses_below_that_of_a_thing() -> None:
    """Where the platform's address of it has its id in the path; else nothing is told."""
    site = Site("city", "https://town.example/@city", authorised=True)
    post = address_of(CONNECTORS["mastodon"], site, ("posts", "42"))
    assert post == "town.example/api/v1/statuses/42"
    for url, below in (
        (f"https://{post}", True),
        (f"https://{post}/context?page=2", True),
        (f"https://{post}0", False),
        ("https://town.example/", False),
    ):
        assert is_below(url, frozenset([post])) is below
    for platform, thing in (
        ("mastodon", ("profile", "42")),
        ("youtube", ("posts", "42")),
        ("wordpress", ("posts", "42")),
        ("wordpress", ("posts", "residue/lane/1")),
        ("feed", ("posts", "42")),
    ):
        assert address_of(CONNECTORS[platform], site, thing) == ""
