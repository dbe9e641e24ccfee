"""Where the demo city speaks: its accounts, what stands in for their platforms, their week."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from archiver.demo import voices
from archiver.demo.bluesky.life import CityNetwork
from archiver.demo.bluesky.service import Bluesky
from archiver.demo.mastodon.api import Mastodon
from archiver.demo.mastodon.seed import Town
from archiver.demo.matrix.api import Matrix
from archiver.demo.matrix.life import Chat
from archiver.demo.mediawiki.api import MediaWiki
from archiver.demo.mediawiki.founding import CityWiki

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archiver.demo.answer import Service
    from archiver.demo.city import City

__all__ = ["BLOG", "NEWS", "Presence", "presences"]

BLOG, NEWS = "city-blog", "city-news"

Changed = dict[str, dict[str, str]]
"""Stream -> native id -> the kind of what a complete capture then finds."""


class Presence(NamedTuple):
    """One account: how it is registered, what serves it, and how a week passes there.

    ``path`` follows the server's address. ``service`` is None where the city's own server
    answers (`archiver.demo.server.CityServer`). ``say`` lets somebody, by name, say something.
    """

    name: str
    platform: str
    path: str
    credential: Mapping[str, str]
    service: Service | None
    change: Callable[[], Changed]
    say: Callable[[str, str], None]


def presences(city: City) -> tuple[Presence, ...]:
    """Return the accounts of a city: its blog and news, and each other platform anew."""
    wiki, town, network, chat = CityWiki(), Town(), CityNetwork(), Chat()
    pages, toots = MediaWiki(wiki), Mastodon(town)
    blog = {"user": city.user, "password": city.secret}
    bot = {"user": pages.user, "password": pages.password}
    sky = {"handle": network.user, "password": network.secret}
    talk = {"user": chat.user, "password": chat.secret}
    on_blog, in_feed = partial(voices.on_blog, city), partial(voices.in_feed, city)
    on_wiki, on_mastodon = partial(voices.on_wiki, wiki), partial(voices.on_mastodon, town)
    on_network, in_room = partial(voices.on_network, network), partial(voices.in_room, chat)
    account, user = f"/profile/{network.user}", f"/{chat.user}"
    return (
        Presence(BLOG, "wordpress", "", blog, None, city.change, on_blog),
        Presence(NEWS, "feed", "/feed", {}, None, city.change_news, in_feed),
        Presence("city-wiki", "mediawiki", "/wiki/api.php", bot, pages, wiki.change, on_wiki),
        Presence(
            "city-toots", "mastodon", "/@quillwater", {"token": toots.token}, toots, town.change,
            on_mastodon,
        ),
        Presence("city-sky", "bluesky", account, sky, Bluesky(network), network.change, on_network),
        Presence("city-chat", "matrix", user, talk, Matrix(chat), chat.change, in_room),
    )  # fmt: skip
