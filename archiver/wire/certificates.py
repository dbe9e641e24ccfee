"""The texts of certificates that a command asks: shipped ones, and those that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.edges.court_texts import named_texts, shipped_texts, text_schema
from archiver.flows.court_texts import TextFiles

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["certificate_texts"]


def certificate_texts(paths: Iterable[Path] = ()) -> TextFiles:
    """Return their files, unread. Raises `UsageError` for one that can't be read."""
    return TextFiles(text_schema(), (*shipped_texts(), *named_texts(paths)))
