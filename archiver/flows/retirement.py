"""Retiring an account: everything is read once more, and what is missing is known by then.

An account that is retired is read no more, and soon nobody can: so what nothing explains
stands in the way. A platform that is gone must not: then whoever decides says why it is
retired all the same, and that stands in the decision which they sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.errors import CaptureError, KeyStoreError, RefusedError
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.flows.coverage import of_account
from archiver.flows.ledger import read_state
from archiver.formats.parquet import canonical_time
from archiver.registry.accounts import Status

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.keyring import PersonKey
    from archiver.ports import Progress
    from archiver.registry.accounts import Account

__all__ = ["Retired", "retire"]

MODE = "snapshot"
"""Reads everything, whatever was read when: posts, profile, settings, who follows."""
MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class Retired:
    """An account that was retired; ``unexplained``: what nobody has explained by then."""

    account: Account
    unexplained: tuple[str, ...]


def retire(
    archive: Archive,
    name: str,
    by: str,
    progress: Progress,
    *,
    key: PersonKey | None = None,
    anyway: str = "",
) -> Retired:
    """Read an approved account once more, then retire it.

    Args:
        archive: where.
        name: of the account.
        by: who decides, name and office; while nobody is enrolled.
        progress: is told of each request.
        key: of whoever decides.
        anyway: why it is retired although something is not explained. It counts, and is
            kept, only where that is so.

    Raises:
        RefusedError: something is not explained and no reason was given; the account can't
            be retired; or the key's owner may not.
    """
    account = accounts.find(archive, name)
    account.decide(Status.RETIRED, by, canonical_time(archive.clock.now()))  # before it is read
    if key is not None:
        key.sign(b"may this key sign?\n")  # known now, not after everything was read
    open_ones: tuple[str, ...] = ()
    if account.status == Status.APPROVED:
        open_ones = (*_read(archive, name, progress), *_unexplained(archive, account))
    if open_ones and not anyway.strip():
        more = len(open_ones) - MOST_TOLD
        told = "; ".join(open_ones[:MOST_TOLD]) + (f"; and {more} more" if more > 0 else "")
        raise RefusedError(
            f"once it is retired nobody can mend this: {told}",
            where=name,
            code="account-unexplained",
            mend="see `archiver coverage`, mend it and try again; or, where that can't be, "
            "say why it is retired all the same: --anyway REASON",
        )
    made = accounts.retire(archive, name, by, key, anyway.strip() if open_ones else "")
    return Retired(made, open_ones)


def _read(archive: Archive, name: str, progress: Progress) -> list[str]:
    """Read everything once more; return why that could not be done."""
    try:
        capture(archive, name, MODE, progress)
    except (CaptureError, KeyStoreError) as error:
        return [f"it can't be read: {error.message}"]
    return []


def _unexplained(archive: Archive, account: Account) -> list[str]:
    found = of_account(archive, read_state(archive), account)
    return [f"{one.stream}: {alarm.message}" for one in found.streams for alarm in one.alarms]
