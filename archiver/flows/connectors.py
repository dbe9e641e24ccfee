"""Connectors: which there are, and what each platform lets an owner obtain."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from archiver.capture.digests import OURS
from archiver.capture.platforms import CONNECTORS
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.capture.connector import Connector

__all__ = ["connector", "connectors", "matrix"]


def connector(platform: str) -> Connector:
    """Return a platform's connector. Raises `UsageError` where there is none."""
    if platform not in CONNECTORS:
        raise UsageError(
            "no such platform",
            where=platform,
            mend=f"platforms: {', '.join(sorted(CONNECTORS))}",
        )
    return CONNECTORS[platform]


def connectors() -> list[dict[str, Any]]:
    """Return all platforms: name, title, parser version, credential fields, digests."""
    return [
        {
            "platform": one.platform,
            "title": one.title,
            "parser": one.parser,
            "credential_fields": list(one.credential_fields),
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
