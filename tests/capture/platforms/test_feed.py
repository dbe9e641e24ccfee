"""Web feeds: every file of the corpus, well-formed or not, is cut and read as it should be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.connector import Listing, Login, Site
from archiver.capture.platforms import CONNECTORS
from archiver.capture.platforms.feed import Feed
from archiver.columns import fields_of
from archiver.record import Excerpt
from tests.capture.platforms.helpers import answer, left_over, row_of

if TYPE_CHECKING:
    from archiver.capture.connector import Page

FEED = Feed()
SITE = Site("city", "https://city.example/feed", authorised=False)
LISTING = FEED.listings(SITE, "incremental")[0]
CORPUS = Path(__file__).resolve().parents[2] / "corpus" / "feeds"


class Trait(NamedTuple):
    """What a corpus file must give."""

    ids: list[str]
    residue: list[bytes] = []  # noqa: RUF012 - never written to
    claims: list[str] = []  # noqa: RUF012 - likewise
    rows: dict[str, dict[str, str]] = {}  # noqa: RUF012 - likewise
    problem: str = ""


HASHED = "sha256-"
TRAITS = {
    "good/rss_2_0.xml": Trait(
        ["feed", "city-101", "city-102"],
        claims=["lastBuildDate"],
        rows={
            "feed": {"title": "Harbor City", "text": "News & notices", "language": "en-US"},
            "city-101": {
                "title": "Ferry & pier hours",
                "url": "https://city.example/ferry",
                "text": "The ferry sails hourly.\n\nCall 555-0100.",
                "markup": "<p>The ferry sails <b>hourly</b>.</p><p>Call 555-0100.</p>",
                "summary": "Short: the ferry sails hourly.",
                "author_name": "Dana Reyes",
                "tags": '[{"term": "Harbor", "scheme": "topics", "label": null}]',
                "created": "Tue, 03 Mar 2026 09:30:00 -0500",
                "created_source": "pubDate",
                "created_precision": "second",
                "created_at": "2026-03-03T14:30:00.000000Z",
                "volatile": '{"slash:comments":"<slash:comments>4</slash:comments>"}',
                "extra": '{"geo:lat":"<geo:lat>44.1</geo:lat>"}',
            },
        },
    ),
    "good/rss_0_91.xml": Trait(
        ["feed", "https://old.example/parade", "https://old.example/library"],
        rows={"https://old.example/parade": {"text": "Main Street is closed."}},
    ),
    "good/rss_1_0.rdf": Trait(
        ["feed", "https://rdf.example/1"],
        claims=["items"],
        rows={
            "https://rdf.example/1": {
                "created_source": "dc:date",
                "created_at": "2026-01-05T11:00:00.000000Z",
            }
        },
    ),
    "good/atom.xml": Trait(
        ["feed", "urn:example:council:7", "urn:example:council:8"],
        claims=["updated", "link next"],
        rows={
            "urn:example:council:7": {
                "title": "Budget hearing",
                "text": "Room 2\n\n7 pm",
                "author_name": "Clerk",
                "author_email": "clerk@council.example",
                "author_url": "https://council.example/clerk",
                "url": "https://council.example/7",
                "created_at": "2026-02-01T04:00:00.000000Z",
                "modified": "2026-02-01T00:00:00.250Z",
                "modified_precision": "fraction",
                "modified_at": "2026-02-01T00:00:00.250000Z",
                "attachments": '[{"role": "enclosure", "url": "https://council.example/7.mp3",'
                ' "media_type": "audio/mpeg", "length": "9"}]',
            },
            "urn:example:council:8": {
                "parent_id": "urn:example:council:7",
                "text": "I will <be> there",
            },
        },
    ),
    "good/json_feed_1_1.json": Trait(
        ["feed", "p-1", "2"],
        claims=["items", "next_url"],
        rows={
            "feed": {"title": "Parks", "url": "https://parks.example/", "language": "en-US"},
            "p-1": {
                "text": "North loop",
                "markup": "<p>North <i>loop</i></p>",
                "summary": "Closed",
                "author_name": "Ranger Lee",
                "created_at": "2026-03-01T16:00:00.000000Z",
                "tags": '["trails"]',
            },
            "2": {"text": "Pool opens", "created_precision": "day"},
        },
    ),
    "good/wordpress_comments.xml": Trait(
        ["feed", "https://blog.example/?p=1#comment-5"],
        rows={"https://blog.example/?p=1#comment-5": {"author_name": "Ann", "text": "Thanks!"}},
    ),
    "good/empty_channel.xml": Trait(["feed"], rows={"feed": {"title": "Quiet City"}}),
    "odd/cdata_end_tag.xml": Trait(
        ["feed", "a", "b"], rows={"a": {"markup": "how to write </item> and <item> in XML"}}
    ),
    "odd/nested_item.xml": Trait(["feed", "outer", "last"]),
    "odd/comment_with_item.xml": Trait(["feed", "real"], claims=["#comment", "#comment"]),
    "odd/doctype_entities.xml": Trait(
        ["feed", "one"], claims=["#doctype"], rows={"one": {"markup": "&a;"}}
    ),
    "odd/stylesheet_instruction.xml": Trait(["feed", "one"], claims=["#instruction"]),
    "odd/byte_order_mark.xml": Trait(["feed", "one"]),
    "odd/blank_before_declaration.xml": Trait(["feed", "one"]),
    "odd/latin_1.xml": Trait(["feed", "l1"], rows={"l1": {"title": "Café Señor"}}),
    "odd/no_ids.xml": Trait(["feed", HASHED, HASHED]),
    "odd/same_guid.xml": Trait(["feed", HASHED, HASHED]),
    "odd/prefixed_atom.xml": Trait(
        ["feed", "p1"],
        rows={
            "p1": {
                "title": "Prefixed",
                "modified_source": "ns0:updated",
                "modified_precision": "minute",
                "modified_at": "2026-01-01T00:00:00.000000Z",
            }
        },
    ),
    "odd/media_namespace.xml": Trait(["feed", "m"], rows={"m": {"title": "Real title"}}),
    "odd/items_outside_channel.xml": Trait(["feed", "out"]),
    "odd/self_closing_item.xml": Trait(["feed", HASHED, "full"]),
    "odd/upper_case.xml": Trait(["feed", "u1"], rows={"u1": {"title": "Shout"}}),
    "odd/dates.xml": Trait(
        ["feed", "zoneless", "day", "named", "words", "impossible"],
        rows={
            "zoneless": {"created": "2026-03-01 10:00:00", "created_precision": "second"},
            "day": {"created": "01 Mar 2026", "created_precision": "day"},
            "named": {
                "created_precision": "minute",
                "created_at": "2026-03-01T15:00:00.000000Z",
            },
            "words": {"created": "last Tuesday"},
            "impossible": {"created": "2026-02-30T00:00:00Z"},
        },
    ),
    "odd/two_titles.xml": Trait(
        ["feed", "t"], rows={"t": {"title": "One", "extra": '{"title":"<title>Two</title>"}'}}
    ),
    "odd/json_feed_duplicate_names.json": Trait(
        ["feed", "d"],
        claims=["items"],
        rows={"d": {"title": "second", "extra": '{"title":"first"}'}},
    ),
    "odd/json_feed_lone_surrogate.json": Trait(
        ["feed", "s", "t"], claims=["items"], rows={"s": {"text": "half \\ud83d here"}}
    ),
    "odd/json_feed_numbers.json": Trait(
        ["feed", "n"],
        claims=["items"],
        rows={"n": {"extra": '{"_x":1.00,"_y":12345678901234567890123,"_z":1e-7}'}},
    ),
    "bad/unclosed_item.xml": Trait(["feed", "open", "next"], rows={"open": {"title": "Open"}}),
    "bad/unclosed_last_item.xml": Trait(
        ["feed", "one", "two"], rows={"two": {"extra": '{"title":"<title>Cut sh"}'}}
    ),
    "bad/bare_ampersand.xml": Trait(["feed", "amp"], rows={"amp": {"title": "Parks & Rec"}}),
    "bad/unescaped_html.xml": Trait(
        ["feed", "html", "after"], rows={"html": {"text": "Bring\nfood"}}
    ),
    "bad/html_entities.xml": Trait(["feed", "ent"], rows={"ent": {"title": "Café\xa0night"}}),
    "bad/unclosed_channel_title.xml": Trait(
        ["feed", "one"],
        rows={"feed": {"extra": '{"title":"<title>Forgotten <link>https://city.example/</link>"}'}},
    ),
    "bad/unclosed_cdata.xml": Trait(["feed", "one", "two"]),
    "bad/stray_text.xml": Trait(["feed", "one", "two"], residue=[b"\nPHP Notice: something\n"]),
    "bad/control_characters.xml": Trait(["feed", "ctl"]),
    "bad/not_utf_8.xml": Trait(["feed", "nu"], rows={"nu": {"title": "Café"}}),
    "bad/two_documents.xml": Trait(["feed", "one", "two"], claims=["#instruction"]),
    "bad/undeclared_prefix.xml": Trait(
        ["feed", "up"],
        rows={
            "up": {
                "author_name": "Sam",
                "extra": '{"weird:thing":"<weird:thing>1</weird:thing>"}',
            }
        },
    ),
    "bad/attribute_quote.xml": Trait(["feed", "aq", "after"]),
    "bad/unknown_encoding.xml": Trait(["feed", "one"], rows={"one": {"title": "Notice one"}}),
    "bad/utf_16.xml": Trait([], problem="schema"),
    "bad/iso_2022_jp.xml": Trait([], problem="schema"),
    "bad/html_page.html": Trait([], problem="schema"),
    "bad/empty.xml": Trait([], problem="schema"),
    "bad/plain_text.txt": Trait([], problem="schema"),
    "bad/json_not_a_feed.json": Trait([], problem="schema"),
    "bad/json_cut_short.json": Trait([], problem="transient"),
    "bad/json_bad_escape.json": Trait(["feed", "a", "b"], claims=["items"]),
}


def _page(body: bytes, site: Site = SITE) -> Page:
    return FEED.split(site, LISTING, answer(body))


def test_every_file_of_the_corpus_is_asserted() -> None:
    """A file without an expectation proves nothing."""
    files = {str(path.relative_to(CORPUS)) for path in CORPUS.rglob("*") if path.is_file()}
    assert files == set(TRAITS)


@pytest.mark.parametrize("name", sorted(TRAITS))
def test_the_corpus_is_cut_and_read(name: str) -> None:
    """Ids, claims, residue and rows are what the file's trait asks for."""
    trait, body = TRAITS[name], (CORPUS / name).read_bytes()
    page = _page(body)
    assert (page.problem.code if page.problem else "") == trait.problem
    ids = [item.native_id for item in page.items]
    assert [HASHED if one.startswith(HASHED) else one for one in ids] == trait.ids
    assert len(set(ids)) == len(ids)
    assert [claim.name for claim in page.claims] == trait.claims
    assert left_over(body, page) == (trait.residue or ([body] if trait.problem and body else []))
    for item in page.items:
        row = row_of(FEED, body, item)
        assert set(row) <= {column.name for column in fields_of(item.stream)}
        expected = trait.rows.get(item.native_id, {})
        assert {key: row.get(key) for key in expected} == expected
        if "created_at" in row:
            assert row["created_precision"] in ("minute", "second", "fraction")


def test_zoneless_dates_have_no_instant() -> None:
    """Neither a day nor a time without a zone is made one."""
    body = (CORPUS / "odd/dates.xml").read_bytes()
    rows = {item.native_id: row_of(FEED, body, item) for item in _page(body).items}
    assert [name for name, row in rows.items() if "created_at" in row] == ["named"]


def test_an_item_carries_what_it_needs_to_be_read_alone() -> None:
    """Declaration and start tags are excerpts of every item."""
    body = (CORPUS / "good/rss_2_0.xml").read_bytes()
    for item in _page(body).items[1:]:
        assert [span.role for span in item.spans] == [
            "declaration", "namespaces", "namespaces", "item",
        ]  # fmt: skip
        assert item.content_type == "application/rss+xml"
    assert _page(body).items[1].page_url == "https://city.example/ferry"


def test_a_reply_in_a_feed_is_a_comment() -> None:
    """RFC 4685 says what an entry answers."""
    page = _page((CORPUS / "good/atom.xml").read_bytes())
    assert [item.stream for item in page.items] == ["profile", "posts", "comments"]


@pytest.mark.parametrize(
    ("url", "stream"),
    [
        ("https://city.example/feed", "posts"),
        ("https://city.example/comments/feed/", "comments"),
        ("https://city.example/?feed=comments-rss2", "comments"),
        ("https://blog.example/feeds/comments/default", "comments"),
        ("https://city.example/commentsfeed", "posts"),
    ],
)
def test_a_comments_feed_is_known_by_its_address(url: str, stream: str) -> None:
    """The listing's stream is that of its items."""
    one = FEED.listings(Site("city", url, authorised=False), "reconcile")[0]
    assert (one.stream, one.request.url) == (stream, url)
    assert not one.exhaustive


@pytest.mark.parametrize(
    ("site", "url"),
    [
        ("https://council.example/atom", "https://council.example/atom?page=2"),
        ("https://www.council.example/x", "https://council.example/atom?page=2"),
        ("https://city.example/feed", ""),
    ],
)
def test_further_pages_are_followed_on_the_own_host(site: str, url: str) -> None:
    """RFC 5005 paging leads nowhere else."""
    body = (CORPUS / "good/atom.xml").read_bytes()
    page = _page(body, Site("city", site, authorised=False))
    assert (page.next.url if page.next else "") == url


def test_archived_feeds_are_followed_back() -> None:
    """RFC 5005 archives name the one before, also by a relative address."""
    body = (
        b'<feed xmlns="http://www.w3.org/2005/Atom">'
        b'<link rel="prev-archive" href="2025.xml"/></feed>'
    )
    page = _page(body, Site("city", "https://city.example/a/feed", authorised=False))
    assert page.next is not None
    assert page.next.url == "https://city.example/a/2025.xml"


def test_a_json_feed_names_its_next_page() -> None:
    """next_url is a claim and, on the own host, a request."""
    body = (CORPUS / "good/json_feed_1_1.json").read_bytes()
    page = _page(body, Site("city", "https://parks.example/feed.json", authorised=False))
    assert page.next is not None
    assert page.next.url == "https://parks.example/feed.json?p=2"
    assert _page(body).next is None


def test_enclosures_on_the_own_host_are_fetched() -> None:
    """Files elsewhere are named in the row only."""
    rss = b"""<rss><channel><item><guid>g</guid>
        <enclosure url="https://city.example/a.mp3" type="audio/mpeg"/>
        <enclosure url="https://cdn.example/b.mp3"/></item></channel></rss>"""
    item = _page(rss).items[1]
    assert [follow.native_id for follow in item.follow] == ["https://city.example/a.mp3"]
    assert item.follow[0].stream == "media"
    assert item.follow[0].role == "file"
    row = row_of(FEED, rss, item)
    assert [file["url"] for file in json.loads(row["attachments"])] == [
        "https://city.example/a.mp3",
        "https://cdn.example/b.mp3",
    ]


@pytest.mark.parametrize(
    ("name", "site", "file"),
    [
        ("atom.xml", "https://council.example/", "https://council.example/7.mp3"),
        ("json_feed_1_1.json", "https://parks.example/", "https://parks.example/map.pdf"),
    ],
)
def test_atom_and_json_enclosures_are_fetched_too(name: str, site: str, file: str) -> None:
    """Atom links of rel enclosure and JSON Feed attachments, on the own host."""
    page = _page((CORPUS / "good" / name).read_bytes(), Site("city", site, authorised=False))
    assert [follow.native_id for follow in page.items[1].follow] == [file]


def test_the_same_item_has_the_same_hashed_id_in_every_answer() -> None:
    """An id of its own making follows from the item's bytes alone."""
    one = (
        b"<rss><channel><item><title>A</title></item><item><title>B</title></item></channel></rss>"
    )
    other = b"<rss><channel><title>New</title><item><title>B</title></item></channel></rss>"
    assert _page(one).items[2].native_id == _page(other).items[1].native_id


@pytest.mark.parametrize(("length", "code"), [(True, ""), (False, "transient")])
def test_a_feed_without_an_end_counts_only_with_a_length(*, length: bool, code: str) -> None:
    """Where the connection's end is all there is, half an item may have been lost."""
    body = (CORPUS / "bad/unclosed_last_item.xml").read_bytes()
    problem = FEED.split(SITE, LISTING, answer(body, length=length)).problem
    assert (problem.code if problem else "") == code


def test_a_refused_feed_is_a_problem() -> None:
    """Status codes come before content."""
    problem = FEED.split(SITE, LISTING, answer("<rss/>", 429, ("Retry-After", "5"))).problem
    assert problem is not None
    assert (problem.code, problem.retry_after) == ("rate", 5.0)


def test_feeds_need_no_login_and_have_no_direct_requests() -> None:
    """Nothing is sent but the request for the feed."""
    assert FEED.authorise(SITE, {}) == Login()
    assert FEED.direct(SITE, "posts", "1") is None
    assert CONNECTORS["feed"].parser == "feed/1"


def test_what_feedparser_cannot_read_is_flagged_and_kept() -> None:
    """A reference to no character breaks it; the item's XML stays in extra."""
    body = (
        b"<rss><channel><item><guid>g</guid><title>&#"
        + b"9" * 5000
        + b";</title></item></channel></rss>"
    )
    row = row_of(FEED, body, _page(body).items[1])
    assert json.loads(row["flags"]) == ["feedparser ValueError"]
    assert "title" in json.loads(row["extra"])


FILES = sorted(path for path in CORPUS.rglob("*") if path.is_file())
MARKUP = [
    b"<item>",
    b"</item>",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"&#xD800;",
    b"\xff",
    b"\x00",
    b'"',
    b"{",
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Return a file of the corpus with a few bytes cut, changed or put in."""
    body = draw(st.sampled_from(FILES)).read_bytes()
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(body)))
        gone = draw(st.integers(0, 20))
        body = body[:at] + draw(st.sampled_from(MARKUP) | st.binary(max_size=4)) + body[at + gone :]
    return body


def test_what_should_be_a_list_and_is_none_stays_in_extra() -> None:
    """A column of lists holds lists only."""
    data = b'{"id":"1","tags":"roads","attachments":[{"url":"a"}]}'
    row = FEED.parse((Excerpt("item", data),), {"stream": "posts"})
    assert (row["extra"], row["attachments"]) == ('{"tags":"roads"}', '[{"url":"a"}]')
    assert "tags" not in row


@given(damaged())
def test_damaged_feeds_never_raise_and_never_vanish(body: bytes) -> None:
    """Every byte is item, claim, frame or residue, and every row can be stored."""
    page = _page(body)
    left_over(body, page)
    for item in page.items:
        assert item.native_id
        for name, value in row_of(FEED, body, item).items():
            assert isinstance(value.encode(), bytes)
            if name in ("extra", "volatile", "flags", "tags", "attachments"):
                _check_json(value)


def _check_json(value: str) -> None:
    parsed: Any = json.loads(value)
    assert isinstance(parsed, dict | list)


def test_the_listing_is_the_same_in_every_mode() -> None:
    """A feed shows what it shows."""
    assert {FEED.listings(SITE, mode) for mode in ("incremental", "backfill")} == {(LISTING,)}
    assert isinstance(LISTING, Listing)


@pytest.mark.parametrize(
    "body",
    [
        b'<feed><link rel="next" href="http://[oops"/></feed>',
        b'{"version":"https://jsonfeed.org/version/1","next_url":"http://[oops","items":[]}',
    ],
)
def test_a_next_address_that_is_none_ends_the_feed(body: bytes) -> None:
    """A broken address is a claim, never a request."""
    page = _page(body)
    assert page.next is None
    assert any(claim.value == "http://[oops" for claim in page.claims)


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "unicode_escape", "utf-16", "utf-8"])
def test_a_declared_encoding_is_taken_only_if_it_can_be_true(encoding: str) -> None:
    """Names that are no encoding, or not that of these bytes, change nothing."""
    body = (
        f'<?xml version="1.0" encoding="{encoding}"?><rss><channel><item>'
        "<guid>g\\u0041</guid><title>Café</title></item></channel></rss>"
    ).encode()
    item = _page(body).items[1]
    assert item.native_id == "g\\u0041"
    assert row_of(FEED, body, item)["title"] == "Café"
