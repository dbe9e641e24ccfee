"""A batch under the signature of the archive: only then is it admitted. Pure.

Who may write the bucket could leave a batch there as well, and what is in the log stays
in the log. So a batch goes with an Ed25519 signature over its exact bytes, behind a
prefix that no checkpoint can begin with (``docs/formats/ledger.md``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.errors import IntegrityError
from archiver.ledger.batch import Batch
from archiver.ledger.checkpoint import decode_base64, encode_base64, parse_verifier_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.ports import Signer

__all__ = ["MESSAGE", "open_batch", "sign_batch"]

MESSAGE = b"civic-archive/batch/v1\n"
"""Stands before the batch in what is signed."""


def sign_batch(batch: Batch, signer: Signer) -> bytes:
    """Return a batch as it is handed in: its bytes, and in a second line the signature."""
    document = batch.encode()
    signature = encode_base64(signer.sign(MESSAGE + document))
    return b"%b\n%b\n" % (document, signature.encode())


def open_batch(data: bytes, verifier_keys: Sequence[str]) -> Batch:
    """Return the batch that one of the keys signed.

    Raises `FormatError` where it is none, `IntegrityError` where no key signed it.
    """
    document, _, rest = data.partition(b"\n")
    line, end, more = rest.partition(b"\n")
    if end != b"\n" or more:
        raise _unsigned()
    signature = decode_base64(line.decode("ascii", "replace"), "the signature of a batch")
    keys = map(parse_verifier_key, verifier_keys)
    if not any(key.verifies(signature, MESSAGE + document) for key in keys):
        raise _unsigned()
    return Batch.decode(document)


def _unsigned() -> IntegrityError:
    return IntegrityError(
        "no key of the archive signed the batch",
        code="batch-unsigned",
        mend="find out who wrote it; nothing of it is in the ledger",
    )
