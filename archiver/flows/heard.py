"""What the ledger says beside the counts of readings: of events, of listening, of profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.capture.coverage_facts import Events
from archiver.capture.stated import Count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from archiver.ledger.state import LedgerState

__all__ = ["OnProfile", "events_of", "profiles_of"]


class OnProfile(NamedTuple):
    """What the profile counted at the latest run that compared it, and what the archive had.

    ``stays``: they differed the time before, too, and nobody said why: so it is no matter of
    what came between two answers.
    """

    entry: int
    at: str
    compared: Count
    stays: bool


def events_of(state: LedgerState, account: str, since: str, until: str) -> dict[str, Events]:
    """Return what was heard of the streams of an account (its handle) between two moments.

    What was told counts with the runs that began then.
    """
    found: dict[str, Events] = {}
    for _, body in _telling(state, account):
        within = since <= body["began"] <= until
        for name in ("told", "untold") if within else ():
            for stream, count in body[name].items():
                before = found.get(stream, Events())
                found[stream] = before._replace(**{name: getattr(before, name) + count})
        for stream, spans in body["listened"].items():
            cut = [(max(a, since), min(b, until)) for a, b in spans if a < until and b > since]
            before = found.get(stream, Events())
            found[stream] = before._replace(listened=_joined([*before.listened, *cut]))
    return found


def profiles_of(state: LedgerState, account: str, until: str) -> dict[str, OnProfile]:
    """Return by stream what the profile of an account (its handle) counted before a moment."""
    found: dict[str, OnProfile] = {}
    for index, body in _telling(state, account):
        for stream, told in body["stated"].items() if body["began"] <= until else ():
            count, before = Count(**told), found.get(stream)
            stays = bool(count.unexplained and before and before.compared.unexplained)
            found[stream] = OnProfile(index, body["began"], count, stays)
    return found


def _telling(state: LedgerState, account: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the entries that say such things, with their indexes; those of before do not."""
    for index, body in state.controls:
        if body["t"] == "repeat" and body["account"] == account and "told" in body:
            yield index, body


def _joined(spans: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return spans in order, those that touch as one."""
    found: list[tuple[str, str]] = []
    for since, until in sorted(spans):
        if found and since <= found[-1][1]:
            found[-1] = found[-1][0], max(until, found[-1][1])
        else:
            found.append((since, until))
    return tuple(found)
