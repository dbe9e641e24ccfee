"""The governor: nothing is asked that the platform is known to refuse, or nobody has paid for.

Windows that are closed are kept in the home, by platform, for all accounts and processes.
Lost, they are learnt anew from the answers.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from archiver.capture.governing import Limited, Metered, header_allowances
from archiver.capture.items import Problem
from archiver.capture.problems import Action, kind_of
from archiver.flows.spending import charge, unpaid
from archiver.formats.http1 import response_of
from archiver.formats.parquet import canonical_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from archiver.capture.connector import Connector
    from archiver.capture.governing import Allowance
    from archiver.flows.archive import Archive
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Exchange

__all__ = ["Governor"]

_JITTER = 0.1
"""Of a wait, so that not all homes come back in the same second."""


class Governor:
    """What one account's run may ask.

    Args:
        archive: for home, clock, chance and the city's budgets.
        connector: of the platform.
        account: its name: some limits are its login's, others are all accounts'.
    """

    def __init__(self, archive: Archive, connector: Connector, account: str) -> None:
        self._archive = archive
        self._limited = connector if isinstance(connector, Limited) else None
        self._metered = connector if isinstance(connector, Metered) else None
        self._account = account
        self._platform = connector.platform

    def refusal(self, url: str, origin: str) -> Problem | None:
        """Return why an address must not be asked now, with the seconds until it may be."""
        now, known = self._archive.clock.now(), self._closed()
        shut = [known[key] for key in self._keys(url, origin) if key in known]
        until, code = max(shut, default=(now, ""))
        if until > now:
            told = f"the platform has said that it answers nothing until {canonical_time(until)}"
            return Problem(code, told, (until - now).total_seconds())
        return unpaid(self._archive, self._metered, url) if self._metered else None

    def take(self, exchange: Exchange, origin: str, problem: Problem | None) -> None:
        """Note what an answer says of further ones, and what it costs."""
        response, now = response_of(exchange), self._archive.clock.now()
        shut = {
            self._key(origin, one.scope, shared=one.shared): (one.seconds, "rate")
            for one in self._allowances(exchange.url, response)
            if one.left <= 0 and one.seconds > 0
        }
        if problem is not None and problem.retry_after > 0:
            whole = kind_of(problem).action is Action.STOP_PLATFORM
            if whole or kind_of(problem).action is Action.WAIT:
                scope = "" if whole else self._scope(exchange.url)
                key = self._key(origin, scope, shared=whole)
                shut[key] = problem.retry_after, problem.code
        if shut:
            self._shut(
                {k: (now + timedelta(seconds=s), code) for k, (s, code) in shut.items()}, now
            )
        if self._metered:
            charge(self._archive, self._metered, self._metered.charges(exchange.url, response))

    def wait(self, seconds: float) -> float:
        """Return a wait, somewhat longer, by chance."""
        chance = int.from_bytes(self._archive.chance.bytes(2), "big") / 65_536
        return seconds * (1 + _JITTER * chance)

    def _allowances(self, url: str, response: HttpResponse) -> Iterable[Allowance]:
        return (
            self._limited.allowances(url, response)
            if self._limited
            else header_allowances(response)
        )

    def _scope(self, url: str) -> str:
        return self._limited.scope(url) if self._limited else ""

    def _keys(self, url: str, origin: str) -> set[str]:
        """Return what a request is counted under."""
        scopes = {"", self._scope(url)}
        return {self._key(origin, s, shared=both) for s in scopes for both in (False, True)}

    def _key(self, origin: str, scope: str, *, shared: bool) -> str:
        return f"{origin} {scope} {'' if shared else self._account}"

    def _file(self) -> str:
        return f"governor/{self._platform}.json"

    def _closed(self) -> dict[str, tuple[datetime, str]]:
        """Return until when what is closed; a damaged file is as good as none."""
        try:
            found = json.loads(self._archive.home.read(self._file()) or b"{}")
            known = {
                str(key): (datetime.fromisoformat(until), str(code))
                for key, (until, code) in found.items()
            }
        except (ValueError, TypeError, AttributeError):
            return {}
        return known if all(until.tzinfo for until, _ in known.values()) else {}

    def _shut(self, new: Mapping[str, tuple[datetime, str]], now: datetime) -> None:
        """Write down what is closed, beside what other processes know."""
        with self._archive.home.alone(f"governor-{self._platform}"):
            known = {key: one for key, one in self._closed().items() if one[0] > now} | dict(new)
            told = {
                k: [until.astimezone(UTC).isoformat(), code] for k, (until, code) in known.items()
            }
            self._archive.home.write(self._file(), json.dumps(told, sort_keys=True).encode())
