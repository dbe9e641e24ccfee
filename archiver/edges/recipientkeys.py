"""Private keys of an offline recipient: one file a due period, so that each can be destroyed.

They are made where the recipient keeps them, far from the archive; only the public file
is handed over. What the key of a due period opens, it opens in every copy: destroy the
file when the period has been destroyed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from archiver.edges.privatedir import create_text, explained, read_private
from archiver.errors import KeyStoreError
from archiver.formats.sealing import new_pair

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["create", "load"]

KEY_BYTES = 32


def create(directory: Path, handle: str, dues: Iterable[str]) -> dict[str, object]:
    """Make a key pair for each due period; return what to hand over: the public keys.

    Raises `KeyStoreError` where a file is there already, or none can be written.
    """
    public: dict[str, str] = {}
    for due in dues:
        private, own = new_pair()
        document = {"recipient": handle, "due": due, "private": private.hex()}
        name = f"{due.replace('/', '-').replace('*', 'every')}.key"
        create_text(directory / name, json.dumps(document) + "\n")
        public[due] = own.hex()
    return {"recipient": handle, "keys": public}


def load(directory: Path) -> tuple[str, dict[str, bytes]]:
    """Return a recipient's handle and its private keys by due period.

    Raises `KeyStoreError` where there is none, others may read one, or one is damaged.
    """
    found: dict[str, bytes] = {}
    handles = set()
    with explained(directory):
        paths = sorted(directory.glob("*.key"))
    for path in paths:
        handle, due, private = _read(path)
        handles.add(handle)
        found[due] = private
    if len(handles) != 1:
        raise KeyStoreError(
            "not the private keys of one recipient",
            where=str(directory),
            mend="give the folder in which `archiver keys recipients new` put them",
        )
    return handles.pop(), found


def _read(path: Path) -> tuple[str, str, bytes]:
    try:
        document = json.loads(read_private(path) or b"")
        private = bytes.fromhex(document["private"])
        handle, due = str(document["recipient"]), str(document["due"])
    except (ValueError, KeyError, TypeError):
        private, handle, due = b"", "", ""
    if len(private) != KEY_BYTES:
        raise KeyStoreError(
            "not a recipient's private key", where=str(path), mend="restore it from its safe copy"
        )
    return handle, due, private
