"""What platforms say of our logins, as this home last heard it, and what should be seen to.

It is the home's: credentials are, and another home may have another login. Each concern is
told once in a run's report; `archiver status`, `account show` and `doctor` have it for as long
as it holds.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.capture.connector import Page, Problem
from archiver.capture.problems import PASSING
from archiver.capture.purposes import ask_standing
from archiver.capture.reading import Reading
from archiver.capture.standing import Inspected, Need, Standing, concerns, lacking
from archiver.errors import TransientError, UsageError
from archiver.flows.connectors import connector
from archiver.formats.parquet import canonical_time
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archiver.capture.connector import Connector, Site
    from archiver.capture.settling import Settler
    from archiver.capture.standing import Concern
    from archiver.flows.archive import Archive
    from archiver.flows.asking import Line
    from archiver.flows.capture_report import CaptureReport
    from archiver.record import Request
    from archiver.registry.accounts import Account

__all__ = ["Standings", "ask_again", "needs_of", "standing_of"]

AGAIN = timedelta(days=1)
"""After which a platform is asked again what a login may do."""
LOGIN, ASKED = "login", "asked"
"""Where a platform said it: as it let us in, or to a request of its own."""


class _Kept(NamedTuple):
    """What the home keeps of one account's login.

    ``said``: by where it was said. ``at``: when the platform was last asked, canonical time.
    ``lost``: scopes that were held before, and since when not. ``told``: keys of concerns.
    """

    said: dict[str, Standing]
    at: str
    lost: dict[str, str]
    told: list[str]

    @property
    def whole(self) -> Standing:
        """What is known of the login altogether; of scopes the latest word counts."""
        ends = dict(end for one in self.said.values() for end in one.ends)
        scopes = [one.scopes for one in self.said.values() if one.scopes is not None]
        return Standing(tuple(sorted(ends.items())), scopes[-1] if scopes else None)


class Standings:
    """What a run hears of the login of its account.

    Args:
        archive: for home, clock.
        account: whose login it is.
        one: the connector.
        report: is told of concerns, each once.
    """

    def __init__(
        self, archive: Archive, account: Account, one: Connector, report: CaptureReport
    ) -> None:
        self._archive = archive
        self._account = account
        self._connector = one
        self._report = report

    def hear(self, line: Line, settler: Settler, site: Site, credential: Mapping[str, str]) -> None:
        """Note what the platform said as it let us in; once a day, ask it what it says now."""
        now = canonical_time(self._archive.clock.now())
        kept = _read(self._archive, self._account.handle)
        before, said = kept.whole, dict(kept.said)
        if line.standing is not None:
            said[LOGIN] = line.standing
        one, at = self._connector, kept.at
        if isinstance(one, Inspected) and credential and _due(at, now):
            request = one.inspection(site, credential)
            if request is not None:
                reading = _asked(line, settler, request)
                problem = reading.page.problem
                # What may pass is asked for again by the next run, what was refused tomorrow.
                at = now if problem is None or problem.code not in PASSING else at
                if reading.standing is not None:
                    said[ASKED] = reading.standing
        self._note(kept._replace(said=said, at=at), before, now)

    def _note(self, kept: _Kept, before: Standing, now: str) -> None:
        """Keep what was said, and tell what of it nobody was told before."""
        needs = needs_of(self._connector)
        missing = {one.scope for one in lacking(needs, kept.whole)}
        had = {one.scope for one in needs} - {one.scope for one in lacking(needs, before)}
        held = had if before.scopes is not None else set()
        lost = {name: kept.lost.get(name) or now for name in missing & (held | set(kept.lost))}
        found = list(concerns(needs, kept.whole, lost, now))
        for one in found:
            if one.key not in kept.told:
                self._report.concerns.append(_told(one, self._account.name))
        made = kept._replace(lost=lost, told=[one.key for one in found])
        if made.said:
            self._archive.home.write(_name(self._account.handle), _encoded(made))


def _asked(line: Line, settler: Settler, request: Request) -> Reading:
    """Return what the platform says, a problem where it answers nothing: no run ends of that."""
    try:
        return line.ask(settler, ask_standing(request)).reading
    except TransientError as error:
        return Reading(Page(problem=Problem("transient", error.message)), ())


def needs_of(one: Connector) -> Sequence[Need]:
    """Return the scopes that a platform's cells need, as its connector names them."""
    needs: Sequence[Need] = getattr(one, "needs", ())
    return needs


def standing_of(archive: Archive, account: Account) -> dict[str, Any] | None:
    """Return what is known of an account's login, None where no platform has told anything.

    ``ends`` (``what``, ``at``), ``scopes`` (None: not told), ``lacking`` with the streams that
    need each, ``asked_at``, and ``concerns`` as findings.
    """
    kept = _read(archive, account.handle)
    if not kept.said:
        return None
    try:
        needs = needs_of(connector(account.platform))
    except UsageError:  # its package is gone: what it needs nobody knows
        needs = ()
    now, whole = canonical_time(archive.clock.now()), kept.whole
    return {
        "ends": [{"what": what, "at": at} for what, at in whole.ends],
        "scopes": None if whole.scopes is None else list(whole.scopes),
        "lacking": {
            one.scope: [str(Stream(name)) for name in one.streams] for one in lacking(needs, whole)
        },
        "asked_at": kept.at,
        "concerns": [_told(one, account.name) for one in concerns(needs, whole, kept.lost, now)],
    }


def ask_again(archive: Archive, account: Account) -> None:
    """Have the platform asked in the next run: the credential is another one.

    What ended with the one before is forgotten; which scopes it had is not.
    """
    kept = _read(archive, account.handle)
    if kept.said:
        said = {name: one._replace(ends=()) for name, one in kept.said.items()}
        made = kept._replace(said=said, at="", told=[])
        archive.home.write(_name(account.handle), _encoded(made))


def _told(one: Concern, name: str) -> dict[str, str]:
    return {"code": one.code, "message": one.message, "where": name, "mend": one.mend}


def _due(at: str, now: str) -> bool:
    return not at or datetime.fromisoformat(now) - datetime.fromisoformat(at) >= AGAIN


def _name(handle: str) -> str:
    return f"standing/{handle}.json"


def _encoded(kept: _Kept) -> bytes:
    said = {name: {"ends": one.ends, "scopes": one.scopes} for name, one in kept.said.items()}
    return json.dumps({**kept._asdict(), "said": said}).encode()


def _read(archive: Archive, handle: str) -> _Kept:
    data = archive.home.read(_name(handle))
    if data is None:
        return _Kept({}, "", {}, [])
    found = json.loads(data)
    said = {
        name: Standing(
            tuple((what, at) for what, at in one["ends"]),
            None if one["scopes"] is None else tuple(one["scopes"]),
        )
        for name, one in found.pop("said").items()
    }
    return _Kept(said=said, **found)
