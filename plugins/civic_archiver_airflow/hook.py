"""The hook of the connection type ``civic_platform``: what the test button does."""

from __future__ import annotations

from typing import Any

from airflow.sdk import BaseHook

__all__ = ["PlatformHook"]


class PlatformHook(BaseHook):
    """A platform credential of one account (`civic_archiver_airflow.credentials`).

    Args:
        civic_platform_conn_id: the connection's id.
    """

    conn_name_attr = "civic_platform_conn_id"
    default_conn_name = "civic_platform_default"
    conn_type = "civic_platform"
    hook_name = "Civic Archiver: platform credential"

    def __init__(self, civic_platform_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self._conn_id = civic_platform_conn_id

    def test_connection(self) -> tuple[bool, str]:
        """Log in to the account's platform as a capture would, and keep nothing of it."""
        from archiver.errors import ArchiverError
        from civic_archiver_airflow.archive import try_connection

        account = self.get_connection(self._conn_id).schema or ""
        try:
            return True, try_connection(self._conn_id, account)
        except ArchiverError as error:
            return False, str(error)

    def get_conn(self) -> Any:  # noqa: ANN401 - the base class's signature
        """Refuse: flows open connections themselves, so that every byte is recorded."""
        raise NotImplementedError("captures go through the archive's recorder")
