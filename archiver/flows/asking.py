"""Asking a platform: logged in, again after a pause, until there is an answer that stands."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import urlsplit

from archiver.capture.connector import Page, Problem
from archiver.capture.problems import Action, kind_of
from archiver.capture.reading import Answer, Reading, read
from archiver.capture.stated import Stated
from archiver.capture.urls import same_origin
from archiver.errors import CaptureError, TransientError, UsageError
from archiver.flows.entrance import LONGEST_WAIT, TRIES, Entrance
from archiver.flows.governor import Governor
from archiver.flows.manners import Manners
from archiver.flows.rendering import Rendering
from archiver.formats.parquet import canonical_time

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from archiver.capture.connector import Connector, Site
    from archiver.capture.reading import Ask
    from archiver.capture.settling import Settler
    from archiver.capture.standing import Standing
    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport
    from archiver.ports import Progress, Recorder, Spool
    from archiver.record import Exchange

_T = TypeVar("_T")

__all__ = ["FILE_TRIES", "LONGEST_WAIT", "TRIES", "UNREACHABLE", "Line"]

FILE_TRIES = 3
"""Times a file is asked for that its server fails to give; a later run asks again."""

UNREACHABLE = 3
"""Addresses of one origin after which, none of them having answered, it is given up."""

_UNASKED = Reading(Page(problem=Problem("transient", "its server answered nothing before")), ())


class Line:
    """The line to one platform, with a valid login while the context is open.

    ``received`` counts the bytes of exchanges since somebody set it to 0; ``site`` may be
    given other positions on the way. ``standing``: what the platform said of the login as it
    let us in.

    Args:
        archive: for recorder, clock.
        connector: of the platform.
        site: the account; the login is sent to the origin of its address only, unless the
            connector names another one (`Login.origin`).
        credential: gives what logs in, as it is now; empty for none.
        spool: where exchanges go.
        progress: is told of each request.
        report: counts requests.
        stated: is shown each answer.
    """

    def __init__(  # noqa: PLR0913 - the parts, each once per run
        self,
        archive: Archive,
        connector: Connector,
        site: Site,
        credential: Callable[[], Mapping[str, str]],
        *,
        spool: Spool,
        progress: Progress,
        report: CaptureReport,
        stated: Stated | None = None,
    ) -> None:
        self._archive = archive
        self._connector = connector
        self.site = site
        self._spool = spool
        self._progress = progress
        self._report = report
        self._stated = stated or Stated(connector)
        self._entrance = Entrance(archive, connector, site, credential, spool)
        self._governor = Governor(archive, connector, site.account)
        self._manners = Manners(archive, connector, site)
        self._rendering = Rendering(archive, connector, site, spool)
        self._open = ExitStack()
        self._renewable = False
        self._closed: dict[str, Problem] = {}
        self._silent: dict[str, int] = {}
        self._answered = False
        self._proven = False
        self._vain = False
        self.received = 0
        self.standing: Standing | None = None

    def __enter__(self) -> Self:
        self._recorder = self._logged_in()
        return self

    def __exit__(self, *_: object) -> None:
        self._rendering.close()
        self._open.close()

    def ask(self, settler: Settler, ask: Ask) -> Answer:
        """Send one request until it is answered or must be given up.

        One address that never answers is a problem of its own and ends no run. Raises
        `TransientError` where nothing has answered yet or one address of the platform after
        the other fails, and `AuthorisationError` where the platform refuses our login.
        """
        origin = _origin(ask)
        if origin in self._closed:
            return Answer(Reading(Page(problem=self._closed[origin]), ()), ())
        if self._silent.get(origin, 0) >= UNREACHABLE:
            return Answer(_UNASKED, ())
        try:
            return self._tried(settler, ask, origin)
        except (CaptureError, UsageError) as error:  # the latter: no address that we can ask
            if isinstance(error, TransientError) or not ask.request.fenced:
                raise
            return _refused(ask, error)

    def _tried(self, settler: Settler, ask: Ask, origin: str) -> Answer:
        """Send a request until it is answered or must be given up."""
        for attempt in range(1, TRIES + 1):
            refused = self._held_back(settler, ask)
            if refused is not None:
                return Answer(Reading(Page(problem=refused), ()), ())
            self._progress.step(self._report.requests, None, ask.purpose.get("listing", "file"))
            self._report.requests += 1
            try:
                exchange = self._sent(settler, ask)
            except TransientError as error:
                answer = self._cut(settler, error, origin, last=attempt == TRIES)
                if answer is not None:
                    return answer
                self._archive.clock.sleep(self._governor.wait(float(2**attempt)))
                continue
            self._silent[origin], self._answered = 0, True
            self.received += len(exchange.request) + len(exchange.response)
            reading = read(self._connector, self.site, exchange)
            verdicts = settler.take(exchange, reading)
            self._stated.take(exchange, reading)
            self._governor.take(exchange, origin, reading.page.problem)
            wait = self._wait(ask, reading.page.problem, attempt)
            if wait is None:
                return Answer(reading, verdicts)
            self._archive.clock.sleep(self._governor.wait(wait))
        return Answer(reading, verdicts)

    def _sent(self, settler: Settler, ask: Ask) -> Exchange:
        """Send a request; where a browser is to show what comes, have it shown."""
        if ask.request.rendered:
            return self._rendering.show(ask, self._recorder.send, settler)
        exchange = self._recorder.send(ask.request, ask.purpose)
        if ask.request.fenced:
            self._rendering.note(ask.request.url, exchange)
        return exchange

    def _held_back(self, settler: Settler, ask: Ask) -> Problem | None:
        """Wait while the platform is known to answer nothing; return why that takes too long."""
        unmannerly = self._manners.refusal(ask, partial(self.ask, settler))
        if unmannerly is not None:
            return unmannerly
        while True:
            refused = self._governor.refusal(ask.request.url, _origin(ask))
            if refused is None:
                return None
            if kind_of(refused).action is not Action.WAIT:
                self._close(ask, refused)
                return refused
            if refused.retry_after > LONGEST_WAIT:  # of this kind of request alone, it may be
                self._resume(refused)
                return refused
            self._archive.clock.sleep(self._governor.wait(refused.retry_after))

    def run(
        self, settler: Settler, asking: Generator[Ask, Answer, _T], between: Callable[[], None]
    ) -> _T:
        """Answer whatever a generator asks for; return what it returns.

        ``between`` is called after each answer but the last.
        """
        try:
            ask = next(asking)
            while True:
                ask = asking.send(self.ask(settler, ask))
                between()
        except StopIteration as ended:
            result: _T = ended.value
            return result

    def _cut(
        self, settler: Settler, error: TransientError, origin: str, *, last: bool
    ) -> Answer | None:
        """Take what came of a request that failed; None where it is worth another try.

        Raises the error where it is not this one address that fails.
        """
        if error.exchange is None:
            if last:
                raise error
            return None
        reading = read(self._connector, self.site, error.exchange)
        verdicts = settler.take(error.exchange, reading)
        if reading.page.problem is not None and reading.page.problem.code == "too-large":
            return Answer(reading, verdicts)
        if not last:
            return None
        self._silent[origin] = self._silent.get(origin, 0) + 1
        ours = same_origin(origin, self.site.url)
        if not self._answered or (ours and self._silent[origin] >= UNREACHABLE):
            raise error
        return Answer(reading, verdicts)

    def _wait(self, ask: Ask, problem: Problem | None, attempt: int) -> float | None:
        """Return how long to wait before another try, or None where the answer stands."""
        self._proven |= problem is None or kind_of(problem).login_held
        if problem is None:
            return None
        action = kind_of(problem).action
        if action is Action.STOP_PLATFORM:
            self._close(ask, problem)
        elif action is Action.REAUTHORISE and self.site.authorised:
            return self._renewed(ask, problem, attempt)
        elif action is Action.WAIT and attempt < TRIES:
            if problem.retry_after > LONGEST_WAIT:
                self._resume(problem)
                return None
            return problem.retry_after or float(2**attempt)
        elif action is Action.RETRY:
            tries = FILE_TRIES if ask.purpose["role"] == "file" else TRIES
            return float(2**attempt) if attempt < tries else None
        return None

    def _close(self, ask: Ask, problem: Problem) -> None:
        """Ask nothing more of a server that has nothing more for us in this run."""
        self._closed[_origin(ask)] = problem
        self._resume(problem)

    def _resume(self, problem: Problem) -> None:
        """Say in the report when the platform gives something again, if it tells."""
        if problem.retry_after:
            until = self._archive.clock.now() + timedelta(seconds=problem.retry_after)
            self._report.resume_after = max(self._report.resume_after, canonical_time(until))

    def _renewed(self, ask: Ask, problem: Problem, attempt: int) -> float | None:
        """Log in anew. Raises `AuthorisationError` where no new login helps."""
        if ask.purpose["role"] == "file":
            return self._renewed_for_file()
        if not self._renewable or attempt == TRIES:
            raise self._entrance.refused(problem.message)
        self._recorder = self._logged_in()
        return 0.0

    def _renewed_for_file(self) -> float | None:
        """Log in anew where a file's refusal may mean that our login has run out.

        It may as well be the file's own: once a new login was refused it too, no further
        one is made for files in this run, and the answers stand.
        """
        self._vain |= not self._proven
        if self._vain or not self._renewable:
            return None
        self._recorder = self._logged_in()
        return 0.0

    def _logged_in(self) -> Recorder:
        """Return a recorder whose requests are logged in, in place of the one before."""
        self._open.close()
        self._proven = False
        login, self._renewable = self._entrance.log_in()
        self.standing = login.standing
        self._report.credential_kept = sorted(self._entrance.moved)
        recording = self._archive.open_recorder(
            self._spool, self._entrance.secrets, login.headers, login.origin or self.site.url,
            login.parameters,
        )  # fmt: skip
        return self._open.enter_context(recording)


def _refused(ask: Ask, error: CaptureError | UsageError) -> Answer:
    """Return what stands for an answer that we may not have: others wrote the address."""
    code = "browser" if ask.request.rendered else "forbidden"
    return Answer(Reading(Page(problem=Problem(code, error.message)), ()), ())


def _origin(ask: Ask) -> str:
    return "{0.scheme}://{0.netloc}".format(urlsplit(ask.request.url))
