"""Settings of who vouches for the archive from outside (``[anchors]`` of ``archiver.toml``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.settings_table import Table

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "NO_ANCHORS",
    "AnchorSettings",
    "AuthoritySettings",
    "WitnessSettings",
    "anchor_settings",
]


class WitnessSettings(NamedTuple):
    """A witness: the prefix of its address, its public keys, who runs it."""

    url: str
    keys: tuple[str, ...]
    operator: str = ""


class AuthoritySettings(NamedTuple):
    """A time-stamp authority: its address, a PEM file of its certificates, who runs it.

    Without an address it is not asked any more; its old time-stamps are still verified.
    """

    url: str
    certificates: Path
    operator: str = ""


@dataclass(frozen=True, slots=True)
class AnchorSettings:
    """Who vouches for the archive from outside (``[anchors]`` in the file).

    ``operator``: who runs the archive; ``quorum``: how many witnesses must cosign;
    ``renew_days``: days before its end at which a time-stamp is due to be renewed.
    """

    operator: str = ""
    quorum: int = 0
    renew_days: int = 90
    witnesses: tuple[WitnessSettings, ...] = ()
    authorities: tuple[AuthoritySettings, ...] = ()


NO_ANCHORS = AnchorSettings()


def anchor_settings(table: Any, path: Path) -> AnchorSettings:  # noqa: ANN401 - any TOML value
    """Return the table ``anchors``. Raises `UsageError` for one that is not right."""
    what = Table(table, path, "anchors", "docs/formats/anchors.md has an example")
    own = what.only("operator", "quorum", "renew_days", "witness", "authority")
    witnesses = tuple(
        WitnessSettings(one.url("url"), one.texts("keys"), one.text("operator"))
        for one in what.tables("witness", ("url", "keys", "operator"))
    )
    authorities = tuple(
        AuthoritySettings(
            one.url("url") if one.text("url") else "",
            path.parent / one.text("certificates"),
            one.text("operator"),
        )
        for one in what.tables("authority", ("url", "certificates", "operator"))
    )
    quorum = own.number("quorum", len(witnesses), len(witnesses))
    days = own.number("renew_days", 90, 3650)
    return AnchorSettings(own.text("operator"), quorum, days, witnesses, authorities)
