"""The stand-in for Mastodon against what Mastodon publishes, and against mastodon_mock.

Published are the entities, here as Mastodon.py declares them. The mock is no Mastodon
either (`tests.real.mastodon.server`): that both answer alike says that two readers of the
documentation understood the same.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest

from archiver.demo.city import City
from archiver.demo.mastodon.api import Mastodon
from archiver.demo.mastodon.entities import Entities
from archiver.demo.mastodon.seed import Town
from archiver.demo.server import CityServer
from tests.real.environments import pinned
from tests.real.mastodon.life import Life
from tests.real.mastodon.server import CITY, PINNED, MastodonMock

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.real, pytest.mark.more]

SCRIPT = Path(__file__).parent / "mastodon" / "entities.py"
ONLY_THE_MOCKS = {
    "application", "attribution_domains", "limited", "moved", "pinned", "poll",
    "quote_approval_policy", "suspended",
}  # fmt: skip
"""Members that Mastodon leaves out where they say nothing, or has under another name."""
LISTS = (
    "accounts/{city}/statuses?limit=40",
    "accounts/{city}/followers",
    "accounts/{city}/following",
    "notifications?limit=40",
    "conversations?limit=40",
    "scheduled_statuses",
    "favourites",
    "blocks",
    "mutes",
    "statuses/{edited}/history",
    "statuses/{liked}/favourited_by",
)


class Side(NamedTuple):
    """One server: its address, a token, and the ids of comparable things."""

    base: str
    token: str
    ids: dict[str, str]

    def get(self, target: str, *, token: str | None = None) -> httpx.Response:
        """Ask for ``target`` below the API, with the names of things in braces."""
        said = self.token if token is None else token
        headers = {"Authorization": f"Bearer {said}"} if said else {}
        address = f"{self.base}/api/v1/{target.format(**self.ids)}"
        return httpx.get(address, headers=headers, timeout=30)


@pytest.fixture(scope="module")
def programs(pytestconfig: pytest.Config) -> Path:
    """The mock's programs and Mastodon.py, installed once."""
    return pinned(pytestconfig.cache.mkdir("mastodon"), PINNED)


@pytest.fixture(scope="module")
def mock(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Side]:
    """The mock, with a life on it."""
    with MastodonMock(tmp_path_factory.mktemp("mock"), programs) as server:
        life = Life(server)
        life.found()
        ids = {
            "city": life.id_of(CITY), "edited": life.posts[2], "liked": life.posts[1],
            "answered": life.posts[3],
        }  # fmt: skip
        yield Side(f"http://127.0.0.1:{server.port}", server.token(CITY), ids)


@pytest.fixture(scope="module")
def standin() -> Iterator[Side]:
    """The stand-in, served."""
    town = Town()
    service = Mastodon(town)
    own = [one for one in town.statuses.values() if one.author == town.city.id]
    ids = {
        "city": str(town.city.id),
        "edited": next(str(one.id) for one in own if len(one.versions) > 1),
        "liked": next(str(one.id) for one in own if one.likes),
        "answered": next(str(one.id) for one in own if town.answers_to(one.id)),
    }
    with CityServer(City(), service) as server:
        yield Side(server.url, service.token, ids)


def members(value: Any) -> set[str]:  # noqa: ANN401 - any JSON
    """Return the paths of all members in a document, without positions in lists."""
    if isinstance(value, list):
        return {path for one in value for path in members(one)}
    if not isinstance(value, dict):
        return set()
    return set(value) | {
        f"{name}.{path}" for name, one in value.items() if name != "meta" for path in members(one)
    }


def test_standin_answers_in_published_entities(programs: Path) -> None:
    """Every entity has all members that are never null, of their types, and no others."""
    town = Town()
    town.change()
    view = Entities(town, "https://social.example", login=True)
    documents = {
        "Status": [view.status(one) for one in town.statuses.values()],
        "StatusEdit": [
            view.version(one, place)
            for one in town.statuses.values()
            for place in range(len(one.versions))
        ],
        "Account": [*(view.account(one) for one in town.people.values()), view.settings()],
        "Notification": [view.notice(one) for one in town.notices.values()],
        "Conversation": [view.conversation(one) for one in town.talks],
        "ScheduledStatus": [view.scheduled(one) for one in town.scheduled],
        "FilterV2": [view.filter(one) for one in (*town.filters, town.add_filter("Ads"))],
        "Relationship": [view.relationship(one) for one in town.people],
        "MediaAttachment": [view.medium(one) for one in town.media],
    }
    assert all(documents.values())
    done = subprocess.run(
        [programs / "python", SCRIPT],
        input=json.dumps(documents).encode(),
        capture_output=True,
        check=True,
    )
    # Mastodon.py has one class for an app and for what a status says of it: name and website.
    lacks = r".*\.application\.(id|vapid_key|redirect_uris?|scopes) is missing"
    assert [one for one in json.loads(done.stdout) if not re.fullmatch(lacks, one)] == []


@pytest.mark.parametrize("target", LISTS)
def test_listings_have_the_same_members(mock: Side, standin: Side, target: str) -> None:
    """What the mock's things have, the stand-in's have too."""
    real, ours = mock.get(target), standin.get(target)
    assert (real.status_code, ours.status_code) == (200, 200)
    assert real.json()
    lacking = {path.rpartition(".")[2] for path in members(real.json()) - members(ours.json())}
    assert lacking <= ONLY_THE_MOCKS


def test_pages_are_linked_alike(mock: Side, standin: Side) -> None:
    """A full page names the next one by ``max_id`` and the one before by ``min_id``."""
    for side in (mock, standin):
        answer = side.get("accounts/{city}/statuses?limit=2")
        assert set(answer.links) == {"next", "prev"}
        following = httpx.URL(answer.links["next"]["url"])
        assert following.params["max_id"] == answer.json()[-1]["id"]
        assert "min_id" in answer.links["prev"]["url"]


@pytest.mark.parametrize(
    "target",
    ["statuses/1", "statuses/1/context", "statuses/1/history", "notifications/1",
     "scheduled_statuses/1", "accounts/lookup?acct=nobody", "accounts/1/statuses"],
)  # fmt: skip
def test_what_is_not_there_is_refused_alike(mock: Side, standin: Side, target: str) -> None:
    """The same 404 in the same words, by which the archive tells what is gone."""
    for side in (mock, standin):
        answer = side.get(target)
        assert (answer.status_code, answer.json()) == (404, {"error": "Record not found"})


def test_worthless_token_is_refused_alike(mock: Side, standin: Side) -> None:
    """Both answer 401 with an error in words; the words are each one's own."""
    for side in (mock, standin):
        answer = side.get("accounts/verify_credentials", token="worthless")
        assert (answer.status_code, list(answer.json())) == (401, ["error"])


def test_threads_are_cut_alike(mock: Side, standin: Side) -> None:
    """A thread has what comes before and what comes after, and nothing else."""
    for side in (mock, standin):
        thread = side.get("statuses/{answered}/context").json()
        assert set(thread) == {"ancestors", "descendants"}
        assert side.ids["answered"] in {one["in_reply_to_id"] for one in thread["descendants"]}
