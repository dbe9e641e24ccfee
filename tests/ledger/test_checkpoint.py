"""Checkpoints and signed notes, and every way to spoil them."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import FormatError, IntegrityError
from archiver.ledger.checkpoint import (
    MAX_NOTE,
    MAX_SIGNATURES,
    Checkpoint,
    open_checkpoint,
    open_note,
    parse_verifier_key,
    sign_note,
    verifier_key,
)
from archiver.ledger.tree import EMPTY_ROOT
from tests.ledger.note_signer import MemorySigner

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOG = MemorySigner("archive.example/log")
OTHER = MemorySigner("archive.example/log", "another key")
WITNESS = MemorySigner("witness.example")
KEYS = [LOG.verifier_key]
HEAD = Checkpoint("archive.example/log", 7, hashlib.sha256(b"root").digest())
NOTE = sign_note(HEAD.body(), LOG)
TESSERA = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
# Two key numbers, found by trying 39,209, whose ids under the name "n" are the same.
COLLISION = (32794, 39210)

LINES = st.text(st.characters(codec="utf-8", min_codepoint=0x20), min_size=1, max_size=20)
CHECKPOINTS = st.builds(
    Checkpoint,
    origin=LINES,
    size=st.integers(1, 2**63 - 1),
    root=st.binary(min_size=32, max_size=32),
    extensions=st.lists(LINES, max_size=3).map(tuple),
)


def signature_line(signer: MemorySigner, body: bytes) -> bytes:
    """Return only the signature line of a note."""
    return sign_note(body, signer)[len(body) + 1 :]


def line(name: str, data: bytes) -> bytes:
    """Return a signature line with any bytes in it."""
    return f"— {name} {base64.b64encode(data).decode()}\n".encode()


def test_a_checkpoint_s_text() -> None:
    """Origin, size in decimal and root in base64, one line each, then extension lines."""
    root = base64.b64encode(HEAD.root)
    assert HEAD.body() == b"archive.example/log\n7\n" + root + b"\n"
    extended = Checkpoint(HEAD.origin, 7, HEAD.root, ("time 3", "ü"))
    assert extended.body() == HEAD.body() + "time 3\nü\n".encode()
    assert Checkpoint.parse(extended.body()) == extended


@given(CHECKPOINTS)
def test_checkpoints_survive_their_text(checkpoint: Checkpoint) -> None:
    """A checkpoint read back from its text is the one written."""
    assert Checkpoint.parse(checkpoint.body()) == checkpoint


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode), st.integers(0, 90))
def test_any_text_is_one_checkpoint_or_none(junk: bytes, at: int) -> None:
    """Whatever parses as a checkpoint is written again as the same bytes."""
    body = HEAD.body()
    for text in (junk, body[:at] + junk + body[at:], body[:at] + junk + body[at + 1 :]):
        try:
            checkpoint = Checkpoint.parse(text)
        except FormatError:
            continue
        assert checkpoint.body() == text


ROOT = base64.b64encode(HEAD.root).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "log\n7\n",
        f"log\n7\n{ROOT}",
        f"\n7\n{ROOT}\n",
        f"log\n07\n{ROOT}\n",
        f"log\n+7\n{ROOT}\n",
        f"log\n-7\n{ROOT}\n",
        f"log\n7_0\n{ROOT}\n",
        f"log\n\u0667\n{ROOT}\n",
        f"log\n7 \n{ROOT}\n",
        f"log\n{2**63}\n{ROOT}\n",
        f"log\n1{'0' * 5000}\n{ROOT}\n",
        f"log\n0\n{ROOT}\n",
        f"log\n7\n{ROOT} \n",
        f"log\n7\n{ROOT[:-1]}\n",
        f"log\n7\n{base64.b64encode(HEAD.root[1:]).decode()}\n",
        f"log\n7\n{base64.b64encode(HEAD.root + b'1').decode()}\n",
        f"log\n7\n{ROOT}\n\n",
        f"log\n7\n{ROOT}\n\nextension\n",
        f"log\n7\n{ROOT}\next\tension\n",
        f"log\r\n7\r\n{ROOT}\r\n",
        f"log\u0000\n7\n{ROOT}\n",
    ],
)
def test_ill_formed_checkpoints_are_refused(text: str) -> None:
    """Missing lines, other spellings of numbers, roots of another size, controls: no."""
    with pytest.raises(FormatError):
        Checkpoint.parse(text.encode())


@pytest.mark.parametrize(
    "make",
    [
        lambda: Checkpoint("", 7, HEAD.root),
        lambda: Checkpoint("a\nb", 7, HEAD.root),
        lambda: Checkpoint("\ud800", 7, HEAD.root),
        lambda: Checkpoint("a", -1, HEAD.root),
        lambda: Checkpoint("a", 2**63, HEAD.root),
        lambda: Checkpoint("a", 7, HEAD.root[1:]),
        lambda: Checkpoint("a", 0, HEAD.root),
        lambda: Checkpoint("a", 7, HEAD.root, ("",)),
        lambda: Checkpoint("a", 7, HEAD.root, ("b\nc",)),
    ],
)
def test_impossible_checkpoints_cannot_be_made(make: Callable[[], Checkpoint]) -> None:
    """A checkpoint that its text could not carry is refused when it is made."""
    with pytest.raises(FormatError):
        make()


def test_the_empty_log_s_checkpoint() -> None:
    """A log without entries has size 0 and the root SHA-256 of nothing."""
    body = Checkpoint("log", 0, EMPTY_ROOT).body()
    assert body == b"log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    assert Checkpoint.parse(body).size == 0


def test_non_canonical_base64_is_refused() -> None:
    """A root whose last character carries stray bits has no second spelling."""
    spelled = ROOT[:-2] + chr(ord(ROOT[-2]) + 1) + "="
    assert base64.b64decode(spelled) == HEAD.root
    with pytest.raises(FormatError):
        Checkpoint.parse(f"log\n7\n{spelled}\n".encode())


def test_a_note_s_bytes() -> None:
    """Text, blank line, em dash, name, base64 of key id and signature over the text."""
    key = parse_verifier_key(LOG.verifier_key)
    signed = base64.b64encode(key.key_id + LOG.sign(HEAD.body())).decode()
    assert HEAD.body() + f"\n— archive.example/log {signed}\n".encode() == NOTE
    opened = open_note(NOTE, KEYS)
    assert opened.body == HEAD.body()
    assert opened.verified == (LOG.verifier_key,)


@given(st.lists(st.text(st.characters(codec="utf-8", min_codepoint=0x20)), min_size=1))
def test_notes_carry_any_text(lines: list[str]) -> None:
    """Empty lines and any script survive; the text ends at the last empty line."""
    body = "".join(f"{text}\n" for text in lines).encode()
    assert open_note(sign_note(body, LOG), KEYS).body == body


def test_every_changed_byte_of_a_note_is_refused() -> None:
    """Each byte replaced by each of eight others, dropped or doubled: no note verifies."""
    assert open_note(NOTE, KEYS).body == HEAD.body()
    for at, byte in enumerate(NOTE):
        others = [byte ^ 1 << bit for bit in range(8)]
        changed = [NOTE[:at] + bytes([other]) + NOTE[at + 1 :] for other in others]
        changed += [NOTE[:at] + NOTE[at + 1 :], NOTE[: at + 1] + NOTE[at:], NOTE[:at]]
        for note in changed:
            with pytest.raises((FormatError, IntegrityError)):
                open_note(note, KEYS)


def test_unknown_signatures_are_ignored() -> None:
    """Signatures of keys not given, also with a given key's name, neither help nor harm."""
    body = HEAD.body()
    key = parse_verifier_key(LOG.verifier_key)
    note = NOTE + signature_line(OTHER, body) + signature_line(WITNESS, body)
    note += line("somebody", b"\0\0\0\0short") + line("other.example", key.key_id + bytes(64))
    assert open_note(note, KEYS).verified == (LOG.verifier_key,)
    for unknown in ([], [MemorySigner("nobody").verifier_key]):
        with pytest.raises(IntegrityError):
            open_note(note, unknown)


def test_all_given_keys_that_signed_are_named() -> None:
    """The keys that verified are listed in the note's order, each once."""
    note = NOTE + signature_line(WITNESS, HEAD.body()) + signature_line(LOG, HEAD.body())
    keys = [WITNESS.verifier_key, OTHER.verifier_key, LOG.verifier_key, LOG.verifier_key]
    assert open_note(note, keys).verified == (LOG.verifier_key, WITNESS.verifier_key)


@pytest.mark.parametrize("signature", [bytes(64), b"short", bytes(65)])
def test_a_bad_signature_of_a_known_key_spoils_the_note(signature: bytes) -> None:
    """It is refused also where the same key, or another one, has a good signature."""
    key = parse_verifier_key(LOG.verifier_key)
    bad = line(key.name, key.key_id + signature)
    good = NOTE + signature_line(WITNESS, HEAD.body())
    with pytest.raises(IntegrityError) as caught:
        open_note(good + bad, [LOG.verifier_key, WITNESS.verifier_key])
    assert caught.value.where == LOG.verifier_key


def test_two_given_keys_may_not_share_name_and_id() -> None:
    """Two keys that were made to collide in their 32-bit id can't be trusted together."""
    one, other = (verifier_key("n", number.to_bytes(32, "little")) for number in COLLISION)
    assert one != other
    assert parse_verifier_key(one).key_id == parse_verifier_key(other).key_id
    with pytest.raises(FormatError):
        open_note(NOTE, [*KEYS, one, other])


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"\n\n",
        HEAD.body(),
        HEAD.body() + b"\n",
        HEAD.body() + NOTE[len(HEAD.body()) + 1 :],
        NOTE[:-1],
        NOTE + b"\n",
        NOTE + b"more\n",
        NOTE.replace("—".encode(), b"-"),
        NOTE.replace("— ".encode(), "—".encode()),
        NOTE.replace(b"\n", b"\r\n"),
        NOTE[:3] + b"\t" + NOTE[3:],
        NOTE[:3] + b"\xff" + NOTE[3:],
        NOTE[:3] + b"\xed\xa0\x80" + NOTE[3:],
        NOTE + line("name", b"1234"),
        NOTE + line("na+me", b"12345"),
        NOTE + "— name !!!!\n".encode(),
        NOTE + "— name AAAAAAB=\n".encode(),
        NOTE + "— name\n".encode(),
    ],
)
def test_ill_formed_notes_are_refused(note: bytes) -> None:
    """No blank line, no signature, other line ends, controls, bad UTF-8, bad base64: no."""
    with pytest.raises(FormatError):
        open_note(note, KEYS)


def test_limits_of_a_note() -> None:
    """A hundred signatures are read, one more is not; nor is a note over a mebibyte."""
    unknown = line("witness.example", b"1" * 68)
    assert open_note(NOTE + unknown * (MAX_SIGNATURES - 1), KEYS).verified
    with pytest.raises(FormatError):
        open_note(NOTE + unknown * MAX_SIGNATURES, KEYS)
    room = MAX_NOTE - len(sign_note(b"\n", LOG))
    assert open_note(sign_note(b"x" * room + b"\n", LOG), KEYS).verified
    with pytest.raises(FormatError):
        open_note(sign_note(b"x" * (room + 1) + b"\n", LOG), KEYS)


@pytest.mark.parametrize("body", [b"", b"no end", b"\xff\n", b"a\tb\n", b"a\r\n", b"\0\n"])
def test_bodies_that_no_note_carries(body: bytes) -> None:
    """A text without final newline, with controls or bad UTF-8 is not signed."""
    with pytest.raises(FormatError):
        sign_note(body, LOG)


class WrongSigner(MemorySigner):
    """A signer whose device answers for another key."""

    def sign(self, message: bytes) -> bytes:
        """Return another key's signature."""
        return Ed25519PrivateKey.from_private_bytes(bytes(32)).sign(message)


def test_a_signer_that_errs_makes_no_note() -> None:
    """The signature is checked before the note is made."""
    with pytest.raises(IntegrityError):
        sign_note(HEAD.body(), WrongSigner("archive.example/log"))


def test_a_checkpoint_is_opened_for_its_log_only() -> None:
    """The key named as the origin must have signed; a witness does not stand in for it."""
    keys = [LOG.verifier_key, WITNESS.verifier_key]
    assert open_checkpoint(NOTE, keys) == HEAD
    assert open_checkpoint(NOTE + signature_line(WITNESS, HEAD.body()), keys) == HEAD
    with pytest.raises(IntegrityError) as caught:
        open_checkpoint(sign_note(HEAD.body(), WITNESS), keys)
    assert caught.value.where == HEAD.origin


def test_published_checkpoints(shared_data: Path) -> None:
    """Every checkpoint of the published log opens with the log's published key."""
    folder = shared_data / "vectors" / "tessera" / "testdata" / "log"
    notes = {file.name: file.read_bytes() for file in folder.glob("checkpoint*")}
    sizes = sorted(open_checkpoint(note, [TESSERA]).size for note in notes.values())
    assert sizes == [*range(16), 15]
    for note in notes.values():
        with pytest.raises(IntegrityError):
            open_checkpoint(note, KEYS)
