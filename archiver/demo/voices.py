"""How residents speak in the demo city: one verb for each of its presences.

Each takes who speaks (a name, made known where nobody has it yet) and what they say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.demo.blog import slug
from archiver.demo.matrix.chat import SERVER

if TYPE_CHECKING:
    from archiver.demo.bluesky.life import CityNetwork
    from archiver.demo.city import City
    from archiver.demo.facebook.life import CityPage
    from archiver.demo.instagram.life import CityAccount
    from archiver.demo.mastodon.instance import Instance
    from archiver.demo.matrix.life import Chat
    from archiver.demo.mediawiki.wiki import Wiki
    from archiver.demo.x.seed import Square
    from archiver.demo.youtube.seed import Town

__all__ = [
    "in_feed",
    "in_room",
    "on_blog",
    "on_channel",
    "on_mastodon",
    "on_network",
    "on_page",
    "on_pictures",
    "on_wiki",
    "on_x",
]


def on_blog(city: City, name: str, text: str) -> None:
    """Comment on the blog's first post, as a guest."""
    post = next(one.id for one in city.posts.values() if one.kind == "post")
    city.comment(post, text, name=name)


def in_feed(city: City, name: str, text: str) -> None:
    """Have the city announce what somebody says: nobody else speaks in a feed."""
    city.announce(f"{name} says", text)


def on_wiki(wiki: Wiki, name: str, text: str) -> None:
    """Add a section to the talk page of the first page."""
    name = f"{name[:1].upper()}{name[1:]}"  # as MediaWiki spells all names
    known = next((one for one in wiki.people.values() if one.name == name), None)
    page = next(one.title for one in wiki.pages.values() if one.ns == 0)
    wiki.talk(f"Talk:{page}", text, user=(known or wiki.register(name)).id)


def on_mastodon(instance: Instance, name: str, text: str) -> None:
    """Answer the city's newest public post."""
    handle = _plain(name).replace("-", "_")
    known = (one for one in instance.people.values() if name == one.shown or handle == one.name)
    person = next(known, None) or instance.join(handle, name)
    city = instance.city
    post = next(
        one.id
        for one in reversed(instance.statuses.values())
        if one.author == city.id and one.visibility == "public" and not one.answers | one.boosts
    )
    instance.post(person.id, f"@{city.name} {text}", answers=post)


def on_network(network: CityNetwork, name: str, text: str) -> None:
    """Answer the city's newest notice on Bluesky."""
    handle = f"{_plain(name)}.example"
    known = network.account(handle)
    network.post(known.did if known else network.join(handle, name), text, to=network.posts[-1])


def in_room(chat: Chat, name: str, text: str) -> None:
    """Speak in the town hall's room, having joined it."""
    user = f"@{_plain(name)}:{SERVER}"
    chat.names.setdefault(user, name)
    if chat.rooms[chat.hall].membership(user) != "join":
        chat.member(chat.hall, user, "join")
    chat.say(chat.hall, user, text)


def on_page(page: CityPage, name: str, text: str) -> None:
    """Comment on the newest post of the Facebook Page."""
    known = next((one for one in page.people.values() if one.name == name), None)
    page.say(known or page.join(name), text)


def on_pictures(account: CityAccount, name: str, text: str) -> None:
    """Comment on the newest picture on Instagram."""
    handle = _plain(name).replace("-", ".")
    known = next((one for one in account.people.values() if one.name == handle), None)
    newest = [one.id for one in account.media.values() if one.edge == "media"][-1]
    account.remark(newest, known or account.join(handle), text)


def on_x(square: Square, name: str, text: str) -> None:
    """Answer the city's newest post on X."""
    handle = _plain(name).replace("-", "_")
    known = (one for one in square.people.values() if name == one.shown or handle == one.name)
    person = next(known, None) or square.join(handle, name)
    city = square.city
    post = [
        one.id
        for one in square.posts.values()
        if one.author == city.id and not one.answers | one.reposts
    ][-1]
    square.post(person.id, f"@{city.name} {text}", answers=post)


def on_channel(town: Town, name: str, text: str) -> None:
    """Comment on the newest public video on YouTube."""
    known = next((one for one in town.people.values() if one.name == name), None)
    person = known or town.join(_plain(name).replace("-", ""), name)
    newest = [one.id for one in town.videos.values() if one.privacy == "public"][-1]
    town.comment(person.id, newest, text)


def _plain(name: str) -> str:
    """Return a name as handles are spelt; one without any such letter is anybody's."""
    return slug(name) or "resident"
