"""Websites: one spelling of an address, what is followed, what is a trap, what a page says."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from archiver.capture.connector import Listing, Site
from archiver.capture.platforms.website import Website
from archiver.capture.platforms.website.addresses import (
    address_of,
    canonical,
    id_of,
    in_scope,
    shape,
    trap,
)
from archiver.capture.platforms.website.markup import css_references, decoded, tags
from archiver.capture.platforms.website.scope import Scope, problem_of, scope_of
from archiver.formats.http1 import parse_response
from archiver.record import Excerpt, Request, Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Page

SITE = Site("site", "https://www.example.gov/", authorised=False)
BASE = "https://www.example.gov/news/1?x=2"
CONNECTOR = Website()


def cut(  # noqa: PLR0913 - what an answer can differ in
    body: bytes, kind: str = "text/html", *, url: str = BASE, carried: str = "1", status: int = 200,
    scope: str = "", name: str = "page x",
) -> Page:  # fmt: skip
    """Return an answer, cut."""
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    request = Request(url, carried=carried, fenced=True)
    listing = Listing(name, Stream.PAGES, request, Sensitivity.PUBLIC, name, exhaustive=False)
    site = Site("site", SITE.url, authorised=False, scope=scope)
    return CONNECTOR.split(site, listing, parse_response(head.encode() + body))


def followed(page: Page) -> dict[str, str]:
    """Return what a page leads to: the name of the listing or file, and its address."""
    return {
        (one.listing.name if one.listing else f"file {one.native_id}"): (
            one.listing.request if one.listing else one.request or Request("")
        ).url
        for item in page.items
        for one in item.follow
    }


@pytest.mark.parametrize(
    ("spelt", "canon"),
    [
        ("/a", "https://www.example.gov/a"),
        ("2", "https://www.example.gov/news/2"),
        ("?page=3", "https://www.example.gov/news/1?page=3"),
        ("../../../x", "https://www.example.gov/x"),
        ("HTTPS://WWW.Example.GOV:443/A#top", "https://www.example.gov/A"),
        ("https://www.example.gov", "https://www.example.gov/"),
        ("/a b|c", "https://www.example.gov/a%20b%7Cc"),
        ("/caf\u00e9?q=\u00fc", "https://www.example.gov/caf%C3%A9?q=%C3%BC"),
        ("https://b\u00fccher.example/", "https://xn--bcher-kva.example/"),
        ("/a;jsessionid=9F?sid=1&p=2&utm_source=x", "https://www.example.gov/a?p=2"),
        ("/a//b/./c/../d/", "https://www.example.gov/a/b/d/"),
        ("\\\\evil.example\\x", "https://evil.example/x"),
        ("mailto:clerk@example.gov", ""),
        ("javascript:void(0)", ""),
        ("https://user:secret@www.example.gov/", ""),
        ("https://[::1", ""),
        ("https://www.example.gov:99999/", ""),
        ("/" + "x" * 1000, ""),
    ],
)
def test_an_address_has_one_spelling(spelt: str, canon: str) -> None:
    """So that a page is asked for once, and has one record."""
    assert canonical(spelt, BASE) == canon
    assert not canon or canonical(canon, BASE) == canon


def test_an_id_leads_back_to_the_address() -> None:
    """And has no slash, for that would make it a part of the page above it."""
    for url in ("https://www.example.gov/", "https://www.example.gov/a/b?c=d/e&f=%7C"):
        assert "/" not in id_of(url)
        assert address_of(id_of(url), SITE.url) == url
    assert address_of("www.example.gov|a/rendered", SITE.url) == ""
    assert address_of("no host", SITE.url) == ""


def test_the_scope_is_hosts_ports_and_paths() -> None:
    """The account's own host, with and without www; others that are named; paths with borders."""
    plain, wide = Scope(), Scope(hosts=("docs.example.gov",))
    news = Scope(prefix=("/news",))
    assert in_scope("https://example.gov/a", SITE.url, plain)
    assert not in_scope("https://example.gov:8443/a", SITE.url, plain)
    assert not in_scope("http://www.example.gov/a", SITE.url, plain)
    assert not in_scope("https://docs.example.gov/a", SITE.url, plain)
    assert in_scope("https://docs.example.gov/a", SITE.url, wide)
    assert in_scope("https://www.example.gov/news/1", SITE.url, news)
    assert not in_scope("https://www.example.gov/newsletter", SITE.url, news)
    assert not in_scope("https://example.gov.evil.example/", SITE.url, plain)


@pytest.mark.parametrize(
    "wrong",
    ["deep=3", "depth=", "depth=x", "depth=101", "hosts=a/b", "prefix=news", "robots=maybe", "x"],
)
def test_a_wrong_scope_is_told(wrong: str) -> None:
    """In words that name what is wrong; nothing is guessed."""
    assert wrong.partition("=")[0] in problem_of(wrong)
    assert scope_of(wrong) == Scope()
    assert problem_of("depth=3 pages=10 pause=0.5 prefix=/a,/b robots=no") == ""
    assert scope_of("depth=3 pause=0.5 prefix=/a,/b") == Scope(
        depth=3, pause=0.5, prefix=("/a", "/b")
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://x.gov/" + "a/b/" * 7,
        "https://x.gov/a/a/a/a/",
        "https://x.gov/?" + "&".join(f"f{n}=1" for n in range(9)),
    ],
)
def test_what_may_have_no_end_is_a_trap(url: str) -> None:
    """Paths that say themselves again, and queries of endless filters."""
    assert trap(url) != ""
    assert trap("https://x.gov/council/2026/minutes/?page=2") == ""


def test_calendars_and_lists_have_a_shape() -> None:
    """Addresses that differ in numbers or values alone are counted together."""
    assert shape("https://x.gov/events?month=1&year=2031") == shape(
        "https://x.gov/events?year=2099&month=12"
    )
    assert shape("https://x.gov/events/2031/05/") == shape("https://x.gov/events/2099/12/")
    assert shape("https://x.gov/about") == ""


def test_a_page_leads_to_pages_styles_and_files() -> None:
    """Links, frames, pictures of every kind; not what lies outside, nor what others run."""
    body = b"""<base href="/b/"><a href=one>1</a><area href='/two'><a href="https://else.example/">x</a>
    <iframe src="/frame"></iframe><a href="/minutes.PDF">m</a><link rel=stylesheet href=/s.css>
    <link rel="icon" href="/i.ico"><img src="/p.png" srcset="/p1.png 1x, /p2.png 2x"><script>
    document.write('<a href="/no">')</script><!-- <a href="/neither"> --><video poster=/v.jpg>
    <source src=/v.mp4></video><p style="background:url(/bg.gif)"><script src="https://cdn.example/x.js">
    </script><img src="http://weak.example/x.png"><a href="/twice">a</a><a href="/twice#b">b</a>"""
    found = followed(cut(body))
    host = "https://www.example.gov"
    assert {url for name, url in found.items() if name.startswith("page ")} == {
        f"{host}/b/one", f"{host}/two", f"{host}/frame", f"{host}/twice",
    }  # fmt: skip
    assert {url for name, url in found.items() if name.startswith("style ")} == {f"{host}/s.css"}
    assert {url for name, url in found.items() if name.startswith("file ")} == {
        *(f"{host}/{one}" for one in ("minutes.PDF", "i.ico", "p.png", "p1.png", "p2.png")),
        *(f"{host}/{one}" for one in ("v.jpg", "v.mp4", "bg.gif")),
        "https://cdn.example/x.js",
    }
    only_own = followed(cut(body, scope="resources=site"))
    assert "https://cdn.example/x.js" not in only_own.values()


def test_everything_that_is_asked_is_fenced() -> None:
    """Others wrote these addresses: no request of a crawl goes without a fence."""
    body = b'<a href=/a><link rel=stylesheet href=/s.css><img src=/p.png><a href="/x.pdf">'
    page = cut(body, scope="browser=/")
    asked = [one.listing.request if one.listing else one.request for one in page.items[0].follow]
    asked += [one.request for one in CONNECTOR.listings(SITE, "backfill")]
    asked += [CONNECTOR.direct(SITE, Stream.PAGES, "www.example.gov|a")]
    shown = cut(b'{"dom":"<a href=/b>"}', "application/json", carried="r1")
    asked += [shown.next, *(one.listing.request for one in shown.items[0].follow if one.listing)]
    assert len(asked) == 11
    assert all(one is not None and one.fenced for one in asked)


def test_sitemaps_and_robots_lead_on() -> None:
    """Also a packed one; a bomb in its place is cut."""
    body = b'<?xml version="1.0"?><urlset><url><loc>https://www.example.gov/a?b&amp;c</loc></url></urlset>'
    wanted = {"https://www.example.gov/a?b&c"}
    assert set(followed(cut(body, "application/xml")).values()) == wanted
    packed = cut(gzip.compress(body), "application/gzip", url=f"{SITE.url}map.xml.gz")
    assert set(followed(packed).values()) == wanted
    robots = cut(b"User-agent: *\nSitemap: /m.xml\n", "text/plain", url=f"{SITE.url}robots.txt")
    assert set(followed(robots).values()) == {"https://www.example.gov/m.xml"}


def test_what_is_no_page_of_the_site_is_told() -> None:
    """A dead link ends there; what is asked for by itself is missing; a redirect leads out."""
    codes = {
        "dead": cut(b"", status=404),
        "gone": cut(b"", status=410, carried=""),
        "out": cut(b"<p>", url="https://else.example/"),
        "forbidden": cut(b"", status=403),
        "broken": cut(b"", status=503),
        "start": cut(b"", status=404, carried="0", name="start"),
    }
    assert {name: page.problem.code for name, page in codes.items() if page.problem} == {
        "dead": "end", "gone": "missing", "out": "redirect", "forbidden": "forbidden",
        "broken": "transient", "start": "missing",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        ("caf\u00e9".encode(), "text/html", "caf\u00e9"),
        ("caf\u00e9".encode("latin-1"), "text/html; charset=iso-8859-1", "caf\u00e9"),
        (b"\x93caf\xe9\x94", "text/html", "\u201ccaf\u00e9\u201d"),
        (b'<meta charset="windows-1251">\xcf', "text/html", '<meta charset="windows-1251">\u041f'),
        ("\ufeffcaf\u00e9".encode("utf-16-le"), "text/html", "caf\u00e9"),
        ("\u65e5\u672c".encode("shift_jis"), "text/html; charset=Shift_JIS", "\u65e5\u672c"),
        (b"a", "text/html; charset=unicode_escape", "a"),
        (b"a", "text/html; charset=rot13", "a"),
    ],
)
def test_characters_are_read_as_browsers_do(body: bytes, kind: str, text: str) -> None:
    """By mark, header, the page's own word; else UTF-8 or Windows-1252."""
    assert decoded(body, kind)[0] == text


def test_tags_are_found_in_linear_time_wherever_they_stand() -> None:
    """In quotation marks, in scripts, in what never ends."""
    found = [tag.name for tag in tags('<a title=">"><script>"<b>"</script><i/><!--<u>--><p')]
    assert found == ["a", "script", "i", "p"]
    for hostile in ("<a " * 50_000, "<!--" * 50_000, "<a b='" * 50_000, "<script>" * 20_000):
        assert len(list(tags(hostile))) <= 50_000
    sheet = "@import 'a.css'; b { c: url( x.png ) url('y z') }"
    assert [one.url for one in css_references(sheet)] == ["a.css", "x.png", "y z"]


def test_a_page_says_what_it_says() -> None:
    """Title, text, language, description, links; unknown elements are kept by name."""
    body = (
        b'<html lang=en><title> A &amp; B </title><meta name=description content="About">'
        b'<meta property="article:modified_time" content="2026-11-30T10:00:00Z">'
        b'<p>Hello<x-map></x-map><a href="/a">A</a><img src=/p.png alt="A map">'
    )
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nETag: W/1\r\n\r\n"
    row = CONNECTOR.parse((Excerpt("exchange", head + body),), {"stream": "pages"})
    assert (row["title"], row["language"], row["summary"]) == ("A & B", "en", "About")
    assert row["alt_text"] == "A map"
    assert row["modified_at"] == "2026-11-30T10:00:00.000000Z"
    assert json.loads(row["extra"]) == {"links": ["/a"], "elements": ["x-map"]}
    assert json.loads(row["volatile"])["etag"] == "W/1"
    assert row == CONNECTOR.parse((Excerpt("exchange", head + body),), {"stream": "pages"})


def test_a_browser_is_asked_where_the_scope_says_so() -> None:
    """For web pages under these paths alone; text first, then the picture, once."""
    page = cut(b"<p>x", scope="browser=/news")
    (follow,) = page.items[0].follow
    assert follow.listing is not None
    assert follow.listing.request.rendered == "dom"
    assert cut(b"<p>x", scope="browser=/news", url=f"{SITE.url}newsletter").items[0].follow == ()
    assert cut(b"%PDF", "application/pdf", scope="browser=/news").items[0].follow == ()
    shown = cut(b'{"text":"x","dom":"<p>x"}', "application/json", carried="r1")
    assert shown.items[0].native_id == "www.example.gov|news|1?x=2/rendered"
    assert shown.next is not None
    assert (shown.next.rendered, shown.next.url) == ("png", f"{BASE}#screenshot")
    picture = cut(b"\x89PNG\r\n", "image/png", url=shown.next.url, carried="r1")
    assert picture.items[0].native_id.endswith("/screenshot")
    assert picture.next is None
