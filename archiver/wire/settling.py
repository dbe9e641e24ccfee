"""An archive for whoever settles deliveries beside captures."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from archiver.edges.chance import SystemRandomness
from archiver.edges.spool import Spool
from archiver.errors import RefusedError
from archiver.wire.archive import open_archive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.archive import Archive
    from archiver.ports import Spool as SpoolPort
    from archiver.settings import Settings

__all__ = ["settling_archive"]


def settling_archive(settings: Settings) -> Archive:
    """Open an archive whose accounts are left alone while another process captures them.

    That process takes what waits itself.
    """
    archive = open_archive(settings)
    chance = SystemRandomness()
    folder = settings.home / archive.identity.id / "spool"

    @contextmanager
    def open_spool(account: str) -> Iterator[SpoolPort]:
        spool = Spool.open_free(folder, account, chance)
        if spool is None:
            raise RefusedError(
                "the account is being captured", where=account, code="account-busy",
                mend="nothing; what waits is settled by that capture, or afterwards",
            )  # fmt: skip
        with spool:
            yield cast("SpoolPort", spool)

    return replace(archive, open_spool=open_spool)
