"""What to ask next: one capture run over one account, as a generator without I/O.

`run` yields each request it wants (`Ask`) and is sent back what came of it (`Answer`).
It never sends, waits or stores; `archiver.flows.capture` does.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from archiver.capture import totals
from archiver.capture.cadence import EVERYTHING
from archiver.capture.following import Follows
from archiver.capture.problems import kind_of
from archiver.capture.progress import Progress
from archiver.capture.purposes import ask_direct, ask_file, ask_known, ask_page, name_of
from archiver.capture.sweep import MANY, Sweep
from archiver.capture.troubles import Troubles

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Mapping

    from archiver.capture.connector import Connector, Listing, Problem, Site
    from archiver.capture.known import Thing
    from archiver.capture.reading import Answer, Ask
    from archiver.capture.settling import Settler

__all__ = ["MODES", "Session"]

MODES = ("incremental", "reconcile", "backfill", "snapshot")

MAX_PAGES = 100_000
"""Pages of one listing after which it is taken for endless and given up as incomplete."""


class Session:
    """One run over one account.

    ``cursors`` says how far listings that have such a thing were read (`Page.cursor`).
    ``troubles``: what did not come; ``incomplete`` is theirs.
    ``sweep.claims``: by stream, how far back it was looked at, where not to its end.

    Args:
        connector: of the platform.
        site: the account.
        settler: what is known.
        mode: one of `MODES`.
        mend: an earlier run was torn or killed; ask also for what known items name, and
            for all parts of what is gone.
        reaches: how far back each stream need be looked at (`archiver.capture.cadence`);
            those not named are read whole.
        progress: how far an earlier part of this run came.
    """

    def __init__(  # noqa: PLR0913 - the parts, each once per run
        self,
        connector: Connector,
        site: Site,
        settler: Settler,
        mode: str,
        *,
        mend: bool = False,
        reaches: Mapping[str, str] | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._connector, self._site, self._settler = connector, site, settler
        self._mode = mode
        self._mend = mend
        self.sweep = Sweep(settler.known, reaches or {})
        self.progress = progress or Progress()
        self.follows = Follows(settler, mode, self.sweep, self.progress, mend=mend)
        self._stopped: set[tuple[str, str]] = set()
        self._swept, self._listed = set[str](), set[str]()
        self._open: deque[tuple[list[Listing], bool]] = deque()
        self.troubles = Troubles(self.progress.incomplete)
        self.incomplete = self.troubles.incomplete
        self.cursors = self.progress.cursors

    def run(self) -> Generator[Ask, Answer, None]:
        """Enumerate every listing, then what their items ask for, then check what is missing."""
        groups: dict[str, list[Listing]] = {}
        for listing in self._connector.listings(self._site, "sweep" if self.sweep else self._mode):
            groups.setdefault(listing.group, []).append(listing)
        for listings in groups.values():
            yield from self._group(listings)
        yield from self.rest(self._listed, every=self._mend or self._mode != "incremental")
        self.follows.tally()
        self.progress.keeps = False  # what is listened to later may come again

    def rest(self, listed: Collection[str], *, every: bool) -> Generator[Ask, Answer, None]:
        """Ask for what items led to, then for what is missing, then for parts of what is gone.

        ``listed``: groups of listings that were read since, and speak for their parts.
        ``every``: also for parts of what went earlier.
        """
        yield from self._following()
        while self._open:
            # What a group lacks may have moved to one that was read later.
            listings, always = self._open.popleft()
            yield from self._conclude([one for one in listings if one.exhaustive])
            self._tally(listings, always=always)
            yield from self._following()
        yield from self._parts(listed, every=every)

    def _following(self) -> Generator[Ask, Answer, None]:
        """Ask for what items led to, until nothing leads any further."""
        while (follow := self.follows.pop()) is not None:
            if follow.listing is not None:
                yield from self._group([follow.listing], always=follow.always)
            elif follow.request is not None:
                ask = ask_file(follow)
                yield from self.follows.single(name_of(follow), ask, self.troubles)

    def _parts(self, listed: Collection[str], *, every: bool) -> Generator[Ask, Answer, None]:
        """Ask for each part of what is gone: the listing that showed it went as well."""
        for part, whole in self._settler.orphans(listed, every=every):
            ask = ask_known(self._connector, self._site, self._settler.known, part)
            if ask is not None:
                name = f"{part[0]} {part[1]}"
                yield from self.follows.single(name, ask, self.troubles, gone=True)
                self._settler.conclude_part(part, whole)

    def _group(
        self, listings: list[Listing], *, always: bool = True
    ) -> Generator[Ask, Answer, None]:
        """Enumerate the listings that together name the same things; put off what they lack.

        ``always``: in every run, so that they tell how far the stream was read; what only
        news led to tells nothing of others of its kind, a single thing (an event) never.
        """
        self._listed.add(listings[0].group)
        if self.progress.has(listings):
            return
        if (yield from self._read(listings)):
            self._open.append((listings, always))
        else:
            self._tally(listings, always=always)

    def _tally(self, listings: list[Listing], *, always: bool) -> None:
        """Count how far listings were read, and note that they are done."""
        for listing in listings:
            why, newest = self.incomplete.get(listing.name, ""), self._mode == "incremental"
            # Incremental runs ask for the newest only, even where that is all there is.
            read = not newest and not why and listing.exhaustive and self._is_read([listing])
            told = always or (not newest and listing.exhaustive)
            totals.count_reading(self._settler, listing, why, told=told, whole=read)
        if not self.troubles.halted:
            self.progress.finish(listings, self.incomplete, self._settler.counts)

    def _read(self, listings: list[Listing]) -> Generator[Ask, Answer, bool]:
        """Enumerate the listings of a group, and say whether known things are not in them."""
        for listing in listings:
            yield from self._enumerate(listing, "1")
        exhaustive = [listing for listing in listings if listing.exhaustive]
        if not exhaustive:
            return False
        early = not self._broken(exhaustive) and not self._is_read(exhaustive)
        if early and totals.differs(self._settler, exhaustive):
            yield from self._to_the_end(exhaustive)
        if self._is_read(exhaustive):
            if self._missing(exhaustive):
                return True
            yield from self._conclude(exhaustive)
        elif not self._broken(exhaustive):
            totals.count_known(self._settler, exhaustive)
        return False

    def _to_the_end(self, listings: list[Listing]) -> Generator[Ask, Answer, None]:
        """Enumerate again, to its end, what stopped early: the platform has other things."""
        self._settler.limit(listings[0].group, EVERYTHING)
        self._swept.add(listings[0].group)
        self._stopped -= {(listing.name, "1") for listing in listings}
        for listing in listings:
            yield from self._enumerate(listing, "1")

    def _conclude(self, listings: list[Listing]) -> Generator[Ask, Answer, None]:
        """Say what a pass shows, to its end or back to a moment; look again for what it lacks."""
        if not self._complete(listings, "1"):
            if len(self._missing(listings)) <= MANY:
                yield from self._weigh(listings, whole=False)
                told = all(map(self._settler.is_gone, self._missing(listings)))
                if told and not totals.differs(self._settler, listings):
                    totals.count_known(self._settler, listings)
                    for one in (one for one in listings if (one.name, "1") in self._stopped):
                        self.sweep.claim(one)
                    return
            # Too much is not where it should be; or something older came or went.
            yield from self._to_the_end(listings)
        if self._complete(listings, "1"):
            yield from self._weigh(listings, whole=True)

    def _weigh(self, listings: list[Listing], *, whole: bool) -> Generator[Ask, Answer, None]:
        """Say what became of the things that a pass, and then a second one, does not show."""
        if whole and self.sweep:
            self._swept.add(listings[0].group)  # what one pass read to its end, so must the second
        # Asked for first: a listing proves nothing about what is still there without it.
        for thing in self._missing(listings):
            yield from self._direct(listings[0], thing)
        if not self.troubles.halted:  # else nobody has answered: the next run asks again
            yield from self._prove(listings, whole=whole)

    def _prove(self, listings: list[Listing], *, whole: bool) -> Generator[Ask, Answer, None]:
        """Conclude from one pass what it shows, from two what is gone."""
        group, names = listings[0].group, [listing.name for listing in listings]
        counts = self._mode != "incremental" and not self.sweep
        self._settler.close_pass(group, names, "1", counts=counts)
        passes = ["1"]
        missing = self._settler.missing(group, names, passes)
        shown = self._settler.shown(group, names, "1")
        if missing or (whole and self._settler.passes.off(group, names, "1", shown)):
            for listing in listings:
                yield from self._enumerate(listing, "2")
            if self._is_read(listings, "2"):
                self._settler.close_pass(group, names, "2", counts=counts)
                passes.append("2")
        if self.troubles.halted:
            self.troubles.torn = True
            return
        self._settler.conclude(group, names, passes)
        if whole:
            totals.count_pass(self._settler, listings, passes[-1])

    def _missing(self, listings: list[Listing]) -> list[Thing]:
        return self._settler.missing(listings[0].group, [one.name for one in listings], ["1"])

    def _complete(self, listings: list[Listing], number: str) -> bool:
        stopped = any((one.name, number) in self._stopped for one in listings)
        return not (stopped or self._broken(listings))

    def _broken(self, listings: list[Listing]) -> bool:
        return self.troubles.broke([listing.name for listing in listings])

    def _is_read(self, listings: list[Listing], number: str = "1") -> bool:
        """Tell whether listings were read to their end, or in a sweep as far as need be."""
        return not self._broken(listings) if self.sweep else self._complete(listings, number)

    def _enumerate(self, listing: Listing, number: str) -> Generator[Ask, Answer, None]:
        request, asked = listing.request, set[object]()
        for page in range(1, MAX_PAGES + 1):
            asked.add((request.method, request.url, request.body))
            answer = yield ask_page(listing, request, number, page)
            result = answer.reading.page
            self.follows.take(result.items, answer.verdicts)
            if result.cursor:
                self.cursors[listing.name] = result.cursor
            if answer.reading.residue:
                # What is missing from the items may stand in the part not understood.
                self.troubles.misread(listing.name, "a part of an answer was not understood")
            if result.problem is not None:
                self._stopped_by(result.problem, listing, page)
                return
            if result.next is None:
                return
            if self._nothing_new(listing, answer) or self._past(listing, answer):
                self._stopped.add((listing.name, number))
                return
            request = result.next
            if (request.method, request.url, request.body) in asked:
                break
        self.troubles.misread(listing.name, "the pages do not end", tears=True)

    def _stopped_by(self, problem: Problem, listing: Listing, page: int) -> None:
        """Say why a listing did not go on; past its end it is complete all the same.

        What had been begun is torn, and so is what a mending run was to read again.
        """
        if problem.code == "end":
            return
        begun = self._mend or listing.name in self.follows.asked_for
        tears = page > 1 or (begun and kind_of(problem).passing)
        self.troubles.meet(listing.name, problem, tears=tears)

    def _nothing_new(self, listing: Listing, answer: Answer) -> bool:
        """Tell whether an incremental capture has reached what it knows already."""
        return (
            self._mode == "incremental"
            and listing.newest_first
            and listing.group not in self._swept
            and bool(answer.verdicts)
            and not any(answer.verdicts)
        )

    def _past(self, listing: Listing, answer: Answer) -> bool:
        """Tell whether a sweep has come as far back as it need look; behind news may be more."""
        seen = listing.group in self._swept or any(answer.verdicts)
        if seen or not self.sweep.is_past(listing, answer.reading.page.items):
            return False
        self._settler.limit(listing.group, self.sweep.since(listing))
        return True

    def _direct(self, listing: Listing, thing: Thing) -> Generator[Ask, Answer, None]:
        request = self._connector.direct(self._site, *thing)
        if request is None:
            return
        answer = yield ask_direct(listing, request, thing)
        problem = answer.reading.page.problem
        if problem is not None and kind_of(problem).passing:
            self.progress.unsettled.add(listing.name)
            self.troubles.meet(f"{thing[0]} {thing[1]}", problem, tears=True)
