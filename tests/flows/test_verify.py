"""Verification finds and names what was changed, and nothing else."""

from __future__ import annotations

import random
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from archiver.capture.settled import Settled
from archiver.columns import columns_of
from archiver.errors import ArchiverError
from archiver.flows.ledger import read_state
from archiver.flows.search import Query, search
from archiver.flows.settle import seal_settled
from archiver.flows.verify import verify
from archiver.formats import parquet
from archiver.ids import new_uuid
from archiver.ledger.sets import encode_set, set_files
from tests.doubles import SeededRandomness
from tests.flows.conftest import Silent, opened
from tests.flows.helpers import ACCOUNT, founded, observations, open_archive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in (folder / "archive").rglob("*")
        if path.is_file() and ".tmp" not in path.parts
    )


def _codes(folder: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for finding in verify(opened(folder), Silent(), deep=True).findings:
        found.setdefault(finding.code, []).append(finding.where)
    return found


def test_untouched_has_no_finding(captured: Path) -> None:
    """An archive as it was sealed verifies in depth, and every row is derived again."""
    report = verify(opened(captured), Silent(), deep=True)
    assert report.findings == []
    assert report.records == report.rederived > 450
    assert report.unreadable == 0


def test_verify_writes_nothing(captured: Path) -> None:
    """Verification reads only."""
    before = {path: path.stat().st_mtime_ns for path in _files(captured)}
    verify(opened(captured), Silent(), deep=True)
    assert {path: path.stat().st_mtime_ns for path in _files(captured)} == before


def test_any_flipped_bit_is_found_and_named(copy: Path) -> None:
    """One flipped bit in any stored file ends in a finding that names that file."""
    chance = random.Random(7)
    archive = opened(copy)
    for path in chance.sample(_files(copy), 40):
        data = path.read_bytes()
        place = chance.randrange(len(data) * 8)
        flipped = bytearray(data)
        flipped[place // 8] ^= 1 << place % 8
        path.write_bytes(flipped)
        key = path.relative_to(copy / "archive").as_posix()
        findings = verify(archive, Silent(), deep=False).findings
        assert findings, f"bit {place} of {key}"
        assert any(key == finding.where for finding in findings), (key, findings)
        path.write_bytes(data)


def _drop(path: Path) -> None:
    path.unlink()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


@pytest.mark.parametrize("spoil", [_drop, _cut, _append])
def test_every_kind_of_file_is_missed(copy: Path, spoil: Callable[[Path], None]) -> None:
    """Dropping, cutting or lengthening a file of any kind is found."""
    by_kind = {path.name.partition(".")[2] or path.parent.name: path for path in _files(copy)}
    archive = opened(copy)
    for kind, path in by_kind.items():
        data = path.read_bytes()
        spoil(path)
        try:
            findings = verify(archive, Silent(), deep=False).findings
        except ArchiverError as error:
            findings = [error]  # type: ignore[list-item]  # archive.json itself is gone
        assert findings, kind
        path.write_bytes(data)


def test_two_files_exchanged_are_found(copy: Path) -> None:
    """Two sealed files of one kind in each other's place are two findings."""
    first, second = [path for path in _files(copy) if path.name.endswith(".parquet")][:2]
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)
    assert len(_codes(copy)["object-changed"]) == 2


def test_an_unknown_file_is_a_finding(copy: Path) -> None:
    """A file nobody sealed is named."""
    (copy / "archive" / "u" / "planted.warc.gz").write_bytes(b"x")
    assert _codes(copy) == {"object-unknown": ["u/planted.warc.gz"]}


def test_a_changed_file_ends_a_search(copy: Path) -> None:
    """Rows come only from verified bytes: a changed Parquet file is no answer."""
    archive = opened(copy)
    for path in _files(copy):
        if path.name.endswith(".parquet"):
            path.write_bytes(path.read_bytes().replace(b"PAR1", b"PAR2"))
    for name in archive.home.names("cache/objects/"):
        archive.home.remove(name)
    with pytest.raises(ArchiverError) as error:
        search(archive, Query("culvert"))
    assert error.value.code == "object-changed"


def test_a_rolled_back_archive_is_refused(captured: Path, copy: Path) -> None:
    """An older state of the whole bucket does not pass with a home that has seen more."""
    import shutil  # noqa: PLC0415 - this test alone moves whole trees

    home = copy / "home"
    shutil.rmtree(copy / "archive")
    early = opened(captured)
    assert early.identity
    target = copy / "archive"
    shutil.copytree(captured / "archive", target)
    daily = next((target / "log" / "checkpoints").iterdir())
    (target / "log" / "checkpoint").write_bytes(daily.read_bytes())
    findings = _codes(copy)
    assert "log-history" in findings or "head-differs" in findings
    with pytest.raises(ArchiverError) as error:
        search(opened(copy), Query("culvert"))
    assert error.value.code == "ledger-rolled-back"
    assert home.exists()


def test_sets_that_entries_name_are_read(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole one is no finding; changed, cut, gone or unnamed ones are named."""
    name = "01KAGT1EB0E0F4QZB3N5T7R9XW"
    data = encode_set([[1, 3]], b"n" * 32, b"a")
    path = copy / "archive" / "sets" / name
    path.parent.mkdir()
    path.write_bytes(data)
    assert _codes(copy) == {"object-unknown": [f"sets/{name}"]}

    def named(content: bytes) -> None:
        path.write_bytes(content)
        told = {"set": name, "sha256": sha256(data if content[:1] != b"x" else content).hexdigest()}
        monkeypatch.setattr(
            "archiver.flows.verify_inventory.set_files",
            lambda body: set_files({"t": body["t"], "leaves": told}) if body["t"] == "role" else (),
        )

    named(data)
    assert _codes(copy) == {}
    named(data + b"9 10\n")
    assert _codes(copy) == {"object-changed": [f"sets/{name}"]}
    named(b"x" + data)
    assert _codes(copy) == {"set-malformed": [f"sets/{name}"]}
    path.unlink()
    assert _codes(copy) == {"object-missing": [f"sets/{name}"]}


def test_a_segment_of_two_accounts(tmp_path: Path) -> None:
    """What becomes due, and who may read it, is decided by segment: it holds one account's."""
    archive = open_archive(founded(tmp_path / "home"), tmp_path / "home")
    ((uuid, one), _) = observations(SeededRandomness("1"), 1).observations
    others = [(new_uuid(archive.chance), replace(one, account=name)) for name in ("city", "county")]
    for made in ([(uuid, one), others[0]], [(uuid, one), others[1]]):
        seal_settled(archive, read_state(archive), ACCOUNT, Settled(observations=made))
    found = [each.found for each in verify(archive, Silent(), deep=True).findings]
    assert found == ["of several"]


def _written_otherwise(patch: pytest.MonkeyPatch, says: str = "", beside: str = "") -> None:
    """Have rows written in files that say another stream, or have a column beside theirs."""
    real = parquet.write_rows

    def written(stream: str, rows: list[dict[str, str]], nonce: bytes, padding: bytes) -> bytes:
        table = parquet.read_rows(BytesIO(real(stream, rows, nonce, padding)))
        if beside:
            false = pa.array(["nobody said so"] * len(rows), pa.string())
            table = table.append_column(beside, false)
        metadata = {"archive-nonce": nonce.hex(), "archive-stream": says or stream}
        out = BytesIO()
        pq.write_table(table.replace_schema_metadata(metadata), out, use_dictionary=False)
        return out.getvalue()

    patch.setattr(parquet, "write_rows", written)


@pytest.mark.parametrize(
    ("how", "found"),
    [
        ({}, []),
        ({"says": "posts"}, ["another"]),  # by it is told who may read a private file
        ({"beside": "alt_text"}, ["alt_text"]),  # shown, and no leaf covers it
    ],
)
def test_a_file_of_rows_is_its_stream_s_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: dict[str, str], found: list[str]
) -> None:
    """A Parquet file names the stream of its rows, and has the columns of that and no others."""
    archive = open_archive(founded(tmp_path / "home"), tmp_path / "home")
    assert "alt_text" not in [column.name for column in columns_of("comments")]
    _written_otherwise(monkeypatch, **how)
    made = Settled(observations=observations(SeededRandomness("1"), 1).observations[:1])
    seal_settled(archive, read_state(archive), ACCOUNT, made)
    report = verify(archive, Silent(), deep=True)
    assert [(one.code, one.found) for one in report.findings] == [
        ("segment-files", one) for one in found
    ]
