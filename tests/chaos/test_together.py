"""Several processes, and several homes, capture at once: one history, nothing doubled."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.errors import RefusedError
from archiver.flows.capture import capture
from archiver.flows.ledger import read_state
from archiver.flows.verify import verify
from archiver.ledger import ranges
from archiver.ledger.state import INTAKE
from tests.chaos.crowd import crowded
from tests.chaos.helpers import BLOG, NEWS, found, place_in, second_home
from tests.chaos.town import staged
from tests.chaos.truth import Quiet, assert_whole, histories

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from archiver.demo.answer import Answer, Asked
    from tests.chaos.helpers import Ended, Forks, Place


class Town:
    """A served city and the place of its archive, with both accounts approved."""

    def __init__(self, forks: Forks, folder: Path, server: CityServer) -> None:
        self.city, self.place, self.server = server.city, place_in(folder), server
        self._forks = forks
        found(forks, self.place, self.city, server.url)

    def capture(self, place: Place, *words: str) -> Ended:
        """Capture as one process."""
        return self._forks.run(place, "capture", *words)

    def at_once(self, *commands: tuple[Place, Sequence[str]]) -> list[Ended]:
        """Capture as so many processes together."""
        self._forks.start(*[(place, ("capture", *words)) for place, words in commands])
        return self._forks.wait()

    def change(self) -> None:
        """Let a week happen."""
        self.city.change()
        self.city.change_news()

    def asked(self) -> int:
        """Return how many exchanges intake has, over all lanes."""
        covered = read_state(self.place.opened()).covered
        return sum(ranges.count(stages[INTAKE]) for stages in covered.values())


@pytest.fixture
def town(forks: Forks, folder: Path) -> Iterator[Town]:
    """A town to capture."""
    with CityServer(City()) as server:
        yield Town(forks, folder, server)


@pytest.mark.parametrize("processes", [2, 4])
def test_processes_of_one_home_capture_the_same_accounts(town: Town, processes: int) -> None:
    """They take turns; each sees what the one before has sealed."""
    for mode in ("incremental", "backfill"):
        runs = town.at_once(*[(town.place, ("--mode", mode))] * processes)
        assert [run.code for run in runs] == [0] * processes, runs
        assert_whole(town.place, town.city)
        town.change()
    assert town.capture(town.place, "--mode", "backfill").code == 0
    assert_whole(town.place, town.city)
    assert town.asked() == len(town.server.log)


def test_processes_of_one_home_capture_different_accounts(town: Town) -> None:
    """Nobody waits for anybody, and the ledger has one order."""
    runs = town.at_once(*[(town.place, (account,)) for account in (BLOG, NEWS)])
    assert [run.code for run in runs] == [0, 0], runs
    assert not any("waiting" in run.output for run in runs)
    assert_whole(town.place, town.city)


def test_two_homes_with_one_key_store_capture_the_same_account(town: Town, folder: Path) -> None:
    """A copied home numbers in lanes of its own; what lost the race settles in its next run."""
    twin = second_home(town.place, folder / "twin", shared=("keystore",))
    for _ in range(2):
        runs = town.at_once((town.place, ("--mode", "backfill")), (twin, ("--mode", "backfill")))
        refused = [run for run in runs if run.code]
        assert all("the ledger refused a batch" in run.output for run in refused), refused
        for place in (town.place, twin):
            ended = town.capture(place)
            assert ended.code == 0, ended.output
        town.change()
        assert town.capture(town.place, "--mode", "backfill").code == 0
        assert_whole(town.place, town.city)
        assert_whole(twin, town.city)
    assert town.asked() == len(town.server.log)


def test_two_homes_with_key_stores_of_their_own_say_that_keys_are_missing(
    town: Town, folder: Path
) -> None:
    """The second home can't read what the first sealed: it says so, and goes on with keys."""
    twin = second_home(town.place, folder / "twin")
    assert town.capture(town.place, BLOG).code == 0
    ended = town.capture(twin, BLOG)
    assert ended.code == 3
    assert "there is no key for this object" in ended.output
    assert verify(twin.opened(), Quiet(), deep=True).findings == []
    shutil.copytree(town.place.inside / "keystore", twin.inside / "keystore", dirs_exist_ok=True)
    for arguments in ((BLOG,), (NEWS,), ("--mode", "backfill")):
        ended = town.capture(twin, *arguments)
        assert ended.code == 0, ended.output
    assert_whole(twin, town.city)


def test_a_home_that_numbers_in_the_lane_of_another_is_told(town: Town, folder: Path) -> None:
    """Where a copy can't be told from its original, no exchange is taken for another."""
    twin = second_home(town.place, folder / "twin", shared=("keystore",))
    for account in (twin.inside / "spool").iterdir():
        # As on the disk image of a cloned machine: the same device and inode.
        found_at = account.stat()
        (account / "place").write_text(f"{found_at.st_dev}:{found_at.st_ino}")
    assert town.capture(town.place, NEWS).code == 0
    ended = town.capture(twin, NEWS)
    assert ended.code == 1
    assert "spool-copied" in ended.output
    assert len(list((twin.inside / "spool").glob("*/*.warc"))) == 1
    assert verify(twin.opened(), Quiet(), deep=True).findings == []


def test_what_another_home_settled_meanwhile_is_not_settled_again(folder: Path) -> None:
    """The other home captures everything while this one waits for an answer: no doublets."""
    with staged(folder) as stage:
        twin = second_home(stage.place, folder / "twin", shared=("keystore",)).opened()

        def overtaken(_asked: Asked, good: Answer) -> Answer:
            capture(twin, BLOG, "incremental", Quiet())
            return good

        stage.server.fail("/index.php?rest_route=/wp/v2/users", overtaken)
        with pytest.raises(RefusedError, match="the ledger refused a batch"):
            capture(stage.archive, BLOG, "incremental", Quiet())
        report = stage.capture("incremental")[BLOG]
        assert report.recovered > 0
        assert_whole(stage.place, stage.city)


def test_eight_processes_are_killed_at_random(forks: Forks, folder: Path) -> None:
    """Six of them die while sealing into one archive: one history, nothing lost or doubled."""
    assert crowded(forks, place_in(folder), 8, 6) > 0


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(800, 804))
def test_eight_processes_are_killed_for_minutes(forks: Forks, folder: Path, seed: int) -> None:
    """Four hundred kills in four series."""
    assert crowded(forks, place_in(folder), seed, 100) > 0


class Killed(BaseException):
    """The end of a process, wherever it is."""


@dataclass
class Fatal:
    """Progress that ends the process after so many steps."""

    steps: int

    def step(self, done: int, total: int | None, what: str) -> None:
        """Take one step, or end."""
        assert (done, total, what) is not None
        self.steps -= 1
        if self.steps < 0:
            raise Killed


@pytest.mark.parametrize(("steps", "of_the_comment"), [(4, []), (8, ["present", "deleted"])])
def test_what_a_killed_home_saw_before_another_undoes_nothing(
    folder: Path, steps: int, of_the_comment: list[str]
) -> None:
    """What the other home saw since stands; only what nobody has seen since is observed."""
    with staged(folder) as stage:
        stage.capture("backfill")
        twin = second_home(stage.place, folder / "twin", shared=("keystore",))
        brief = stage.city.comment(6, "Said, and taken back", name="Inés").id
        with pytest.raises(Killed):
            capture(stage.archive, BLOG, "backfill", Fatal(steps))
        stage.city.delete_comment(brief)
        stage.city.change()
        told = capture(twin.opened(), BLOG, "backfill", Quiet()).observations
        assert {"edited", "removed", "deleted", "restored"} <= set(told)
        report = stage.capture("backfill")[BLOG]
        assert report.recovered > 0
        report.observations.pop("listing", None)
        assert report.observations == Counter(of_the_comment)
        history = histories(stage.archive).get((BLOG, "comments", str(brief)), [])
        assert [row["kind"] for row in history] == of_the_comment
        assert_whole(stage.place, stage.city)


def test_what_lost_the_race_undoes_nothing(folder: Path) -> None:
    """While one home waits for an answer, things change and the other captures them."""
    with staged(folder) as stage:
        stage.capture("backfill")
        twin = second_home(stage.place, folder / "twin", shared=("keystore",))

        def overtaken(_asked: Asked, good: Answer) -> Answer:
            stage.city.change()
            capture(twin.opened(), BLOG, "backfill", Quiet())
            return good

        stage.server.fail("/index.php?rest_route=/wp/v2/users", overtaken)
        with pytest.raises(RefusedError, match="the ledger refused a batch"):
            capture(stage.archive, BLOG, "backfill", Quiet())
        report = stage.capture("backfill")[BLOG]
        assert report.recovered > 0
        assert report.observations == {}
        assert_whole(stage.place, stage.city)
