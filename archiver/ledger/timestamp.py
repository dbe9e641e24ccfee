"""Time-stamps of outside authorities (RFC 3161): asking for one, and checking it. Pure.

The message imprint is SHA-512 over the stamped bytes themselves, so that
``openssl ts -verify -data FILE`` checks a token without us. The bytes of a reply are not
all signed (its envelope is not): whoever keeps one also keeps its SHA-256.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256, sha384, sha512
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from rfc3161_client import (
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from archiver.errors import FormatError, IntegrityError
from archiver.ledger.der import sorted_certificates

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

__all__ = ["MAX_TOKEN", "Pinned", "Stamp", "open_stamp", "query", "read_stamp"]

MAX_TOKEN = 1 << 18
"""Bytes of a reply. Real ones have about 6,000."""

_HASHES = {
    "2.16.840.1.101.3.4.2.1": sha256,
    "2.16.840.1.101.3.4.2.2": sha384,
    "2.16.840.1.101.3.4.2.3": sha512,
}
_SHA512_IDENTIFIER = bytes.fromhex("300d06096086480165030402030500")
_IMPRINT_HEAD = bytes([0x30, len(_SHA512_IDENTIFIER) + 66]) + _SHA512_IDENTIFIER + b"\x04\x40"
_NONCE_SIZE = 8
_LONGEST_CHAIN = 8
_UNREADABLE = (
    VerificationError,
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What the libraries raise for a token that is none: embedded certificates may be anything."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """The certificates by which an authority's tokens are believed, in DER.

    ``roots`` are self-issued; ``others`` are further authorities of the chain; ``signer``
    is the time-stamping certificate where it is pinned itself.
    """

    roots: tuple[bytes, ...]
    others: tuple[bytes, ...] = ()
    signer: bytes = b""

    @classmethod
    def parse(cls, pem: bytes) -> Pinned:
        """Return what a PEM file pins. Raises `FormatError` where it has no root."""
        mend = "give the authority's chain in PEM, its self-signed root included"
        try:
            found = x509.load_pem_x509_certificates(pem)
        except ValueError as error:
            raise FormatError("certificates can't be read", mend=mend) from error
        roots = [one for one in found if one.issuer == one.subject]
        rest = [one for one in found if one.issuer != one.subject]
        signers = [_der(one) for one in rest if not _is_authority(one)]
        if not roots or len(signers) > 1:
            raise FormatError("not one chain of certificates with its root", mend=mend)
        others = tuple(_der(one) for one in rest if _is_authority(one))
        return cls(tuple(map(_der, roots)), others, signers[0] if signers else b"")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a verified token says, and until when it can be relied on.

    ``time``: the authority's. ``ends``: the first end of a certificate on its chain.
    ``relies_on``: hash and signer, by names that `archiver.ledger.renewal` may call broken.
    """

    time: datetime
    ends: datetime
    relies_on: frozenset[str]


def query(message: bytes, nonce: bytes) -> bytes:
    """Return a TimeStampReq (RFC 3161 §2.4.1) over SHA-512 of a message, asking for certificates.

    ``nonce``: 8 random bytes; `open_stamp` wants the same ones.
    """
    number = b"\x01" + nonce[: _NONCE_SIZE - 1]  # positive, and of one length
    body = b"\x02\x01\x01" + _IMPRINT_HEAD + sha512(message).digest()
    body += bytes([0x02, len(number)]) + number + b"\x01\x01\xff"
    return bytes([0x30, len(body)]) + body


def read_stamp(reply: bytes) -> TimeStampResponse:
    """Return a reply that grants a token, unverified. Raises `FormatError`, `IntegrityError`."""
    if len(reply) > MAX_TOKEN:
        raise FormatError(f"a time-stamp reply has more than {MAX_TOKEN} bytes")
    try:
        read = decode_timestamp_response(sorted_certificates(reply))
        read.tst_info  # noqa: B018 - a refusal has none
    except ValueError as error:
        mend = "ask again, or look at the authority's own log for why it refused"
        raise FormatError(f"not a token: {str(error)[:80]}", mend=mend) from error
    return read


def open_stamp(reply: bytes, message: bytes, pinned: Pinned, nonce: bytes = b"") -> Stamp:
    """Return what a token says of a message, verified under pinned certificates.

    The chain is checked as of the token's own time: whether it may still be relied on later
    is for `archiver.ledger.renewal`. Raises `FormatError`, `IntegrityError`.
    """
    read = read_stamp(reply)
    info = read.tst_info
    oid = info.message_imprint.hash_algorithm.dotted_string
    if oid not in _HASHES:
        raise IntegrityError("a time-stamp over a hash that we do not accept", where=oid)
    verifier = VerifierBuilder(
        roots=[x509.load_der_x509_certificate(one) for one in pinned.roots],
        intermediates=[x509.load_der_x509_certificate(one) for one in pinned.others],
        tsa_certificate=x509.load_der_x509_certificate(pinned.signer) if pinned.signer else None,
        nonce=int.from_bytes(b"\x01" + nonce[: _NONCE_SIZE - 1]) if nonce else None,
    ).build()
    digest = _HASHES[oid](message).digest()
    try:
        verifier.verify(read, digest)
        signer, ends = _chain(read, pinned)
    except _UNREADABLE as error:
        mend = "compare the pinned certificates with the authority's; else do not rely on it"
        raise IntegrityError(f"a time-stamp does not hold: {error}", mend=mend) from error
    names = (_HASHES[oid]().name, f"authority:{sha256(signer).hexdigest()}")
    return Stamp(info.gen_time, ends, frozenset(names))


def _chain(read: TimeStampResponse, pinned: Pinned) -> tuple[bytes, datetime]:
    """Return the signer's certificate, and when the first one of its chain ends."""
    encoded = [*read.signed_data.certificates, *([pinned.signer] if pinned.signer else [])]
    sent = list(map(x509.load_der_x509_certificate, encoded))
    signer = _signer(read, sent)
    between = [*sent, *map(x509.load_der_x509_certificate, pinned.others)]
    return _der(signer), _ends(signer, between, pinned)


def _signer(read: TimeStampResponse, sent: Sequence[x509.Certificate]) -> x509.Certificate:
    """Return the certificate that the one signature is by. The token is verified."""
    (signed,) = read.signed_data.signer_infos
    for one in sent:
        if one.issuer == signed.issuer and one.serial_number == signed.serial_number:
            return one
    raise IntegrityError("a time-stamp without its signer's certificate")


def _ends(
    signer: x509.Certificate, between: Sequence[x509.Certificate], pinned: Pinned
) -> datetime:
    """Return when the first certificate ends on the way from the signer to a pinned root.

    Several certificates may bear an issuer's name; of those that have its key, the last counts.
    """
    roots = [x509.load_der_x509_certificate(one) for one in pinned.roots]
    ends, at = signer.not_valid_after_utc, signer
    for _ in range(_LONGEST_CHAIN):
        above = [one for one in (*roots, *between) if _issued(one, at)]
        if not above:
            break
        at = max(above, key=lambda one: (one in roots, one.not_valid_after_utc))
        ends = min(ends, at.not_valid_after_utc)
        if at in roots:
            break
    return min(ends, *(one.not_valid_after_utc for one in roots))


def _issued(issuer: x509.Certificate, one: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
