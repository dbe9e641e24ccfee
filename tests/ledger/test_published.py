"""Published test data of other projects, through both verifiers and our witness.

The data is not ours and lies beside the repository: tests skip where it is absent. Each file of
it is used by a test, here or beside the code that it is about (`USED`).
"""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from archiver.ledger.checkpoint import Checkpoint, open_checkpoint, split_note
from archiver.ledger.cosignature import cosignatures
from archiver.ledger.log import LogReader
from archiver.ledger.timestamp import query
from archiver.ledger.tree import consistency_path, root
from archiver.ledger.view import Parts, resolve
from archiver.ledger.witness import AddCheckpoint
from tests.ledger.test_checkpoint import TESSERA
from tests.outsiders import keys_of, served
from tests.verifier.test_agreement import loaded

if TYPE_CHECKING:
    from pathlib import Path

USED = {
    "cctv/ed25519/ed25519vectors.json": (
        "tests/ledger/test_verifier_key.py::test_published_edge_keys",
        "tests/ledger/test_cosignature.py::test_keys_of_small_order_are_never_pinned",
        "tests/ledger/test_published.py::test_edge_keys_in_the_small_verifier",
    ),
    "merkle/testdata/inclusion/**/*.json": (
        "tests/ledger/test_tree.py::test_published_inclusion_vectors",
        "tests/ledger/test_published.py::test_inclusion_in_the_small_verifier",
    ),
    "merkle/testdata/consistency/**/*.json": (
        "tests/ledger/test_tree.py::test_published_consistency_vectors",
    ),
    "merkle/testdata/subtreeinclusion/**/*.json": (
        "tests/ledger/test_tree.py::test_published_subtree_inclusion_vectors",
    ),
    "merkle/testdata/subtreeconsistency/**/*.json": (
        "tests/ledger/test_tree.py::test_published_subtree_consistency_vectors",
    ),
    "tessera/testdata/log/checkpoint*": (
        "tests/ledger/test_checkpoint.py::test_published_checkpoints",
        "tests/ledger/test_published.py::test_a_tessera_log_in_our_view",
        "tests/ledger/test_published.py::test_a_tessera_log_in_the_small_verifier",
        "tests/ledger/test_published.py::test_our_witness_cosigns_a_tessera_log",
    ),
    "tessera/testdata/log/tile/**/*": (
        "tests/ledger/test_tiles.py::test_another_log_s_tiles_and_entries_lead_to_its_checkpoints",
        "tests/ledger/test_published.py::test_a_tessera_log_in_our_view",
    ),
    "tessera/testdata/log/.state/treeState": (
        "tests/ledger/test_published.py::test_a_tessera_log_in_our_view",
    ),
    "rfc3161/test/fixtures/*/*.tsr": (
        "tests/ledger/test_timestamp.py::test_published_time_stamps",
    ),
    "rfc3161/test/fixtures/*/ts_chain.pem": (
        "tests/ledger/test_timestamp.py::test_published_time_stamps",
    ),
    "rfc3161/test/fixtures/*/payload": (
        "tests/ledger/test_timestamp.py::test_published_time_stamps",
    ),
    "rfc3161/test/fixtures/*/*request.der": (
        "tests/ledger/test_published.py::test_published_queries_are_ours",
    ),
}
"""Files, and the tests that read them."""

TELL_NOTHING = {"README.md", "publish.lock", "treeState.lock", "version"}


@pytest.fixture
def vectors(shared_data: Path) -> Path:
    """The folder of all of them."""
    return shared_data / "vectors"


@pytest.fixture
def log(vectors: Path) -> Path:
    """The log that Tessera wrote, 15 entries long."""
    return vectors / "tessera" / "testdata" / "log"


def test_every_file_is_used(vectors: Path, repo_root: Path) -> None:
    """No published file without a test that reads it; the tests named are there."""
    left = {path for path in vectors.rglob("*") if path.is_file()}
    left -= {path for path in left if path.name in TELL_NOTHING}
    for pattern, tests in USED.items():
        found = {path for path in vectors.glob(pattern) if path.is_file()}
        assert found, pattern
        left -= found
        for one in tests:
            file, _, name = one.partition("::")
            assert f"def {name}(" in (repo_root / file).read_text("utf-8")
    assert left == set()


class OfTessera:
    """Its tiles and bundles, under the names that they have in an archive of ours."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def get(self, key: str) -> bytes:
        """Return an object."""
        return (self._log / key.removeprefix("log/")).read_bytes()


def test_a_tessera_log_in_our_view(log: Path) -> None:
    """Entries and tiles lead to each checkpoint, also where one of the two is missing."""
    for size in range(1, 16):
        checkpoint = open_checkpoint((log / f"checkpoint.{size}").read_bytes(), [TESSERA])
        reader = LogReader(OfTessera(log), size)  # type: ignore[arg-type]  # it only reads
        entries = list(reader.entries(0))
        tile = (log / f"tile/0/000.p/{size}").read_bytes()
        hashes = [tile[at : at + 32] for at in range(0, len(tile), 32)]
        for parts in (Parts({0: entries}, {(0, 0): hashes}), Parts({0: entries}, {})):
            view = resolve(parts, size, checkpoint.root)
            assert (view.led, view.entries) == (True, entries)
        assert resolve(Parts({}, {(0, 0): hashes}), size, checkpoint.root).led
        assert not resolve(Parts({0: entries}, {}), size, bytes(32)).led
        assert root(hashes) == checkpoint.root
    state = json.loads((log / ".state" / "treeState").read_bytes())
    assert (state["size"], base64.b64decode(state["root"])) == (15, checkpoint.root)


def test_a_tessera_log_in_the_small_verifier(log: Path) -> None:
    """It comes from the entries to every checkpoint's root."""
    module = loaded()
    for size in range(16):
        origin, found, signed = module.checkpoint(
            (log / f"checkpoint.{size}").read_bytes(), [TESSERA]
        )
        data = (log / f"tile/entries/000.p/{size}").read_bytes() if size else b""
        leaves = [module.hashed(b"\0", one) for one in module.unbundle(data, size)]
        root_here = module.root_of(module.levels(leaves), size)
        assert (origin, found, signed) == (TESSERA.split("+")[0], size, root_here)


def test_our_witness_cosigns_a_tessera_log(log: Path, tmp_path: Path) -> None:
    """From each size to each larger one, with proofs out of its tiles; and no false growth."""
    notes = {n: (log / f"checkpoint.{n}").read_bytes() for n in range(1, 16)}
    read = LogReader(OfTessera(log), 15).hashes()  # type: ignore[arg-type]  # it only reads
    for step in (1, 4, 7):
        keys = keys_of(tmp_path / f"w{step}", "witness.example", [TESSERA])
        with served(tmp_path / f"w{step}") as server:
            old = 0
            for new in range(step, 16, step):
                path = consistency_path(old, new, read) if old else []
                request = AddCheckpoint(old, tuple(path), notes[new])
                false = AddCheckpoint(old, (*path[:-1], bytes(32)), notes[new])
                statuses = [
                    httpx.post(f"{server.url}add-checkpoint", content=one.encode(), trust_env=False)
                    for one in ((false, request) if path else (request,))
                ]
                assert [one.status_code for one in statuses] == ([422, 200] if path else [200])
                cosigned = notes[new] + statuses[-1].content
                assert len(cosignatures(cosigned, keys)) == 2
                assert Checkpoint.parse(split_note(cosigned)[0]).size == new
                old = new


def inclusion(vectors: Path) -> list[dict[str, Any]]:
    """Return the published cases of audit paths."""
    files = sorted((vectors / "merkle/testdata/inclusion").rglob("*.json"))
    return [json.loads(path.read_bytes()) for path in files]


def test_inclusion_in_the_small_verifier(vectors: Path) -> None:
    """All 98 published cases are judged as published; an empty hash is none of its leaves."""
    module, cases = loaded(), inclusion(vectors)
    for case in cases:
        leaf, wanted = (base64.b64decode(case[one] or "") for one in ("leafHash", "root"))
        path = [base64.b64decode(one) for one in case["proof"] or []]
        found = None
        with suppress(*module.UNREADABLE):
            found = module.included(leaf, case["leafIdx"], case["treeSize"], path)
        assert (found == wanted and leaf != b"") != case["wantErr"], case["desc"]
    assert len(cases) == 98


def test_edge_keys_in_the_small_verifier(vectors: Path) -> None:
    """Of all 914 it takes no signature by a key of small order, and the 86 that we take."""
    module, taken = loaded(), 0
    cases = json.loads((vectors / "cctv/ed25519/ed25519vectors.json").read_bytes())
    for case in cases:
        raw = b"\x01" + bytes.fromhex(case["key"])
        number = module.sha256(b"log\n" + raw).digest()[:4]
        key = f"log+{number.hex()}+{base64.b64encode(raw).decode()}"
        with suppress(*module.UNREADABLE):
            module.signers(b"", [key])
            module.check_signature(case["msg"], "log", raw, bytes.fromhex(case["sig"]))
            assert "low_order_A" not in (case["flags"] or ())
            taken += 1
    assert (len(cases), taken) == (914, 86)


def test_published_queries_are_ours(vectors: Path) -> None:
    """But for the nonce, a published query is byte for byte what we send for its message."""
    folder = vectors / "rfc3161/test/fixtures"
    for name in ("test_tsa/request.der", "sigstage/request.der"):
        theirs, ours = (folder / name).read_bytes(), query(b"hello", bytes(8))
        assert len(theirs) == len(ours)
        assert theirs[:-11] == ours[:-11]
        assert theirs[-3:] == ours[-3:]
    longer = (folder / "test_tsa/other_request.der").read_bytes()  # its nonce has nine bytes
    assert longer[2:88] == query(b"hello", bytes(8))[2:88]
