"""Proofs on the command line: nothing in one passes for the program's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.ledger.commitment import FIELD, Leaf
from archiver.ledger.disclosure import close, disclose, recommit
from tests.cli.terminal import run
from tests.ledger.own_proofs import CONTEXT_LEAVES, SIGNER, SOURCE, VALUES, signed, tree

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Captured

SPOOF = (
    "guilty\n  withheld: 0 words in opened fields\nThe proof holds.\n  ledger entry 7 of 9\x1b[2J"
)


def told(folder: Path, proof: bytes) -> str:
    """Return what `check` says of a proof."""
    (folder / "signed.json").write_bytes(proof)
    ran = run(folder, "check", "signed.json", "--key", SIGNER.verifier_key)
    assert ran.code == 0
    return ran.text


def test_a_value_can_not_speak_for_the_program(tmp_path: Path) -> None:
    """Each further line of a value is marked as one, its control characters escaped."""
    leaf = Leaf(0, FIELD, "extra", SPOOF.encode(), bytes(32))
    text = told(tmp_path, signed(fields=disclose([leaf], [0])))
    lines = text.splitlines()
    assert lines.count("The proof holds.") == 1
    assert sum(line.startswith("  withheld:") for line in lines) == 1
    assert sum(line.startswith("  ledger entry") for line in lines) == 1
    assert "      | The proof holds." in lines
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("closed", "said"),
    [(2, "which record this is"), (3, "the state it was seen in"), (1, "when it was seen")],
)
def test_what_is_not_proven_is_said(tmp_path: Path, closed: int, said: str) -> None:
    """A closed header line that would say which, what or when is named as not proven."""
    text = told(tmp_path, signed(tree(CONTEXT_LEAVES, {closed})))
    assert f"NOT proven: {said}" in text
    assert text.count("NOT proven") == 1
    assert "1 header lines" in text
    assert "NOT proven" not in told(tmp_path, signed())


def test_a_proof_of_nothing_says_so(tmp_path: Path) -> None:
    """Everything closed: the entry is there, and that is all."""
    roots = [close(recommit(tree(group))) for group in (CONTEXT_LEAVES, VALUES, SOURCE)]
    text = told(tmp_path, signed(*roots))
    assert "NOT proven: anything but that the entry is there" in text
    assert "all whole fields, all header lines" in text
    assert "comments:17" not in text


def test_gaps_are_told_by_program_too(tmp_path: Path) -> None:
    """Where words are withheld, and how many, stands in the document."""
    hidden = {token.number for token in VALUES[2].tokens if b"555" in token.value}
    proof = signed(fields=disclose(VALUES, range(4), hidden))
    (tmp_path / "signed.json").write_bytes(proof)
    ran = run(tmp_path, "check", "signed.json", "--key", SIGNER.verifier_key, "--json")
    assert ran.document["data"]["gaps"] == {"text": [[5, 1]]}


def test_what_can_not_be_withheld_is_not_written(captured: Captured, tmp_path: Path) -> None:
    """A text in the record id is refused, and no file is there."""
    file = tmp_path / "proof.json"
    words = ["prove", captured.edited, "--withhold", "City Blog", "--out", str(file)]
    ran = run(captured.folder, *words, "--json")
    assert (ran.code, ran.finding["code"]) == (1, "withhold-impossible")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_stays(captured: Captured, tmp_path: Path) -> None:
    """Another file, or a link to nowhere, is not overwritten; the same proof is no trouble."""
    file = tmp_path / "proof.json"
    words = ["prove", captured.edited, "--out", str(file), "--json"]
    assert run(captured.folder, *words).code == 0
    assert run(captured.folder, *words).code == 0
    file.write_text("mine", "utf-8")
    ran = run(captured.folder, *words)
    assert (ran.code, ran.finding["code"]) == (2, "file-exists")
    assert file.read_text("utf-8") == "mine"
    file.unlink()
    file.symlink_to("nowhere")
    assert run(captured.folder, *words).finding["code"] == "file-exists"
    assert [path.name for path in tmp_path.iterdir()] == ["proof.json"]


def test_a_proof_goes_into_a_pipe(captured: Captured) -> None:
    """What is no regular file is written to as it is."""
    assert run(captured.folder, "prove", captured.edited, "--out", "/dev/null", "--json").code == 0
