"""The stand-in homeserver against a real Synapse: same shapes, same refusals.

The same few things happen on both, and the city's account asks both the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import httpx
import pytest

from archiver.capture.connector import Site
from archiver.capture.platforms.matrix import requests
from archiver.demo.city import City
from archiver.demo.matrix.api import Matrix
from archiver.demo.matrix.chat import SERVER, Homeserver
from archiver.demo.picture import striped_png
from archiver.demo.server import CityServer
from tests.real.environments import pinned
from tests.real.matrix.life import CITY, Life
from tests.real.matrix.server import PINNED, Synapse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.real, pytest.mark.more]

API = "/_matrix/client/v3"
SYNC = requests.sync(Site("x", "http://x/@a:b", authorised=True)).url.removeprefix("http://x")
UNREDACTED = "?fi.mau.msc2815.include_unredacted_content=true"
OPTIONAL = {"device_lists"}
"""What Synapse tells now and then, of devices."""


class Side(NamedTuple):
    """One homeserver: a client logged in as the city, and the ids of comparable things."""

    client: httpx.Client
    things: dict[str, str]

    def get(self, target: str) -> httpx.Response:
        """Ask for ``target``, with the names of things in braces."""
        path = target
        for name, value in self.things.items():
            path = path.replace(f"{{{name}}}", value if name == "media" else quote(value, safe=""))
        return self.client.get(path)


class Pair(NamedTuple):
    """Both homeservers."""

    real: Side
    standin: Side


def log_in(url: str, user: str, password: str) -> httpx.Client:
    """Log in as the connector does; return a client that carries the token."""
    body = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": user},
        "password": password,
        "device_id": "CIVICARCHIVER",
    }
    client = httpx.Client(base_url=url, timeout=60)
    answer = client.post(f"{API}/login", json=body)
    assert answer.status_code == 200, answer.text
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return client


def real_things(server: Synapse) -> dict[str, str]:
    """Let one thing of every kind happen on Synapse."""
    life = Life(server)
    for name in (CITY, "marta", "june"):
        server.register(name)
    life.call(CITY, "PUT", f"profile/{life.user(CITY)}/displayname", displayname="City")
    life.room("hall", CITY, preset="public_chat", room_version="11")
    life.join("hall", "marta")
    edited, plain, gone = (life.say("hall", "marta", text) for text in ("a", "b", "c"))
    edit = life.edit("hall", "marta", edited, "d")
    liked = life.react("hall", CITY, plain, "👍")
    life.redact("hall", CITY, gone, "spam")
    life.share("hall", "marta", 3)
    life.room("club", "june", preset="private_chat")
    life.room("asked", "june", preset="private_chat", invite=[life.user(CITY)])
    life.room("left", CITY, preset="private_chat")
    life.call(CITY, "POST", f"rooms/{life.rooms['left']}/leave")
    direct = {life.user("marta"): [life.rooms["hall"]]}
    life.call(CITY, "PUT", f"user/{life.user(CITY)}/account_data/m.direct", **direct)
    (media,) = server.rows("select media_id from local_media_repository")
    (named,) = server.rows("select event_id from state_events where type = 'm.room.name' limit 1")
    return {
        **{f"room {name}": room for name, room in life.rooms.items()},
        "edited": edited, "plain": plain, "gone": gone, "edit": edit, "liked": liked,
        "named": str(named[0]), "media": f"quillwater.example/{media[0]}", "user": life.user(CITY),
    }  # fmt: skip


def standin_things(chat: Homeserver) -> dict[str, str]:
    """Let the same happen on the stand-in."""
    marta, june = f"@marta:{SERVER}", f"@june:{SERVER}"
    hall = chat.open_room("Hall", chat.user)
    named = next(one.id for one in chat.rooms[hall].events if one.type == "m.room.name")
    chat.member(hall, marta, "join")
    edited, plain, gone = (chat.say(hall, marta, text) for text in ("a", "b", "c"))
    edit = chat.edit(hall, marta, edited, "d")
    liked = chat.react(hall, chat.user, plain, "👍")
    chat.redact(hall, chat.user, gone, "spam")
    chat.share(hall, marta, striped_png(3), "picture.png")
    club, asked = chat.open_room("Club", june), chat.open_room("Asked", june)
    chat.member(asked, chat.user, "invite", by=june)
    left = chat.open_room("Left", chat.user)
    chat.member(left, chat.user, "leave")
    chat.direct[marta] = [hall]
    return {
        "room hall": hall, "room club": club, "room asked": asked, "room left": left,
        "edited": edited, "plain": plain, "gone": gone, "edit": edit, "liked": liked,
        "named": named, "media": next(iter(chat.files)), "user": chat.user,
    }  # fmt: skip


@pytest.fixture(scope="module")
def chat() -> Homeserver:
    """What the stand-in stores."""
    return Homeserver()


@pytest.fixture(scope="module")
def pair(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory, chat: Homeserver
) -> Iterator[Pair]:
    """Both homeservers with comparable content."""
    programs: Path = pinned(pytestconfig.cache.mkdir("synapse"), PINNED)
    standing = standin_things(chat)
    with (
        Synapse(tmp_path_factory.mktemp("contract"), programs) as server,
        CityServer(City(), Matrix(chat)) as city,
    ):
        made = real_things(server)
        real = log_in(server.url, server.user(CITY), server.password(CITY))
        standin = log_in(city.url, chat.user, chat.secret)
        try:
            yield Pair(Side(real, made), Side(standin, standing))
        finally:
            real.close()
            standin.close()


@pytest.fixture
def ignoring(pair: Pair, chat: Homeserver) -> Iterator[None]:
    """The city ignores Marta on both, for one test; then nobody."""
    url = f"{API}/user/{quote(pair.real.things['user'], safe='')}/account_data/m.ignored_user_list"
    ignored: dict[str, object] = {f"@marta:{SERVER}": {}}
    assert pair.real.client.put(url, json={"ignored_users": ignored}).status_code == 200
    chat.ignore(*ignored)
    yield
    assert pair.real.client.put(url, json={"ignored_users": {}}).status_code == 200
    chat.ignore()


def shape(value: Any) -> object:  # noqa: ANN401 - any JSON value
    """Return member names and JSON types; of a list those of what differs in it."""
    if isinstance(value, dict):
        named = {name: part for name, part in value.items() if name not in OPTIONAL}
        keys = {"ID" if name[:1] in "!@" else name for name in named}
        if keys == {"ID"}:
            return {"ID": shape(next(iter(named.values())))}
        return {name: shape(part) for name, part in sorted(named.items())}
    if isinstance(value, list):
        return sorted({repr(shape(part)) for part in value})
    return type(value).__name__


EVENTS = ("plain", "edited", "edit", "gone", "liked", "named")


@pytest.mark.parametrize("event", EVENTS)
def test_events_have_the_same_shape(pair: Pair, event: str) -> None:
    """An event by itself: the same members of the same types, whatever happened to it."""
    target = f"{API}/rooms/{{room hall}}/event/{{{event}}}"
    real, standin = (side.get(target) for side in pair)
    assert standin.status_code == real.status_code == 200
    assert shape(standin.json()) == shape(real.json())


def test_history_has_the_same_shape(pair: Pair) -> None:
    """Pages go back newest first; the page with the first event names a token still."""
    for target in ("messages?dir=b&limit=4", "messages?dir=b&limit=100"):
        answers = [side.get(f"{API}/rooms/{{room hall}}/{target}").json() for side in pair]
        assert [set(one) for one in answers] == [{"chunk", "start", "end"}] * 2
        kinds = [[event["type"] for event in one["chunk"]][:9] for one in answers]
        assert kinds[0] == kinds[1]
        for number in range(len(kinds[0])):
            events = [one["chunk"][number] for one in answers]
            assert shape(events[1]) == shape(events[0])
    ends = [one["end"] for one in answers]
    target = f"{API}/rooms/{{room hall}}/messages?dir=b&limit=100&from="
    lasts = [side.get(target + end).json() for side, end in zip(pair, ends, strict=True)]
    assert [set(one) for one in lasts] == [{"chunk", "start"}] * 2
    assert [one["chunk"] for one in lasts] == [[], []]


def test_syncs_have_the_same_shape(pair: Pair) -> None:
    """All rooms by what the account is in them; nothing since is next to nothing."""
    answers = [side.get(SYNC).json() for side in pair]
    assert shape(answers[1]) == shape(answers[0])
    later = [
        side.get(f"{SYNC}&since={one['next_batch']}").json()
        for side, one in zip(pair, answers, strict=True)
    ]
    assert shape(later[1]) == shape(later[0])


REFUSED = (
    f"{API}/rooms/{{room hall}}/event/$nothing",
    f"{API}/rooms/{{room club}}/messages?dir=b",
    f"{API}/rooms/{{room club}}/state",
    f"{API}/rooms/{{room asked}}/messages?dir=b",
    f"{SYNC}&since=nonsense",
    f"{API}/profile/@nobody:{SERVER}",
    "/_matrix/client/v1/media/download/quillwater.example/nothing",
    f"{API}/user/{{user}}/account_data/m.ignored_user_list",
    f"{API}/nothing",
)


@pytest.mark.parametrize("target", REFUSED)
def test_refusals_are_the_same(pair: Pair, target: str) -> None:
    """Status and error code agree."""
    real, standin = (side.get(target) for side in pair)
    assert standin.status_code == real.status_code
    assert standin.json()["errcode"] == real.json()["errcode"]


def test_tokens_and_passwords_are_refused_alike(pair: Pair) -> None:
    """No token, an unknown one, a wrong password: the same error documents."""
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        documents = []
        for side in pair:
            with httpx.Client(base_url=side.client.base_url) as stranger:
                answer = stranger.get(f"{API}/account/whoami", headers=headers)
                documents.append((answer.status_code, answer.json()))
        assert documents[0] == documents[1]
    for side in pair:
        user = {"type": "m.id.user", "user": side.things["user"]}
        body = {"type": "m.login.password", "identifier": user, "password": "wrong one"}
        answer = side.client.post(f"{API}/login", json=body)
        assert (answer.status_code, answer.json()["errcode"]) == (403, "M_FORBIDDEN")


def test_what_was_redacted_is_shown_to_moderators_alike(pair: Pair) -> None:
    """MSC2815: the content stands, and nothing says that it was redacted."""
    target = f"{API}/rooms/{{room hall}}/event/{{gone}}{UNREDACTED}"
    real, standin = (side.get(target).json() for side in pair)
    assert shape(standin) == shape(real)
    assert standin["content"] == real["content"]


def test_files_state_and_profile_are_answered_alike(pair: Pair) -> None:
    """A picture is itself; a room's state is a list of events; a profile has a name."""
    for target in ("/_matrix/client/v1/media/download/{media}", f"{API}/profile/{{user}}"):
        answers = [side.get(target) for side in pair]
        assert {one.status_code for one in answers} == {200}
        assert len({one.headers["Content-Type"] for one in answers}) == 1
    states = [side.get(f"{API}/rooms/{{room hall}}/state").json() for side in pair]
    for kind in ("m.room.create", "m.room.member", "m.room.name", "m.room.join_rules"):
        real, standin = (next(one for one in state if one["type"] == kind) for state in states)
        unsigned = [set(one.pop("unsigned")) - {"membership"} for one in (real, standin)]
        assert unsigned[0] == unsigned[1]
        for one in (real, standin):
            del one["content"]
        assert shape(standin) == shape(real)


@pytest.mark.usefixtures("ignoring")
def test_ignored_people_are_not_shown_alike(pair: Pair) -> None:
    """Their messages are nowhere, and by themselves "not found": the same as what never was."""
    for side in pair:
        listed = side.get(f"{API}/user/{{user}}/account_data/m.ignored_user_list")
        assert list(listed.json()) == ["ignored_users"]
        page = side.get(f"{API}/rooms/{{room hall}}/messages?dir=b&limit=100").json()["chunk"]
        assert {one["sender"] for one in page if "state_key" not in one} == {side.things["user"]}
        shown = side.get(f"{API}/rooms/{{room hall}}/event/{{plain}}")
        never = side.get(f"{API}/rooms/{{room hall}}/event/$nothing")
        assert (shown.status_code, shown.json()) == (never.status_code, never.json())
        assert shown.json()["errcode"] == "M_NOT_FOUND"


def test_one_persons_messages_are_listed_alike(pair: Pair) -> None:
    """A filter by sender pages as all of a room does."""
    for side in pair:
        only = quote(f'{{"senders":["{side.things["user"]}"]}}', safe="")
        target = f"{API}/rooms/{{room hall}}/messages?dir=b&limit=2&filter={only}"
        page = side.get(target).json()
        assert set(page) == {"chunk", "start", "end"}
        assert {one["sender"] for one in page["chunk"]} == {side.things["user"]}
