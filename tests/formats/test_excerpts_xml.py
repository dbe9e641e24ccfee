"""XML ranges: what is item, channel element, container and aside, in any feed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.formats.excerpts_xml import NOT_A_FEED, child_elements, feed_parts

PIECES = st.sampled_from(
    [
        "<item>", "</item>", "<item/>", "<entry>", "</entry>", "<channel>", "</channel>", "</rss>",
        "<![CDATA[", "]]>", "<!--", "-->", "<?x", "?>", "<!DOCTYPE r [", "]>", '<a b="', "'", '"',
        ">",
        "<title>T</title>", "<b>", "</b>", " text ", "&amp;", "\n", "<?xml version='1.0'?>",
    ]
)  # fmt: skip


def _texts(body: bytes, ranges: list[tuple[int, int]]) -> list[bytes]:
    return [body[start:end] for start, end in ranges]


def test_a_feed_is_cut_into_its_parts() -> None:
    """Declaration, start tags, channel elements, asides and items have their own ranges."""
    body = (
        b'<?xml version="1.0"?><!--a--><rss v="2"><channel><title>T</title>'
        b"<item>1</item></channel></rss>"
    )
    parts = feed_parts(body)
    assert parts.declaration == (0, 21)
    assert [(p.name, body[p.start : p.end]) for p in parts.containers] == [
        ("rss", b'<rss v="2">'),
        ("channel", b"<channel>"),
    ]
    assert [(p.name, body[p.start : p.end]) for p in parts.elements] == [
        ("title", b"<title>T</title>")
    ]
    assert [p.name for p in parts.asides] == ["#comment"]
    assert _texts(body, list(parts.items)) == [b"<item>1</item>"]


@pytest.mark.parametrize(
    ("inside", "items"),
    [
        (b"<item><![CDATA[</item>]]></item>", [b"<item><![CDATA[</item>]]></item>"]),
        (b"<item><!-- </item> --></item>", [b"<item><!-- </item> --></item>"]),
        (b"<item><?p </item> ?></item>", [b"<item><?p </item> ?></item>"]),
        (b"<item><item>n</item></item>", [b"<item><item>n</item></item>"]),
        (b"<item>a<item>b</item>", [b"<item>a", b"<item>b</item>"]),
        (b"<item>a</item><item>b", [b"<item>a</item>", b"<item>b"]),
        (b"</item><item>b</item>", [b"<item>b</item>"]),
        (b'<item x="a>b">c</item>', [b'<item x="a>b">c</item>']),
        (b"<item/><item >d</item >", [b"<item/>", b"<item >d</item >"]),
        (b"<items><item>e</item></items>", [b"<item>e</item>"]),
        (b"<m:item>f</m:item><item>g</item>", [b"<item>g</item>"]),
    ],
)
def test_items_end_where_they_should(inside: bytes, items: list[bytes]) -> None:
    """Markup that looks like an end is told from the end."""
    body = b"<rss><channel>" + inside + b"</channel></rss>"
    assert _texts(body, list(feed_parts(body).items)) == items


def test_entities_are_never_expanded_and_hide_no_items() -> None:
    """A document type is one aside, whatever stands in it."""
    body = b'<!DOCTYPE rss [<!ENTITY a "<item>x</item>"><!-- \' -->]><rss><item>1</item></rss>'
    parts = feed_parts(body)
    assert _texts(body, list(parts.items)) == [b"<item>1</item>"]
    assert [(p.name, p.start) for p in parts.asides] == [("#doctype", 0)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_have_no_parts(encoding: str) -> None:
    """What is not ASCII-compatible is left whole."""
    assert feed_parts("<rss><item>1</item></rss>".encode(encoding)) == NOT_A_FEED


def test_shifting_encodings_have_no_parts() -> None:
    """In ISO-2022-JP a byte that looks like markup may be half a character."""
    body = '<?xml version="1.0" encoding="ISO-2022-JP"?><rss><item>あ</item></rss>'
    assert feed_parts(body.encode("iso2022_jp")) == NOT_A_FEED


def test_other_documents_are_no_feeds() -> None:
    """A page, a fragment or nothing has no parts."""
    for body in (b"", b"text", b"<html><item>1</item></html>", b"<!-- only -->", b"<"):
        assert feed_parts(body) == NOT_A_FEED


def test_children_are_the_outermost_elements_inside() -> None:
    """Nested elements, sections and comments are no children."""
    data = b'<item a="1>2"><t>x</t><g:y/><d><d>z</d></d><![CDATA[<q>]]><!-- c --></item>'
    assert [child.name for child in child_elements(data)] == ["t", "g:y", "d"]


def test_children_of_an_element_that_does_not_end_are_found() -> None:
    """A cut item still has its elements, the last one reaching to the cut."""
    data = b"<item><guid>g</guid><title>Cut sh"
    assert [(c.name, data[c.start : c.end]) for c in child_elements(data)] == [
        ("guid", b"<guid>g</guid>"),
        ("title", b"<title>Cut sh"),
    ]


@given(
    st.lists(PIECES, max_size=40).map("".join) | st.text(), st.sampled_from(["<rss>", "<feed>", ""])
)
def test_any_text_gives_ranges_that_do_not_overlap(text: str, root: str) -> None:
    """Items, containers, elements and asides lie apart, inside the body."""
    body = (root + text).encode("utf-8", "surrogatepass")
    parts = feed_parts(body)
    ranges = sorted(
        [*parts.items]
        + [(p.start, p.end) for p in (*parts.containers, *parts.elements, *parts.asides)]
        + ([parts.declaration] if parts.declaration else [])
    )
    position = 0
    for start, end in ranges:
        assert position <= start < end <= len(body)
        position = end
    for child in child_elements(body):
        assert 0 < child.start < child.end <= len(body)
