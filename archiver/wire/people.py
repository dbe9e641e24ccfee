"""The keys of people and of offline recipients, which live outside any archive."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archiver.edges import recipientkeys
from archiver.edges.chance import SystemRandomness
from archiver.edges.personkey import PersonKeyFile, in_token
from archiver.errors import KeyStoreError
from archiver.ids import new_handle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.keyring import PersonKey

__all__ = [
    "create_person_key",
    "create_recipient_keys",
    "open_person_key",
    "own_person_key",
    "recipient_keys",
]


def create_person_key(path: Path) -> PersonKey:
    """Make a person's keys in a new file. Raises `KeyStoreError` where there is one."""
    return PersonKeyFile.create(path, new_handle(SystemRandomness()))


def open_person_key(name: str | Path) -> PersonKey:
    """Return a person's keys, in a file or a token. Raises `KeyStoreError`, `UsageError`."""
    if in_token(str(name)):
        opened: PersonKey = _tokens().open_named(str(name))
        return opened
    return PersonKeyFile.load(Path(name))


def own_person_key(name: str) -> PersonKey:
    """Return a person's keys, made if there are none of that name yet. Raises as above."""
    if not in_token(name):
        path = Path(name)
        return PersonKeyFile.load(path) if path.exists() else create_person_key(path)
    try:
        return open_person_key(name)
    except KeyStoreError as error:
        if error.code != "token-key-missing":
            raise
    made: PersonKey = _tokens().create_named(name)
    return made


def _tokens() -> Any:  # noqa: ANN401 - a module
    """Return the module that speaks to tokens; its library is an optional part."""
    try:
        return import_module("archiver.edges.token")
    except ModuleNotFoundError as error:
        raise KeyStoreError(
            "keys in tokens need a part that is not installed",
            where="python-pkcs11",
            mend="run: pip install 'civic-archiver[pkcs11]'",
            code="token-library",
        ) from error


def create_recipient_keys(folder: Path, dues: Sequence[str]) -> dict[str, object]:
    """Make an offline recipient's keys in a folder; return the public ones to hand over."""
    return recipientkeys.create(folder, new_handle(SystemRandomness()), dues)


def recipient_keys(folder: Path) -> tuple[str, dict[str, bytes]]:
    """Return an offline recipient's handle and private keys, by due period."""
    return recipientkeys.load(folder)
