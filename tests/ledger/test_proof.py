"""The offline proof file: its bytes, what it proves, and every way to spoil it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import FormatError, IntegrityError
from archiver.ledger.checkpoint import MAX_NOTE, Checkpoint, sign_note
from archiver.ledger.proof import Proof, Verified, verify
from archiver.ledger.tree import inclusion_path, leaf_hash, memory_reader, root
from tests.ledger import rfc6962_reference as rfc
from tests.ledger.note_signer import MemorySigner

if TYPE_CHECKING:
    from collections.abc import Callable

LOG = MemorySigner("archive.example/log")
WITNESS = MemorySigner("witness.example")
KEYS = [LOG.verifier_key]
SIZE = 21
ENTRIES = rfc.entries(SIZE)
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


def note_of(size: int) -> bytes:
    """Return the signed checkpoint of the tree of the first leaves."""
    return sign_note(Checkpoint("archive.example/log", size, root(LEAVES[:size])).body(), LOG)


def proof_of(index: int, size: int, extra: bytes = b"") -> Proof:
    """Return the proof for one of the first leaves."""
    path = inclusion_path(index, size, memory_reader(LEAVES))
    return Proof(index, tuple(path), note_of(size), extra)


TEXT = proof_of(16, SIZE).build()
WITH_EXTRA = proof_of(16, SIZE, b"opaque").build()


def test_a_proof_s_bytes() -> None:
    """First line, extra, index, hashes from the leaf upwards, blank line, the note as it is."""
    hashes = [base64.b64encode(item).decode() for item in rfc.path(16, ENTRIES)]
    head = ["c2sp.org/tlog-proof@v1", "extra b3BhcXVl", "index 16", *hashes, "", ""]
    assert "\n".join(head).encode() + note_of(SIZE) == WITH_EXTRA
    assert WITH_EXTRA.replace(b"extra b3BhcXVl\n", b"") == TEXT


def test_the_shortest_proof() -> None:
    """In a log of one entry the path is empty."""
    text = proof_of(0, 1).build()
    assert text == b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + note_of(1)
    assert verify(text, ENTRIES[0], KEYS).checkpoint.size == 1


def test_every_entry_of_every_size_is_proven() -> None:
    """The proof of each entry verifies with the entry and the log's public key alone."""
    for size in range(1, SIZE + 1):
        for index in range(size):
            proven = verify(proof_of(index, size).build(), ENTRIES[index], KEYS)
            assert proven == Verified(
                index, Checkpoint("archive.example/log", size, root(LEAVES[:size]))
            )


def test_a_proof_holds_for_its_entry_only() -> None:
    """No other entry is proven by it, and no entry changed in one bit."""
    for index, entry in enumerate(ENTRIES):
        if index != 16:
            with pytest.raises(IntegrityError):
                verify(TEXT, entry, KEYS)
    entry = ENTRIES[16]
    for bit in range(len(entry) * 8):
        changed = bytearray(entry)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(IntegrityError):
            verify(TEXT, bytes(changed), KEYS)


def test_every_changed_byte_of_a_proof_is_refused() -> None:
    """Each bit flipped, each byte dropped or doubled, each end cut: nothing is proven."""
    assert verify(TEXT, ENTRIES[16], KEYS).index == 16
    for at, byte in enumerate(TEXT):
        changed = [TEXT[:at] + bytes([byte ^ 1 << bit]) + TEXT[at + 1 :] for bit in range(8)]
        changed += [TEXT[:at] + TEXT[at + 1 :], TEXT[: at + 1] + TEXT[at:], TEXT[:at]]
        for text in changed:
            with pytest.raises((FormatError, IntegrityError)):
                verify(text, ENTRIES[16], KEYS)


def test_extra_data_is_carried_but_not_authenticated() -> None:
    """Changing the extra data changes nothing that is proven."""
    assert Proof.parse(WITH_EXTRA).extra == b"opaque"
    other = proof_of(16, SIZE, b"something else").build()
    assert verify(WITH_EXTRA, ENTRIES[16], KEYS) == verify(other, ENTRIES[16], KEYS)


def test_a_checkpoint_of_another_size_does_not_fit() -> None:
    """A path from one tree under the signed checkpoint of another is refused."""
    proof = proof_of(16, SIZE)
    for size in range(SIZE):
        mixed = Proof(16, proof.path, note_of(size)).build()
        with pytest.raises(IntegrityError):
            verify(mixed, ENTRIES[16], KEYS)


def test_only_the_log_s_key_proves() -> None:
    """A checkpoint signed by nobody trusted, or by a witness alone, proves nothing."""
    body = Checkpoint("archive.example/log", SIZE, root(LEAVES)).body()
    by_witness = Proof(16, proof_of(16, SIZE).path, sign_note(body, WITNESS)).build()
    for keys in (KEYS, [], [WITNESS.verifier_key], [*KEYS, WITNESS.verifier_key]):
        with pytest.raises(IntegrityError):
            verify(by_witness, ENTRIES[16], keys)


@given(
    st.builds(
        Proof,
        index=st.integers(0, 2**63 - 1),
        path=st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple),
        note=st.binary(max_size=200),
        extra=st.binary(max_size=50),
    )
)
def test_proofs_survive_their_text(proof: Proof) -> None:
    """A proof read back from its text is the one written, whatever its note holds."""
    assert Proof.parse(proof.build()) == proof


@given(st.integers(0, len(WITH_EXTRA)), st.binary(max_size=4), st.integers(0, 40))
def test_any_bytes_are_one_proof_or_none(at: int, junk: bytes, cut: int) -> None:
    """Whatever parses as a proof is written again as the same bytes."""
    text = WITH_EXTRA[:at] + junk + WITH_EXTRA[at + cut :]
    try:
        proof = Proof.parse(text)
    except FormatError:
        return
    assert proof.build() == text


HEAD, _, NOTE = TEXT.partition(b"\n\n")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        HEAD,
        HEAD + b"\n",
        b"\n" + TEXT,
        TEXT.replace(b"@v1", b"@v2"),
        TEXT.replace(b"index 16\n", b""),
        TEXT.replace(b"index 16", b"index  16"),
        TEXT.replace(b"index 16", b"index 016"),
        TEXT.replace(b"index 16", b"index -1"),
        TEXT.replace(b"index 16", b"index 9223372036854775808"),
        TEXT.replace(b"index 16", b"index 16\nindex 16"),
        TEXT.replace(b"index 16", b"extra \nindex 16"),
        TEXT.replace(b"index 16", b"extra\nindex 16"),
        TEXT.replace(b"index 16", b"extra !\nindex 16"),
        TEXT.replace(b"index 16", b"index 16\nextra b3BhcXVl"),
        TEXT.replace(b"index 16", b"extra b3BhcXVl\nextra b3BhcXVl\nindex 16"),
        TEXT.replace(b"index 16", "index ١٦".encode()),
        HEAD + b"\nAAAA\n\n" + NOTE,
        HEAD + (b"\n" + base64.b64encode(bytes(32))) * 64 + b"\n\n" + NOTE,
        TEXT.replace(b"\n", b"\r\n"),
        b"c2sp.org/tlog-proof@v1\n\n" + NOTE,
    ],
)
def test_ill_formed_proofs_are_refused(text: bytes) -> None:
    """Other first lines, numbers, orders, hashes, line ends: a format error."""
    with pytest.raises(FormatError):
        verify(text, ENTRIES[16], KEYS)


def test_a_proof_has_a_largest_size() -> None:
    """A proof over two mebibytes is refused before it is read."""
    room = 2 * MAX_NOTE - len(HEAD) - 2
    assert Proof.parse(HEAD + b"\n\n" + b"n" * room).index == 16
    with pytest.raises(FormatError):
        Proof.parse(HEAD + b"\n\n" + b"n" * (room + 1))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Proof(-1, (), NOTE),
        lambda: Proof(2**63, (), NOTE),
        lambda: Proof(0, (bytes(31),), NOTE),
        lambda: Proof(0, (bytes(32),) * 64, NOTE),
    ],
)
def test_impossible_proofs_cannot_be_made(make: Callable[[], Proof]) -> None:
    """Indexes below 0 or of 64 bits, short hashes and endless paths are refused."""
    with pytest.raises(FormatError):
        make()
