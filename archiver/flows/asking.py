"""Asking a platform: logged in, again after a pause, until there is an answer that stands."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import urlsplit

from archiver.capture.answers import status_problem
from archiver.capture.connector import Login, Page, Problem
from archiver.capture.reading import Answer, Reading, read
from archiver.capture.urls import same_origin
from archiver.errors import AuthorisationError, TransientError
from archiver.formats.http1 import parse_response
from archiver.formats.secret_values import SHORTEST, Secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from archiver.capture.connector import Connector, Site
    from archiver.capture.reading import Ask
    from archiver.capture.settling import Settler
    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport
    from archiver.formats.http1 import HttpResponse
    from archiver.ports import Progress, Recorder, Spool
    from archiver.record import Request

_T = TypeVar("_T")

__all__ = ["FILE_TRIES", "LONGEST_WAIT", "TRIES", "UNREACHABLE", "Line"]

TRIES = 5
LONGEST_WAIT = 15 * 60.0
"""Times one request is tried, and the longest wait (s) that a platform may ask of us."""

FILE_TRIES = 3
"""Times a file is asked for that its server fails to give; a later run asks again."""

UNREACHABLE = 3
"""Addresses of one origin after which, none of them having answered, it is given up."""
UNHEARD = frozenset({"authorisation", "rate", "transient"})
"""Problems of answers that don't show that a login holds."""

LOGIN_STEPS = 10
"""Requests after which a login is taken for endless."""


_UNASKED = Reading(Page(problem=Problem("transient", "its server answered nothing before")), ())


class Line:
    """The line to one platform, with a valid login while the context is open.

    ``received`` counts the bytes of exchanges since somebody set it to 0; ``site`` may be
    given other positions on the way.

    Args:
        archive: for recorder, clock.
        connector: of the platform.
        site: the account; the login is sent to the origin of its address only, unless the
            connector names another one (`Login.origin`).
        credential: what logs in; empty for none.
        spool: where exchanges go.
        progress: is told of each request.
        report: counts requests.
    """

    def __init__(  # noqa: PLR0913 - the parts, each once per run
        self,
        archive: Archive,
        connector: Connector,
        site: Site,
        credential: Mapping[str, str],
        *,
        spool: Spool,
        progress: Progress,
        report: CaptureReport,
    ) -> None:
        self._archive = archive
        self._connector = connector
        self.site = site
        self._credential = credential
        self._spool = spool
        self._progress = progress
        self._report = report
        self._secrets = {k: v for k, v in credential.items() if k in connector.secret_fields}
        self._open = ExitStack()
        self._renewable = False
        self._silent: dict[str, int] = {}
        self._answered = False
        self._proven = False
        self._vain = False
        self.received = 0

    def __enter__(self) -> Self:
        self._recorder = self._logged_in()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def ask(self, settler: Settler, ask: Ask) -> Answer:
        """Send one request until it is answered or must be given up.

        One address that never answers is a problem of its own and ends no run. Raises
        `TransientError` where nothing has answered yet or one address of the platform after
        the other fails, and `AuthorisationError` where the platform refuses our login.
        """
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(ask.request.url))
        if self._silent.get(origin, 0) >= UNREACHABLE:
            return Answer(_UNASKED, ())
        for attempt in range(1, TRIES + 1):
            self._progress.step(self._report.requests, None, ask.purpose.get("listing", "file"))
            self._report.requests += 1
            try:
                exchange = self._recorder.send(ask.request, ask.purpose)
            except TransientError as error:
                answer = self._cut(settler, error, origin, last=attempt == TRIES)
                if answer is not None:
                    return answer
                self._archive.clock.sleep(float(2**attempt))
                continue
            self._silent[origin], self._answered = 0, True
            self.received += len(exchange.request) + len(exchange.response)
            reading = read(self._connector, self.site, exchange)
            verdicts = settler.take(exchange, reading)
            wait = self._wait(ask, reading.page.problem, attempt)
            if wait is None:
                return Answer(reading, verdicts)
            self._archive.clock.sleep(wait)
        return Answer(reading, verdicts)

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
        self._proven |= problem is None or problem.code not in UNHEARD
        if problem is None:
            return None
        if problem.code == "authorisation" and self.site.authorised:
            if ask.purpose["role"] == "file":
                return self._renewed_for_file()
            if not self._renewable or attempt == TRIES:
                raise self._refused(problem.message)
            self._recorder = self._logged_in()
            return 0.0
        if problem.code == "rate" and attempt < TRIES:
            return min(problem.retry_after or float(2**attempt), LONGEST_WAIT)
        tries = FILE_TRIES if ask.purpose["role"] == "file" else TRIES
        if problem.code == "transient" and attempt < tries:
            return float(2**attempt)
        return None

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
        login = Login()
        if self._credential:
            login = self._connector.authorise(self.site, self._credential)
            self._renewable = login.request is not None
            login = self._finished(login)
        recording = self._archive.open_recorder(
            self._spool, self._secrets, login.headers, login.origin or self.site.url
        )
        return self._open.enter_context(recording)

    def _finished(self, login: Login) -> Login:
        """Go through the steps of a login. Raises `AuthorisationError`, `TransientError`."""
        for _ in range(LOGIN_STEPS):
            self._learn(login.secrets)
            if login.refused:
                raise self._refused(login.refused)
            if login.request is None or login.take is None:
                return login
            login = login.take(self._step(login.request, login.judge or status_problem))
        raise self._refused("the login does not end")

    def _learn(self, secrets: Mapping[str, str]) -> None:
        """Remember what must never be stored; platforms show old tokens after new ones came.

        Raises `AuthorisationError` for one too short to be found again without mistake.
        """
        for name, value in secrets.items():
            if len(value) < SHORTEST:
                raise AuthorisationError(
                    f"the platform's {name} has fewer than {SHORTEST} characters: it can't be "
                    "kept out of what is stored, so nothing was asked with it",
                    where=self.site.account,
                    mend="ask whoever runs the platform what it gives out at a login",
                )
            number, own = 1, name
            while self._secrets.setdefault(own, value) != value:
                number, own = number + 1, f"{name}-{number + 1}"

    def _step(
        self, request: Request, judge: Callable[[HttpResponse], Problem | None]
    ) -> HttpResponse:
        """Send one request of a login, again after trouble that may pass."""
        for attempt in range(1, TRIES + 1):
            try:
                with self._archive.open_recorder(
                    self._spool, self._secrets, (), self.site.url
                ) as recorder:
                    response = parse_response(recorder.log_in(request))
            except TransientError:
                if attempt == TRIES:
                    raise
                self._archive.clock.sleep(float(2**attempt))
                continue
            problem = judge(response)
            if problem is None or problem.code not in {"rate", "transient"}:
                return response
            wait = problem.retry_after or float(2**attempt)
            self._archive.clock.sleep(min(wait, LONGEST_WAIT))
        raise TransientError(
            f"the platform lets nobody in now: {self._clean(response.status_line)}",
            where=self.site.account,
            mend="try again later",
        )

    def _refused(self, message: str) -> AuthorisationError:
        return AuthorisationError(
            f"the platform refuses our credential: {self._clean(message)}",
            where=self.site.account,
            mend="renew it with `archiver account credential`, then capture again; "
            "what came until now is sealed",
        )

    def _clean(self, words: str) -> str:
        """Return a platform's words without any secret that they repeat."""
        return Secrets(self._secrets).clean(words)
