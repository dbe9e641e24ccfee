"""Connectors: which there are, and what each platform lets an owner obtain."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from archiver.capture.delivery import Receives
from archiver.capture.digests import OURS
from archiver.capture.platforms import CONNECTORS
from archiver.errors import UsageError
from archiver.flows.installed import installed, load

if TYPE_CHECKING:
    from archiver.capture.connector import Connector

__all__ = ["connector", "connectors", "every", "known", "matrix", "receives"]


def known(platform: str) -> Connector | None:
    """Return a platform's connector, ours before an installed one; None where there is none.

    Raises `UsageError` for an installed one that can't be used.
    """
    if platform in CONNECTORS:
        return CONNECTORS[platform]
    return load(platform) if platform in installed() else None


def connector(platform: str) -> Connector:
    """Return a platform's connector. Raises `UsageError` where there is none."""
    one = known(platform)
    if one is None:
        raise UsageError(
            "no such platform", where=platform, mend=f"platforms: {', '.join(sorted(_names()))}"
        )
    return one


def every() -> list[Connector]:
    """Return all connectors. Raises `UsageError` for an installed one that can't be used."""
    return [connector(platform) for platform in _names()]


def _names() -> list[str]:
    return list(dict.fromkeys([*CONNECTORS, *sorted(installed())]))


def receives(platform: str) -> bool:
    """Say whether a platform sends what happens by itself."""
    return isinstance(connector(platform), Receives)


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
        for one in every()
    ]


def matrix(platform: str = "") -> list[dict[str, Any]]:
    """Return the capability matrix, of one platform or of all."""
    chosen = [connector(platform)] if platform else every()
    return [
        {"platform": one.platform, **asdict(cell)} for one in chosen for cell in one.capabilities
    ]
