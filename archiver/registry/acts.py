"""Acts: what people decide, as canonical documents under signatures of their own keys. Pure.

A *statement* is a JSON object in its one spelling (RFC 8785). What is signed (Ed25519,
RFC 8032) is `TAG`, a newline, and the statement; no batch and no checkpoint begins so, so
no signature passes for another. ``docs/formats/people.md`` lists the statements.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import rfc8785

from archiver.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Verifies = Callable[[str, bytes, bytes], bool]
    """(verifier key, signature, message) -> whether that key made the signature."""

__all__ = ["TAG", "Act", "Signature", "canonical", "message", "subject"]

TAG = b"civic-archive/act/v1\n"
SUBJECT_TAG = b"civic-archive/subject/v1\n"
SALT_BYTES = 32
MOST_SIGNATURES = 8
_COMMON = ("act", "archive", "statement", "time")
_NAME = re.compile("[a-z2-7]{26}")
_HEX = re.compile("(?:[0-9a-f]{2})+")


class Signature(NamedTuple):
    """One signature: the verifier key that made it, and its 64 bytes in hexadecimal."""

    key: str
    signature: str


def canonical(value: object) -> bytes:
    """Return RFC 8785 JSON. Raises `FormatError` for what has none."""
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # refuses what is not JSON
    except (ValueError, RecursionError) as error:
        raise FormatError(f"no canonical JSON (RFC 8785): {error}") from error


def message(statement: Mapping[str, Any]) -> bytes:
    """Return the bytes that people sign. Raises `FormatError`."""
    return TAG + canonical(dict(statement))


def subject(document: bytes, salt: bytes) -> str:
    """Return the salted commitment (hex) by which an entry names a private document.

    ``salt`` is 32 random bytes that stand in the document's own record: so nobody without
    that record can tell whom an entry is about by trying names.
    """
    return sha256(SUBJECT_TAG + salt + document).hexdigest()


@dataclass(frozen=True, slots=True)
class Act:
    """A statement and who signed it.

    Every statement has ``act`` (what is done), ``archive`` (the archive's id),
    ``statement`` (26 random characters, used once) and ``time``.
    """

    statement: Mapping[str, Any]
    signatures: tuple[Signature, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the act as JSON."""
        return {
            "statement": dict(self.statement),
            "signatures": [one._asdict() for one in self.signatures],
        }

    def encode(self) -> bytes:
        """Return the act as a file that goes from one signer to the next."""
        return canonical(self.document()) + b"\n"

    @classmethod
    def of(cls, document: object) -> Act:
        """Return the act in a JSON object. Raises `FormatError`."""
        if not isinstance(document, dict) or document.keys() != {"statement", "signatures"}:
            raise FormatError("not an act: it has a statement and signatures, nothing else")
        statement, signatures = document["statement"], document["signatures"]
        texts = isinstance(statement, dict) and all(
            isinstance(statement.get(name), str) and statement[name] for name in _COMMON
        )
        if not texts or not _NAME.fullmatch(statement["statement"]):
            raise FormatError("an act without what every statement has", where=", ".join(_COMMON))
        if not isinstance(signatures, list) or len(signatures) > MOST_SIGNATURES:
            raise FormatError("an act without a list of signatures, or with too many")
        return cls(statement, tuple(_signature(one) for one in signatures))

    @classmethod
    def decode(cls, data: bytes) -> Act:
        """Return the act that `encode` wrote. Raises `FormatError`."""
        try:
            return cls.of(json.loads(data))
        except (ValueError, RecursionError) as error:
            raise FormatError(f"not an act: {error}") from error

    def signed(self, key: str, signature: bytes) -> Act:
        """Return the act with one more signature; the same key signs once."""
        others = tuple(one for one in self.signatures if one.key != key)
        return Act(self.statement, (*others, Signature(key, signature.hex())))

    def signers(self, verifies: Verifies) -> frozenset[str]:
        """Return the keys that made the signatures; empty where one of them does not hold."""
        data = message(self.statement)
        for one in self.signatures:
            if not verifies(one.key, bytes.fromhex(one.signature), data):
                return frozenset()
        return frozenset(one.key for one in self.signatures)


def _signature(one: object) -> Signature:
    if not isinstance(one, dict) or one.keys() != {"key", "signature"}:
        raise FormatError("a signature is a key and 64 bytes in hexadecimal")
    key, value = one["key"], one["signature"]
    if not isinstance(key, str) or not isinstance(value, str) or not _HEX.fullmatch(value):
        raise FormatError("a signature is a key and 64 bytes in hexadecimal")
    return Signature(key, value)
