"""Connectors that other packages bring: named by entry points, loaded when they are needed."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, cast

from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Connector

__all__ = ["GROUP", "installed", "load"]

GROUP = "archiver.connectors"
"""Entry points of this group name a platform, and an object that is its connector."""

_MEMBERS = (
    *("platform", "parser", "title", "credential_fields", "secret_fields", "capabilities"),
    *("digests", "legal", "inconclusive", "address_form"),
    *("refuses", "authorise", "listings", "direct", "split", "parse"),
)
"""What every connector has (`archiver.capture.connector.Connector`)."""


@cache
def installed() -> Mapping[str, EntryPoint]:
    """Return the connectors of other packages by platform, none of them loaded.

    Raises `UsageError` where two packages bring one for the same platform.
    """
    found: dict[str, EntryPoint] = {}
    for one in entry_points(group=GROUP):
        other = found.setdefault(one.name, one)
        if other.value != one.value:
            raise UsageError(
                f"two packages bring a connector for {one.name}",
                where=f"{other.value}, {one.value}",
                code="connector-twice",
                mend="uninstall one of them",
            )
    return found


def load(platform: str) -> Connector:
    """Return the connector of an installed package. Raises `UsageError` where it is none."""
    entry = installed()[platform]
    try:
        one = entry.load()
    except Exception as error:  # whatever a foreign module does as it is imported
        raise _broken(entry, f"{type(error).__name__}: {error}") from error
    lacking = [name for name in _MEMBERS if not hasattr(one, name)]
    if lacking:
        raise _broken(entry, f"it has no {', '.join(lacking)}")
    if one.platform != platform:
        raise _broken(entry, f"it is a connector for {one.platform}")
    return cast("Connector", one)


def _broken(entry: EntryPoint, why: str) -> UsageError:
    return UsageError(
        f"the installed connector for {entry.name} can't be used: {why}",
        where=entry.value,
        code="connector-broken",
        mend="mend or uninstall the package that brings it",
    )
