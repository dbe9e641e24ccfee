"""The rule packs that a command asks: shipped ones, and those of the settings."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from archiver.edges.rulepacks import (
    exemption_schema,
    named_packs,
    pack_schema,
    shipped_exemptions,
    shipped_packs,
)
from archiver.retention_settings import PackFiles

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.settings import Settings

__all__ = ["exemption_files", "rule_packs", "with_rules"]


def with_rules(settings: Settings, archive: Archive) -> Archive:
    """Return an archive that knows what its city settled, and where rule packs are."""
    packs = partial(rule_packs, settings)
    return replace(archive, retention=settings.retention, rule_packs=packs)


def rule_packs(settings: Settings) -> PackFiles:
    """Return their files, unread. Raises `UsageError` for one that can't be read."""
    return PackFiles(pack_schema(), (*shipped_packs(), *named_packs(settings.packs)))


def exemption_files(own: Iterable[Path] = ()) -> PackFiles:
    """Return the files of exemptions, unread: shipped ones, and a city's own.

    Raises `UsageError` for one that can't be read.
    """
    return PackFiles(exemption_schema(), (*shipped_exemptions(), *named_packs(own)))
