"""Cosignatures in both forms, and every way to spoil them and the keys."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from archiver.errors import ArchiverError, FormatError, IntegrityError
from archiver.ledger.checkpoint import (
    Checkpoint,
    encode_base64,
    open_checkpoint,
    sign_note,
    verifier_key,
)
from archiver.ledger.cosignature import (
    ED25519,
    ML_DSA_44,
    Cosignature,
    CosignerKey,
    cosign,
    cosignatures,
    cosigned_message,
    merge,
    parse_cosigner_key,
)
from tests.ledger.cosigner import cosigners
from tests.ledger.note_signer import MemorySigner

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.ports import Signer

LOG = MemorySigner("archive.example/log")
HEAD = Checkpoint("archive.example/log", 7, bytes(range(32)))
BODY = HEAD.body()
NOTE = sign_note(BODY, LOG)
SIGNERS = cosigners("witness.example/w1")
OTHERS = cosigners("witness.example/w2")
KEYS = [one.verifier_key for one in SIGNERS]
TIME = 1_795_000_000


@pytest.fixture(params=SIGNERS, ids=["Ed25519", "ML-DSA-44"])
def signer(request: pytest.FixtureRequest) -> Signer:
    """Each of the witness's keys."""
    found: Signer = request.param
    return found


def test_a_cosigned_note(signer: Signer) -> None:
    """A cosignature is found again with its time; other readers of the note see no difference."""
    note = NOTE + cosign(BODY, signer, TIME)
    assert cosignatures(note, KEYS) == [Cosignature(signer.verifier_key, TIME)]
    assert open_checkpoint(note, [LOG.verifier_key]) == HEAD
    assert cosignatures(note, [one.verifier_key for one in OTHERS]) == []


def test_the_message_for_ed25519() -> None:
    """The text that is signed begins with a header and the time (tlog-cosignature)."""
    key = parse_cosigner_key(KEYS[0])
    assert cosigned_message(key, 1679315147, BODY) == b"cosignature/v1\ntime 1679315147\n" + BODY


def test_the_message_for_ml_dsa() -> None:
    """The structure that is signed names cosigner, time, log, and the tree from 0 to its size."""
    name, origin = b"witness.example/w1", b"archive.example/log"
    parts = (
        b"subtree/v1\n\0", bytes([len(name)]), name, TIME.to_bytes(8, "big"),
        bytes([len(origin)]), origin, bytes(8), (7).to_bytes(8, "big"), HEAD.root,
    )  # fmt: skip
    assert cosigned_message(parse_cosigner_key(KEYS[1]), TIME, BODY) == b"".join(parts)


def test_extension_lines_are_covered_by_ed25519_alone() -> None:
    """An ML-DSA-44 cosignature speaks of the tree, an Ed25519 one of the whole text."""
    more = Checkpoint(HEAD.origin, HEAD.size, HEAD.root, ("extension",)).body()
    (ed, ml) = (parse_cosigner_key(key) for key in KEYS)
    assert cosigned_message(ed, TIME, more) != cosigned_message(ed, TIME, BODY)
    assert cosigned_message(ml, TIME, more) == cosigned_message(ml, TIME, BODY)


def test_every_changed_byte_of_a_cosigned_note(signer: Signer) -> None:
    """Whatever byte is changed, the note has not both signatures any more."""
    note = NOTE + cosign(BODY, signer, TIME)
    step = 1 if len(note) < 1000 else 7  # an ML-DSA-44 signature is long
    for place in range(0, len(note), step):
        for change in (1, 0x20, 0x80):
            spoilt = bytearray(note)
            spoilt[place] ^= change
            try:
                head = open_checkpoint(bytes(spoilt), [LOG.verifier_key])
                found = cosignatures(bytes(spoilt), KEYS)
            except ArchiverError:
                continue
            assert (head, found) != (HEAD, [Cosignature(signer.verifier_key, TIME)])
            assert found == []


def test_every_changed_byte_of_a_key(signer: Signer) -> None:
    """A key with a changed byte is no key, or not this one."""
    text = signer.verifier_key
    for place in range(0, len(text), 1 if len(text) < 200 else 11):
        changed = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
        with pytest.raises(FormatError):
            parse_cosigner_key(changed)


@pytest.mark.parametrize("time", [0, 1 << 63])
def test_a_cosignature_without_a_time(signer: Signer, time: int) -> None:
    """A time of zero or beyond 2^63-1 vouches for nothing."""
    note = NOTE + cosign(BODY, signer, time)
    with pytest.raises(IntegrityError):
        cosignatures(note, KEYS)


def test_another_name_same_key() -> None:
    """An ML-DSA-44 cosignature names its witness: under another name it doesn't hold."""
    (_, good), (_, other) = SIGNERS, cosigners("witness.example/w1", "x")
    assert good.verifier_key != other.verifier_key
    key = parse_cosigner_key(good.verifier_key)
    renamed = CosignerKey("other.example", ML_DSA_44, key.public)
    line = cosign(BODY, good, TIME).decode().split()[2]
    data = base64.b64decode(line)
    moved = f"— {renamed.name} {encode_base64(renamed.key_id + data[4:])}\n".encode()
    with pytest.raises(IntegrityError):
        cosignatures(NOTE + moved, [str(renamed)])


def test_what_a_witness_answers_is_merged() -> None:
    """Of an answer the lines of pinned keys are taken, each once; the rest is ignored."""
    answer = b"".join(cosign(BODY, one, TIME) for one in (*SIGNERS, *OTHERS, *SIGNERS))
    merged = merge(NOTE, [answer, answer], KEYS)
    assert merged == NOTE + b"".join(answer.splitlines(keepends=True)[:2])
    assert merge(merged, [answer], KEYS) == merged


@pytest.mark.parametrize("answer", [b"busy\n", b"\n\n", "— x\n".encode(), b"\xff\n", b"<html>"])
def test_an_answer_that_is_none(answer: bytes) -> None:
    """What is not a signature line is refused in words."""
    with pytest.raises(FormatError):
        merge(NOTE, [answer], KEYS)


def test_keys_of_another_type_or_length() -> None:
    """A log's own key is no witness's, nor is one that is too short, too long or badly named."""
    public = parse_cosigner_key(KEYS[0]).public
    with pytest.raises(FormatError):
        parse_cosigner_key(verifier_key("witness.example", public))
    for name, kind, raw in (
        ("w", ED25519, public[:-1]),
        ("w", ML_DSA_44, public),
        ("w", 0x02, public),
        ("a b", ED25519, public),
        ("a+b", ED25519, public),
        ("", ED25519, public),
        ("w" * 256, ED25519, public),
    ):
        with pytest.raises(FormatError):
            CosignerKey(name, kind, raw)


def test_keys_of_small_order_are_never_pinned(shared_data: Path) -> None:
    """Of the published edge cases, no key for which a degenerate signature verifies is taken."""
    cases = json.loads((shared_data / "vectors/cctv/ed25519/ed25519vectors.json").read_text())
    verdicts = {"bare": 0, "refused": 0, "left": 0}
    for case in cases:
        public, signature = bytes.fromhex(case["key"]), bytes.fromhex(case["sig"])
        message = case["msg"].encode()
        bare = _verifies(public, signature, message)
        verdicts["bare"] += bare
        try:
            key = CosignerKey("witness.example", ED25519, public)
        except FormatError:
            verdicts["refused"] += bare
            continue
        if key.verifies(signature, message):
            verdicts["left"] += 1
            assert not {"low_order_A", "non_canonical_A"} & set(case["flags"] or ())
    assert len(cases) == 914
    assert verdicts["bare"] == verdicts["refused"] + verdicts["left"] == 208
    assert verdicts["left"] == 86  # by keys that somebody holds


def _verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True
