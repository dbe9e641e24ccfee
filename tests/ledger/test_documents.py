"""The byte-level documents show what the code does."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from archiver.errors import ArchiverError
from archiver.ledger import entry
from archiver.ledger.commitment import hash_of, leaves, observation_commitment
from archiver.ledger.disclosure import disclose, opened_leaves, recommit, text_of
from archiver.ledger.proof import verify
from archiver.ledger.seal import check_seal
from archiver.ledger.tree import pair_up
from archiver.record import Excerpt
from tests.ledger import document_examples as examples

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def ledger_page(repo_root: Path) -> str:
    """The page on the ledger."""
    return (repo_root / "docs/formats/ledger.md").read_text("utf-8")


@pytest.fixture
def proof_page(repo_root: Path) -> str:
    """The page on proofs."""
    return (repo_root / "docs/formats/proof.md").read_text("utf-8")


def test_the_ledger_s_example(ledger_page: str) -> None:
    """Every line of the worked example is computed."""
    block = ledger_page.partition("## Example")[2]
    lines = re.findall(r"^    (.{14})(.+)$", block, re.MULTILINE)
    shown = {name.rstrip(): value for name, value in lines}
    assert shown == examples.ledger()


def test_the_ledger_s_members(ledger_page: str) -> None:
    """Types of entries, members of a seal and of a segment are all on the page."""
    types = re.search(r"its type: `([a-z -]+)`", ledger_page)
    assert types is not None
    assert set(types[1].split()) == entry.CONTROL_TYPES
    members = re.findall(r"^\| (`.*?`) \|", ledger_page, re.MULTILINE)
    named = {name for cell in members for name in re.findall(r"`(\w+)`", cell)}
    placed = entry.parse(examples.BATCH.entries(1)[1])
    assert isinstance(placed, entry.Control)
    check_seal(placed.body)
    assert named >= placed.body.keys() | placed.body["segments"][0].keys()


def check(text: str) -> dict[str, str]:
    """Check a proof as the page says; return the opened fields."""
    document = json.loads(text)
    roots = [recommit(document[name]) for name in ("source", "context", "fields")]
    leaf = entry.observation(observation_commitment(*roots))
    verify(document["tlog_proof"].encode(), leaf, [examples.SIGNER.verifier_key])
    return {one["name"]: text_of(one, "█████") for one in opened_leaves(document["fields"])}


def test_the_proof_s_example(proof_page: str) -> None:
    """The proof on the page is the one that is made, and checks with the key on the page."""
    block = proof_page.partition("```json\n")[2].partition("\n```")[0]
    assert block == examples.proof()
    assert f"`{examples.SIGNER.verifier_key}`" in proof_page
    assert check(block) == {"text": "Call █████ now"}
    assert "555-0142" not in block


def test_the_proof_s_example_changed() -> None:
    """With any one character of its content changed it does not check."""
    document = json.loads(examples.proof())
    changed = 0
    for name in ("source", "context", "fields", "tlog_proof"):
        spelled = json.dumps(document[name])
        for at in range(0, len(spelled), 3):
            other = spelled[:at] + chr(ord(spelled[at]) ^ 1) + spelled[at + 1 :]
            twin = json.dumps(document).replace(spelled, other)
            try:
                same = json.loads(twin) == document
            except ValueError:
                continue
            if not same:
                changed += 1
                with pytest.raises((ArchiverError, KeyError)):
                    check(twin)
    assert changed > 300


def test_the_walk(proof_page: str) -> None:
    """The walk closes the subtrees that the page names."""
    shown = dict(re.findall(r"^    (count|opened|closed)  +(.*)$", proof_page, re.MULTILINE))
    count, opened = int(shown["count"]), [int(one) for one in shown["opened"].split()]
    group = leaves(examples.SALT, [Excerpt("item", b"")] * count, [], (), {})[0]
    hashes = [hash_of(leaf) for leaf in group]
    expected = []
    for first, end in re.findall(r"\[(\d+),(\d+)\)", shown["closed"]):
        nodes = hashes[int(first) : int(end)]
        while len(nodes) > 1:
            nodes = pair_up(nodes)
        expected.append(nodes[0].hex())
    assert disclose(group, opened)["closed"] == expected
