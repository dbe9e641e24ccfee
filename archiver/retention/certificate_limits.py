"""What a certificate of destruction does not show, in plain words. Pure.

Some of it is so of every certificate, some by what is told in this one. Whoever checks one asks
the same function, so nothing of it can be left out. So these words belong to the format: to
change one takes another version of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.retention.certificate import HALTED, Limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.retention.certificate import Shown
    from archiver.retention.certificate_told import Told
    from archiver.retention.report import Surviving

__all__ = ["limits_of"]

_ALWAYS = {
    "undeclared-copies": "Copies that nobody declared can't be excluded: a backup, an export, a "
    "production, what a reader kept, what the platform or others still show.",
    "origin": "Once intake has ended, that a record came from what the platform sent rests on "
    "signatures, not on arithmetic.",
    "word-of-the-home": "Rule, days, counts of records, names, holds, stores and keys are what the "
    "home of the archive says. The ledger has only a salted digest of the order's own document.",
    "whole-ledger": "That the entries named here count and none is left out, that no hold was on "
    "anything, and that nobody else destroyed anything, shows only in the whole ledger: archiver "
    "verify, or verifier/verify.py.",
    "one-ledger": "That everybody is shown the same ledger rests on the archive's own key, unless "
    "witnesses whose keys you trust have cosigned the checkpoint: archiver check --policy.",
    "known-to-exist": "That these records existed stays known: the ledger keeps how many versions "
    "there were and when each was sealed, the order's private document which they were.",
}
_UNREPORTED = (
    "The home that made this certificate did not execute the order: of stores, keys and records "
    "in which some of it also occurs it knows nothing."
)
_HALTED = "The order was halted: what was saved is in the archive still, and is not destroyed."
_PARTLY = (
    "The ledger does not say of every copy that all is gone of it: what goes may still be in those "
    "that are listed as partly or unknown."
)
_RETIRED = (
    "Copies that were retired before all was gone of them: {}. People alone say what became of "
    "them."
)
_GIVEN = "Bags with some of it that were handed to others: {}. Nothing in them was destroyed."
_OPEN_ENDED = ("partly", "unknown")
_LOCKED = "Objects that stores keep yet, under a lock: {}. They go once it has lapsed."
_PLAIN = (
    "Files that were stored plain: {}. They are certified as plain: gone of the copies listed, "
    "readable in any other, for no shredding of keys reaches them."
)
_OPEN = (
    "Keys survive that open copies of encrypted files, if somebody kept any. Wraps that still open "
    "here: {}; periods whose own key lives on: {}; recipients: {}; former recipients and readers: "
    "{}; what key stores keep: {}."
)
_ALSO = "Records that stay, and in which some of it also occurs: {}. Each needs its own decision."
_RESIDUE = "Parts of answers that no parser claims, and that concern it: {}."


def limits_of(shown: Shown, told: Told) -> tuple[Limit, ...]:
    """Return what a certificate does not show, always in the same order."""
    found = {
        **_ALWAYS,
        "halted": _HALTED if shown.outcome == HALTED else "",
        "partly": _PARTLY if any(one.result in _OPEN_ENDED for one in told.copies) else "",
        "unreported": _UNREPORTED if told.keys is None else "",
        **dict(_survives(told)),
    }
    return tuple(Limit(code, text) for code, text in found.items() if text)


def _survives(told: Told) -> Iterator[tuple[str, str]]:
    retired = sum(one.result == "retired" for one in told.copies)
    if retired:
        yield "retired-copies", _RETIRED.format(retired)
    if told.bags:
        yield "given-out", _GIVEN.format(len(told.bags))
    locked = sum(one.locked or 0 for one in told.copies)
    if locked:
        yield "locked", _LOCKED.format(locked)
    if told.keys is not None:
        yield from _keys(told.keys.survivors)
    if told.also_in:
        yield "also-occurs", _ALSO.format(told.also_in)
    if told.residue:
        yield "residue", _RESIDUE.format(len(told.residue))


def _keys(left: Surviving) -> Iterator[tuple[str, str]]:
    if left.plain:
        yield "stored-plain", _PLAIN.format(len(left.plain))
    each = (left.wraps, left.periods, left.recipients, left.formerly, left.kept)
    if any(each):
        yield "keys-survive", _OPEN.format(*map(len, each))
