"""Transfers: whoever gets the bag reads and verifies it with tools of others, offline."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bagit
import duckdb
import pyarrow.parquet as pq
import pytest
from warcio.archiveiterator import ArchiveIterator

from archiver.errors import IntegrityError, RefusedError, UsageError
from archiver.flows import people
from archiver.flows.deciding import seal_drafts
from archiver.flows.extraordinary import removal
from archiver.flows.transfer import transfer
from archiver.flows.transfer_choice import of_records
from archiver.ledger.disclosed import check_proof
from archiver.wire import transfer_folder
from tests.audit.outside import policy
from tests.flows.hall import comment
from tests.flows.helpers import SIGNER, Quiet
from tests.flows.test_orders import vouched

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.flows.transfer import Transferred
    from tests.flows.hall import Hall

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
TO = "State Archives"
MESSAGE = "stand-in:city:messages:2"
VERIFIER = Path(__file__).parents[2] / "verifier"


def made(hall: Hall, out: Path, *records: str, private: bool = False) -> Transferred:
    """Write the bag of some records."""
    chosen = of_records(hall.archive, records, TO, private=private)
    out.parent.mkdir(exist_ok=True)
    with transfer_folder(out) as (folder, enclosed):
        return transfer(hall.archive, chosen, folder, enclosed, Quiet(), AT)


@pytest.fixture(scope="module")
def bags(first_hall: Hall, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Transferred]:
    """A folder with a hall's bag of two public records and a private one; not to be changed."""
    folder = tmp_path_factory.mktemp("transfer")
    hall = first_hall.copy(folder / "hall")
    return folder, made(hall, folder / "bag", comment(1), comment(3), MESSAGE, private=True)


@pytest.fixture(scope="module")
def check() -> Callable[..., tuple[int, str]]:
    """The program that is enclosed, as a function of its arguments: exit status and words."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(VERIFIER)
        patch.setattr(sys, "dont_write_bytecode", sys.dont_write_bytecode)
        import bag  # noqa: PLC0415 - beside the package

    def run(*arguments: object) -> tuple[int, str]:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = bag.main([*map(str, arguments)])
        return code, out.getvalue() + err.getvalue()

    return run


def test_tools_of_others_read_it(bags: tuple[Path, Transferred]) -> None:
    """Bagit validates it; warcio, DuckDB and pyarrow read the same three records."""
    data = bags[0] / "bag" / "data"
    assert bagit.Bag(str(bags[0] / "bag")).validate()
    texts = {}
    for path in sorted(data.glob("warc/*.warc.gz")):
        with path.open("rb") as file:
            for record in ArchiveIterator(file, check_digests="raise"):
                if record.rec_type != "warcinfo":
                    name = record.rec_headers.get_header("Archive-Record")
                    texts[name] = record.content_stream().read().decode()
    assert texts == {
        comment(1): "comments 1: the culvert is blocked",
        comment(3): "comments 3: the culvert is blocked",
        MESSAGE: "messages 2: the culvert is blocked",
    }
    for rows in (
        duckdb.read_csv(f"{data}/rows/*.csv"),
        duckdb.read_parquet(f"{data}/rows/*.parquet"),
    ):
        assert dict(rows.select("record_id", "text").fetchall()) == texts
    assert pq.read_table(data / "rows/messages.parquet")["record_id"].to_pylist() == [MESSAGE]
    assert json.loads((data / "transfer.json").read_text())["private"] == ["messages"]


def test_it_verifies_itself_offline(bags: tuple[Path, Transferred]) -> None:
    """Its own two programs, alone in it, without a network; and nothing is added to the bag."""
    data = bags[0] / "bag" / "data"
    offline = ["unshare", "--map-root-user", "--net", "--"]
    if subprocess.run([*offline, "true"], check=False, capture_output=True).returncode:
        offline = []
    leaf = next(data.glob("proofs/*.json")).name
    for program, *arguments in (["check.py"], ["verify.py", f"proofs/{leaf}"]):
        words = [*offline, sys.executable, program, *arguments, "--key", SIGNER.verifier_key]
        done = subprocess.run(words, cwd=data, capture_output=True, text=True, check=False, env={})
        assert done.returncode == 0, done.stderr
    assert bagit.Bag(str(bags[0] / "bag")).validate()


def test_the_same_moment_gives_the_same_bytes(hall: Hall, tmp_path: Path) -> None:
    """However often it is made; a bag has no nonce, and no name of a record in a name."""
    one, two = (made(hall, tmp_path / name, comment(1), comment(2)) for name in ("one", "two"))
    assert one == two
    files = [
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")}
        for folder in (tmp_path / "one", tmp_path / "two")
    ]
    assert files[0] == files[1]
    leaves = one.document["leaves"]
    proofs = {f"{leaf}.json" for first, end in leaves for leaf in range(first, end)}
    assert {path.name for path in files[0] if path.parent.name == "proofs"} == proofs


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_each_file_that_is_changed_is_found(
    bags: tuple[Path, Transferred], tmp_path: Path, check: Callable[..., tuple[int, str]]
) -> None:
    """A bit of each file of a bag; a file more, and a file less: by bagit and by our program."""
    source, copy = bags[0] / "bag", tmp_path / "bag"
    names = sorted(path.relative_to(source) for path in source.rglob("*") if path.is_file())
    for name in names:
        shutil.copytree(source, copy)
        _flip(copy / name)
        _refused(copy, check)
    for more in ("data/new", "data/proofs/1.json"):
        shutil.copytree(source, copy)
        (copy / more).write_bytes(b"")
        _refused(copy, check)
    shutil.copytree(source, copy)
    (copy / "data/rows/comments.csv").unlink()
    _refused(copy, check)


def _refused(copy: Path, check: Callable[..., tuple[int, str]]) -> None:
    with pytest.raises((bagit.BagError, UnicodeDecodeError)):
        bagit.Bag(str(copy)).validate()
    assert check(copy)[0] in {1, 3}
    shutil.rmtree(copy)


def _listed_anew(bag: Path) -> None:
    """Write the manifests of a bag as whoever changed it would, and its counts."""
    sizes = [path.stat().st_size for path in bag.rglob("data/**/*") if path.is_file()]
    about = (bag / "bag-info.txt").read_text().rpartition("Payload-Oxum")[0]
    (bag / "bag-info.txt").write_text(f"{about}Payload-Oxum: {sum(sizes)}.{len(sizes)}\n")
    for prefix, names in (
        ("manifest", [path for path in bag.rglob("data/**/*") if path.is_file()]),
        ("tagmanifest", [*bag.glob("bag*.txt"), *bag.glob("manifest-*.txt")]),
    ):
        for kind in ("sha256", "sha512"):
            lines = []
            for path in names:
                with path.open("rb") as file:
                    digest = file_digest(file, kind).hexdigest()
                lines.append(f"{digest}  {path.relative_to(bag)}\n")
            (bag / f"{prefix}-{kind}.txt").write_text("".join(lines))


def _in_warc(data: bytes) -> bytes:
    return gzip.compress(gzip.decompress(data).replace(b"culvert", b"sluices"))


def _doubled(data: bytes) -> bytes:
    return data + data[data.rindex(b"\x1f\x8b\x08") :]


def _in_text(data: bytes) -> bytes:
    return data.replace(b"culvert", b"sluices")


def _of_another(data: bytes) -> bytes:
    return data.replace(b'"messages"', b'"comments"')


FORGED = [
    ("warc/comments.warc.gz", _in_warc, "record-digest"),
    ("warc/comments.warc.gz", _doubled, "more records than rows"),
    ("rows/comments.csv", _in_text, "the row says otherwise: text"),
    ("rows/messages.csv", _of_another, "the row says otherwise: stream"),
    ("transfer.json", lambda data: data.replace(b"  [\n   ", b"  [\n   1", 1), "other entries"),
    ("proofs/*.json", _in_text, "does not hold"),
    ("checkpoint", lambda data: data.replace(b"/log", b"/dog"), "another checkpoint"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "told"), FORGED, ids=lambda one: str(one)[:24])
def test_who_changes_the_manifests_too_is_found(
    bags: tuple[Path, Transferred],
    tmp_path: Path,
    check: Callable[..., tuple[int, str]],
    name: str,
    change: Callable[[bytes], bytes],
    told: str,
) -> None:
    """Bagit takes a bag whose manifests were written anew; proofs do not."""
    copy = tmp_path / "bag"
    shutil.copytree(bags[0] / "bag", copy)
    path = min((copy / "data").glob(name))
    path.write_bytes(change(path.read_bytes()))
    _listed_anew(copy)
    assert bagit.Bag(str(copy)).validate()
    code, words = check(copy, "--key", SIGNER.verifier_key)
    assert code == 1
    assert told in words


def test_another_key_and_a_policy_are_asked_for(
    bags: tuple[Path, Transferred], tmp_path: Path, check: Callable[..., tuple[int, str]]
) -> None:
    """A key from elsewhere that did not sign, and witnesses that did not cosign."""
    bag = bags[0] / "bag"
    other = "archive.example/log+5f9fbbb8+AQ8p5GodyoS3TA6qi3v3/6kVA52GPLue0VS8iKoAjNXt"
    assert check(bag, "--key", other)[0] == 1
    false = tmp_path / "policy"
    false.write_text("witness w example+00000000+BA==\nquorum w\n")
    assert check(bag, "--policy", false)[0] == 1
    code, words = check(bag)
    assert code == 0
    assert "the key is the bag's own" in words


def test_private_records_only_when_asked_for(hall: Hall, tmp_path: Path) -> None:
    """All of a record stays out where something of it is private; what is left out is counted."""
    document = made(hall, tmp_path / "bag", comment(1), MESSAGE).document
    assert (document["records"], document["left_out"], document["private"]) == (1, 1, [])
    bag = tmp_path / "bag"
    everything = b"".join(path.read_bytes() for path in bag.rglob("*.*") if path.is_file())
    everything += gzip.decompress((bag / "data/warc/comments.warc.gz").read_bytes())
    assert b"messages" not in everything.replace(b"messages, ", b"")
    with pytest.raises(RefusedError) as refused:
        made(hall, tmp_path / "none", MESSAGE)
    assert refused.value.code == "transfer-private"
    assert not (tmp_path / "none").exists()
    assert not hall.archive.home.names("access/")
    made(hall, tmp_path / "all", MESSAGE, private=True)
    assert len(hall.archive.home.names("access/")) == 1
    with pytest.raises(UsageError, match="no such record"):
        made(hall, tmp_path / "none", "stand-in:city:comments:99")


def test_its_checkpoint_is_the_cosigned_one(
    hall: Hall, tmp_path: Path, check: Callable[..., tuple[int, str]]
) -> None:
    """Where witnesses cosigned the log, all proofs lead there, and a policy is met offline."""
    vouched(hall.archive)
    made(hall, tmp_path / "bag", comment(1), comment(3))
    (tmp_path / "policy").write_bytes(policy(quorum="w0"))
    words = ("--policy", tmp_path / "policy", "--key", SIGNER.verifier_key)
    assert check(tmp_path / "bag", *words) == (0, "2 records, 0 findings\n")
    (tmp_path / "other").write_bytes(policy("another.example", quorum="w0"))
    code, told = check(tmp_path / "bag", "--policy", tmp_path / "other")
    assert (code, "too few witnesses" in told) == (1, True)


def test_what_is_damaged_is_not_handed_over(hall: Hall, tmp_path: Path) -> None:
    """A stored file that is not the one that was sealed is named, and no half of a bag stays."""
    for path in tmp_path.rglob("cache/objects/*"):
        path.unlink()
    for key, data in hall.store._objects.items():
        if key.endswith(".warc.gz"):
            hall.store._objects[key] = data[:-1] + bytes([data[-1] ^ 1])
    with pytest.raises(IntegrityError) as damaged:
        made(hall, tmp_path / "out" / "bag", comment(1), comment(2))
    assert damaged.value.code == "object-changed"
    assert list((tmp_path / "out").iterdir()) == []


def test_only_who_may_read_private_records_hands_them_over(hall: Hall, tmp_path: Path) -> None:
    """Once an archive has readers: one without the stream's role is told which it takes."""
    act = people.change(hall.archive, "clerk", "reader-comments")
    people.seal_act(hall.archive, people.sign(act, hall.keys("clerk", "counsel")))
    hall.later(4)
    with pytest.raises(RefusedError, match="not yours to read") as refused:
        made(hall, tmp_path / "bag", MESSAGE, private=True)
    assert "reader-messages" in refused.value.mend
    assert made(hall, tmp_path / "bag", comment(1)).document["private"] == []


def test_what_is_withheld_from_everybody_is_handed_to_nobody(hall: Hall, tmp_path: Path) -> None:
    """A court's order stands on one record: it is left out, also with the private ones."""
    said = {"authority": "Circuit Court", "reason": "ordered", "copy_sha256": "ab" * 32}
    one = removal(hall.archive, [comment(1)], "court-order", said, hall.of("clerk"), Quiet())
    seal_drafts(hall.archive, [one.signed(hall.keys("counsel", "anna", "bert"))])
    document = made(hall, tmp_path / "bag", comment(1), comment(2), MESSAGE, private=True).document
    assert (document["records"], document["left_out"]) == (2, 1)
    assert b"comments:1" not in (tmp_path / "bag/data/rows/comments.csv").read_bytes()
    with pytest.raises(RefusedError) as refused:
        made(hall, tmp_path / "none", comment(1))
    assert refused.value.code == "record-withheld"


def test_a_large_observation_is_proven_without_its_bytes(
    hall: Hall,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    check: Callable[..., tuple[int, str]],
) -> None:
    """The proof leaves them closed; the record in the WARC is held against it all the same."""
    monkeypatch.setattr("archiver.flows.proving.LARGEST_SHOWN", 8)
    made(hall, tmp_path / "bag", comment(1))
    (proof,) = (tmp_path / "bag/data/proofs").iterdir()
    shown: dict[str, Any] = json.loads(proof.read_text())
    assert (set(shown["source"]), set(shown["fields"])) == ({"root"}, {"root"})
    assert check_proof(proof.read_bytes(), [SIGNER.verifier_key]).record == comment(1)
    assert check(tmp_path / "bag")[0] == 0
    path = tmp_path / "bag/data/warc/comments.warc.gz"
    path.write_bytes(_in_warc(path.read_bytes()))
    _listed_anew(tmp_path / "bag")
    assert "record-source" in check(tmp_path / "bag")[1]
