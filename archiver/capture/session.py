"""What to ask next: one capture run over one account, as a generator without I/O.

`run` yields each request it wants (`Ask`) and is sent back what came of it (`Answer`).
It never sends, waits or stores; `archiver.flows.capture` does.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.capture import totals
from archiver.capture.purposes import (
    ask_direct,
    ask_file,
    ask_file_again,
    ask_page,
    group_of_parts,
    name_of,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from archiver.capture.connector import Connector, Follow, Item, Listing, Problem, Site
    from archiver.capture.known import Thing
    from archiver.capture.reading import Ask, Reading
    from archiver.capture.settling import Settler

__all__ = ["MODES", "PASSING", "Answer", "Session"]

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
        mend: an earlier run was torn or killed; ask also for what known items name, and
            for all parts of what is gone.
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
        self._listed: set[str] = set()
        self._late: list[list[Listing]] = []
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
        yield from self._followed()
        for listings in self._late:
            yield from self._conclude(listings)
        yield from self._followed()
        yield from self._parts()

    def _followed(self) -> Generator[Ask, Answer, None]:
        """Ask for what items named."""
        while self._follow:
            follow = self._follow.popleft()
            if follow.listing is not None:
                yield from self._group([follow.listing], always=follow.always)
            else:
                self._came(name_of(follow), (yield ask_file(follow)))

    def _came(self, name: str, answer: Answer) -> None:
        """Say what did not come; that a file is gone needs no telling each time."""
        problem = answer.reading.page.problem
        if problem is not None and problem.code != "missing":
            self.incomplete[name] = f"{problem.code}: {problem.message}"
            self.torn |= problem.code in PASSING

    def _parts(self) -> Generator[Ask, Answer, None]:
        """Ask for each part of what is gone: the listing that showed it went as well."""
        for part, whole in self._settler.orphans(self._listed, every=self._mend):
            ask = self._ask_part(part)
            if ask is not None:
                self._came(f"{part[0]} {part[1]}", (yield ask))
                self._settler.conclude_part(part, whole)

    def _ask_part(self, part: Thing) -> Ask | None:
        known = self._settler.known.get(part)
        if known is None:
            return None
        if known.address:
            return ask_file_again(part, known)
        request = self._connector.direct(self._site, *part)
        return ask_direct(group_of_parts(part, known), request, part) if request else None

    def _group(
        self, listings: list[Listing], *, always: bool = True
    ) -> Generator[Ask, Answer, None]:
        """Enumerate the listings that together name the same things, and say how far.

        ``always``: in every run, so that they tell how far the stream was read; a listing
        that only news led to tells nothing of the others of its kind.
        """
        yield from self._read(listings)
        counts = self._settler.count(listings[0].stream)
        for listing in listings:
            broken = listing.name in self.incomplete
            counts.broken += broken
            if not broken and (always or self._mode != "incremental"):
                # Incremental runs ask for the newest only, even where that is all there is.
                read = listing.exhaustive and self._complete([listing], "1")
                stopped = self._mode == "incremental" or not read
                counts.stopped += stopped
                counts.whole += not stopped

    def _read(self, listings: list[Listing]) -> Generator[Ask, Answer, None]:
        """Enumerate the listings of a group, and account for what they show."""
        self._listed.add(listings[0].group)
        for listing in listings:
            yield from self._enumerate(listing, "1")
        exhaustive = [listing for listing in listings if listing.exhaustive]
        if not exhaustive:
            return
        readable = all(listing.name not in self.incomplete for listing in exhaustive)
        stopped = readable and not self._complete(exhaustive, "1")
        if stopped and totals.differs(self._settler, exhaustive):
            # The platform counts other than we know: what stopped early goes on to its end.
            self._swept.add(exhaustive[0].group)
            self._stopped -= {(listing.name, "1") for listing in exhaustive}
            for listing in exhaustive:
                yield from self._enumerate(listing, "1")
        whole = self._complete(exhaustive, "1")
        if whole and exhaustive[0].late:
            self._late.append(exhaustive)
        elif whole:
            yield from self._conclude(exhaustive)
        elif all(listing.name not in self.incomplete for listing in exhaustive):
            totals.count_known(self._settler, exhaustive)

    def _conclude(self, listings: list[Listing]) -> Generator[Ask, Answer, None]:
        """Say what a complete pass shows; look again where something is missing."""
        group, names = listings[0].group, [listing.name for listing in listings]
        counts = self._mode != "incremental"
        # Asked for first: a listing proves nothing about what is still there without it.
        for thing in self._settler.missing(group, names, ["1"]):
            yield from self._direct(listings[0], thing)
        self._settler.close_pass(group, names, "1", counts=counts)
        passes = ["1"]
        missing = self._settler.missing(group, names, passes)
        total = self._settler.total(group, names, "1")
        if missing or (total is not None and total != self._settler.shown(group, names, "1")):
            for listing in listings:
                yield from self._enumerate(listing, "2")
            if self._complete(listings, "2"):
                self._settler.close_pass(group, names, "2", counts=counts)
                passes.append("2")
        self._settler.conclude(group, names, passes)
        totals.count_pass(self._settler, listings, passes[-1])

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
            answer = yield ask_page(listing, request, number, page)
            result = answer.reading.page
            self._take_follows(result.items, answer.verdicts)
            if result.cursor:
                self.cursors[listing.name] = result.cursor
            if answer.reading.residue:
                # What is missing from the items may stand in the part not understood.
                self.incomplete[listing.name] = "schema: a part of an answer was not understood"
            if result.problem is not None:
                self._stopped_by(result.problem, listing, page)
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
        self.torn = True

    def _stopped_by(self, problem: Problem, listing: Listing, page: int) -> None:
        """Say why a listing did not go on; past its end it is complete all the same.

        What had been begun is torn, and so is what a mending run was to read again.
        """
        if problem.code == "end":
            return
        self.incomplete[listing.name] = f"{problem.code}: {problem.message}"
        passing = problem.code in PASSING
        followed = listing.name in self._asked_for and passing
        unmended = self._mend and (passing or self._settler.known.size(listing.group) > 0)
        self.torn |= page > 1 or followed or unmended

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
                wanted = self._lacking(follow) or (
                    (follow.always or verdict is not None or self._mend) and not _empty(follow)
                )
                name = name_of(follow)
                if not wanted:
                    self._pass_over(item, follow)
                elif name not in self._asked_for:
                    self._asked_for.add(name)
                    self._follow.append(follow)

    def _pass_over(self, item: Item, follow: Follow) -> None:
        """Count a listing that is not asked for as not read to its end.

        But for parts, which are in their whole's stream: as many as before are the same.
        """
        listing = follow.listing
        if self._mode != "incremental" and listing is not None and listing.stream != item.stream:
            self._settler.count(listing.stream).stopped += not _empty(follow)

    def _lacking(self, follow: Follow) -> bool:
        """Tell whether the archive lacks something of what an unchanged item names."""
        known = self._settler.known
        if follow.listing is None:
            return known.get((follow.stream, follow.native_id)) is None
        size, stated = known.size(follow.listing.group), follow.listing.stated
        if stated is None:  # it may have been refused when it was news
            return self._mode != "incremental" and size == 0
        return stated != size

    def _direct(self, listing: Listing, thing: Thing) -> Generator[Ask, Answer, None]:
        request = self._connector.direct(self._site, *thing)
        if request is not None:
            answer = yield ask_direct(listing, request, thing)
            problem = answer.reading.page.problem
            if problem is not None and problem.code in PASSING:
                self._came(f"{thing[0]} {thing[1]}", answer)


def _empty(follow: Follow) -> bool:
    """Tell whether a listing is said to be empty: nothing in it is news."""
    return follow.listing is not None and follow.listing.stated == 0
