"""Time-stamps of real `openssl ts` authorities, and published ones, good and bad."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from rfc3161_client import decode_timestamp_response

from archiver.errors import ArchiverError, FormatError, IntegrityError
from archiver.ledger.der import sorted_certificates
from archiver.ledger.timestamp import Pinned, open_stamp, query, read_stamp
from tests.outsiders import OpensslAuthority

if TYPE_CHECKING:
    from pathlib import Path

NOTE = b"archive.example/log\n1\nxxxx\n"
NONCE = bytes(range(8))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> OpensslAuthority:
    """An authority with a chain of three certificates."""
    return OpensslAuthority(tmp_path_factory.mktemp("authority") / "own")


@pytest.fixture(scope="module")
def reply(authority: OpensslAuthority) -> bytes:
    """Its reply over the note."""
    return authority.reply(query(NOTE, NONCE))


def test_a_plain_openssl_authority_is_believed(authority: OpensslAuthority, reply: bytes) -> None:
    """A token with its chain verifies, and says when it was made and when it ends."""
    stamp = open_stamp(reply, NOTE, Pinned.parse(authority.pem), NONCE)
    assert stamp.time < stamp.ends
    assert "sha512" in stamp.relies_on


def test_it_ends_with_the_first_certificate_of_its_chain(tmp_path: Path) -> None:
    """Also where that is neither the signer's nor the root, but what is between them."""
    early = OpensslAuthority(tmp_path / "early", issuing=2)
    made = early.reply(query(NOTE, NONCE))
    root = Pinned.parse(early.pem)
    for pinned in (root, Pinned(root.roots)):  # the one between: pinned, and as it was sent
        stamp = open_stamp(made, NOTE, pinned, NONCE)
        assert stamp.ends - stamp.time < timedelta(days=3)


def test_openssl_verifies_what_we_keep(
    authority: OpensslAuthority, reply: bytes, tmp_path: Path
) -> None:
    """`openssl ts -verify` takes the note and the token as they are stored."""
    (tmp_path / "note").write_bytes(NOTE)
    (tmp_path / "reply").write_bytes(reply)
    (tmp_path / "pinned").write_bytes(authority.pem)
    said = authority.openssl(
        "ts", "-verify", "-data", str(tmp_path / "note"), "-in", str(tmp_path / "reply"),
        "-CAfile", str(tmp_path / "pinned"), "-untrusted", str(tmp_path / "pinned"),
    )  # fmt: skip
    assert "Verification: OK" in said


def test_certificates_in_any_order(authority: OpensslAuthority, reply: bytes) -> None:
    """Certificates come as openssl was given them; sorting makes them strict DER."""
    sorted_once = sorted_certificates(reply)
    assert len(sorted_once) == len(reply)
    assert sorted(sorted_once) == sorted(reply)
    assert sorted_certificates(sorted_once) == sorted_once
    unsorted = _swapped(sorted_once)
    with pytest.raises(ValueError, match="InvalidSetOrdering"):
        decode_timestamp_response(unsorted)
    assert open_stamp(unsorted, NOTE, Pinned.parse(authority.pem), NONCE)


def _swapped(reply: bytes) -> bytes:
    """Return a reply whose last certificate comes first."""
    found = sorted(decode_timestamp_response(reply).signed_data.certificates)
    start = reply.index(found[0])
    whole = b"".join(found)
    assert reply[start : start + len(whole)] == whole
    return reply[:start] + b"".join(reversed(found)) + reply[start + len(whole) :]


def test_another_message_nonce_or_authority(
    authority: OpensslAuthority, reply: bytes, tmp_path: Path
) -> None:
    """A token is for one message, one question and one authority."""
    pinned = Pinned.parse(authority.pem)
    other = Pinned.parse(OpensslAuthority(tmp_path / "other").pem)
    for message, against, nonce in (
        (NOTE + b"\n", pinned, NONCE),
        (NOTE, pinned, bytes(8)),
        (NOTE, other, NONCE),
    ):
        with pytest.raises(IntegrityError):
            open_stamp(reply, message, against, nonce)


def test_a_refusal_is_no_token(authority: OpensslAuthority) -> None:
    """An authority that rejects the request gives nothing to keep."""
    sha3_512 = bytes.fromhex("60864801650304020a")
    rejected = authority.reply(query(NOTE, NONCE).replace(sha3_512[:-1] + b"\x03", sha3_512))
    with pytest.raises(FormatError):
        read_stamp(rejected)


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_most_flipped_bits_are_refused(authority: OpensslAuthority, reply: bytes) -> None:
    """Flipped bits of a token don't verify, but for some of its unsigned envelope."""
    pinned = Pinned.parse(authority.pem)
    good = open_stamp(reply, NOTE, pinned)
    chance, kept = random.Random(3), 0
    places = chance.sample(range(len(reply) * 8), 800)
    for place in places:
        flipped = bytearray(reply)
        flipped[place // 8] ^= 1 << place % 8
        try:
            assert open_stamp(bytes(flipped), NOTE, pinned).time == good.time
            kept += 1
        except ArchiverError:
            continue
    assert kept < len(places) // 2


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30",
        b"\x30\x80\x00\x00",
        b"\x30\x05\x02\x01",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x89" + bytes(9),
        b"\x31\x00",
        b"\x30\x00",
        b"\x30\x00\x00",
        b"\x30\x06\x30\x00\x30\x02\x05\x00",
        b"\x30\x03\x02\x01\x00" * 3,
        b"<html>busy</html>",
        b"\x30\x82\xff\xff" * 70_000,
    ],
)
def test_what_is_no_reply(data: bytes) -> None:
    """Anything else is refused in words."""
    with pytest.raises(FormatError):
        read_stamp(data)


def test_what_may_be_pinned(authority: OpensslAuthority) -> None:
    """A chain needs its root; certificates that are none are refused."""
    blocks = authority.pem.split(b"-----END CERTIFICATE-----\n")
    for bad in (b"", b"no certificate", blocks[1] + b"-----END CERTIFICATE-----\n"):
        with pytest.raises(FormatError):
            Pinned.parse(bad)


# What trailofbits/rfc3161-client publishes, and whether it holds for the messages below.
PUBLISHED = {
    "identrust/issue-104.tsr": True,
    "sigstage/response-invalid-signature.tsr": False,
    "sigstage/response-no-embedded-cert.tsr": True,  # its signer is among the pinned
    "sigstage/response-sha256.tsr": True,
    "sigstage/response-sha384.tsr": True,
    "sigstage/response-sha512.tsr": True,
    "sigstore.mock/response-expired.tsr": True,  # it was not, at its own time
    "test_tsa/other_response.tsr": False,  # of another message
    "test_tsa/response-injected-certs.tsr": True,  # the signature names its signer
    "test_tsa/response.tsr": True,
}


def test_published_time_stamps(shared_data: Path) -> None:
    """Published replies are read as their makers mean, and false ones never verify."""
    folder = shared_data / "vectors" / "rfc3161" / "test" / "fixtures"
    verdicts: dict[str, bool] = {}
    for path in sorted(folder.glob("*/*.tsr")):
        pinned = Pinned.parse(_pem((path.parent / "ts_chain.pem").read_bytes()))
        payloads = [one.read_bytes() for one in path.parent.glob("payload")]
        holds = any(_holds(path, one, pinned) for one in (b"hello", b"this is a test", *payloads))
        verdicts[f"{path.parent.name}/{path.name}"] = holds
    assert verdicts == PUBLISHED


def _pem(data: bytes) -> bytes:
    """Return certificates in PEM; one of the published chains is a single one in DER."""
    if data.startswith(b"-----"):
        return data
    return x509.load_der_x509_certificate(data).public_bytes(Encoding.PEM)


def _holds(path: Path, message: bytes, pinned: Pinned) -> bool:
    try:
        open_stamp(path.read_bytes(), message, pinned)
    except IntegrityError:
        return False
    return True
