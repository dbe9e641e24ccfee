"""Where the demo city speaks: its accounts, what stands in for their platforms, their week."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from archiver.demo import voices
from archiver.demo.bluesky.life import CityNetwork
from archiver.demo.bluesky.service import Bluesky
from archiver.demo.facebook.api import Facebook
from archiver.demo.facebook.host import Host
from archiver.demo.facebook.life import CityPage
from archiver.demo.instagram.api import Instagram
from archiver.demo.instagram.life import CityAccount
from archiver.demo.mastodon.api import Mastodon
from archiver.demo.mastodon.seed import Town
from archiver.demo.matrix.api import Matrix
from archiver.demo.matrix.life import Chat
from archiver.demo.mediawiki.api import MediaWiki
from archiver.demo.mediawiki.founding import CityWiki
from archiver.demo.x.api import XApi
from archiver.demo.x.seed import Square
from archiver.demo.youtube.api import YouTube
from archiver.demo.youtube.seed import Town as Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from archiver.demo.answer import Service
    from archiver.demo.city import City

__all__ = ["BLOG", "NAMES", "NEWS", "Presence", "presences"]

BLOG, NEWS = "city-blog", "city-news"
X_PAGE = 15
"""Things on a page of X, so few that the city's lists have several."""

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


def presences(city: City, only: Collection[str] = ()) -> tuple[Presence, ...]:
    """Return the accounts of a city: its blog and news, and each other platform anew.

    Args:
        city: whose blog and news these are.
        only: the names of those wanted (`NAMES`); all of them unless told.
    """
    meta = Host()
    return tuple(make(city, meta) for name, make in _MAKERS.items() if name in (only or NAMES))


def _blog(city: City, _meta: Host) -> Presence:
    login = {"user": city.user, "password": city.secret}
    said = partial(voices.on_blog, city)
    return Presence(BLOG, "wordpress", "", login, None, city.change, said)


def _news(city: City, _meta: Host) -> Presence:
    said = partial(voices.in_feed, city)
    return Presence(NEWS, "feed", "/feed", {}, None, city.change_news, said)


def _wiki(_city: City, _meta: Host) -> Presence:
    wiki = CityWiki()
    pages, said = MediaWiki(wiki), partial(voices.on_wiki, wiki)
    login = {"user": pages.user, "password": pages.password}
    return Presence("city-wiki", "mediawiki", "/wiki/api.php", login, pages, wiki.change, said)


def _toots(_city: City, _meta: Host) -> Presence:
    town = Town()
    toots, said = Mastodon(town), partial(voices.on_mastodon, town)
    login = {"token": toots.token}
    return Presence("city-toots", "mastodon", "/@quillwater", login, toots, town.change, said)


def _sky(_city: City, _meta: Host) -> Presence:
    network = CityNetwork()
    login = {"handle": network.user, "password": network.secret}
    path, said = f"/profile/{network.user}", partial(voices.on_network, network)
    return Presence("city-sky", "bluesky", path, login, Bluesky(network), network.change, said)


def _chat(_city: City, _meta: Host) -> Presence:
    chat = Chat()
    login = {"user": chat.user, "password": chat.secret}
    path, said = f"/{chat.user}", partial(voices.in_room, chat)
    return Presence("city-chat", "matrix", path, login, Matrix(chat), chat.change, said)


def _page(_city: City, meta: Host) -> Presence:
    page = CityPage()
    api, said = Facebook(page), partial(voices.on_page, page)
    meta.keep(api)
    path = f"/{page.name}"
    return Presence("city-page", "facebook", path, api.credential, meta, page.change, said)


def _pictures(_city: City, meta: Host) -> Presence:
    account = CityAccount()
    api, said = Instagram(account), partial(voices.on_pictures, account)
    meta.keep(api)
    path, login = f"/{account.handle}", api.credential
    return Presence("city-pictures", "instagram", path, login, meta, account.change, said)


def _x(_city: City, _meta: Host) -> Presence:
    square = Square()
    api, said = XApi(square, most=X_PAGE), partial(voices.on_x, square)
    api.tokens.rotates = False  # Airflow's connections are read only
    path, login = f"/{square.city.name}", api.tokens.credential
    return Presence("city-x", "x", path, login, api, square.change, said)


def _tube(_city: City, _meta: Host) -> Presence:
    channel = Channel()
    api, said = YouTube(channel), partial(voices.on_channel, channel)
    path, login = f"/@{channel.city.handle}", api.credential.fields()
    return Presence("city-tube", "youtube", path, login, api, channel.change, said)


_MAKERS: dict[str, Callable[[City, Host], Presence]] = {
    BLOG: _blog,
    NEWS: _news,
    "city-wiki": _wiki,
    "city-toots": _toots,
    "city-sky": _sky,
    "city-chat": _chat,
    "city-page": _page,
    "city-pictures": _pictures,
    "city-x": _x,
    "city-tube": _tube,
}
NAMES = tuple(_MAKERS)
"""All accounts of the city."""
