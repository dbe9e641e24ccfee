"""Connectors: which there are, and what each platform lets an owner obtain."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from archiver.capture.delivery import Receives
from archiver.capture.digests import OURS
from archiver.capture.platforms import CONNECTORS
from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Connector

__all__ = ["check_credential", "connector", "connectors", "login_of", "matrix", "receives"]


def connector(platform: str) -> Connector:
    """Return a platform's connector. Raises `UsageError` where there is none."""
    if platform not in CONNECTORS:
        raise UsageError(
            "no such platform",
            where=platform,
            mend=f"platforms: {', '.join(sorted(CONNECTORS))}",
        )
    return CONNECTORS[platform]


def receives(platform: str) -> bool:
    """Say whether a platform sends what happens by itself."""
    return isinstance(connector(platform), Receives)


def login_of(one: Connector, credential: Mapping[str, str]) -> dict[str, str]:
    """Return those fields of a credential that log in; others check what is sent to us."""
    return {name: value for name, value in credential.items() if name in one.credential_fields}


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


def connectors() -> list[dict[str, Any]]:
    """Return all platforms: name, title, parser version, credential fields, digests."""
    return [
        {
            "platform": one.platform,
            "title": one.title,
            "parser": one.parser,
            "credential_fields": list(one.credential_fields),
            "webhook_fields": list(one.webhook_fields) if isinstance(one, Receives) else [],
            "digests": [
                {"where": ".".join(each.where), "of": each.of} for each in (*OURS, *one.digests)
            ],
        }
        for one in CONNECTORS.values()
    ]


def matrix(platform: str = "") -> list[dict[str, Any]]:
    """Return the capability matrix, of one platform or of all."""
    chosen = [connector(platform)] if platform else list(CONNECTORS.values())
    return [
        {"platform": one.platform, **asdict(cell)} for one in chosen for cell in one.capabilities
    ]
