"""Verifier keys: their one spelling, the names and the points that are refused."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import FormatError
from archiver.ledger.checkpoint import VerifierKey, parse_verifier_key, verifier_key
from tests.ledger.note_signer import MemorySigner

if TYPE_CHECKING:
    from pathlib import Path

LOG = MemorySigner("archive.example/log")
TESSERA = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


@pytest.mark.parametrize(
    "text",
    [TESSERA, "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"],
)
def test_published_verifier_keys(text: str) -> None:
    """Keys of other implementations have the key id we compute, and are written the same."""
    key = parse_verifier_key(text)
    assert str(key) == verifier_key(key.name, key.public) == text
    assert key.key_id.hex() == text.split("+")[1]


@given(st.integers(0, len(TESSERA) - 1), st.characters(codec="ascii"))
def test_a_changed_verifier_key_is_refused(at: int, char: str) -> None:
    """The hash in a verifier key covers its name and its key: no character may change."""
    changed = TESSERA[:at] + char + TESSERA[at + 1 :]
    if changed != TESSERA:
        with pytest.raises(FormatError):
            parse_verifier_key(changed)


def other_type_key() -> str:
    """Return a well-formed key of signature type 2."""
    data = b"\x02" + LOG.public
    digest = hashlib.sha256(b"name\n" + data).digest()
    return f"name+{digest[:4].hex()}+{base64.b64encode(data).decode()}"


@pytest.mark.parametrize(
    "text", ["", "name", "name+00000000", "name++", "+33d7b496+", TESSERA.upper(), other_type_key()]
)
def test_ill_formed_verifier_keys_are_refused(text: str) -> None:
    """A verifier key has three parts, lower-case digits, and type Ed25519."""
    with pytest.raises(FormatError):
        parse_verifier_key(text)


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\u00a0b", "a\u2028b", "a\u3000", "a\nb", "a\tb", "a\x01", "\udc80"]
)
def test_forbidden_key_names(name: str) -> None:
    """A key name is not empty and has no space of any script, plus sign or control."""
    with pytest.raises(FormatError):
        verifier_key(name, LOG.public)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_public_keys_have_32_bytes(size: int) -> None:
    """A public key of another length is refused."""
    with pytest.raises(FormatError):
        verifier_key("name", bytes([2]) * size)


P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


def add(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """Add two points of the curve -x² + y² = 1 + dx²y² (RFC 8032 §5.1.4, affine)."""
    (x1, y1), (x2, y2) = one, other
    product = D * x1 * x2 * y1 * y2 % P
    x3 = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P)
    y3 = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P)
    return x3 % P, y3 % P


def order_eight() -> tuple[int, int]:
    """Return a point of order 8.

    Doubled, it is a point of order 4, whose y is 0: so x² = -y², and by the equation of the
    curve d·y⁴ + 2y² - 1 = 0.
    """
    root = square_root((1 + D) % P)
    for y_squared in ((root - 1) * pow(D, -1, P) % P, (-root - 1) * pow(D, -1, P) % P):
        x, y = square_root(-y_squared % P), square_root(y_squared)
        if y * y % P == y_squared and (x * x + y_squared) % P == 0:
            return x, y
    raise AssertionError


def square_root(value: int) -> int:
    """Return a square root modulo p where there is one (RFC 8032 §5.1.3)."""
    root = pow(value, (P + 3) // 8, P)
    return root if root * root % P == value else root * pow(2, (P - 1) // 4, P) % P


def small_order_points() -> set[tuple[int, int]]:
    """Return the eight points whose order divides 8."""
    generator = order_eight()
    points = [generator]
    while points[-1] != (0, 1):
        points.append(add(points[-1], generator))
    return set(points)


def encodings(y: int) -> set[bytes]:
    """Return every way to write y in 255 bits, with either sign bit."""
    values = [value for value in (y, y + P) if value < 2**255]
    return {(v | sign << 255).to_bytes(32, "little") for v in values for sign in (0, 1)}


def test_every_encoding_of_every_small_order_point_is_refused() -> None:
    """The 8 points of small order, in all 14 encodings, can't be pinned as a key."""
    points = small_order_points()
    assert len(points) == 8
    keys = {key for _, y in points for key in encodings(y)}
    assert len(keys) == 14
    for key in keys:
        with pytest.raises(FormatError):
            verifier_key("name", key)


@pytest.mark.parametrize("y", range(P, 2**255))
def test_keys_beyond_the_field_are_refused(y: int) -> None:
    """A key whose number is not below p can't be decoded (RFC 8032 §5.1.3)."""
    with pytest.raises(FormatError):
        verifier_key("name", y.to_bytes(32, "little"))


def test_a_small_order_key_would_verify_what_nobody_signed() -> None:
    """Why they are refused: under the neutral point an all-zero signature verifies."""
    key = object.__new__(VerifierKey)
    object.__setattr__(key, "name", "name")
    object.__setattr__(key, "public", b"\x01" + bytes(31))
    assert key.verifies(b"\x01" + bytes(63), b"anything at all")


def test_published_edge_keys(shared_data: Path) -> None:
    """All 914 published Ed25519 cases: a key is refused exactly where it is of small order."""
    file = shared_data / "vectors" / "cctv" / "ed25519" / "ed25519vectors.json"
    cases = json.loads(file.read_bytes())
    assert len(cases) == 914
    refused = 0
    for case in cases:
        small = "low_order_A" in (case["flags"] or [])
        try:
            verifier_key("name", bytes.fromhex(case["key"]))
        except FormatError:
            refused += 1
            assert small
        else:
            assert not small
    assert refused == 526
