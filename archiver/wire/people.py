"""The keys of people and of offline recipients, which live outside any archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.edges import recipientkeys
from archiver.edges.chance import SystemRandomness
from archiver.edges.personkey import PersonKeyFile
from archiver.ids import new_handle

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from archiver.keyring import PersonKey

__all__ = ["create_person_key", "create_recipient_keys", "open_person_key", "recipient_keys"]


def create_person_key(path: Path) -> PersonKey:
    """Make a person's keys in a new file. Raises `KeyStoreError` where there is one."""
    return PersonKeyFile.create(path, new_handle(SystemRandomness()))


def open_person_key(path: Path) -> PersonKey:
    """Return a person's keys. Raises `KeyStoreError` where the file is none."""
    return PersonKeyFile.load(path)


def create_recipient_keys(folder: Path, dues: Sequence[str]) -> dict[str, object]:
    """Make an offline recipient's keys in a folder; return the public ones to hand over."""
    return recipientkeys.create(folder, new_handle(SystemRandomness()), dues)


def recipient_keys(folder: Path) -> tuple[str, dict[str, bytes]]:
    """Return an offline recipient's handle and private keys, by due period."""
    return recipientkeys.load(folder)
