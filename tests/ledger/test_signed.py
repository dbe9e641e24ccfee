"""Batches under a signature: the archive's own, over exactly these bytes, or none at all."""

from __future__ import annotations

import pytest

from archiver.errors import ArchiverError, FormatError, IntegrityError
from archiver.ledger.checkpoint import encode_base64, sign_note
from archiver.ledger.signed import MESSAGE, open_batch, sign_batch
from tests.ledger.note_signer import MemorySigner
from tests.ledger.seals import batch

SIGNER = MemorySigner("archive.example/log")
KEYS = [SIGNER.verifier_key]
BATCH = batch("B1", 2)
SIGNED = sign_batch(BATCH, SIGNER)


def test_there_and_back() -> None:
    """Two lines: the batch, and the signature over it behind a prefix of its own."""
    document, line = SIGNED.removesuffix(b"\n").split(b"\n")
    assert document == BATCH.encode()
    assert line == encode_base64(SIGNER.sign(b"civic-archive/batch/v1\n" + document)).encode()
    assert open_batch(SIGNED, KEYS) == BATCH
    assert open_batch(SIGNED, [MemorySigner("other").verifier_key, *KEYS]) == BATCH


def test_any_changed_bit_is_refused() -> None:
    """No byte of batch or signature can be another one."""
    for at in range(len(SIGNED)):
        for bit in (1, 32, 128):
            changed = SIGNED[:at] + bytes([SIGNED[at] ^ bit]) + SIGNED[at + 1 :]
            with pytest.raises(ArchiverError):
                open_batch(changed, KEYS)


@pytest.mark.parametrize("data", [b"", b"\n", SIGNED[:-1], SIGNED + b"\n", SIGNED * 2])
def test_other_forms_are_refused(data: bytes) -> None:
    """Cut, lengthened and doubled ones are none."""
    with pytest.raises(ArchiverError):
        open_batch(data, KEYS)


def test_another_s_signature_is_refused() -> None:
    """The key of another archive, or another key of that name, signs nothing here."""
    for signer in (MemorySigner("other"), MemorySigner("archive.example/log", "stranger")):
        with pytest.raises(IntegrityError) as caught:
            open_batch(sign_batch(BATCH, signer), KEYS)
        assert caught.value.code == "batch-unsigned"


def test_a_signature_is_for_a_batch_alone() -> None:
    """What the key signs as a batch is no note, and the other way round."""
    document = BATCH.encode()
    bare = encode_base64(SIGNER.sign(document)).encode()
    with pytest.raises(IntegrityError):
        open_batch(document + b"\n" + bare + b"\n", KEYS)
    with pytest.raises(ArchiverError):
        open_batch(sign_note(MESSAGE + document + b"\n", SIGNER), KEYS)


def test_only_the_one_spelling_is_signed_for() -> None:
    """A batch in another spelling is refused though it is signed."""
    document = BATCH.encode().replace(b",", b", ")
    line = encode_base64(SIGNER.sign(MESSAGE + document)).encode()
    with pytest.raises(FormatError):
        open_batch(document + b"\n" + line + b"\n", KEYS)
