"""Credentials of accounts: reading one, and whether it has what its platform needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.delivery import Receives
from archiver.errors import KeyStoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Connector
    from archiver.flows.archive import Archive
    from archiver.registry.accounts import Account

__all__ = ["check_credential", "credential_of", "login_of"]


def login_of(one: Connector, credential: Mapping[str, str]) -> dict[str, str]:
    """Return those fields of a credential that log in; others check what is sent to us."""
    return {name: value for name, value in credential.items() if name in one.credential_fields}


def credential_of(archive: Archive, account: Account) -> Mapping[str, str]:
    """Return the credential of an account, empty for one that is read without a login.

    Raises `KeyStoreError` where there is none.
    """
    try:
        return archive.credential(account.name)
    except KeyStoreError as error:
        if error.code == "credential-missing" and account.login == "no":
            return {}
        raise


def check_credential(
    one: Connector, name: str, credential: Mapping[str, str], *, login: bool = False
) -> None:
    """Raise `UsageError` unless a credential has what the platform needs.

    That is all fields that log in, or, unless ``login``, none of them; and any of those that
    check deliveries.
    """
    checking = set(one.webhook_fields) if isinstance(one, Receives) else set()
    wanted, given = set(one.credential_fields), set(credential)
    whole = wanted <= given or not (login or wanted & given)
    if not whole or not given <= wanted | checking:
        also = f", and may have {', '.join(sorted(checking - wanted))}" if checking - wanted else ""
        raise UsageError(
            "the credential has not the fields this platform needs",
            where=name,
            mend=f"it needs {', '.join(one.credential_fields) or 'none'}{also}",
        )
