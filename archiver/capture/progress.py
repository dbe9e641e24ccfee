"""How far a run came, so that a later one goes on where it ended. Pure.

A run that a quota stops has read some listings to their end and others not at all. What is done
here is not read again by the run that goes on; what items of it led to is kept, as those items
are not read again either. The two count as one run, which began when the first one did. Lost,
it costs requests and nothing else: everything is read again.
"""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import msgspec

from archiver.capture.items import Follow, Listing
from archiver.capture.problems import PASSING, code_of
from archiver.capture.settled import Counts
from archiver.record import Request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archiver.capture.known import Thing

__all__ = ["STOPPING", "Progress", "decoded", "encoded"]

STOPPING = frozenset({"quota", "budget", "rate"})
"""Problems after which waiting is all that can be done."""

_READ = ("reported", "seen", "unexplained", "whole", "stopped", "broken")
"""Counts of listings that were read; the others are of single things."""
_NONE: tuple[int | None, ...] = (None, 0, 0, 0, 0, 0)


@dataclass(slots=True)
class Progress:
    """What a run is done with.

    ``keeps``: whether anybody asks for it; else nothing is done that would be noted.
    ``unsettled``: listings of which something that they lack could not be asked for.
    ``done``: names of listings and files. ``left``: what items led to and is not done.
    ``passed``: listings that nothing asked for -> the streams that they show. ``counts``: of what
    is done. ``incomplete`` and ``cursors``: as `archiver.capture.session.Session` has them, of
    what is done. ``moved``: things seen elsewhere than in the listing they are known of.
    """

    keeps: bool = False
    unsettled: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    left: dict[str, Follow] = field(default_factory=dict)
    passed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    counts: dict[str, Counts] = field(default_factory=dict)
    incomplete: dict[str, str] = field(default_factory=dict)
    cursors: dict[str, str] = field(default_factory=dict)
    moved: set[Thing] = field(default_factory=set)
    _seen: dict[str, tuple[int | None, ...]] = field(default_factory=dict)

    def begin(self, counts: dict[str, Counts]) -> None:
        """Take up what was counted before."""
        counts |= {stream: replace(one) for stream, one in self.counts.items()}
        self._seen = _read(counts)

    def wanted(self) -> deque[Follow]:
        """Return what is to be asked for first."""
        return deque(self.left.values())

    def has(self, listings: Sequence[Listing]) -> bool:
        """Tell whether listings were read by an earlier part of this run."""
        return self.keeps and all(one.name in self.done for one in listings)

    def lead(self, name: str, follow: Follow) -> None:
        """Note what an item leads to."""
        asked = (follow.request, follow.listing.request if follow.listing else None)
        if any(one is not None and (one.listen or one.choose) for one in asked):
            self.keeps = False  # what does not end is never done
        if self.keeps and name not in self.done:
            self.left[name] = follow

    def finish(
        self, listings: Sequence[Listing], told: Mapping[str, str], counts: Mapping[str, Counts]
    ) -> None:
        """Note that listings were read, or not for a reason that may pass.

        Args:
            listings: of one group.
            told: `Session.incomplete`.
            counts: of the run. What came to them since the last call is of these listings.
        """
        if not self.keeps:
            return
        before, self._seen = self._seen, _read(counts)
        names = [listing.name for listing in listings]
        passing = any(code_of(told.get(name, "")) in PASSING for name in names)
        if passing or not self.unsettled.isdisjoint(names):
            return
        for stream, now in self._seen.items():
            ours, was = self.counts.setdefault(stream, Counts()), before.get(stream, _NONE)
            for name, value, earlier in zip(_READ, now, was, strict=True):
                if value != earlier:
                    added = (getattr(ours, name) or 0) + (value or 0) - (earlier or 0)
                    setattr(ours, name, added)
        self._close(names, told)

    def finish_file(self, name: str, why: str, prefix: str) -> None:
        """Note that a file came, or why it did not, told with a prefix (`Session.incomplete`)."""
        if self.keeps and code_of(why) not in STOPPING:
            self._close([name], {name: prefix + why} if why else {})

    def _close(self, names: Sequence[str], told: Mapping[str, str]) -> None:
        for name in names:
            self.left.pop(name, None)
            self.done.add(name)
            if name in told:
                self.incomplete[name] = told[name]


def encoded(progress: Progress, counts: Mapping[str, Counts]) -> bytes:
    """Return how far a run came, as bytes. ``counts``: of the run, for those of single things."""
    told = {stream: asdict(one) for stream, one in counts.items()}
    for stream, one in told.items():
        ours = asdict(progress.counts.get(stream, Counts()))
        one |= {name: ours[name] for name in _READ}
    return msgspec.msgpack.encode(
        {
            "done": sorted(progress.done),
            "left": [[name, asdict(follow)] for name, follow in progress.left.items()],
            "passed": progress.passed,
            "counts": told,
            "incomplete": progress.incomplete,
            "cursors": progress.cursors,
            "moved": sorted(progress.moved),
        }
    )


def decoded(data: bytes) -> Progress | None:
    """Return how far a run came, or None where the bytes do not tell."""
    try:
        found = msgspec.msgpack.decode(data)
        return Progress(
            keeps=True,
            done=set(found["done"]),
            left={name: _follow(one) for name, one in found["left"]},
            passed={name: tuple(streams) for name, streams in found["passed"].items()},
            counts={stream: Counts(**one) for stream, one in found["counts"].items()},
            incomplete=dict(found["incomplete"]),
            cursors=dict(found["cursors"]),
            moved={(stream, native_id) for stream, native_id in found["moved"]},
        )
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError):
        return None  # a cache that can't be read is as good as none


def _follow(told: dict[str, Any]) -> Follow:
    listing, request = told["listing"], told["request"]
    return Follow(
        **{
            **told,
            "request": None if request is None else _request(request),
            "listing": None if listing is None else _listing(listing),
        }
    )


def _listing(told: dict[str, Any]) -> Listing:
    return Listing(**{**told, "request": _request(told["request"]), "shows": tuple(told["shows"])})


def _request(told: dict[str, Any]) -> Request:
    headers = tuple((name, value) for name, value in told["headers"])
    return Request(**{**told, "headers": headers})


def _read(counts: Mapping[str, Counts]) -> dict[str, tuple[int | None, ...]]:
    return {stream: tuple(getattr(one, n) for n in _READ) for stream, one in counts.items()}
