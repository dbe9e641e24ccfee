"""What the ledger says of events: how much they told, and when somebody listened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.capture.coverage_facts import Events

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from archiver.ledger.state import LedgerState

__all__ = ["events_of"]


def events_of(state: LedgerState, account: str, since: str, until: str) -> dict[str, Events]:
    """Return what was heard of the streams of an account (its handle) between two moments.

    What was told counts with the runs that began then.
    """
    found: dict[str, Events] = {}
    for body in _telling(state, account):
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


def _telling(state: LedgerState, account: str) -> Iterator[Mapping[str, Any]]:
    """Yield the entries that say what was heard; those of before do not."""
    for _, body in state.controls:
        if body["t"] == "repeat" and body["account"] == account and "told" in body:
            yield body


def _joined(spans: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return spans in order, those that touch as one."""
    found: list[tuple[str, str]] = []
    for since, until in sorted(spans):
        if found and since <= found[-1][1]:
            found[-1] = found[-1][0], max(until, found[-1][1])
        else:
            found.append((since, until))
    return tuple(found)
