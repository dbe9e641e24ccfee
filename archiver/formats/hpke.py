"""Opening HPKE messages whose Diffie-Hellman step was done elsewhere: in a token.

RFC 9180, base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. A token gives
the shared point and never its private key; what follows from it is computed here.
Names as in sections 4 and 5 of the RFC.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["ENC_SIZE", "open_base"]

ENC_SIZE = 32
"""Bytes of the encapsulated key in front of the ciphertext."""
KEY_SIZE, NONCE_SIZE, SECRET_SIZE = 32, 12, 32
KEM_SUITE = b"KEM" + bytes.fromhex("0020")
HPKE_SUITE = b"HPKE" + bytes.fromhex("0020 0001 0002")
MODE_BASE = b"\x00"
VERSION = b"HPKE-v1"


def open_base(dh: bytes, public: bytes, sealed: bytes, info: bytes) -> bytes:
    """Return the plaintext of a message.

    Args:
        dh: X25519 of the recipient's private key and the first 32 bytes of ``sealed``.
        public: the recipient's public key.
        sealed: encapsulated key ‖ ciphertext ‖ tag.
        info: what the message was bound to.

    Raises:
        ValueError: ``dh`` is zero (RFC 9180 §7.1.4), or the message is too short.
        cryptography.exceptions.InvalidTag: anything was changed.
    """
    enc, ciphertext = sealed[:ENC_SIZE], sealed[ENC_SIZE:]
    if not any(dh):
        raise ValueError("the shared point is zero")
    eae_prk = _extract(b"", b"eae_prk", dh, KEM_SUITE)
    shared_secret = _expand(eae_prk, b"shared_secret", enc + public, SECRET_SIZE, KEM_SUITE)
    psk_id_hash = _extract(b"", b"psk_id_hash", b"", HPKE_SUITE)
    info_hash = _extract(b"", b"info_hash", info, HPKE_SUITE)
    context = MODE_BASE + psk_id_hash + info_hash
    secret = _extract(shared_secret, b"secret", b"", HPKE_SUITE)
    key = _expand(secret, b"key", context, KEY_SIZE, HPKE_SUITE)
    base_nonce = _expand(secret, b"base_nonce", context, NONCE_SIZE, HPKE_SUITE)
    return AESGCM(key).decrypt(base_nonce, ciphertext, b"")


def _extract(salt: bytes, label: bytes, ikm: bytes, suite: bytes) -> bytes:
    """LabeledExtract."""
    return hmac.digest(salt, VERSION + suite + label + ikm, sha256)


def _expand(prk: bytes, label: bytes, info: bytes, length: int, suite: bytes) -> bytes:
    """LabeledExpand, of at most one block of SHA-256: no more is asked for."""
    labeled = length.to_bytes(2) + VERSION + suite + label + info
    return hmac.digest(prk, labeled + b"\x01", sha256)[:length]
