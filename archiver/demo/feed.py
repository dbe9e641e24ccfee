"""The city's news as RSS 2.0, Atom, JSON Feed, and as an ill-formed RSS feed.

Each shows the newest items only, newest first, as feeds do.
"""

from __future__ import annotations

import json
from email.utils import format_datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from archiver.demo.answer import Answer

if TYPE_CHECKING:
    from archiver.demo.answer import Asked
    from archiver.demo.city import City
    from archiver.demo.things import NewsItem

__all__ = ["Feeds"]

SHOWN = 15
"""How many items a feed has."""


class Feeds:
    """The news of ``city`` at ``/feed``, ``/feed/atom``, ``/feed.json`` and ``/broken-feed``."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._feeds = {
            "/feed": (self._rss, "application/rss+xml"),
            "/feed/atom": (self._atom, "application/atom+xml"),
            "/feed.json": (self._json, "application/feed+json"),
            "/broken-feed": (self._broken, "application/rss+xml"),
        }

    def answer(self, asked: Asked) -> Answer | None:
        """Answer one request, or return None where there is no feed."""
        found = self._feeds.get(asked.path.rstrip("/"))
        if found is None:
            return None
        make, kind = found
        return Answer(200, (("Content-Type", f"{kind}; charset=UTF-8"),), make(asked.base))

    @property
    def _items(self) -> list[NewsItem]:
        return self._city.news[: -SHOWN - 1 : -1]

    def _rss(self, base: str) -> bytes:
        """RSS 2.0 with the content and Dublin Core modules."""
        items = "".join(_rss_item(base, item) for item in self._items)
        built = format_datetime(max(item.updated for item in self._items))
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" '
            'xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
            f"<title>{escape(self._city.name)}: News</title>\n<link>{base}/news/</link>\n"
            "<description>What happens in Quillwater</description>\n"
            f'<atom:link href="{base}/feed" rel="self" type="application/rss+xml" />\n'
            f"<lastBuildDate>{built}</lastBuildDate>\n<language>en-US</language>\n"
            f"{items}</channel>\n</rss>\n"
        ).encode()

    def _atom(self, base: str) -> bytes:
        """Atom (RFC 4287)."""
        entries = "".join(_atom_entry(base, item) for item in self._items)
        updated = max(item.updated for item in self._items)
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-US">\n'
            f"<title>{escape(self._city.name)}: News</title>\n<id>{base}/feed/atom</id>\n"
            f'<link rel="self" href="{base}/feed/atom"/>\n<link href="{base}/news/"/>\n'
            f"<updated>{updated.isoformat()}</updated>\n{entries}</feed>\n"
        ).encode()

    def _json(self, base: str) -> bytes:
        """JSON Feed 1.1."""
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": f"{self._city.name}: News",
            "home_page_url": f"{base}/news/",
            "feed_url": f"{base}/feed.json",
            "language": "en-US",
            "items": [
                {
                    "id": item.guid,
                    "url": _page(base, item),
                    "title": item.title,
                    "content_text": item.text,
                    "date_published": item.published.isoformat(),
                    "date_modified": item.updated.isoformat(),
                    "authors": [{"name": "City Clerk"}],
                }
                for item in self._items
            ],
        }
        return json.dumps(feed, ensure_ascii=False, indent=1).encode()

    def _broken(self, base: str) -> bytes:
        """RSS as found in the wild: bare ampersands, unclosed tags, Latin-1, no end.

        Items can still be told apart; no XML parser accepts the whole.
        """
        head = '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0">\n<channel>\n'
        title = f"<title>News & more from {self._city.name}</title>\n<link>{base}/news/</link>\n"
        items = b"".join(
            f"<item>\n<title>{item.title}</title>\n<guid isPermaLink=false>{item.guid}</guid>\n"
            f"<link>{_page(base, item)}?a=1&b=2</link>\n<description>{item.text}<br>"
            f"caf\xe9 &nbsp; hours</description>\n<media:thumbnail url='x.png'>\n"
            f"<pubDate>{format_datetime(item.published)}</pubDate>\n</item>\n".encode(
                "latin-1", "xmlcharrefreplace"
            )
            for item in self._items
        )
        return (head + title).encode() + items


def _page(base: str, item: NewsItem) -> str:
    return f"{base}/news/{item.guid.rpartition('/')[2]}/"


def _rss_item(base: str, item: NewsItem) -> str:
    text = escape(item.text)
    return (
        f"<item>\n<title>{escape(item.title)}</title>\n<link>{_page(base, item)}</link>\n"
        f"<dc:creator><![CDATA[City Clerk]]></dc:creator>\n"
        f"<pubDate>{format_datetime(item.published)}</pubDate>\n"
        f'<guid isPermaLink="false">{item.guid}</guid>\n<description>{text}</description>\n'
        f"<content:encoded><![CDATA[<p>{text}</p>]]></content:encoded>\n</item>\n"
    )


def _atom_entry(base: str, item: NewsItem) -> str:
    return (
        f"<entry>\n<id>{item.guid}</id>\n<title>{escape(item.title)}</title>\n"
        f'<link href="{_page(base, item)}"/>\n<author><name>City Clerk</name></author>\n'
        f"<published>{item.published.isoformat()}</published>\n"
        f"<updated>{item.updated.isoformat()}</updated>\n"
        f'<content type="text">{escape(item.text)}</content>\n</entry>\n'
    )
