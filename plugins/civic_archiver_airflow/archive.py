"""Opening the archive in a task, with the credentials that Airflow keeps.

Only tasks and the test button import this: it loads the archive's engine.
"""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.errors import RefusedError, UsageError
from archiver.flows.accounts import find
from archiver.flows.connectors import connector
from archiver.flows.trial import try_login
from archiver.settings import load
from archiver.wire import open_archive, trial_spool
from archiver.wire.settling import settling_archive
from civic_archiver_airflow.credentials import mask, stored
from civic_archiver_airflow.names import connection_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.flows.archive import Archive
    from archiver.settings import Settings

__all__ = ["Logged", "opened", "settings", "try_connection"]

log = logging.getLogger(__name__)


class Logged:
    """Progress in a task's log, at level debug."""

    def step(self, done: int, total: int | None, what: str) -> None:
        """Log that ``done`` of ``total`` units are finished."""
        log.debug("%s of %s: %s", done, "?" if total is None else total, what)


def settings() -> Settings:
    """Return the archive's settings in this process. Raises `UsageError`."""
    return load(os.environ, Path.cwd())


def opened(*, settling: bool = False) -> Archive:
    """Open the archive that ``ARCHIVER_ARCHIVE`` and ``ARCHIVER_HOME`` name.

    A credential comes from the account's Airflow connection where there is one, else from
    the home. Either way its values are masked in logs. ``settling``: an account that is being
    captured is refused (``account-busy``) instead of waited for.
    """
    found = settings()
    archive = settling_archive(found) if settling else open_archive(found, log.info)
    own = archive.credential

    def credential(name: str) -> Mapping[str, str]:
        account = find(archive, name)
        one = connector(account.platform)
        found = stored(connection_id(name), one.credential_fields, one.secret_fields)
        if found is None:
            kept = own(name)
            mask(kept, one.secret_fields)
            return kept
        if account.login != "yes":
            raise RefusedError(
                "the account is registered without a login, but Airflow has a credential for it",
                where=connection_id(name),
                mend="delete the connection, or register the account with --credential",
            )
        newest = archive.renewals.newest(name, found)
        mask(newest, one.secret_fields)
        return newest

    return replace(archive, credential=credential)


def try_connection(conn_id: str, name: str) -> str:
    """Log in with a connection's credential. Raises `ArchiverError` with what is wrong."""
    if not name:
        raise UsageError("which account?", mend="give its name in the field Account")
    archive = opened()
    one = connector(find(archive, name).platform)
    credential = stored(conn_id, one.credential_fields, one.secret_fields) or {}
    with trial_spool() as spool:
        return try_login(archive, name, credential, spool, Logged())
