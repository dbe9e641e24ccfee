"""Whether what a certificate tells can be, by what its entries show. Pure.

Not that it is so: names, rule and stores are anybody's word. But nothing that the entries say
otherwise is told, no copy left out, nobody called an approver who did not sign.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.errors import IntegrityError
from archiver.registry.deciding import APPROVERS, EXTRAORDINARY
from archiver.retention.certificate import HALTED
from archiver.retention.certificate_limits import limits_of
from archiver.retention.outside import ASKED

if TYPE_CHECKING:
    from archiver.retention.certificate import Certificate, Shown
    from archiver.retention.certificate_told import Counts, People, Told

__all__ = ["MEND", "agree", "hold"]

MEND = "take the certificate from the archive again; do not edit it"


def hold(condition: bool, message: str, where: str = "") -> None:  # noqa: FBT001 - an assertion
    """Raise `IntegrityError` unless a condition is met that a certificate has to meet."""
    if not condition:
        raise IntegrityError(f"the certificate does not hold: {message}", where=where, mend=MEND)


def agree(made: Certificate) -> None:
    """Raise `IntegrityError` where what is told can't be, by what is shown."""
    shown, told = made.shown, made.told
    hold(made.limits == limits_of(shown, told), "it leaves out what it does not show")
    _agree_on_copies(shown, told)
    _agree_on_counts(shown, told.counts)
    _agree_on_people(shown, told.people)
    extraordinary, asked = shown.kind == EXTRAORDINARY, shown.kind in ASKED.values()
    hold(extraordinary == (told.extraordinary is not None), "it tells of another kind of order")
    hold(asked == (told.outside is not None), "it tells of another authority outside")
    hold(extraordinary == bool(told.people.counsel), "it tells of another counsel")
    hold(told.holds.stood == len(told.holds.handles), "it counts other holds than it names")


def _agree_on_people(shown: Shown, people: People) -> None:
    """Raise `IntegrityError` unless those signed who are said to have decided."""
    approved = {one.handle for one in people.approved}
    others = set(shown.signed["order"]) - {shown.requester}
    two = len(approved) == len(people.approved) >= APPROVERS
    hold(two and approved <= others, "it has not two approvers who signed it")
    counsel = {one.handle for one in people.counsel}
    hold(counsel <= set(shown.signed["order"]), "counsel is said to have signed, and did not")
    proposed = [one.handle for one in people.proposed]
    hold(proposed == [shown.requester], "somebody else proposed it")
    acts = (people.began, shown.signed["begin"]), (people.ended, shown.signed["end"])
    for said, signers in acts:
        handles = {one.handle for one in said}
        hold(
            bool(handles) and handles <= set(signers),
            "somebody is said to have decided who did not sign",
        )


def _agree_on_copies(shown: Shown, told: Told) -> None:
    known = {one.handle: one for one in shown.copies}
    listed = {one.handle for one in told.copies}
    every = known.keys() | set(shown.known)
    hold(len(listed) == len(told.copies) and every <= listed, "it leaves out a copy")
    for one in told.copies:
        said = known.get(one.handle)
        count = 0 if said is None else said.leaves
        hold(count in (None, one.versions), "it tells of a copy what no entry says", one.handle)
        result = "unknown" if said is None else "partly"
        result = "retired" if one.handle in shown.retired else result
        if said is not None and one.versions == told.counts.versions_gone:
            result = "gone"
        hold(one.result == result, "it tells of a copy another result", one.handle)
        words = one.retired is not None or one.handle not in shown.retired
        hold(words, "it does not say what became of a copy", one.handle)


def _agree_on_counts(shown: Shown, counts: Counts) -> None:
    hold(shown.versions in (None, counts.versions), "it counts other versions")
    gone, saved = counts.records_gone, counts.records_saved
    adds_up = counts.versions == counts.versions_gone + counts.versions_saved
    if gone is not None and saved is not None:
        adds_up = adds_up and counts.records == gone + saved
    hold(adds_up, "its counts do not add up")
    left = counts.versions_saved or saved
    hold(shown.outcome == HALTED or not left, "it tells of something saved, and all is done")
