"""Coverage of accounts, told from the ledger and the capability matrix alone.

What is covered, what is not, and why is in `archiver.capture.coverage`; here it is asked of
an archive, for a window of time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from archiver.capture import coverage as core
from archiver.capture.bounds import bounds_of, lacking_of
from archiver.capture.coverage_facts import Events
from archiver.capture.known import Known
from archiver.capture.readable import ShowsNewest
from archiver.capture.stated import words_of
from archiver.capture.timeline import seconds
from archiver.errors import KeyStoreError, UsageError
from archiver.flows.accounts import registry
from archiver.flows.connectors import connector
from archiver.flows.exposure import DELIVERIES, Exposure, exposures
from archiver.flows.gaps import gaps_of, promise_of
from archiver.flows.heard import events_of, profiles_of
from archiver.flows.known import known_of
from archiver.flows.ledger import read_state
from archiver.formats.parquet import canonical_time
from archiver.record import Stream
from archiver.registry.accounts import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archiver.capture.bounds import Bound
    from archiver.capture.connector import Connector
    from archiver.capture.coverage import StreamCoverage
    from archiver.capture.readable import Lacking
    from archiver.flows.archive import Archive
    from archiver.flows.heard import OnProfile
    from archiver.ledger.state import LedgerState
    from archiver.registry.accounts import Account

__all__ = ["AccountCoverage", "alarms_of", "coverages", "moment", "of_account", "streams_of"]


@dataclass(frozen=True, slots=True)
class AccountCoverage:
    """What is known of the streams of an account between two moments (canonical time).

    ``exposed``: since when what could have come and gone, by stream. ``events``: what was told
    of by itself, and when somebody listened. ``profiles``: what the profile counts. ``bounds``:
    how soon streams have to be looked at again. ``lacking``: what is known by its id alone, by
    stream; None where it can't be read here.
    """

    account: Account
    since: str
    until: str
    streams: tuple[StreamCoverage, ...]
    exposed: dict[str, Exposure]
    events: Mapping[str, Events] = field(default_factory=dict)
    profiles: Mapping[str, OnProfile] = field(default_factory=dict)
    bounds: Mapping[str, Bound] = field(default_factory=dict)
    lacking: Mapping[str, Sequence[Lacking]] | None = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "account": self.account.name,
            "platform": self.account.platform,
            "status": self.account.status,
            "since": self.since,
            "until": self.until,
            "streams": {one.stream: self._stream(one) for one in self.streams},
        }

    def _stream(self, one: StreamCoverage) -> dict[str, Any]:
        cell, exposed = one.cell, self.exposed.get(one.stream, Exposure())
        must = self.bounds.get(one.stream)
        lacking = None if self.lacking is None else self.lacking.get(one.stream, ())
        return {
            "capability": None
            if cell is None
            else {"verdict": cell.verdict, "limit": cell.limit, "citation": cell.citation},
            "seconds": seconds(one.spans),
            "bound": one.bound,
            "must": must._asdict() if must else None,
            "lacking": None if lacking is None else [thing._asdict() for thing in lacking],
            "profile": self._profile(one.stream),
            "events": self.events.get(one.stream, Events()).document(),
            "new_since": exposed.new_since,
            "whole_since": exposed.whole_since,
            "spans": [{**span._asdict(), "cites": list(span.cites)} for span in one.spans],
            "gaps": [gap._asdict() for gap in one.gaps],
            "control": one.control._asdict() if one.control else None,
            "zero": one.zero,
            "unexplained": [alarm._asdict() for alarm in one.alarms],
        }

    def _profile(self, stream: str) -> dict[str, Any] | None:
        """Return what the profile counts, and in the platform's words why the archive differs."""
        said = self.profiles.get(stream)
        if said is None:
            return None
        why = words_of(connector(self.account.platform), stream, said.compared)
        return {"entry": said.entry, "at": said.at, **said.compared._asdict(), "why": why}


def alarms_of(found: AccountCoverage) -> list[dict[str, str]]:
    """Return what nothing explains, as findings."""
    return [
        {
            "code": alarm.code,
            "message": alarm.message,
            "where": f"{found.account.name}: {one.stream}",
            "mend": alarm.mend,
        }
        for one in found.streams
        for alarm in one.alarms
    ]


def coverages(
    archive: Archive, names: Sequence[str] = (), since: str = "", until: str = ""
) -> list[AccountCoverage]:
    """Return the coverage of accounts; of all that were approved once where none is named.

    Args:
        archive: where.
        names: of accounts.
        since: first moment (canonical time); empty: when the account was first captured.
        until: end; empty, or later than now: now.

    Raises `UsageError` for an account that there is not, or a window that ends before it begins.
    """
    state = read_state(archive)
    known = registry(archive, state)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(
            "no such account", where=unknown[0], code="account-unknown",
            mend=f"known accounts: {', '.join(sorted(known)) or 'none; see `account add`'}",
        )  # fmt: skip
    chosen = [known[name] for name in names] or [
        one for _, one in sorted(known.items()) if one.status != Status.REQUESTED
    ]
    return [of_account(archive, state, one, since, until) for one in chosen]


def of_account(
    archive: Archive, state: LedgerState, account: Account, since: str = "", until: str = ""
) -> AccountCoverage:
    """Return the coverage of one account as a state of the ledger tells it."""
    now = canonical_time(archive.clock.now())
    end = min(until or now, now)  # nobody has seen what is to come
    first, streams = streams_of(archive, state, account, since, end)
    one, exposed = connector(account.platform), exposures(state, account.handle)
    return AccountCoverage(
        account, first, end, streams, exposed, events_of(state, account.handle, first, end),
        profiles_of(state, account.handle, end), *_by_records(archive, state, account, one),
    )  # fmt: skip


def streams_of(
    archive: Archive, state: LedgerState, account: Account, since: str, end: str
) -> tuple[str, tuple[StreamCoverage, ...]]:
    """Return the first moment that an account is told of, and the coverage of its streams.

    From entries and the capability matrix alone, up to a moment that is not after now: of the
    same ledger it is the same at any time. ``since`` empty: when it was first captured. Raises
    `UsageError` for a window that ends before it begins.
    """
    runs = [
        core.Run(index, body["began"], body["ended"], body["counts"], body.get("since", {}))
        for index, body in state.controls
        if body["t"] == "repeat" and body["account"] == account.handle
        if body.get("mode") != DELIVERIES
    ]
    gaps = [
        core.Gap(index, body["stream"], body["cause"], body["since"], body["until"], _cited(body))
        for index, body in gaps_of(state, account.handle)
    ]
    first = since or (runs[0].began if runs else min(account.changed_at, end))
    if first > end:
        raise UsageError(
            "a window that ends before it begins", where=f"{first} to {end}",
            mend="give --from a day before --to",
        )  # fmt: skip
    one = connector(account.platform)
    found = core.coverage(runs, gaps, one.capabilities, (first, end), promise_of(archive, one))
    profiles = profiles_of(state, account.handle, end)
    told = (_held_against(profiles, each) for each in found if each.stream != Stream.WORKFLOW)
    return first, tuple(told)


def _held_against(profiles: Mapping[str, OnProfile], one: StreamCoverage) -> StreamCoverage:
    """Return the coverage of a stream, with an alarm where its profile keeps counting otherwise."""
    said = profiles.get(one.stream)
    if said is None or not said.stays:
        return one
    alarm = core.Alarm(
        "profile-unexplained",
        f"the profile counts {said.compared.stated}, the archive has {said.compared.held}",
        "capture with --mode backfill; if it stays, look at the platform",
    )
    return replace(one, alarms=(*one.alarms, alarm))


def _by_records(
    archive: Archive, state: LedgerState, account: Account, one: Connector
) -> tuple[Mapping[str, Bound], Mapping[str, Sequence[Lacking]] | None]:
    """Return what records alone tell: bounds, and what is known by its id alone."""
    known = Known({}, b"")
    if isinstance(one, ShowsNewest):  # nobody's records are read for the others
        try:
            known = known_of(archive, state, account.handle)
        except KeyStoreError:  # whoever has no key of them is told so
            return bounds_of(one, known, archive.clock.now()), None
    return bounds_of(one, known, archive.clock.now()), lacking_of(one, known)


def _cited(body: dict[str, Any]) -> str:
    return f"{body['lane']}/{body['exchange']}" if "lane" in body else ""


def moment(text: str, *, last: bool = False) -> str:
    """Return the canonical time of a day, or of a moment, in ISO 8601; UTC unless it says so.

    ``last``: the end of that day. Raises `UsageError`.
    """
    if not text:
        return ""
    try:
        found = datetime.fromisoformat(text)
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        day = timedelta(days=1) if last and len(text) <= len("2026-11-20") else timedelta(0)
        return canonical_time(found + day)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            "not a day", where=text, mend="write it as 2026-11-20, or 2026-11-20T09:00Z"
        ) from error
