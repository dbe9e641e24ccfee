"""One period of a key store in a bucket: its key, and to whom it is sealed, in one document.

One document, so that each change of a period is one conditional write. During a rotation
it has two keys, the one in use and the next; each with what it was sealed to.
``docs/formats/keystore.md`` gives every byte.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError, KeyStoreError
from archiver.formats import keyfile, prefixed

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PENDING_NONCE", "PeriodDocument", "PeriodKey", "is_pending", "pending", "pending_names"]

FORMAT = "civic-archive/period/v1"
PENDING_TAG = b"civic-archive/key-wrap-to-come/v1\n"
PENDING_NONCE = 16
MOST_KEYS = 2


@dataclass(frozen=True, slots=True)
class PeriodKey:
    """A period key: the file that keeps it (`archiver.formats.keyfile`), and its seals.

    ``sealed``: handle of a recipient -> the key sealed to it (`archiver.formats.sealing`).
    """

    file: bytes
    sealed: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PeriodDocument:
    """A period and its keys: the one in use, and during a rotation the next."""

    period: str
    keys: tuple[PeriodKey, ...]

    def encode(self) -> bytes:
        """Return the document's bytes."""
        keys = [{"key": _text(one.file), "to": _texts(one.sealed)} for one in self.keys]
        document = {"format": FORMAT, "keys": keys, "period": self.period}
        return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def decode(cls, data: bytes, name: str) -> PeriodDocument:
        """Return the document that lies under a period's name.

        Raises `KeyStoreError` where it is damaged, or of another period. That the keys in
        it are whole shows when they are opened.
        """
        try:
            document = json.loads(data)
            keys = tuple(_key(one) for one in document["keys"])
            period = document["period"]
            whole = document["format"] == FORMAT and 0 < len(keys) <= MOST_KEYS
            whole = whole and keyfile.period_name(period) == name
        except (ValueError, KeyError, TypeError, AttributeError):
            whole = False
        if not whole:
            raise KeyStoreError(
                "the document of a period is damaged, or another period's",
                mend="restore it from the key store's own backup",
            )
        return cls(period, keys)


def _key(one: Any) -> PeriodKey:  # noqa: ANN401 - any JSON
    sealed = {handle: _bytes(text) for handle, text in one["to"].items()}
    return PeriodKey(_bytes(one["key"]), sealed)


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _texts(sealed: Mapping[str, bytes]) -> dict[str, str]:
    return {handle: _text(data) for handle, data in sealed.items()}


def _bytes(text: str) -> bytes:
    return b64decode(text, validate=True)


def pending(object_id: str, period: str, nonce: bytes) -> bytes:
    """Return what holds the place of a wrap until it is written; ``nonce``: 16 random bytes."""
    return PENDING_TAG + prefixed.join(object_id, period) + nonce


def is_pending(data: bytes) -> bool:
    """Tell whether a wrap is still to come."""
    return data.startswith(PENDING_TAG)


def pending_names(data: bytes) -> tuple[str, str]:
    """Return object id and period that a place holder is for. Raises `KeyStoreError`."""
    try:
        names, nonce = prefixed.split(data.removeprefix(PENDING_TAG), 2)
    except FormatError:
        names, nonce = ("", ""), b""
    if not is_pending(data) or len(nonce) != PENDING_NONCE:
        raise KeyStoreError(
            "the place holder of a key is damaged", mend="remove it: no key was given out for it"
        )
    return names[0], names[1]
