"""Asking a platform: logged in, again after a pause, until there is an answer that stands."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from archiver.capture.answers import status_problem
from archiver.capture.connector import Login
from archiver.capture.reading import read
from archiver.capture.session import Answer
from archiver.errors import AuthorisationError, TransientError
from archiver.formats.http1 import parse_response
from archiver.formats.secret_values import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archiver.capture.connector import Connector, Problem, Site
    from archiver.capture.reading import Ask
    from archiver.capture.settling import Settler
    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport
    from archiver.formats.http1 import HttpResponse
    from archiver.ports import Progress, Recorder, Spool
    from archiver.record import Request

__all__ = ["LONGEST_WAIT", "TRIES", "Line"]

TRIES = 5
LONGEST_WAIT = 15 * 60.0
"""Times one request is tried, and the longest wait (s) that a platform may ask of us."""

LOGIN_STEPS = 10
"""Requests after which a login is taken for endless."""


class Line:
    """The line to one platform, with a valid login while the context is open.

    ``received`` counts the bytes of exchanges since somebody set it to 0.

    Args:
        archive: for recorder, clock.
        connector: of the platform.
        site: the account; the login is sent to the origin of its address only.
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
        self._site = site
        self._credential = credential
        self._spool = spool
        self._progress = progress
        self._report = report
        self._secrets = {k: v for k, v in credential.items() if k in connector.secret_fields}
        self._open = ExitStack()
        self._renewable = False
        self.received = 0

    def __enter__(self) -> Self:
        self._recorder = self._logged_in()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def ask(self, settler: Settler, ask: Ask) -> Answer:
        """Send one request until it is answered or must be given up.

        Raises `TransientError` where the network fails time after time, and
        `AuthorisationError` where the platform refuses our login.
        """
        for attempt in range(1, TRIES + 1):
            self._progress.step(self._report.requests, None, ask.purpose.get("listing", "file"))
            self._report.requests += 1
            try:
                exchange = self._recorder.send(ask.request, ask.purpose)
            except TransientError as error:
                if error.exchange is not None:
                    part = read(self._connector, self._site, error.exchange)
                    settler.take(error.exchange, part)
                if attempt == TRIES:
                    raise
                self._archive.clock.sleep(float(2**attempt))
                continue
            self.received += len(exchange.request) + len(exchange.response)
            reading = read(self._connector, self._site, exchange)
            verdicts = settler.take(exchange, reading)
            wait = self._wait(reading.page.problem, attempt)
            if wait is None:
                return Answer(reading, verdicts)
            self._archive.clock.sleep(wait)
        return Answer(reading, verdicts)

    def _wait(self, problem: Problem | None, attempt: int) -> float | None:
        """Return how long to wait before another try, or None where the answer stands."""
        if problem is None:
            return None
        if problem.code == "authorisation" and self._site.authorised:
            if not self._renewable or attempt == TRIES:
                raise self._refused(problem.message)
            self._recorder = self._logged_in()
            return 0.0
        if problem.code == "rate" and attempt < TRIES:
            return min(problem.retry_after or float(2**attempt), LONGEST_WAIT)
        if problem.code == "transient" and attempt < TRIES:
            return float(2**attempt)
        return None

    def _logged_in(self) -> Recorder:
        """Return a recorder whose requests are logged in, in place of the one before."""
        self._open.close()
        login = Login()
        if self._credential:
            login = self._connector.authorise(self._site, self._credential)
            self._renewable = login.request is not None
            login = self._finished(login)
        recording = self._archive.open_recorder(
            self._spool, self._secrets, login.headers, self._site.url
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
        """Remember what must never be stored; platforms show old tokens after new ones came."""
        for name, value in secrets.items():
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
                    self._spool, self._secrets, (), self._site.url
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
            where=self._site.account,
            mend="try again later",
        )

    def _refused(self, message: str) -> AuthorisationError:
        return AuthorisationError(
            f"the platform refuses our credential: {self._clean(message)}",
            where=self._site.account,
            mend="renew it with `archiver account credential`, then capture again; "
            "what came until now is sealed",
        )

    def _clean(self, words: str) -> str:
        """Return a platform's words without any secret that they repeat."""
        return Secrets(self._secrets).clean(words)
