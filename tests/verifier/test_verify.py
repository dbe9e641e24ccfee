"""The independent verifier agrees with `archiver verify`, and with proofs."""

from __future__ import annotations

import importlib.util
import json
import random
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from archiver.errors import ArchiverError
from archiver.flows.prove import prove
from archiver.flows.verify import verify
from archiver.layout import CHECKPOINT
from archiver.ledger.commitment import commit
from archiver.ledger.tree import leaf_hash
from archiver.ledger.verify import check_record
from archiver.record import Excerpt
from tests.absent import present
from tests.flows.conftest import Silent, captured, copy, opened
from tests.ledger.test_verify import COLUMNS, EXCERPTS, ROW, SALT, TOLD
from tests.ledger.test_verify import stated as stated_lines
from tests.verifier.test_agreement import COVERED

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["captured", "copy"]

VERIFIER = Path(__file__).parents[2] / "verifier" / "verify.py"


def _run(*arguments: str) -> tuple[int, Any]:
    """Run the verifier as an auditor does; return its exit status and its document."""
    command = [sys.executable, "-I", str(VERIFIER), *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode, json.loads(done.stdout or b"null")


def _key(folder: Path) -> str:
    return str(opened(folder).identity.keys[0])


def _files(folder: Path) -> list[Path]:
    every = (folder / "archive").rglob("*")
    return sorted(path for path in every if path.is_file() and ".tmp" not in path.parts)


def test_it_shares_no_code() -> None:
    """Loading the verifier loads nothing of the package, and nothing but `cryptography`."""
    script = (
        "import importlib.util as u, sys;"
        f"s = u.spec_from_file_location('verify', {str(VERIFIER)!r});"
        "m = u.module_from_spec(s); sys.modules['verify'] = m; s.loader.exec_module(m);"
        "print(sorted({n.split('.')[0] for n in sys.modules} - set(sys.stdlib_module_names)))"
    )
    bare = {k: v for k, v in present().items() if not k.startswith("COVERAGE_")}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True, env=bare
    )
    foreign = set(json.loads(done.stdout.replace("'", '"')))
    assert "archiver" not in foreign
    assert {name for name in foreign if not name.startswith("_")} <= {"cryptography", "verify"}


def test_it_is_short() -> None:
    """An outside expert reads it in an hour."""
    assert len(VERIFIER.read_text(encoding="utf-8").splitlines()) <= 600


def test_an_untouched_archive_has_no_findings(captured: Path) -> None:
    """Every plain record's commitment is computed from its bytes; the rest is said."""
    status, document = _run(str(captured / "archive"), "--key", _key(captured))
    assert (status, document["findings"]) == (0, [])
    counts = document["counts"]
    report = verify(opened(captured), Silent(), deep=True)
    assert counts["records"] > 50
    assert counts["records"] + counts["encrypted"] == report.records
    assert any("encrypted" in one for one in document["unchecked"])


def _flip(path: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    place = chance.randrange(len(data) * 8)
    data[place // 8] ^= 1 << place % 8
    path.write_bytes(data)


def _drop(path: Path, _: random.Random) -> None:
    path.unlink()


def _cut(path: Path, chance: random.Random) -> None:
    path.write_bytes(path.read_bytes()[: chance.randrange(path.stat().st_size)])


@pytest.mark.parametrize("spoil", [_flip, _drop, _cut])
def test_it_finds_what_archiver_verify_finds(
    copy: Path, spoil: Callable[[Path, random.Random], None]
) -> None:
    """Damage to any file, but for what sequencers work on: the same codes, and never none."""
    chance, key, loaded = random.Random(11), _key(copy), _loaded()
    archive = opened(copy)
    evidence = [path for path in _files(copy) if not {"head", "staging"} & {*path.parts}]
    for path in chance.sample(evidence, 12):
        data = path.read_bytes()
        spoil(path, chance)
        where = path.relative_to(copy / "archive").as_posix()
        ours = loaded.Archive(copy / "archive", [key])
        try:
            ours.run()
            found = {code for code, _, _ in ours.findings}
        except (OSError, *loaded.UNREADABLE):
            found = {"archive-json"}
        try:
            theirs = {one.code for one in verify(archive, Silent(), deep=False).findings}
        except ArchiverError:
            theirs = {"archive-json"}
        assert found & COVERED == theirs & COVERED != set(), (where, found, theirs)
        path.write_bytes(data)


def _loaded() -> Any:  # noqa: ANN401 - a module
    """Load the verifier into this process: many runs of it."""
    spec = importlib.util.spec_from_file_location("civic_archive_verify", VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_refuses_another_archive(captured: Path) -> None:
    """A verifier key that is not the archive's own: nothing is believed."""
    other = "archive.example/log+b95bffbd+AQ8p5GodyoS3TA6qi3v3/6kVA52GPLue0VS8iKoAjNXt"
    status, document = _run(str(captured / "archive"), "--key", other)
    assert status == 1
    assert [one["code"] for one in document["findings"]] == ["checkpoint-bad"]


def test_it_sees_a_log_that_did_not_grow(captured: Path, copy: Path) -> None:
    """A checkpoint seen earlier has to be the beginning of the log."""
    daily = next((captured / "archive" / "log" / "checkpoints").iterdir())
    arguments = (str(copy / "archive"), "--key", _key(copy), "--since")
    assert _run(*arguments, str(daily))[0] == 0
    later = captured / "archive" / CHECKPOINT
    (copy / "archive" / CHECKPOINT).write_bytes(daily.read_bytes())
    status, document = _run(*arguments, str(later))
    assert status == 1
    assert "log-history" in {one["code"] for one in document["findings"]}


def test_it_checks_a_proof(captured: Path, tmp_path: Path) -> None:
    """A proof holds with the archive's key; with any byte changed it does not."""
    record = "wordpress:city-blog:comments:6"
    proof = prove(opened(captured), record, withhold=["pothole"])
    data = json.dumps(proof).encode()
    path, key = tmp_path / "proof.json", _key(captured)
    path.write_bytes(data)
    status, document = _run(str(path), "--key", key)
    assert status == 0
    assert "[withheld]" in str(document["shows"])
    loaded, chance = _loaded(), random.Random(3)
    for _ in range(300):
        changed = bytearray(data)
        changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        try:
            document = loaded.loads(bytes(changed))
            holds = loaded.check_proof(document, [key])
        except (AttributeError, *loaded.UNREADABLE):
            continue
        assert holds[1] == "record: closed" != f"record: {proof['record']}", changed


@pytest.mark.parametrize("changed", ["", "block", "context", "leaf", "roots", "order", "twice"])
def test_each_part_of_a_record_is_named(changed: str) -> None:
    """A record that was made wrong: the codes that `archiver verify` has for it."""
    loaded, told, block = _loaded(), list(TOLD), b"onetwo"
    told[2:] = [b"Content-Length: 6", b"Archive-Excerpt: item 0 3", b"Archive-Excerpt: author 3 3"]
    made = commit(SALT, EXCERPTS, told, COLUMNS, ROW)
    stated, leaf = stated_lines(made), made.value
    if changed == "block":
        block = b"onetwO"
    elif changed == "context":
        told[1] = b"WARC-Type: response"
    elif changed == "leaf":
        leaf = bytes(32)
    elif changed == "roots":
        stated = stated_lines(commit(SALT, EXCERPTS, told[1:], COLUMNS, ROW))
    elif changed == "order":
        stated = stated[::-1]
    elif changed == "twice":
        told[2:2] = [b"Archive-Salt: " + b"00" * 32]
    excerpts = (Excerpt("item", block[:3]), Excerpt("author", block[3:]))
    found = check_record(
        "here", [*told, *stated], excerpts, (COLUMNS, ROW), leaf_hash(b"\x01" + leaf)
    )
    theirs = {one.code for one in found} - {"record-fields"}
    record = b"\r\n".join([*told, *stated, b"", block, b"", b""])
    ours = {code for code, _ in loaded.check_record(BytesIO(record), b"\x01" + leaf)}
    assert ours == theirs
    assert bool(ours) == bool(changed)
