"""Logging in to a platform: the steps that its connector names, and what comes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.answers import status_problem
from archiver.capture.connector import Login
from archiver.capture.problems import Action, kind_of
from archiver.errors import AuthorisationError, TransientError
from archiver.formats.http1 import parse_response
from archiver.formats.secret_values import SHORTEST, Secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archiver.capture.connector import Connector, Problem, Site
    from archiver.flows.archive import Archive
    from archiver.formats.http1 import HttpResponse
    from archiver.ports import Spool
    from archiver.record import Request

__all__ = ["LONGEST_WAIT", "TRIES", "Entrance"]

TRIES = 5
LONGEST_WAIT = 15 * 60.0
"""Times one request is tried, and the longest wait (s) that a platform may ask of us."""

LOGIN_STEPS = 10
"""Requests after which a login is taken for endless."""

_WAITS = frozenset({Action.RETRY, Action.WAIT})


class Entrance:
    """The way in to one platform for one account.

    ``secrets``: what must never be stored, by name: fields of the credential, and all that
    logins brought. ``moved``: fields of the credential that come from elsewhere, and that the
    home keeps since this run, because the platform has replaced them.

    Args:
        archive: for recorder, clock.
        connector: of the platform.
        site: the account.
        load: gives what logs in, as it is now; empty for none.
        spool: where a recorder is opened; steps leave nothing there.
    """

    def __init__(
        self,
        archive: Archive,
        connector: Connector,
        site: Site,
        load: Callable[[], Mapping[str, str]],
        spool: Spool,
    ) -> None:
        self._archive = archive
        self._connector = connector
        self._site = site
        self._load = load
        self._spool = spool
        self.secrets: dict[str, str] = {}
        self.moved: list[str] = []

    def log_in(self) -> tuple[Login, bool]:
        """Return the finished login, and whether it took steps, so that it can be made anew.

        Raises `AuthorisationError`, `TransientError`, `KeyStoreError`.
        """
        credential = self._loaded()
        if not credential:
            return Login(), False
        login = self._connector.authorise(self._site, credential)
        if login.request is None:
            return self._finished(login, credential), False
        with self._archive.renewals.logging_in(self._site.account):
            # Again: another process may have had a field of it replaced just now.
            credential = self._loaded()
            login = self._connector.authorise(self._site, credential)
            return self._finished(login, credential), True

    def _loaded(self) -> Mapping[str, str]:
        """Return the credential as it is now, its secrets noted."""
        credential = self._load()
        self._note(self._secret(credential))
        return credential

    def _finished(self, login: Login, credential: Mapping[str, str]) -> Login:
        """Go through the steps of a login."""
        for _ in range(LOGIN_STEPS):
            self._learn({**login.secrets, **self._secret(login.keep)})
            if login.keep:  # first of all: what it replaces may be good for nothing any more
                self.moved += self._archive.renewals.keep(
                    self._site.account, credential, login.keep
                )
                credential = {**credential, **login.keep}
            if login.refused:
                raise self.refused(login.refused)
            if login.request is None or login.take is None:
                return login
            login = login.take(self._step(login.request, login.judge or status_problem))
        raise self.refused("the login does not end")

    def _learn(self, secrets: Mapping[str, str]) -> None:
        """Remember what must never be stored; platforms show old tokens after new ones came.

        Raises `AuthorisationError` for one too short to be found again without mistake.
        """
        for name, value in secrets.items():
            if len(value) < SHORTEST:
                raise AuthorisationError(
                    f"the platform's {name} has fewer than {SHORTEST} characters: it can't be "
                    "kept out of what is stored, so nothing was asked with it",
                    where=self._site.account,
                    mend="ask whoever runs the platform what it gives out at a login",
                )
        self._note(secrets)

    def _note(self, secrets: Mapping[str, str]) -> None:
        """Remember secrets by name beside those of before."""
        for name, value in secrets.items():
            number, own = 1, name
            while self.secrets.setdefault(own, value) != value:
                number, own = number + 1, f"{name}-{number + 1}"

    def _secret(self, fields: Mapping[str, str]) -> dict[str, str]:
        return {k: v for k, v in fields.items() if k in self._connector.secret_fields}

    def _step(
        self, request: Request, judge: Callable[[HttpResponse], Problem | None]
    ) -> HttpResponse:
        """Send one request of a login, again after trouble that may pass."""
        for attempt in range(1, TRIES + 1):
            try:
                with self._archive.open_recorder(
                    self._spool, self.secrets, (), self._site.url
                ) as recorder:
                    response = parse_response(recorder.log_in(request))
            except TransientError:
                if attempt == TRIES:
                    raise
                self._archive.clock.sleep(float(2**attempt))
                continue
            problem = judge(response)
            if problem is None or kind_of(problem).action not in _WAITS:
                return response
            wait = problem.retry_after or float(2**attempt)
            self._archive.clock.sleep(min(wait, LONGEST_WAIT))
        raise TransientError(
            f"the platform lets nobody in now: {self._clean(response.status_line)}",
            where=self._site.account,
            mend="try again later",
        )

    def refused(self, message: str) -> AuthorisationError:
        """Return the error that says so, in the platform's words."""
        return AuthorisationError(
            f"the platform refuses our credential: {self._clean(message)}",
            where=self._site.account,
            mend="renew it with `archiver account credential`, then capture again; "
            "what came until now is sealed",
        )

    def _clean(self, words: str) -> str:
        """Return a platform's words without any secret that they repeat."""
        return Secrets(self.secrets).clean(words)
