"""What to ask next: one capture run over one account, as a generator without I/O.

`run` yields each request it wants (`Ask`) and is sent back what came of it (`Answer`).
It never sends, waits or stores; `archiver.flows.capture` does.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.capture.reading import Ask

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from archiver.capture.connector import Connector, Follow, Item, Listing, Site
    from archiver.capture.reading import Reading
    from archiver.capture.settling import Settler

__all__ = ["MODES", "Answer", "Session"]

MODES = ("incremental", "reconcile", "backfill", "snapshot")

MAX_PAGES = 100_000
"""Pages of one listing after which it is taken for endless and given up as incomplete."""


PASSING = frozenset({"transient", "rate", "schema"})
"""Problems that a later run may not meet again: it can then mend what they tore."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an `Ask`: the reading of the exchange, and a verdict on each item."""

    reading: Reading
    verdicts: Sequence[str | None]


class Session:
    """One run over one account.

    ``cursors`` says how far listings that have such a thing were read (`Page.cursor`).
    ``incomplete`` says which listings did not end, and why. ``torn``: something that was
    begun did not end, so that what is known is no proof of what came before or with it.

    Args:
        connector: of the platform.
        site: the account.
        settler: what is known.
        mode: one of `MODES`.
        mend: an earlier run was torn or killed; ask also for what known items name.
    """

    def __init__(
        self,
        connector: Connector,
        site: Site,
        settler: Settler,
        mode: str,
        *,
        mend: bool = False,
    ) -> None:
        self._connector = connector
        self._site = site
        self._settler = settler
        self._mode = mode
        self._mend = mend
        self._follow: deque[Follow] = deque()
        self._asked_for: set[str] = set()
        self._stopped: set[tuple[str, str]] = set()
        self._swept: set[str] = set()
        self.incomplete: dict[str, str] = {}
        self.cursors: dict[str, str] = {}
        self.torn = False

    def run(self) -> Generator[Ask, Answer, None]:
        """Enumerate every listing, then what their items ask for, then check what is missing."""
        groups: dict[str, list[Listing]] = {}
        for listing in self._connector.listings(self._site, self._mode):
            groups.setdefault(listing.group, []).append(listing)
        for listings in groups.values():
            yield from self._group(listings)
        while self._follow:
            follow = self._follow.popleft()
            if follow.listing is not None:
                yield from self._group([follow.listing])
            elif follow.request is not None:
                self._file_came(follow, (yield _ask_file(follow)))

    def _file_came(self, follow: Follow, answer: Answer) -> None:
        """Say which file did not come; that a file is gone needs no telling each time."""
        problem = answer.reading.page.problem
        if problem is not None and problem.code != "missing":
            self.incomplete[_name_of(follow)] = f"{problem.code}: {problem.message}"
            self.torn |= problem.code in PASSING

    def _group(self, listings: list[Listing]) -> Generator[Ask, Answer, None]:
        """Enumerate the listings that together name the same things, and account for them."""
        for listing in listings:
            yield from self._enumerate(listing, "1")
        exhaustive = [listing for listing in listings if listing.exhaustive]
        if not exhaustive:
            return
        if not self._complete(exhaustive, "1") and self._differs(exhaustive):
            # The platform counts other than we know: what stopped early goes on to its end.
            self._swept.add(exhaustive[0].group)
            self._stopped -= {(listing.name, "1") for listing in exhaustive}
            for listing in exhaustive:
                yield from self._enumerate(listing, "1")
        if self._complete(exhaustive, "1"):
            yield from self._conclude(exhaustive)
        else:
            self._count_unswept(exhaustive)

    def _conclude(self, listings: list[Listing]) -> Generator[Ask, Answer, None]:
        """Say what a complete pass shows; look again where something is missing."""
        group, names = listings[0].group, [listing.name for listing in listings]
        counts = self._mode != "incremental"
        self._settler.close_pass(group, names, "1", counts=counts)
        passes = ["1"]
        missing = self._settler.missing(group, names, passes)
        total = self._settler.total(group, names, "1")
        if missing or (total is not None and total != self._settler.shown(group, names, "1")):
            for stream, native_id in missing:
                yield from self._direct(listings[0], stream, native_id)
            for listing in listings:
                yield from self._enumerate(listing, "2")
            if self._complete(listings, "2"):
                self._settler.close_pass(group, names, "2", counts=counts)
                passes.append("2")
        self._settler.conclude(group, names, passes)
        self._account(listings, passes[-1])

    def _account(self, listings: list[Listing], number: str) -> None:
        group, names = listings[0].group, [listing.name for listing in listings]
        counts = self._settler.count(listings[0].stream)
        shown = self._settler.shown(group, names, number)
        total = self._settler.total(group, names, number)
        counts.seen += shown
        if total is not None:
            counts.reported = (counts.reported or 0) + total
            counts.unexplained += abs(total - shown)

    def _differs(self, listings: list[Listing]) -> bool:
        """Tell whether the platform's count of a group is not that of what is known."""
        if any(listing.name in self.incomplete for listing in listings):
            return False
        group, names = listings[0].group, [listing.name for listing in listings]
        total = self._settler.total(group, names, "1")
        return total is not None and total != len(self._settler.known.live(group))

    def _count_unswept(self, listings: list[Listing]) -> None:
        """Hold the platform's count against what is known, where a pass stopped early."""
        if any(listing.name in self.incomplete for listing in listings):
            return
        group, names = listings[0].group, [listing.name for listing in listings]
        total = self._settler.total(group, names, "1")
        if total is not None:
            known = len(self._settler.known.live(group))
            counts = self._settler.count(listings[0].stream)
            counts.reported = (counts.reported or 0) + total
            counts.seen += known
            counts.unexplained += abs(total - known)

    def _complete(self, listings: list[Listing], number: str) -> bool:
        return all(
            listing.name not in self.incomplete and (listing.name, number) not in self._stopped
            for listing in listings
        )

    def _enumerate(self, listing: Listing, number: str) -> Generator[Ask, Answer, None]:
        request = listing.request
        asked = set()
        for page in range(1, MAX_PAGES + 1):
            asked.add((request.method, request.url, request.body))
            answer = yield Ask(request, _purpose(listing, "listing", number, page=str(page)))
            result = answer.reading.page
            self._take_follows(result.items, answer.verdicts)
            if result.cursor:
                self.cursors[listing.name] = result.cursor
            problem = result.problem
            if answer.reading.residue:
                # What is missing from the items may stand in the part not understood.
                self.incomplete[listing.name] = "schema: a part of an answer was not understood"
            if problem is not None:
                if problem.code != "end":
                    self.incomplete[listing.name] = f"{problem.code}: {problem.message}"
                    begun = page > 1 or listing.name in self._asked_for
                    self.torn |= begun and problem.code in PASSING
                return
            if result.next is None:
                return
            if self._nothing_new(listing, answer):
                self._stopped.add((listing.name, number))
                return
            request = result.next
            if (request.method, request.url, request.body) in asked:
                break
        self.incomplete[listing.name] = "schema: the pages do not end"

    def _nothing_new(self, listing: Listing, answer: Answer) -> bool:
        """Tell whether an incremental capture has reached what it knows already."""
        return (
            self._mode == "incremental"
            and listing.newest_first
            and listing.group not in self._swept
            and bool(answer.verdicts)
            and not any(answer.verdicts)
        )

    def _take_follows(self, items: Sequence[Item], verdicts: Sequence[str | None]) -> None:
        for item, verdict in zip(items, verdicts, strict=True):
            for follow in item.follow:
                wanted = follow.always or verdict is not None or self._mend or self._lacking(follow)
                name = _name_of(follow)
                if wanted and name not in self._asked_for:
                    self._asked_for.add(name)
                    self._follow.append(follow)

    def _lacking(self, follow: Follow) -> bool:
        """Tell whether the archive lacks something of what an unchanged item names."""
        known = self._settler.known
        if follow.listing is not None:
            stated = follow.listing.stated
            return stated is not None and stated != len(known.live(follow.listing.group))
        return known.get((follow.stream, follow.native_id)) is None

    def _direct(self, listing: Listing, stream: str, native_id: str) -> Iterator[Ask]:
        request = self._connector.direct(self._site, stream, native_id)
        if request is not None:
            purpose = _purpose(listing, "direct", "1", native_id=native_id)
            yield Ask(request, {**purpose, "stream": stream})


def _purpose(listing: Listing, role: str, number: str, **more: str) -> dict[str, str]:
    """Return what is stored with an exchange, so that settling can read it again."""
    return {
        "role": role,
        "listing": listing.name,
        "stream": listing.stream,
        "group": listing.group,
        "sensitivity": listing.sensitivity,
        "exhaustive": "yes" if listing.exhaustive else "no",
        "pass": number,
        **more,
    }


def _name_of(follow: Follow) -> str:
    return f"{follow.stream} {follow.native_id}" if follow.listing is None else follow.listing.name


def _ask_file(follow: Follow) -> Ask:
    if follow.request is None:
        raise ValueError("a follow of role file carries its request")
    return Ask(
        follow.request,
        {
            "role": "file",
            "stream": follow.stream,
            "native_id": follow.native_id,
            "sensitivity": follow.sensitivity,
        },
    )
