"""Trying a login: what the platform says to it, asked once, with nothing kept."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from archiver.capture.connector import Site
from archiver.capture.known import Known
from archiver.capture.problems import Action, kind_of
from archiver.capture.purposes import ask_page
from archiver.capture.settling import Settler
from archiver.errors import AuthorisationError, CaptureError, TransientError, UsageError
from archiver.flows.accounts import find
from archiver.flows.asking import Line
from archiver.flows.capture_report import CaptureReport
from archiver.flows.connectors import connector
from archiver.flows.credentials import check_credential
from archiver.record import Sensitivity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from archiver.capture.connector import Listing, Problem
    from archiver.capture.reading import Ask
    from archiver.flows.archive import Archive
    from archiver.ports import Clock, Progress, Spool

__all__ = ["try_login"]


def try_login(
    archive: Archive, name: str, credential: Mapping[str, str], spool: Spool, progress: Progress
) -> str:
    """Log in to an account's platform, ask for a page, and say what came of it.

    The credential goes to the address that is registered for the account, nowhere else.

    Args:
        archive: where the account is registered.
        name: of the account.
        credential: what to try.
        spool: one that is thrown away: what is asked on trial is no evidence.
        progress: is told of each request.

    Raises:
        UsageError: no such account, or not the fields that its platform needs.
        AuthorisationError: the platform refuses the credential.
        TransientError: the platform can't be reached now, or asks us to wait.
        CaptureError: it answers otherwise than a platform of this kind.
    """
    account = find(archive, name)
    one = connector(account.platform)
    if not credential and one.credential_fields:
        raise UsageError("no credential given", where=name, mend="give one that can be tried")
    check_credential(one, name, credential)
    site = Site(account.name, account.url, bool(credential), scope=account.scope)
    settler = Settler(one, site, Known({}, b""), str)
    ask = _ask(one.listings(site, "incremental"))
    hasty = replace(archive, clock=_Hasty(archive.clock, name))
    report = CaptureReport(name, "incremental")
    credentials = partial(archive.renewals.newest, name, credential)
    with Line(hasty, one, site, credentials, spool=spool, progress=progress, report=report) as line:
        problem = line.ask(settler, ask).reading.page.problem
    if problem is not None:
        raise _error(problem)(
            f"the platform answers: {problem.message}", where=name, mend="look at the address"
        )
    return f"{one.title} at {account.url} lets account {name} in"


def _ask(listings: Sequence[Listing]) -> Ask:
    """Return the request for what only a login shows, where there is such a thing.

    Some platforms answer a wrong password as if there were none.
    """
    ending = [one for one in listings if not one.request.listen] or listings
    private = (one for one in ending if one.sensitivity == Sensitivity.PRIVATE)
    listing = next(private, ending[0])
    return ask_page(listing, listing.request, "1", 1)


def _error(problem: Problem) -> type[CaptureError]:
    refused = {Action.REAUTHORISE, Action.STOP_LISTING}
    return AuthorisationError if kind_of(problem).action in refused else CaptureError


class _Hasty:
    """A clock of somebody who tries a login: they do not wait to try again."""

    def __init__(self, clock: Clock, name: str) -> None:
        self._clock = clock
        self._name = name

    def now(self) -> datetime:
        """Return the current time."""
        return self._clock.now()

    def sleep(self, seconds: float) -> NoReturn:
        """Say that now is not the time."""
        raise TransientError(
            f"the platform can't be reached, or asks us to wait ({seconds:.0f} s)",
            where=self._name,
            mend="try again later",
        )
