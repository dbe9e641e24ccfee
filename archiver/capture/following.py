"""What the items of a run lead to: which of the requests they name are wanted, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.problems import told
from archiver.capture.purposes import name_of
from archiver.formats.markers import holds_replacement

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from archiver.capture.connector import Follow, Item
    from archiver.capture.progress import Progress
    from archiver.capture.reading import Answer, Ask
    from archiver.capture.settling import Settler
    from archiver.capture.sweep import Sweep
    from archiver.capture.troubles import Troubles

__all__ = ["LACKING", "Follows", "lacking", "unasked"]

LACKING = "lacking: "
"""How the reason begins why a single file or part is not here: no listing is incomplete."""


def unasked(ask: Ask) -> str:
    """Return why a file can't be asked for, empty where it can."""
    held = holds_replacement(ask.request.url)
    return "its address has a credential in it, so is not kept" if held else ""


def lacking(answer: Answer, *, gone: bool) -> str:
    """Return why a file or a part did not come. ``gone``: that there is none settles it."""
    problem = answer.reading.page.problem
    if problem is None or (problem.code == "missing" and gone):
        return ""
    return told(problem)


class Follows:
    """Requests that items carry, in order, each once.

    ``asked_for``: the names of all that were wanted so far. Call `tally` at the end.

    Args:
        settler: what is known.
        mode: of the run.
        sweep: how far back it looks.
        progress: how far an earlier part of the run came.
        mend: ask also for what known items name.
    """

    def __init__(
        self, settler: Settler, mode: str, sweep: Sweep, progress: Progress, *, mend: bool
    ) -> None:
        self._settler = settler
        self._mode = mode
        self._sweep = sweep
        self._mend = mend
        self._progress = progress
        self._wanted = progress.wanted()
        self.asked_for: set[str] = {*progress.done, *progress.left}

    def pop(self) -> Follow | None:
        """Return the next request, None where nothing is left."""
        return self._wanted.popleft() if self._wanted else None

    def single(
        self, name: str, ask: Ask, troubles: Troubles, *, gone: bool = False
    ) -> Generator[Ask, Answer, None]:
        """Ask for a file, or a part of what is gone. What does not come tears nothing."""
        why = unasked(ask) or lacking((yield ask), gone=gone)
        if why:
            troubles.incomplete[name] = LACKING + why
        self._progress.finish_file(name, why, LACKING)

    def take(
        self, items: Sequence[Item], verdicts: Sequence[str | None], *, every: bool = True
    ) -> None:
        """Take in what a page's items lead to. ``every``: they are all that a listing shows."""
        for item, verdict in zip(items, verdicts, strict=True):
            for follow in item.follow:
                wanted = self._want(item, follow, verdict)
                if not wanted and every:
                    self._pass_over(item, follow)
                elif wanted and name_of(follow) not in self.asked_for:
                    self.asked_for.add(name_of(follow))
                    self._progress.lead(name_of(follow), follow)
                    self._wanted.append(follow)

    def _want(self, item: Item, follow: Follow, verdict: str | None) -> bool:
        if self._lacking(follow):
            return True
        if follow.once:
            return False
        always = follow.always and not self._sweep.passes_over(item, follow)
        mend = self._mend and (follow.listing is not None or self._older(item, follow))
        return (always or verdict is not None or mend) and not _empty(follow)

    def _older(self, item: Item, follow: Follow) -> bool:
        """Tell whether a file is from before the latest news of the item that names it."""
        ours = self._settler.known.get((item.stream, item.native_id))
        file = self._settler.known.get((follow.stream, follow.native_id))
        return ours is None or file is None or file.captured_at <= ours.captured_at

    def tally(self) -> None:
        """Count the listings that nothing asked for as not read to their end."""
        for name, streams in self._progress.passed.items():
            if name not in self.asked_for:
                for stream in streams:
                    self._settler.count(stream).stopped += 1

    def _pass_over(self, item: Item, follow: Follow) -> None:
        """Remember a listing that is not asked for, or not yet.

        But for parts, which are in their whole's stream: as many as before are the same. Of
        what is too old for a sweep but would else be asked for, the sweep says how far back
        it looked.
        """
        listing = follow.listing
        if self._mode == "incremental" or listing is None or _empty(follow):
            return
        if self._sweep.passes_over(item, follow):
            if follow.always:
                self._sweep.claim(listing)
        elif listing.stream != item.stream:
            self._progress.passed[listing.name] = listing.streams

    def _lacking(self, follow: Follow) -> bool:
        """Tell whether the archive lacks something of what an unchanged item names."""
        known = self._settler.known
        if follow.listing is None:
            return known.get((follow.stream, follow.native_id)) is None
        size, stated = known.size(follow.listing.group), follow.listing.stated
        if stated is None:  # it may have been refused when it was news
            return self._mode != "incremental" and size == 0
        return stated != size


def _empty(follow: Follow) -> bool:
    """Tell whether a listing is said to be empty: nothing in it is news."""
    return follow.listing is not None and follow.listing.stated == 0
