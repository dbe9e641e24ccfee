"""The worked examples of docs/formats/anchors.md."""

from __future__ import annotations

import json
from hashlib import sha256, sha512

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from archiver.edges.signer import FileSigner
from archiver.edges.witness import FileCosigner
from archiver.ledger import entry
from archiver.ledger.checkpoint import Checkpoint, sign_note
from archiver.ledger.cosignature import cosign, cosigned_message, parse_cosigner_key
from archiver.ledger.rehash import Rehash
from archiver.ledger.timestamp import query
from archiver.ledger.witness import AddCheckpoint

__all__ = ["anchor_entry", "cosigned", "ml_dsa_message", "rehash", "request", "time_stamp_query"]

SEED = bytes(range(32))
WITNESS = "witness.example/w1"
TIME = 1_795_179_600
HEAD = Checkpoint("city.example/archive", 7, sha256(b"").digest())
ENTRY = {
    "t": "anchor",
    "id": "01KAGT1EB07QSKN3CP8Y2VW9HD",
    "time": "2026-11-20T13:00:00.000000Z",
    "kind": "timestamp",
    "size": 7,
    "file": "01KAGT1EB0E0F4QZB3N5T7R9XW",
    "sha256": "ab" * 32,
    "of": ["01KAGT1EB0DDSKN3CP8Y2VW9HD"],
}


def _note() -> bytes:
    log = FileSigner("city.example/archive", Ed25519PrivateKey.from_private_bytes(SEED))
    return sign_note(HEAD.body(), log)


def cosigned() -> str:
    """A checkpoint, signed, and cosigned with Ed25519."""
    witness = FileCosigner(WITNESS, Ed25519PrivateKey.from_private_bytes(SEED))
    return (_note() + cosign(HEAD.body(), witness, TIME)).decode()


def ml_dsa_message() -> str:
    """What an ML-DSA-44 key signs of the same checkpoint, in hexadecimal."""
    key = FileCosigner(WITNESS, MLDSA44PrivateKey.from_seed_bytes(SEED)).verifier_key
    text = cosigned_message(parse_cosigner_key(key), TIME, HEAD.body()).hex()
    return "\n".join(text[at : at + 64] for at in range(0, len(text), 64))


def request() -> str:
    """The first time a witness is asked."""
    return AddCheckpoint(0, (), _note()).encode().decode()


def time_stamp_query() -> str:
    """The request to a time-stamp authority, in hexadecimal."""
    text = query(_note(), bytes(range(8))).hex()
    return "\n".join(text[at : at + 64] for at in range(0, len(text), 64))


def anchor_entry() -> str:
    """An entry, without its first byte."""
    made = entry.control(ENTRY)
    assert rfc8785.dumps(json.loads(made[1:])) == made[1:]
    return made[1:].decode()


def rehash() -> str:
    """A second hash over one entry and one file."""
    files = {"u/mfzwizltoq2tmnzyhe4tomjzgm/01KAGT1EB0E0F4QZB3N5T7R9XW.idx": "cd" * 64}
    root = sha512(b"\x00" + b"entry").hexdigest()
    return Rehash(HEAD.origin, 1, root, files).encode().decode()
