"""What a matter settles of its next volume, and how the ledger is told of one that was made."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import UsageError
from archiver.flows.handing_over import Produced as HandedOver
from archiver.flows.handing_over import produced
from archiver.flows.ledger import read_state
from archiver.flows.matters import matter_of
from archiver.produce.profile import Profile, read_profile
from archiver.produce.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.produce import Produced
    from archiver.flows.produce_how import How
    from archiver.keyring import PersonKey
    from archiver.produce.matter import Matter

__all__ = ["Scope", "Settled", "hand_over", "read_profile", "settled", "size_of"]

_ODD = re.compile(r"[^0-9A-Za-z]+")
_ALONE = "PULL"


class Settled(NamedTuple):
    """What a matter settles: None where there is no matter."""

    matter: Matter | None

    @property
    def name(self) -> str:
        """The name of the production: that of its matter, as a folder may be called."""
        said = self.matter.name if self.matter else ""
        return _ODD.sub("-", said).strip("-")[:60] or _ALONE

    @property
    def volume(self) -> int:
        """The number of the next volume."""
        return self.matter.next_volume if self.matter else 1

    def first(self, profile: Profile) -> int:
        """Return the next number of the profile's prefix that is reserved for the matter, or 1."""
        free = self.matter.unused(profile.scheme.prefix) if self.matter else ()
        return free[0].first if free else 1


def settled(archive: Archive, matter: str, size: int) -> Settled:
    """Return what a matter settles as of a size of the log; ``matter`` empty: nothing."""
    return Settled(matter_of(archive, matter, size) if matter else None)


def size_of(archive: Archive) -> int:
    """Return how many entries the ledger has. Raises `UsageError` where it has none."""
    size = read_state(archive).size
    if not size:
        raise UsageError("nothing was captured yet", mend="run `archiver capture`")
    return size


def hand_over(
    archive: Archive,
    matter: str,
    made: Produced,
    how: How,
    keys: Sequence[PersonKey],
    replaces: int | None = None,
) -> int:
    """Tell the ledger of a volume that was written, before anybody has it; return its number.

    Raises as `archiver.flows.handing_over.produced`, and `UsageError` where the volume bears
    another number than comes next.
    """
    written, scheme = made.written, how.profile.scheme
    last = written.next - 1
    told = HandedOver(
        name=f"{how.name}_VOL{how.volume:03}",
        profile=how.profile.name,
        records=tuple(made.choice.records),
        size=made.choice.size,
        manifest=written.manifest_sha256,
        act="export" if replaces is None else "export-replacing",
        of=replaces,
        bates=(scheme.prefix, how.first, last),
    )
    upcoming = matter_of(archive, matter).next_volume
    if how.volume != upcoming:
        raise UsageError(
            "the volume has another number than the next of its matter",
            where=str(how.volume),
            code="volume-number",
            mend=f"leave out --volume, or give {upcoming}",
        )
    return produced(archive, matter, told, keys)
