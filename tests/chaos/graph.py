"""A long life on either of Meta's platforms: its faults, its kills, its deliveries.

Whatever happens is captured now and then, often badly. Deliveries are handed in where an
account's stream would be listened to (a connector that is ``Hooked``): late, out of order and
some of them twice.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from archiver.demo import faults
from archiver.demo.answer import Answer
from archiver.demo.facebook import hooks
from archiver.errors import ArchiverError
from archiver.flows import accounts
from archiver.flows.capture import capture
from tests.chaos.helpers import after, place_in
from tests.chaos.truth import Quiet
from tests.demo.graph import PLACE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from random import Random

    from archiver.demo.answer import Asked
    from archiver.demo.facebook.api import Facebook
    from archiver.demo.facebook.page import Page
    from archiver.demo.faults import Fault
    from archiver.demo.server import CityServer
    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport
    from tests.chaos.helpers import Forks

__all__ = ["Happening", "hear", "live", "settle"]

JSON = (("Content-Type", "application/json"),)
KILLED = -9


class Stage(Protocol):
    """An account that is served, and an archive with it."""

    service: Any
    server: CityServer
    archive: Archive

    def capture(self, mode: str) -> CaptureReport:
        """Capture the account; nothing may be left open."""
        ...


def refused(code: int, status: int = 200) -> Fault:
    """Answer with an error of that code."""
    body = json.dumps({"error": {"code": code, "message": "No", "type": "x"}}).encode()
    return lambda _asked, _good: Answer(status, JSON, body)


def drifted(_asked: Asked, good: Answer) -> Answer:
    """Answer with a member that nobody has seen before, in each node."""
    if not good.body.startswith(b'{"data":[{'):
        return good
    body = good.body.replace(b'{"data":[{', b'{"data":[{"gadget":{"a":[1]},')
    return replace(good, body=body)


FAULTS: dict[str, Callable[[], Fault]] = {
    "429": lambda: faults.too_many_requests(2),
    "500": faults.server_error,
    "cut": lambda: faults.truncated(80),
    "reset": faults.reset,
    "code 2 in a 200": lambda: refused(2),
    "code 1": lambda: refused(1, 500),
    "rate in a 200": lambda: refused(32),
    "scope": lambda: refused(200, 403),
    "login page": faults.login_page,
    "drift": lambda: drifted,
}
"""Some pass within a run, some cost a listing of it, none may cost a record."""


class Happening:
    """What happens on an account, by chance; ``told`` gathers what its webhooks say.

    ``texts`` has every text that was ever there to be seen or told of.

    Args:
        page: where it happens.
        chance: decides.
        kind: what the account is to a webhook, and ``whose`` its number there.
    """

    def __init__(self, page: Page, chance: Random, kind: str, whose: str) -> None:
        self.chance = chance
        self.told: list[hooks.Change] = []
        self.texts: set[str] = set()
        self.events: Counter[str] = Counter()
        self._about = page, kind, whose
        page.listeners.append(self.told.append)

    def acts(self) -> dict[str, tuple[int, Callable[[], None]]]:
        """Return what can happen, by name, and how often."""
        raise NotImplementedError

    def one_post(self) -> str:
        """Return a recent post."""
        raise NotImplementedError

    def happen(self) -> None:
        """Let one thing happen, whatever can."""
        acts = self.acts()
        (name,) = self.chance.choices(list(acts), [weight for weight, _ in acts.values()])
        acts[name][1]()
        self.events[name] += 1

    def message(self) -> None:
        """Write one or many messages."""
        for _ in range(self.chance.choice([1, 1, 2, 25])):
            self._about[0].write(self.person(), self.words(), ours=self.chance.random() < 0.4)

    def words(self) -> str:
        """Return a text that nothing else has."""
        text = f"Words {len(self.texts)} of {self.chance.randint(0, 999)}"
        self.texts.add(text)
        return text

    def person(self) -> Any:  # noqa: ANN401 - whoever it is
        """Return somebody."""
        return self.chance.choice(list(self._about[0].people.values()))

    def deliveries(self) -> list[bytes]:
        """Return what was told since, late, out of order and some of it twice."""
        told, self.told[:] = list(self.told), []
        told += self.chance.sample(told, len(told) // 4)
        self.chance.shuffle(told)
        page, kind, whose = self._about
        sent, portions = int(page.now.timestamp()), range(0, len(told), 40)
        return [hooks.delivery(whose, told[at : at + 40], sent, kind=kind) for at in portions]


def live(stage: Stage, life: Happening, account: str, forks: Forks, folder: Path,
         events: int) -> int:  # fmt: skip
    """Let so many things happen, captured now and then, often badly; return the kills."""
    chance, place, kills = life.chance, place_in(folder), 0
    stage.capture("backfill")
    while sum(life.events.values()) < events:
        for _ in range(chance.randint(10, 30)):
            life.happen()
        for name in chance.sample(list(FAULTS), chance.randint(0, 3)):
            prefix = chance.choice(["/v26.0/", "/v26.0/me", "/cdn/", f"/v26.0/{life.one_post()}"])
            stage.server.fail(prefix, FAULTS[name]())
        if chance.random() < 0.25:
            stage.server.faults.clear()  # a process of its own really waits
            moment = after(chance.uniform(0.1, 2.5))
            ended = forks.kill(place, moment, "capture", account, "--mode", "backfill")
            assert ended.code in {0, 1, KILLED}, ended.output
            kills += ended.code == KILLED
        else:
            hear(stage, life, account, chance)
    return kills


def hear(stage: Stage, life: Happening, account: str, chance: Random) -> None:
    """Capture in this process, and hand in what the webhooks told."""
    bodies, service = life.deliveries(), stage.service
    original, left = service.answer, iter(bodies)
    handed = 0

    def answer(asked: Asked) -> Answer | None:
        nonlocal handed
        if asked.path != PLACE:
            given: Answer | None = original(asked)
            return given
        handed += 1
        return Answer(200, JSON, next(left, bodies[-1]))

    if chance.random() < 0.1:
        service.refuse(463, "Session has expired")
    service.answer = answer
    mode = chance.choice(["incremental", "incremental", "reconcile", "backfill"])
    try:
        capture(stage.archive, account, mode, Quiet(), 60.0 * len(bodies))
    except ArchiverError:
        renewed(stage.archive, account, service)
    finally:
        service.answer = original
    _come_again(life, bodies[handed:])


def renewed(archive: Archive, account: str, service: Facebook) -> None:
    """Give out a new token, and have the archive use it."""
    service.renew()
    accounts.renew_credential(archive, account, service.credential)


def _come_again(life: Happening, bodies: Sequence[bytes]) -> None:
    """Have deliveries that nobody took come later."""
    for body in bodies:
        for entry in json.loads(body)["entry"]:
            life.told += [*entry.get("changes", []), *entry.get("messaging", [])]


def settle(stage: Stage, life: Happening, account: str, chance: Random) -> None:
    """Capture without faults until nothing is new."""
    stage.server.faults.clear()
    while life.told:
        hear(stage, life, account, chance)
    for _ in range(6):
        if not stage.capture("backfill").observations:
            return
    raise AssertionError("the archive does not come to rest")
