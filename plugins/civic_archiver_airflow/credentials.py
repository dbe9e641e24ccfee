"""Credentials that Airflow keeps: connections of the type ``civic_platform``.

A connection for the account ``city-blog`` has the id ``civic_city_blog`` and may come
from any secrets backend. The field of the connector that must stay secret is the
connection's password, the first other one its login; what else a platform needs stands in
the extra by the connector's own names. The address is never taken from the connection: a
credential is sent to the address that was registered for the account, nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.sdk.log import mask_secret

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["mask", "stored"]


def stored(
    connection_id: str, fields: Sequence[str], secret: Sequence[str]
) -> dict[str, str] | None:
    """Return a connection's fields by the connector's names, None without a connection.

    Args:
        connection_id: as Airflow knows it.
        fields: what the connector asks for.
        secret: those of them that must never be shown; they are masked in logs.
    """
    try:
        connection = Connection.get(connection_id)
    except AirflowNotFoundException:
        return None
    extra = {str(name): str(value) for name, value in connection.extra_dejson.items()}
    shown = [name for name in fields if name not in secret]
    usual = {
        **dict.fromkeys(shown[:1], connection.login),
        **dict.fromkeys(secret[:1], connection.password),
    }
    found = {name: extra.get(name) or usual.get(name) or "" for name in fields}
    mask(found, secret)
    return {name: value for name, value in found.items() if value}


def mask(credential: Mapping[str, str], secret: Sequence[str]) -> None:
    """Have Airflow mask the secret fields of a credential in logs and rendered fields."""
    for name in secret:
        if credential.get(name):
            mask_secret(credential[name])
