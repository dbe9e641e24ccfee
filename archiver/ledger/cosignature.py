"""Cosignatures of witnesses on checkpoints (c2sp.org/tlog-cosignature).

A cosignature says: at that time this was the largest consistent tree of that log which
the witness had seen. Two forms: Ed25519 (type 0x04, the message is a header and the note's
text) and ML-DSA-44 (type 0x06, the message is a structure of name, time and tree). Stricter
than the specification: keys of small order and cosignatures without a time are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from archiver.errors import FormatError, IntegrityError
from archiver.ledger.checkpoint import (
    Checkpoint,
    VerifierKey,
    decode_base64,
    encode_base64,
    is_key_name,
    parse_signature,
    split_note,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from archiver.ports import Signer

__all__ = [
    "ED25519",
    "ML_DSA_44",
    "Cosignature",
    "CosignerKey",
    "cosign",
    "cosignatures",
    "cosigned_message",
    "merge",
    "parse_cosigner_key",
]

ED25519, ML_DSA_44 = 0x04, 0x06
"""Signature types of signed-note."""

_PUBLIC_SIZE = {ED25519: 32, ML_DSA_44: 1312}
_SIGNATURE_SIZE = {ED25519: 64, ML_DSA_44: 2420}
_LABEL = b"subtree/v1\n\x00"
_LONGEST_NAME = 255
_LATEST = (1 << 63) - 1
_VKEY = re.compile(r"[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+")


@dataclass(frozen=True, slots=True)
class CosignerKey:
    """A witness's public key: its name, type (`ED25519` or `ML_DSA_44`) and raw bytes.

    Raises `FormatError` for a name that the specification forbids, and for keys that must
    never be pinned: of another length or type, or Ed25519 keys of small order.
    """

    name: str
    type: int
    public: bytes

    def __post_init__(self) -> None:
        """Refuse a key that must never be trusted."""
        if self.type not in _PUBLIC_SIZE or len(self.public) != _PUBLIC_SIZE[self.type]:
            raise _malformed("not a key of a witness (types 0x04 and 0x06)", self.name)
        if not is_key_name(self.name) or len(self.name.encode()) > _LONGEST_NAME:
            raise _malformed("a witness's name is empty, too long, or has a space or plus", "")
        if self.type == ED25519:
            VerifierKey(self.name, self.public)

    @property
    def key_id(self) -> bytes:
        """The first four bytes of ``SHA-256(name ‖ 0x0A ‖ type ‖ public key)``."""
        named = self.name.encode() + b"\n" + bytes([self.type]) + self.public
        return sha256(named).digest()[:4]

    def __str__(self) -> str:
        """Return the key as text, ``name+hash+base64``."""
        encoded = encode_base64(bytes([self.type]) + self.public)
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Tell whether this key made the bare signature of `cosigned_message`."""
        if self.type == ED25519:
            return VerifierKey(self.name, self.public).verifies(signature, message)
        try:
            MLDSA44PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


class Cosignature(NamedTuple):
    """One verified cosignature: the key as text, and when it was made (POSIX seconds)."""

    key: str
    time: int


@lru_cache
def parse_cosigner_key(text: str) -> CosignerKey:
    """Return the key that ``str`` of a `CosignerKey` wrote. Raises `FormatError`."""
    if not _VKEY.fullmatch(text):
        raise _malformed("not a witness's key in the form name+hash+base64", text)
    name, _, rest = text.partition("+")
    encoded = decode_base64(rest.partition("+")[2], f"the key of {name!r}")
    key = CosignerKey(name, encoded[0], encoded[1:])
    if str(key) != text:
        raise _malformed("a witness's key whose hash is not its own", text)
    return key


def cosigned_message(key: CosignerKey, time: int, body: bytes) -> bytes:
    """Return what a witness signs for the checkpoint with that text at a POSIX time.

    Raises `FormatError` where the text is no checkpoint, or its origin is too long.
    """
    checkpoint = Checkpoint.parse(body)
    if key.type == ED25519:
        return b"cosignature/v1\ntime %d\n" % time + body
    name, origin = key.name.encode(), checkpoint.origin.encode()
    if len(origin) > _LONGEST_NAME:
        raise _malformed("an origin of more than 255 bytes can't be cosigned", origin.decode())
    return b"".join(
        (
            _LABEL,
            bytes([len(name)]),
            name,
            time.to_bytes(8, "big"),
            bytes([len(origin)]),
            origin,
            (0).to_bytes(8, "big"),
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


def cosign(body: bytes, signer: Signer, time: int) -> bytes:
    """Return the signature line of a witness under a checkpoint's text.

    Raises `FormatError`, and `IntegrityError` where the signer's answer does not verify.
    """
    key = parse_cosigner_key(signer.verifier_key)
    message = cosigned_message(key, time, body)
    signature = signer.sign(message)
    if not key.verifies(signature, message):
        mend = "check that the signing key and the public key belong together"
        raise IntegrityError("the witness made a bad signature", where=key.name, mend=mend)
    data = key.key_id + time.to_bytes(8, "big") + signature
    return f"— {key.name} {encode_base64(data)}\n".encode()


def cosignatures(note: bytes, keys: Iterable[str]) -> list[Cosignature]:
    """Return the cosignatures that the given keys made, in the order of the note's lines.

    Lines of other keys are ignored. Raises `FormatError` for a malformed note or key,
    `IntegrityError` where a given key has a bad cosignature.
    """
    known = {(key.name, key.key_id): key for key in map(parse_cosigner_key, keys)}
    body, lines = split_note(note)
    found = dict[str, Cosignature]()
    for name, key_id, signature in map(parse_signature, lines):
        key = known.get((name, key_id))
        if key is None:
            continue
        one = Cosignature(str(key), int.from_bytes(signature[:8], "big"))
        if not _holds(key, one.time, signature[8:], body):
            raise IntegrityError(
                "a cosignature is bad",
                where=key.name,
                mend="compare the pinned key with the witness's own by another channel",
            )
        found.setdefault(one.key, one)
    return list(found.values())


def _holds(key: CosignerKey, time: int, signature: bytes, body: bytes) -> bool:
    if not 0 < time <= _LATEST or len(signature) != _SIGNATURE_SIZE[key.type]:
        return False
    return key.verifies(signature, cosigned_message(key, time, body))


def merge(note: bytes, answers: Iterable[bytes], keys: Sequence[str]) -> bytes:
    """Return the note with the cosignature lines that witnesses answered under it.

    Only lines of the given keys are taken, each key's first; what else an answer holds is
    ignored, as the protocol asks. Raises `FormatError` for an answer that is no lines,
    `IntegrityError` for a bad cosignature of a given key.
    """
    body, _ = split_note(note)
    taken = {one.key for one in cosignatures(note, keys)}
    for answer in answers:
        for line in answer.splitlines(keepends=True):
            for one in cosignatures(body + b"\n" + line, keys):
                if one.key not in taken:
                    taken.add(one.key)
                    note += line
    return note


def _malformed(message: str, where: str) -> FormatError:
    mend = "take the key or note from its source again; do not edit it"
    return FormatError(message, where=where[:200], mend=mend)
