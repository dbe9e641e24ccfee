"""The independent verifier and what outsiders vouch for: witnesses, policies, time-stamps."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from archiver.flows.prove import prove
from archiver.flows.verify import verify
from archiver.layout import ANCHORS, CHECKPOINT, anchor_key
from archiver.ledger.checkpoint import encode_base64, split_note
from archiver.ledger.cosignature import cosign
from tests.audit.damage import ULID, small, vouched_falsely
from tests.audit.forge import body, checkpoint_of, entries_of, put, relog, signed
from tests.audit.outside import entry_of, policy
from tests.flows.helpers import Quiet
from tests.ledger.cosigner import cosigners
from tests.verifier.test_agreement import copied, loaded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archiver.flows.archive import Archive

NAME = "witness.example"
KEYS = [one.verifier_key for one in cosigners(NAME)]
AT = 1_795_165_200


def cosigned_by(note: bytes, *places: int) -> bytes:
    """Return a note under cosignatures of the witness's keys: 0 Ed25519, 1 ML-DSA-44."""
    text = split_note(note)[0]
    return note + b"".join(cosign(text, cosigners(NAME)[place], AT) for place in places)


def anchored(archive: Archive, note: bytes) -> None:
    """Add a cosigned checkpoint of all that there is."""
    size = checkpoint_of(archive).size
    put(archive, anchor_key(ULID), note)
    relog(archive, [*entries_of(archive), entry_of("cosigned", size, ULID, note)])


def codes(
    archive: Archive, folder: Path, asks: bytes = b"quorum none\n", seen: tuple[bytes, ...] = ()
) -> list[tuple[str, str]]:
    """Return code and place of what the verifier finds under a policy."""
    copied(archive, folder)
    found = loaded().Archive(folder, list(archive.identity.keys), asks.decode())
    found.run(seen)
    return [(code, where) for code, where, _ in found.findings]


@pytest.mark.parametrize("places", [(0,), (1,), (0, 1)], ids=["Ed25519", "ML-DSA-44", "both"])
def test_cosignatures_meet_a_policy(tmp_path: Path, places: tuple[int, ...]) -> None:
    """Each kind of key counts; who did not cosign, or another of that name, does not."""
    archive = small(tmp_path / "home")
    anchored(archive, cosigned_by(archive.store.get(CHECKPOINT), *places))
    for place in range(2):
        asked = policy(quorum=f"w{place}")
        lacking = [] if place in places else [("anchor-quorum", ANCHORS)]
        assert codes(archive, tmp_path / "archive", asked) == lacking
    every = policy().replace(b"quorum none", b"group both all w0 w1\nquorum both")
    some = every.replace(b"both all", b"both any")
    assert codes(archive, tmp_path / "archive", some) == []
    assert (codes(archive, tmp_path / "archive", every) == []) == (len(places) == 2)
    other = policy("other.example", "w0")
    assert codes(archive, tmp_path / "archive", other) == [("anchor-quorum", ANCHORS)]


def test_what_came_after_wants_a_cosignature(tmp_path: Path) -> None:
    """Anchors alone may follow a cosigned size; a note that a witness showed makes up for more."""
    archive = small(tmp_path / "home")
    anchored(archive, cosigned_by(archive.store.get(CHECKPOINT), 0))
    relog(archive, [*entries_of(archive), body("gap")])
    asked = policy(quorum="w0")
    assert codes(archive, tmp_path / "archive", asked) == [("anchor-quorum", ANCHORS)]
    shown = cosigned_by(archive.store.get(CHECKPOINT), 0)
    assert codes(archive, tmp_path / "archive", asked, (shown,)) == []


def test_evidence_of_another_history(tmp_path: Path) -> None:
    """A cosigned checkpoint that is not of this log, stored or shown, is named."""
    archive = small(tmp_path / "home")
    size = checkpoint_of(archive).size
    for other in (signed(archive, 3, b"o" * 32), signed(archive, size + 1, b"o" * 32)):
        shown = (cosigned_by(other, 0),)
        assert codes(archive, tmp_path / "archive", policy(), shown) == [
            ("log-history", CHECKPOINT)
        ]
    vouched_falsely(archive)
    assert codes(archive, tmp_path / "archive", policy()) == [("anchor-false", anchor_key(ULID))]


def test_a_false_cosignature(tmp_path: Path) -> None:
    """A changed byte of a pinned key's cosignature is named; a stranger's is nobody's business."""
    archive = small(tmp_path / "home")
    lines = cosigned_by(archive.store.get(CHECKPOINT), 0).splitlines(keepends=True)
    changed = lines[-1][:-6] + (b"A" if lines[-1][-6:-5] != b"A" else b"B") + lines[-1][-5:]
    anchored(archive, b"".join([*lines[:-1], changed]))
    assert codes(archive, tmp_path / "archive", policy()) == [("anchor-false", anchor_key(ULID))]
    assert codes(archive, tmp_path / "archive", policy("other.example")) == []


def other_stamped(archive: Archive) -> None:
    """Say of a time-stamp that it stamps the second hash."""
    names = [one.key for one in archive.store.list(ANCHORS)]
    stamp = archive.store.get(names[1])
    put(archive, anchor_key(ULID), stamp)
    of = [names[2].rpartition("/")[2]]
    size = checkpoint_of(archive).size
    relog(archive, [*entries_of(archive), entry_of("timestamp", size, ULID, stamp, of=of)])


def later_named(archive: Archive) -> None:
    """Say of a time-stamp that it stamps a file that nobody named."""
    stamp = archive.store.get([one.key for one in archive.store.list(ANCHORS)][1])
    put(archive, anchor_key(ULID), stamp)
    of = ["01KACDG6Z0C1VJ5RCH1VE0S1KZ"]
    size = checkpoint_of(archive).size
    relog(archive, [*entries_of(archive), entry_of("timestamp", size, ULID, stamp, of=of)])


@pytest.mark.parametrize("damage", [other_stamped, later_named])
def test_a_time_stamp_over_something_else(
    damage: Callable[[Archive], None], tmp_path: Path
) -> None:
    """`archiver verify` knows what a time-stamp has to be over, the small one its digest alone."""
    archive = small(tmp_path / "home")
    damage(archive)
    assert codes(archive, tmp_path / "archive") == []
    theirs = verify(archive, Quiet(), deep=False).findings
    assert [(one.code, one.where) for one in theirs] == [("anchor-false", anchor_key(ULID))]


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, Any]:
    """Run the verifier's command line in this process; return status and what it printed."""
    status = loaded().main([str(word) for word in words])
    return status, capsys.readouterr().out


def test_it_says_what_it_did_not_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a policy all is self-consistent only; time-stamps' signatures are openssl's part."""
    archive = small(tmp_path / "home")
    copied(archive, tmp_path / "archive")
    place, (key,) = tmp_path / "archive", archive.identity.keys
    status, text = run(capsys, place, "--key", key)
    assert status == 0
    assert "no policy = self-consistent only" in text
    assert "time-stamps: only hashed" in text
    assert "openssl ts -verify -data" in text
    (tmp_path / "policy").write_bytes(policy(quorum="none"))
    status, text = run(capsys, place, "--key", key, "--policy", tmp_path / "policy")
    assert f"{NAME} cosigned" in text
    (tmp_path / "policy").write_bytes(f"log {key}\n".encode() + policy(quorum="w0"))
    status, text = run(capsys, place, "--policy", tmp_path / "policy", "--json")
    document = json.loads(text)
    assert [one["code"] for one in document["findings"]] == ["anchor-quorum"]
    assert document["cosigned"][KEYS[0]] > 0
    assert not any("self-consistent" in one for one in document["unchecked"])


SMALL = "0100000000000000000000000000000000000000000000000000000000000000"
ORDER_8 = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"


@pytest.mark.parametrize("point", [SMALL, "00" * 32, "ec" + "ff" * 30 + "7f", ORDER_8])
def test_keys_under_which_anybody_signs(point: str) -> None:
    """A key of small order in a policy is refused, as the archiver refuses to pin it."""
    module, raw = loaded(), b"\x04" + bytes.fromhex(point)
    number = module.sha256(b"w.example\n" + raw).digest()[:4].hex()
    with pytest.raises(ValueError, match="anybody can sign"):
        module.signers(b"", [f"w.example+{number}+{encode_base64(raw)}"])


@pytest.mark.parametrize(
    "text", ["", "quorum w\n", "witness w\n", "group g 1 w\nquorum g\n", "quorum none none\n"]
)
def test_policies_that_are_none(text: str, tmp_path: Path) -> None:
    """A policy that can't be read is refused, not taken for one that asks nothing."""
    (tmp_path / "policy").write_text(text)
    (tmp_path / "archive").mkdir()
    words = [str(tmp_path / "archive"), "--policy", str(tmp_path / "policy")]
    assert loaded().main(words) == 1


def test_proofs_and_a_policy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A proof says who cosigned its checkpoint, and does not hold without the policy's quorum."""
    archive = small(tmp_path / "home")
    proof = prove(archive, "stand-in:city:comments:whole")
    head, _, note = proof["tlog_proof"].partition("\n\n")
    proof["tlog_proof"] = f"{head}\n\n{cosigned_by(note.encode(), 0).decode()}"
    (tmp_path / "proof.json").write_text(json.dumps(proof))
    words = [tmp_path / "proof.json", "--key", archive.identity.keys[0]]
    status, text = run(capsys, *words)
    assert (status, "no policy = self-consistent only" in text) == (0, True)
    for quorum, expected in (("w0", 0), ("w1", 1)):
        (tmp_path / "policy").write_bytes(policy(quorum=quorum))
        status, text = run(capsys, *words, "--policy", tmp_path / "policy")
        assert (status, f"cosigned by {NAME}" in text) == (expected, expected == 0)


def test_a_proof_that_is_too_large(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """More than 32 MiB, or more than a million parts, are refused before they are read."""
    path = tmp_path / "proof.json"
    key = small(tmp_path / "home").identity.keys[0]
    for data in (b" " * (32 << 20) + b"{}", b'{"a":[' + b"[]," * (1 << 20) + b"0]}"):
        path.write_bytes(data)
        assert loaded().main([str(path), "--key", key]) == 1
        assert re.search("has more than|far too many parts", capsys.readouterr().err)


def test_a_policy_without_a_quorum_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In words: whoever gave it forgot its last line."""
    (tmp_path / "policy").write_text("# witnesses of the county\n")
    assert loaded().main([str(tmp_path), "--policy", str(tmp_path / "policy")]) == 1
    assert "a policy that says no quorum" in capsys.readouterr().err
