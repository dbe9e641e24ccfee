"""Checkpoints and the notes that sign them (c2sp.org/tlog-checkpoint, c2sp.org/signed-note).

A checkpoint says in three lines how large a log is and what its root is; a note is a
text with Ed25519 signatures under it. Stricter than the specifications in four points:
base64 has one spelling only, every signature of a known key is checked, public keys of
small order are refused, and the log's key carries the name of the log.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from archiver.errors import FormatError, IntegrityError
from archiver.ledger.tree import EMPTY_ROOT, HASH_SIZE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.ports import Signer

__all__ = [
    "MAX_NOTE",
    "MAX_SIGNATURES",
    "Checkpoint",
    "OpenedNote",
    "VerifierKey",
    "decode_base64",
    "encode_base64",
    "is_key_name",
    "open_checkpoint",
    "open_note",
    "parse_decimal",
    "parse_signature",
    "parse_verifier_key",
    "sign_note",
    "split_note",
    "verifier_key",
]

MAX_NOTE = 1 << 20
"""The largest note in bytes; the specification leaves the limit to the verifier."""
MAX_SIGNATURES = 100
"""The most signature lines in a note; the specification asks for at least 16."""

_ED25519, _KEY_ID = b"\x01", 4
_DASH = "— "
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
_DECIMAL = re.compile("0|[1-9][0-9]{0,18}")
_LARGEST = (1 << 63) - 1
# Ed25519 (RFC 8032 §5.1): the field, and y of the points of order 1, 2, 4, 8 and 8.
_P = 2**255 - 19
_Y8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER_Y = frozenset({1, _P - 1, 0, _Y8, _P - _Y8})


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: origin, number of leaves, RFC 6962 root, extension lines.

    Raises `FormatError` where a part can't stand in a checkpoint.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what `body` couldn't write or `parse` would read differently."""
        for line in (self.origin, *self.extensions):
            if not line or "\n" in line or not _is_text(line):
                raise _malformed("a checkpoint line is empty or has control characters", line)
        if not 0 <= self.size <= _LARGEST or len(self.root) != HASH_SIZE:
            raise _malformed("a checkpoint has an impossible size or root", self.origin)
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise _malformed("an empty log has another root than SHA-256 of nothing", self.origin)

    def body(self) -> bytes:
        """Return the text that is signed, UTF-8, each line ended by a newline."""
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines).encode()

    @classmethod
    def parse(cls, body: bytes) -> Checkpoint:
        """Return the checkpoint whose `body` this is. Raises `FormatError`."""
        lines = _text(body).split("\n")
        if len(lines) < 4 or lines.pop():  # noqa: PLR2004 - three lines, and what follows the last
            raise _malformed("a checkpoint has at least three lines, each ended", lines[0])
        origin, size, root, *extensions = lines
        size_number = parse_decimal(size, "the size in a checkpoint")
        root_hash = decode_base64(root, "the root in a checkpoint")
        return cls(origin, size_number, root_hash, tuple(extensions))


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """An Ed25519 public key (32 bytes) with the name it signs under.

    Raises `FormatError` for names the specification forbids, keys that RFC 8032 §5.1.3
    can't decode, and keys of small order: those verify signatures nobody had to make.
    """

    name: str
    public: bytes

    def __post_init__(self) -> None:
        """Refuse a key that must never be trusted."""
        if not is_key_name(self.name):
            raise _malformed("a key name is empty or has a space, plus or control", self.name)
        y = int.from_bytes(self.public, "little") & (1 << 255) - 1
        if len(self.public) != HASH_SIZE or y >= _P or y in _SMALL_ORDER_Y:
            raise _malformed("not an Ed25519 public key, or one of small order", self.name)

    @property
    def key_id(self) -> bytes:
        """The first four bytes of ``SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key)``."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:_KEY_ID]

    def __str__(self) -> str:
        """Return the key as text, ``name+hash+base64``."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(_ED25519 + self.public)}"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Tell whether this key made the signature (64 bytes, RFC 8032)."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """A note that verified: its text, and which of the given verifier keys signed it."""

    body: bytes
    verified: tuple[str, ...]


def verifier_key(name: str, ed25519_public: bytes) -> str:
    """Return a public key as ``name+hash+base64(0x01 ‖ key)``. Raises `FormatError`."""
    return str(VerifierKey(name, ed25519_public))


@lru_cache
def parse_verifier_key(text: str) -> VerifierKey:
    """Return the key that `verifier_key` wrote. Raises `FormatError`."""
    name, _, rest = text.partition("+")
    encoded = decode_base64(rest.partition("+")[2], f"the verifier key of {name!r}")
    key = VerifierKey(name, encoded[1:])
    if str(key) != text:
        raise _malformed("a verifier key is of another type, or its hash is not its own", text)
    return key


def sign_note(body: bytes, signer: Signer) -> bytes:
    """Return the note that carries ``body`` with the signer's signature under it.

    Raises `FormatError` where the body can't stand in a note, `IntegrityError` where the
    signer's answer does not verify under its own public key.
    """
    if not body.endswith(b"\n"):
        raise _malformed("the text of a note does not end with a newline", "")
    text, key = _text(body), parse_verifier_key(signer.verifier_key)
    signature = signer.sign(body)
    if not key.verifies(signature, body):
        mend = "check that the signing key and the public key belong together"
        raise IntegrityError("the signer made a bad signature", where=key.name, mend=mend)
    return f"{text}\n{_DASH}{key.name} {encode_base64(key.key_id + signature)}\n".encode()


def open_note(note: bytes, verifier_keys: Sequence[str]) -> OpenedNote:
    """Return the text of a note that at least one of the keys signed.

    Signatures of other keys are ignored. Raises `FormatError` for a malformed note or
    key, `IntegrityError` where a given key has a bad signature, or none has a good one.
    """
    keys = _by_signer(verifier_keys)
    body, lines = split_note(note)
    verified = dict[str, None]()
    for name, key_id, signature in map(parse_signature, lines):
        key = keys.get((name, key_id))
        if key and not key.verifies(signature, body):
            raise _unverified("a signature on a note is bad", str(key))
        if key:
            verified[str(key)] = None
    if not verified:
        raise _unverified("no trusted key signed the note", f"trusted: {', '.join(verifier_keys)}")
    return OpenedNote(body, tuple(verified))


def open_checkpoint(note: bytes, verifier_keys: Sequence[str]) -> Checkpoint:
    """Return the checkpoint in a note that a key named as the checkpoint's origin signed.

    Witness keys may be among the given ones; they don't stand in for the log's. The same
    bytes are verified once. Raises `FormatError` and `IntegrityError` as `open_note` does.
    """
    return _opened(note, tuple(verifier_keys))


@lru_cache(maxsize=8)
def _opened(note: bytes, verifier_keys: tuple[str, ...]) -> Checkpoint:
    opened = open_note(note, verifier_keys)
    checkpoint = Checkpoint.parse(opened.body)
    if checkpoint.origin not in {parse_verifier_key(key).name for key in opened.verified}:
        raise _unverified("no trusted key of that log signed the checkpoint", checkpoint.origin)
    return checkpoint


def encode_base64(data: bytes) -> str:
    """Return standard base64 with padding (RFC 4648 §4)."""
    return base64.b64encode(data).decode()


def decode_base64(text: str, what: str) -> bytes:
    """Return the bytes of base64 in its one canonical spelling, else `FormatError`."""
    try:
        data = base64.b64decode(text.encode(), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise _malformed(f"{what} is not base64", text) from error
    if encode_base64(data) != text:
        raise _malformed(f"{what} is not canonical base64", text)
    return data


def parse_decimal(text: str, what: str) -> int:
    """Return a number below 2**63 in ASCII digits without leading zeros, else `FormatError`."""
    if not _DECIMAL.fullmatch(text) or int(text) > _LARGEST:
        raise _malformed(f"{what} is not a plain decimal number", text)
    return int(text)


def _by_signer(verifier_keys: Sequence[str]) -> dict[tuple[str, bytes], VerifierKey]:
    """Return the keys by what a signature line names: key name and key id."""
    keys = dict[tuple[str, bytes], VerifierKey]()
    for key in map(parse_verifier_key, verifier_keys):
        if keys.setdefault((key.name, key.key_id), key) != key:
            raise _malformed("two trusted keys share one name and key id", str(key))
    return keys


def split_note(note: bytes) -> tuple[bytes, list[str]]:
    """Return the text of a note and its signature lines. Raises `FormatError`."""
    if len(note) > MAX_NOTE:
        raise _malformed(f"a note is larger than {MAX_NOTE} bytes", "")
    body, blank, signatures = _text(note).rpartition("\n\n")
    lines = signatures.split("\n")
    if not blank or len(lines) < 2 or lines.pop():  # noqa: PLR2004 - a line, and what follows it
        raise _malformed("a note ends with a blank line and ended signature lines", note[:100])
    if len(lines) > MAX_SIGNATURES:
        raise _malformed(f"a note has more than {MAX_SIGNATURES} signatures", "")
    return f"{body}\n".encode(), lines


def parse_signature(line: str) -> tuple[str, bytes, bytes]:
    """Return key name, key id and signature of a signature line. Raises `FormatError`."""
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    data = decode_base64(encoded, "a signature on a note")
    if not line.startswith(_DASH) or not is_key_name(name) or len(data) <= _KEY_ID:
        raise _malformed("not a signature line", line)
    return name, data[:_KEY_ID], data[_KEY_ID:]


def _text(data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise _malformed("a note is not UTF-8", data[:100]) from error
    if _CONTROL.search(text):
        raise _malformed("a note has control characters", data[:100])
    return text


def _is_text(text: str) -> bool:
    """Tell whether a note may carry the text: no controls but newlines, no lone surrogates."""
    return not _CONTROL.search(text) and not any("\ud800" <= char <= "\udfff" for char in text)


def is_key_name(name: str) -> bool:
    """Tell whether a key may bear the name (C2SP signed-note)."""
    return bool(name) and _is_text(name) and not any(c.isspace() or c == "+" for c in name)


def _malformed(message: str, where: object) -> FormatError:
    mend = "take the note or key from its source again; do not edit it"
    return FormatError(message, where=str(where)[:200], mend=mend)


def _unverified(message: str, where: str) -> IntegrityError:
    mend = "compare the trusted keys with the operator's by another channel; else do not rely on it"
    return IntegrityError(message, where=where, mend=mend)
