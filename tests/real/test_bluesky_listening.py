"""A real PDS is listened to: all that its sequencer has of the account is in the archive."""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from archiver.flows.ledger import read_state
from archiver.flows.segments import open_file
from archiver.ledger.state import INTAKE
from tests.real.bluesky.server import BlueskyNetwork
from tests.real.bluesky.villagers import Operation, Villagers, sequenced
from tests.real.helpers import Office, Seen

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.real

ACCOUNT = "city-heard"
THING = "example.city.thing"
ODD = {
    "$type": THING, "10": 1, "2": {"b": [None, True, -3], "aa": 'é🎉\u2028\x7f\x01\\"'},
    "raw": {"$bytes": "aGVsbG8"}, "long": "x" * 300, "empty": {},
}  # fmt: skip
"""A record of another application, with whatever JSON and CBOR spell in ways of their own."""


@dataclass(slots=True)
class Story:
    """What was done, and what was then sealed; ``made`` are addresses by name."""

    server: BlueskyNetwork
    office: Office
    people: Villagers
    city: str = ""
    ann: str = ""
    made: dict[str, str] = field(default_factory=dict)
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    operations: dict[str, list[Operation]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    intake: bytes = b""

    def capture(self, name: str, *options: str) -> None:
        """Capture, and note what the sequencer has then."""
        (self.reports[name],) = self.office.done("capture", ACCOUNT, *options).data
        self.operations[name] = sequenced(self.server, self.city)

    def of(self, name: str) -> list[tuple[str, str]]:
        """Return kind and text of each observation of a thing made under a name."""
        uri = self.made[name]
        return [(one.kind, one.row.get("text", "")) for one in self.seen if one.thing[1] == uri]

    def cids(self) -> Counter[tuple[str, str]]:
        """Return address and CID of each content that was observed."""
        found: Counter[tuple[str, str]] = Counter()
        for one in self.seen:
            whole = one.thing[1].partition("/version/")[0]
            if one.kind in {"present", "edited", "extended", "restored"} and whole.count("/") == 4:
                found[whole, json.loads(one.row["extra"])["cid"]] += 1
        return found

    def live(self) -> None:
        """Write, edit and delete while somebody listens."""
        time.sleep(1.5)
        people, made = self.people, self.made
        made["edited"] = people.post(self.city, "First words")
        people.edit(made["edited"], "Second words")
        made["gone"] = people.post(self.city, "Gone soon")
        people.delete(made["gone"])
        people.delete(made["old"])
        people.post(self.ann, f"Strange words to at://{self.city}/x")
        made["odd"] = people.create(self.city, ODD, THING)

    def pause(self) -> None:
        """Write, edit and delete while nobody listens."""
        people, made = self.people, self.made
        made["late"] = people.post(self.city, "One")
        for text in ("Two", "Three"):
            people.edit(made["late"], text)
        made["missed"] = people.post(self.city, "Gone before anybody looked")
        people.delete(made["missed"])
        for number in range(30):
            people.post(self.ann if number % 3 else self.city, f"Talk {number}")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Story]:
    """A PDS that was listened to: from its beginning, live, and after a pause."""
    assert pytestconfig.cache is not None
    folder = tmp_path_factory.mktemp("heard")
    cache = pytestconfig.cache.mkdir("bluesky")
    with (
        BlueskyNetwork(folder / "network", cache) as server,
        httpx.Client(base_url=f"{server.url}/xrpc/", timeout=60) as client,
    ):
        office = Office(folder / "archive", folder / "home")
        story = Story(server, office, Villagers(client))
        people = story.people
        story.city, story.ann = people.join("hall.test"), people.join("ann-b.test")
        story.made["old"] = people.post(story.city, "Old notice", langs=["en", "es"])
        story.made["before"] = people.post(story.city, "Before")
        people.edit(story.made["before"], "Before, edited")
        office.done("init")
        office.add(ACCOUNT, "bluesky", f"{server.url}/profile/{story.city}")
        story.capture("first", "--listen", "2")
        living = Thread(target=story.live)
        living.start()
        story.capture("live", "--listen", "8")
        living.join()
        story.pause()
        story.capture("after", "--listen", "3")
        story.capture("swept", "--mode", "backfill")  # posts are dated weeks back
        story.capture("still", "--listen", "2")
        story.seen = office.seen(ACCOUNT)
        archive = office.opened()
        segments = [one for one in read_state(archive).segments() if one.stage == INTAKE]
        files = (open_file(archive, one, "warc.gz") for one in segments)
        story.intake = b"".join(map(gzip.decompress, files))
        office.done("verify", "--deep")
        yield story


def test_the_archive_has_all_that_the_sequencer_has(story: Story) -> None:
    """Each content of each record once; each deletion as the words for it."""
    operations = story.operations["still"]
    assert len(operations) > 20
    wanted = {(one.uri, one.cid) for one in operations if one.cid}
    assert story.cids().keys() == wanted
    deleted = {one.uri for one in operations if one.action == "delete"}
    last = {one.thing[1]: one.kind for one in story.seen}
    assert {
        uri for uri, kind in last.items() if kind == "deleted" and uri.count("/") == 4
    } == deleted
    told = [one.thing[1] for one in story.seen if one.kind == "absent" and one.block]
    assert Counter(told) == Counter(one.uri for one in operations if one.action == "delete")


def test_nothing_is_doubled(story: Story) -> None:
    """A record that the stream showed and a listing shows again looks no other."""
    assert set(story.cids().values()) == {1}
    assert story.reports["swept"]["observations"].get("edited", 0) == 0
    assert story.reports["still"]["observations"] == {}


def test_both_states_within_a_window(story: Story) -> None:
    """As it was and as it is, in order."""
    assert story.of("edited") == [("present", "First words"), ("edited", "Second words")]
    kinds = [kind for kind, _ in story.of("gone")]
    assert kinds == ["present", "absent", "absent", "deleted"]
    assert [kind for kind, _ in story.of("old")] == ["present", "absent", "absent", "deleted"]
    assert story.of("odd")[0][0] == "present"
    assert len(story.of("odd")) == 1


def test_a_pause_hides_nothing(story: Story) -> None:
    """What came and went, and each version, from the position on."""
    assert [kind for kind, _ in story.of("missed")] == ["present", "absent", "absent", "deleted"]
    versions = [one for one in story.seen if one.thing[1].startswith(f"{story.made['late']}/ver")]
    texts = sorted(one.row["text"] for one in versions)
    assert [*texts, story.of("late")[0][1]] == ["One", "Two", "Three"]


def test_nothing_of_others_is_stored(story: Story) -> None:
    """Neither words nor names; how many messages were left out is declared."""
    assert b"Strange words" not in story.intake
    assert story.ann.encode() not in story.intake
    assert b"response-messages others" in story.intake
    assert all(one["incomplete"] == {} for one in story.reports.values())
