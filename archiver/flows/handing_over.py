"""Telling the ledger of a volume that is handed over, or of what is asked back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.errors import RefusedError, UsageError
from archiver.flows.deciding import draft, seal_drafts
from archiver.flows.ledger import read_state
from archiver.flows.matter_acts import leaves_before, leaves_in, standing
from archiver.flows.matter_scope import contained
from archiver.ledger import ranges
from archiver.ledger.whereabouts import private_leaves
from archiver.produce.matters import CLAW_BACK, common
from archiver.registry.deciding import VOLUMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.flows.archive import Archive
    from archiver.keyring import PersonKey
    from archiver.produce.matter import Matter

__all__ = ["Produced", "asked_back", "produced"]


@dataclass(frozen=True, slots=True)
class Produced:
    """A volume that was made, as it is told to the ledger.

    ``act``: ``export``; ``export-replacing`` or ``claw-back`` with ``of``, the number of the volume
    that it takes the place of, or asks back. ``records``: all that it hands over, or asks back.
    ``size``: of the log that it was made from. ``name`` and ``profile``: how it is called and of
    what kind. ``manifest``: SHA-256 (hex) of its manifest. ``bates``: prefix, first and last
    number; None where it has no pages.
    """

    name: str
    profile: str
    records: tuple[str, ...]
    size: int
    manifest: str
    act: str = "export"
    of: int | None = None
    bates: tuple[str, int, int] | None = None


def produced(archive: Archive, handle: str, made: Produced, keys: Sequence[PersonKey]) -> int:
    """Tell the ledger of a volume, before it is handed over; return its number in the matter.

    The ledger learns which observations, and a salted commitment to the rest. Raises `RefusedError`
    where its private records are not exactly what somebody approved, where its numbers are not
    reserved or were used, or where somebody else produced at the same moment.
    """
    if made.act not in VOLUMES or (made.of is None) != (made.act == "export"):
        raise UsageError("no such volume, or of none", where=made.act, mend="see docs/matters.md")
    matter = standing(archive, handle, closed=made.act == CLAW_BACK)
    state = read_state(archive)
    if made.act == CLAW_BACK:  # also of what left the scope since
        leaves = leaves_before(archive, made.records, made.size)
    else:
        leaves = leaves_in(contained(archive, state, matter.scope, made.size), made.records)
    private = common(leaves, private_leaves(state))
    if private and made.act != CLAW_BACK and not matter.approved(private):
        raise RefusedError(
            "nobody has approved the export of exactly these private records",
            where=handle,
            code="export-unapproved",
            mend="see `archiver export approve`",
        )
    _check_numbers(matter, made)
    number = matter.next_volume
    bates = dict(zip(("prefix", "first", "last"), made.bates, strict=True)) if made.bates else {}
    told = {"act": made.act, "matter": handle, "volume": str(number)}
    told |= {} if made.of is None else {"of": str(made.of)}
    words = {"name": made.name, "profile": made.profile, "manifest": made.manifest}
    members = {name: value for name, value in told.items() if name != "act"}
    one = draft(archive, made.act, members, {**told, **words, "bates": bates}, (leaves, made.size))
    seal_drafts(archive, [one.signed(keys)])
    return number


def asked_back(
    archive: Archive,
    volume: tuple[str, int],
    records: tuple[str, ...],
    why: str,
    keys: Sequence[PersonKey],
) -> int:
    """Tell the ledger that records of a volume are asked back; return the number it has.

    ``volume``: of which matter, and its number. Raises as `produced`.
    """
    matter, of = volume
    size = read_state(archive).size
    told = Produced(why, "", records, size, "", act=CLAW_BACK, of=of)
    return produced(archive, matter, told, keys)


def _check_numbers(matter: Matter, made: Produced) -> None:
    """Raise `RefusedError` unless the numbers of a volume are reserved and were not used."""
    if made.bates is None:
        return
    prefix, first, last = made.bates
    free = matter.unused(prefix)
    if made.of is not None:  # what takes the place of a volume may have its numbers
        free = tuple(one for one in matter.reserved if one.scheme.prefix == prefix)
    spans = ranges.union([[one.first, one.last + 1] for one in free], [])
    if first > last or ranges.minus([[first, last + 1]], spans):
        raise RefusedError(
            "its numbers are not reserved for the matter, or a volume has used them",
            where=f"{prefix}{first} to {last}",
            code="bates-unreserved",
            mend="see `archiver bates list`; reserve with `archiver bates reserve`",
        )
