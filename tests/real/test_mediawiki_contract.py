"""The stand-in wiki against a real one: the same requests give answers of the same shape."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest

from archiver.capture.connector import Listing, Site
from archiver.capture.platforms.mediawiki import MediaWiki as Connector
from archiver.capture.platforms.mediawiki import elsewhere, logs
from archiver.capture.platforms.mediawiki.wholeness import lack_of
from archiver.demo.city import City
from archiver.demo.mediawiki.api import FOLDER
from archiver.demo.mediawiki.api import MediaWiki as StandIn
from archiver.demo.mediawiki.office import ManagedWiki
from archiver.demo.server import CityServer
from archiver.formats.http1 import parse_response
from tests.real.mediawiki.server import ADMIN, MediaWiki
from tests.real.wordpress.pictures import png

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.real

CONNECTOR = Connector()
ONLY_REAL = {
    "talkid", "watchers", "width", "height", "descriptionshorturl", "limits", "blockedbyid",
    "blockedtimestamp", "blockedtimestampformatted", "blockexpiryformatted",
    "blockexpiryrelative", "blocknocreate", "blockanononly", "params", "redirect",
}  # fmt: skip
"""Members that the stand-in does not have; nothing that we read depends on them."""
FREE = {"params", "general", "statistics", "rightsinfo", "namespaces", "tags", "protection"}
"""Members whose own members depend on the thing."""


class Side(NamedTuple):
    """One of the two wikis: a client that is logged in, a stranger's, and the account's site."""

    admin: httpx.Client
    stranger: httpx.Client
    site: Site

    def listings(self) -> dict[str, Listing]:
        """Return the connector's listings by name."""
        modes = ("reconcile", "incremental")
        return {one.name: one for mode in modes for one in CONNECTOR.listings(self.site, mode)}

    def shown(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """Return the answer to a listing."""
        return self.admin.get(self.listings()[name].request.url).json()

    def direct(self, stream: str, native_id: str) -> Any:  # noqa: ANN401 - JSON
        """Return the answer to a direct request."""
        request = CONNECTOR.direct(self.site, stream, native_id)
        assert request is not None
        return self.admin.get(request.url).json()


def logged_in(site: Site, user: str, password: str) -> Side:
    """Go through the connector's own login, step by step, and return both clients."""
    login = CONNECTOR.authorise(site, {"user": user, "password": password})
    with httpx.Client(timeout=60) as client:
        while login.request is not None and login.take is not None:
            asked = login.request
            client.cookies.clear()
            answer = client.request(
                asked.method, asked.url, headers=asked.headers, content=asked.body
            )
            lines = [b": ".join(pair) for pair in answer.headers.raw]
            head = b"\r\n".join([b"HTTP/1.1 200 OK", *lines])
            login = login.take(parse_response(head + b"\r\n\r\n" + answer.content))
    assert login.refused == ""
    admin = httpx.Client(headers=login.headers, timeout=60)
    return Side(admin, httpx.Client(timeout=60), site)


def real_life(wiki: MediaWiki) -> None:
    """Make one thing of every kind."""
    calls = [
        (ADMIN, {"action": "edit", "title": "Oak", "text": "closed"}),
        (ADMIN, {"action": "edit", "title": "Oak", "text": "secret"}),
        (ADMIN, {"action": "edit", "title": "Oak", "text": "open"}),
        (ADMIN, {"action": "edit", "title": "Bad", "text": "spam"}),
        (ADMIN, {"action": "delete", "title": "Bad", "reason": "spam"}),
        ("Ann", {"action": "register", "email": "ann@x.example"}),
        (ADMIN, {"action": "block", "user": "Ann", "expiry": "infinite", "reason": "noise"}),
    ]
    saved = [one["edit"]["newrevid"] for one in wiki.live(*calls) if "edit" in one]
    about = {"type": "revision", "target": "Oak", "hide": "content|user|comment"}
    wiki.live((ADMIN, {"action": "revisiondelete", "ids": str(saved[1]), **about}))
    for number in range(2):
        wiki.upload("Map.png", png(Random(number), 5, 5), "map")
    wiki.upload("Gone.png", png(Random(9), 5, 5), "gone")
    for number in range(2):
        wiki.upload("Plan.png", png(Random(7 + number), 5, 5), "plan")
    moved = {"action": "move", "from": "File:Plan.png", "to": "File:Plot.png", "noredirect": "1"}
    entry = {"action": "revisiondelete", "type": "logging", "hide": "content", "ids": "1"}
    wiki.live(
        (ADMIN, {"action": "delete", "title": "File:Gone.png"}),
        (ADMIN, moved),
        (ADMIN, {"action": "edit", "title": "Elm", "text": "to be merged"}),
        (ADMIN, {"action": "edit", "title": "Elm", "text": "to be left"}),
        (ADMIN, {"action": "edit", "title": "Ash", "text": "later"}),
        (ADMIN, {"action": "mergehistory", "from": "Elm", "to": "Ash"}),
        (ADMIN, entry),
    )


def standin_life() -> ManagedWiki:
    """Do the same to the stand-in."""
    wiki = ManagedWiki()
    wiki.register("Ida Fennimore", "sysop")
    wiki.register("Ann")
    wiki.edit("Main Page", "Welcome")
    wiki.edit("Oak", "closed")
    secret = wiki.edit("Oak", "secret")
    wiki.edit("Oak", "open")
    wiki.edit("Bad", "spam")
    wiki.delete("Bad", "spam")
    wiki.block(2, "noise")
    wiki.hide(secret.id, "text", "user", "comment")
    for name in ("Map.png", "Map.png", "Gone.png"):
        wiki.upload(name, "map")
    wiki.delete("File:Gone.png", "")
    for _ in range(2):
        wiki.upload("Plan.png", "plan")
    wiki.move("File:Plan.png", "File:Plot.png")
    for text in ("to be merged", "to be left"):
        wiki.edit("Elm", text)
    wiki.edit("Ash", "later")
    wiki.merge("Elm", "Ash")
    wiki.hide_entry(1)
    return wiki


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Side, Side]]:
    """Both wikis with the same things: the real one, the stand-in."""
    standin = StandIn(standin_life(), limit=500)
    with (
        MediaWiki(tmp_path_factory.mktemp("contract") / "site") as wiki,
        CityServer(City(), standin) as server,
    ):
        real_life(wiki)
        site = Site("real", f"{wiki.url}/api.php", authorised=True)
        copy = Site("copy", f"{server.url}{FOLDER}/api.php", authorised=True)
        sides = (
            logged_in(site, wiki.user, wiki.password),
            logged_in(copy, standin.user, standin.password),
        )
        yield sides
        for side in sides:
            side.admin.close()
            side.stranger.close()


def shape(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return members and types; of a list, those of all its items together."""
    if isinstance(value, dict):
        return {
            name: "free" if name in FREE else shape(one)
            for name, one in value.items()
            if name not in ONLY_REAL
        }
    if isinstance(value, list):
        merged: dict[str, Any] = {}
        for one in map(shape, value):
            merged |= one if isinstance(one, dict) else {"item": one}
        return [merged]
    return type(value).__name__


@pytest.mark.parametrize(
    "name",
    [
        "profile", "pages ns=0", "pages ns=6", "pages ns=14", "revisions", "revisions deleted",
        "log", "users", "media", "media deleted", "pages newest", "revisions newest",
        "log newest", "media newest",
    ],
)  # fmt: skip
def test_listings_have_the_same_shape(pair: tuple[Side, Side], name: str) -> None:
    """Every listing of the connector, page by page of the same things."""
    real, standin = (shape(side.shown(name)) for side in pair)
    assert standin == real


@pytest.mark.parametrize(
    ("stream", "native_id"),
    [
        ("pages", "2"),
        ("pages", "99"),
        ("pages", "revision/2"),
        ("pages", "revision/99"),
        ("subscribers", "1"),
        ("subscribers", "99"),
        ("media", "Map.png/2020-01-01T00:00:00Z"),
        ("media", "None.png/2020-01-01T00:00:00Z"),
    ],
)
def test_single_things_have_the_same_shape(
    pair: tuple[Side, Side], stream: str, native_id: str
) -> None:
    """What is there, and what is not."""
    real, standin = (shape(side.direct(stream, native_id)) for side in pair)
    assert standin == real


def test_refusals_are_the_same(pair: tuple[Side, Side]) -> None:
    """A stranger who claims a login, one who wants deleted texts, and an unknown action."""
    for name, part, other in (
        ("revisions", "", ""),
        ("revisions deleted", "&assert=user", ""),
        ("log", "action=query", "action=none"),
    ):
        answers = [
            side.stranger.get(side.listings()[name].request.url.replace(part, other))
            for side in pair
        ]
        codes = [(answer.status_code, answer.json()["error"]["code"]) for answer in answers]
        assert codes[0] == codes[1]


def test_lists_go_on_in_the_same_way(pair: tuple[Side, Side]) -> None:
    """``continue`` has the same members, of which the same request is made."""
    for name, limit in (("revisions", "arvlimit"), ("log", "lelimit"), ("users", "aulimit")):
        found = []
        for side in pair:
            url = side.listings()[name].request.url.replace(f"{limit}=max", f"{limit}=1")
            found.append(sorted(side.admin.get(url).json().get("continue", {})))
        assert found[0] == found[1]
        assert "continue" in found[0]


def test_logs_name_what_they_changed_alike(pair: tuple[Side, Side]) -> None:
    """What a follow-up is asked by: titles, and the parameters that name another."""
    kinds = {"merge/merge": "dest_title", "move/move": "target_title", "delete/event": "type"}
    told = []
    for side in pair:
        entries = side.shown("log newest")["query"]["logevents"]
        named = {f"{one['type']}/{one['action']}": one for one in entries}
        found = {kind: named[kind] for kind in kinds}
        event = found["delete/event"]
        event["title"] = event["title"].removesuffix(entries[-1]["type"])  # that of the first entry
        told.append({k: (one["title"], one["params"][kinds[k]]) for k, one in found.items()})
    assert told[0] == told[1]
    assert told[0]["delete/event"] == ("Special:Log/", "logging")


def test_the_wiki_says_where_its_files_lie_alike(pair: tuple[Side, Side]) -> None:
    """The stand-in has one repository, with the members that are asked for."""
    found = []
    for side in pair:
        asked = elsewhere.asked(side.site, "https://uploads.example/x").listing
        assert asked is not None
        answer = side.admin.get(asked.request.url)
        assert lack_of(asked.request.url, answer.content) == ""
        found.append(shape(answer.json()))
    assert found[1] == found[0]


def test_whole_answers_lack_nothing(pair: tuple[Side, Side]) -> None:
    """No listing of an ordinary wiki, nor one of a type of log, is taken for a part of one."""
    for side in pair:
        asked = [one.request.url for one in side.listings().values()]
        asked += [
            logs.again(side.site, "1", title).request.url
            for title in ("Special:Log/protect", "Special:Log")
        ]
        for url in asked:
            assert lack_of(url, side.admin.get(url).content) == ""
        unread = asked[0].replace("meta=siteinfo", "list=none")
        assert lack_of(unread, side.admin.get(unread).content) != ""
