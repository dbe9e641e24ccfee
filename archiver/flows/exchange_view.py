"""How the exchanges of an account are looked at, where it is asked which records they show."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.connector import Site
from archiver.capture.showing import Names, address_of
from archiver.flows.connectors import known
from archiver.record import Stream, record_id, split_record_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archiver.capture.connector import Connector
    from archiver.capture.known import Thing
    from archiver.registry.accounts import Account

__all__ = ["View"]


class View(NamedTuple):
    """How exchanges of an account are looked at.

    ``addresses``: those of the records. ``wanted``, ``held``: find records that go, and that are
    on hold, where they stand beside others.
    """

    platform: str
    site: Site
    connector: Connector | None
    addresses: frozenset[str]
    wanted: Names
    held: Names

    @classmethod
    def of(cls, account: Account | None, wanted: Iterable[str], held: Iterable[str]) -> View:
        """Return the view of an account; None: no document tells of it."""
        if account is None:
            return cls("", Site("", "", authorised=False), None, frozenset(), Names(()), Names(()))
        site = Site(account.name, account.url, account.login == "yes", scope=account.scope)
        connector = known(account.platform)
        mine, others = (_things(account, ids) for ids in (wanted, held))
        places = {address_of(connector, site, one) for one in mine} if connector else set[str]()
        return cls(
            account.platform,
            site,
            connector,
            frozenset(places - {""}),
            _names(mine),
            _names(others),
        )

    def ids(self, things: Iterable[Thing]) -> list[str]:
        """Return the record ids of things; of no registered account there are none."""
        if not self.platform:
            return []
        return [record_id(self.platform, self.site.account, *thing) for thing in things]


def _things(account: Account, ids: Iterable[str]) -> list[Thing]:
    """Return what of an account some records are."""
    parts = map(split_record_id, ids)
    place = account.platform, account.name
    return [(stream, native_id) for *of, stream, native_id in parts if (*of,) == place]


def _names(things: Iterable[Thing]) -> Names:
    """Return what finds things where they stand beside others.

    Not a profile: it stands beside all that the account wrote, as whose that is.
    """
    return Names(native_id for stream, native_id in things if stream != Stream.PROFILE)
