"""Acts: one spelling, signatures over all of it, and nothing that tells whom it is about."""

from __future__ import annotations

import pytest

from archiver.errors import FormatError
from archiver.flows.people import verifies
from archiver.registry.acts import TAG, Act, canonical, message, subject
from tests.registry.signers import Office, handle, signer

OFFICE = Office()
ACT = OFFICE.act("clerk counsel", "grant", person=handle("officer"), role="auditor")


def test_an_act_comes_back_from_its_file() -> None:
    """What one signer writes the next one reads, signatures and all."""
    assert Act.decode(ACT.encode()) == ACT
    assert len(ACT.signers(verifies)) == 2


def test_what_is_signed_is_canonical() -> None:
    """The order of members says nothing, and no batch or checkpoint begins so."""
    backwards = dict(reversed(list(ACT.statement.items())))
    assert message(backwards) == message(ACT.statement)
    assert message(ACT.statement) == TAG + canonical(dict(ACT.statement))


def test_every_changed_bit_of_a_signature_counts() -> None:
    """One signature that does not hold, and nobody signed."""
    first, second = ACT.signatures
    for place in range(0, 512, 7):
        changed = bytearray.fromhex(first.signature)
        changed[place // 8] ^= 1 << place % 8
        broken = Act(ACT.statement, (first._replace(signature=changed.hex()), second))
        assert broken.signers(verifies) == frozenset()


def test_a_key_that_is_none_signs_nothing() -> None:
    """Text in the place of a key is no signature of anybody."""
    assert Act(ACT.statement).signed("nobody", bytes(64)).signers(verifies) == frozenset()
    assert Act(ACT.statement).signers(verifies) == frozenset()


def test_the_same_key_signs_once() -> None:
    """Signing again replaces the signature."""
    key = signer("clerk")
    again = ACT.signed(key.verifier_key, key.sign(message(ACT.statement)))
    assert len(again.signatures) == 2


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"{}", b'{"statement":{},"signatures":[]}',
        ACT.encode().replace(b'"signatures":[', b'"signatures":[7,'),
        ACT.encode().replace(b'"signature":"', b'"signature":"x'),
        ACT.encode().replace(b'"act":', b'"deed":'),
        b"[" * 100_000,
    ],
)  # fmt: skip
def test_other_files_are_refused(data: bytes) -> None:
    """What is no act is said to be none."""
    with pytest.raises(FormatError):
        Act.decode(data)


def test_no_canonical_spelling_is_an_error() -> None:
    """What RFC 8785 can't spell nobody signs."""
    with pytest.raises(FormatError):
        canonical({"n": float("nan")})


def test_a_subject_tells_no_name() -> None:
    """The same person under another salt has another subject: names can't be tried."""
    told = canonical({"name": "R. Alvarez"})
    assert subject(told, bytes(32)) != subject(told, b"\x01" * 32)
    assert subject(told, bytes(32)) != subject(told + b" ", bytes(32))
