"""Credentials of accounts: whether one has what its platform needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Connector

__all__ = ["check_credential"]


def check_credential(one: Connector, name: str, credential: Mapping[str, str]) -> None:
    """Check that a credential of account ``name`` has the fields of its platform, or none.

    Raises `UsageError` where it has others.
    """
    wanted = set(one.credential_fields) if credential else set()
    if wanted != set(credential):
        raise UsageError(
            "the credential has not the fields this platform needs",
            where=name,
            mend=f"it needs {', '.join(one.credential_fields) or 'none'}",
        )
