"""Volumes: right for every reader, the same bytes everywhere, whole after any kill."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import bagit
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from archiver.edges.volumes import VolumeFolder
from archiver.errors import FormatError, UsageError
from archiver.flows.validate import KINDS, validate
from archiver.flows.volume import write_volume
from archiver.formats.pages import Setter
from archiver.produce.dat import read_dat
from archiver.produce.document import Gap
from archiver.wire.volumes import volume_folder
from tests.produce.reading_back import places, said
from tests.produce.town import (
    HOSTILE,
    SIGN,
    document,
    many,
    members,
    native,
    town,
    version,
)
from tests.produce.writing import Silent, plan, profile, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from archiver.formats.pages import Made
    from archiver.produce.document import Document
    from archiver.produce.placed import Placed

PROOF = "data/PROOFS/0001/11.json"
KILLED = """
import os, sys
from pathlib import Path
from tests.produce.town import many, town
from tests.produce.writing import profile, write
def documents():
    yield from town()
    for number, one in enumerate(many(8)):
        if number == 5:
            os.kill(os.getpid(), 9)
        yield one
write(Path(sys.argv[1]), documents(), profile("litigation"))
"""
ELSEWHERE = """
import locale, sys
from pathlib import Path
from tests.produce.town import town
from tests.produce.writing import profile, write
locale.setlocale(locale.LC_ALL, "")
print(write(Path(sys.argv[1]), town(), profile("litigation")).manifest_sha256)
"""


@pytest.fixture(scope="module")
def volume(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A volume of everything, with every channel."""
    path = tmp_path_factory.mktemp("volume") / "out"
    write(path, town(), profile("litigation"))
    return path


def test_every_reader_takes_it(volume: Path) -> None:
    """The library of bags, our checks of load files and conversations: no fault."""
    bagit.Bag(str(volume)).validate()
    root = volume / "data/VOL001"
    checked = [one for one in root.rglob("*") if one.suffix in KINDS]
    assert {one.suffix for one in checked} == set(KINDS)
    for one in checked:
        found = validate(one.name, one.read_bytes(), lambda path: (root / path).is_file())
        assert found.faults == []


def test_each_document_is_in_its_load_file(volume: Path) -> None:
    """Families stand together under one range; what was withheld is marked; files are named."""
    dat = read_dat((volume / "data/VOL001/DATA/VOL001.dat").read_bytes())
    lines = [dict(zip(dat.names, one, strict=True)) for one in dat.lines]
    assert len(lines) == len(town())
    post, photo, comment = lines[:3]
    assert post["ATTACHRANGE"] == photo["ATTACHRANGE"] == "CITY00000001 - CITY00000002"
    assert (post["CHILD_BATES"], photo["PARENT_BATES"]) == ("CITY00000002", "CITY00000001")
    assert (photo["LINK"], photo["FILE_SIZE"]) == (r"NATIVES\0001\CITY00000002.png", "264")
    assert (comment["REDACTED"], comment["EXEMPTIONS"]) == ("Y", "7(1)(b)")
    assert comment["FROM"] == "[7(1)(b)]"
    assert [one["TEXTALTERED"] for one in lines if one["SUBJECT"].startswith("=cmd")] == ["Y"]


def test_hostile_text_changes_nothing_but_itself(volume: Path) -> None:
    """Every form gives the exact text back, in as many rows as there are versions."""
    data = volume / "data/VOL001/DATA"
    count = sum(len(one.versions) for one in town())
    table = pq.read_table(data / "VOL001.parquet").to_pylist()
    assert [one["text"] for one in table].count(HOSTILE) == 2
    sheet = CalamineWorkbook.from_path(str(data / "VOL001.xlsx")).get_sheet_by_index(0)
    rows = sheet.to_python()
    assert (len(table), len(rows)) == (count, count + 1)
    with (data / "VOL001.csv").open(encoding="utf-8-sig", newline="") as file:
        read = list(csv.DictReader(file))
    assert len(read) == count
    mean = next(one for one in read if one["record_id"].endswith(":10"))
    assert mean["text"] == "'" + HOSTILE.replace("\x00", "\ufffd")
    assert "text" in mean["apostrophe_added"].split()
    lines = [json.loads(one) for one in (data / "VOL001.jsonl").read_bytes().splitlines()]
    assert [one["versions"][0]["fields"].get("text") for one in lines].count(HOSTILE) == 2
    text = (volume / "data/VOL001/TEXT/0001/CITY00000005.txt").read_bytes().decode()
    assert HOSTILE in text
    names = [one.relative_to(volume).as_posix() for one in volume.rglob("*")]
    assert all(one.isascii() and ".." not in one for one in names)


def test_what_is_withheld_is_a_sign_and_nothing_else(volume: Path) -> None:
    """A withheld file's bytes and name are nowhere; gaps have their sign in each form."""
    assert places(volume, "secret") == set()
    assert places(volume, "Call me at [7(1)(b)] please") >= {
        "data/VOL001/DATA/VOL001.csv",
        "data/VOL001/DATA/VOL001.parquet",
        "data/VOL001/DATA/VOL001.xlsx",
        "data/VOL001/HTML/0001.html",
        "data/VOL001/PDF/0001/CITY00000003.pdf",
        "data/VOL001/RSMF/0001/CITY00000001_2026-03-07.rsmf",
        "data/VOL001/TEXT/0001/CITY00000003.txt",
    }


def test_the_reader_of_these_tests_finds_what_is_there(volume: Path) -> None:
    """What a message says is found in each channel that has it, however it is packed."""
    found = places(volume, "A word in private")
    channels = {one.removeprefix("data/VOL001/").split("/")[0] for one in found - {PROOF}}
    assert channels == {"DATA", "EML", "HTML", "PDF", "RSMF", "TEXT"}
    assert {one.rpartition(".")[2] for one in found} >= {"csv", "jsonl", "mbox", "parquet", "xlsx"}
    assert any("wacz" in name and "Archive-Salt" in text for name, text in said(volume))


def test_only_whole_records_are_in_the_web_archive(volume: Path) -> None:
    """A record of which anything is withheld has neither salt nor digests anywhere."""
    with zipfile.ZipFile(volume / "data/VOL001/WACZ/VOL001.wacz") as opened:
        index = opened.read("indexes/index.cdx").decode()
    assert "mastodon:city:comments:10" in index
    assert "mastodon:city:comments:4 " not in index
    assert "mastodon:city:messages:12 " not in index
    assert places(volume, bytes([4] * 32).hex()) == set()
    assert places(volume, bytes([10] * 32).hex()) == {"data/VOL001/WACZ/VOL001.wacz"}


def test_the_same_everywhere(volume: Path, tmp_path: Path, repo_root: Path) -> None:
    """Another zone, locale, folder and order of hashes: the same bytes."""
    env = os.environ | {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    for number, changes in enumerate(({}, {"TZ": "America/St_Johns", "LC_ALL": "C.UTF-8"})):
        target = tmp_path / f"folder {number}" / "out"
        target.parent.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", ELSEWHERE, target],
            cwd=repo_root, env=env | changes, check=True, capture_output=True, text=True,
        )  # fmt: skip
        for name in ("manifest-sha256.txt", "tagmanifest-sha512.txt"):
            assert (target / name).read_bytes() == (volume / name).read_bytes()
        assert len(done.stdout.strip()) == 64


def _all() -> Iterator[Document]:
    yield from town()
    yield from many(8)


@pytest.fixture
def killed(tmp_path: Path, repo_root: Path) -> Path:
    """Where a process was killed while it wrote."""
    target = tmp_path / "out"
    done = subprocess.run([sys.executable, "-c", KILLED, target], cwd=repo_root, check=False)
    assert done.returncode == -9
    assert not target.exists()
    return target


def _made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note the number of each document whose pages are set."""
    made: list[str] = []
    real = Setter.made

    def noted(self: Setter, page: object, *args: object, **named: object) -> Made:
        made.append(str(page.first))  # type: ignore[attr-defined]
        return real(self, page, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Setter, "made", noted)
    return made


def test_a_killed_one_is_carried_on(
    killed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was finished is not made again, what comes out is what an undisturbed run gives."""
    made = _made(monkeypatch)
    again = write(killed, _all(), profile("litigation"))
    assert len(made) == 8 - 5
    straight = write(tmp_path / "straight", _all(), profile("litigation"))
    assert again == straight
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out", "straight"]


def test_what_was_damaged_meanwhile_is_made_again(
    killed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that was changed, and one that is gone, are seen and written anew."""
    part = tmp_path / ".out.part/bag/data/VOL001"
    changed, gone = part / "PDF/0001/CITY00000004.pdf", part / "TEXT/0001/CITY00000006.txt"
    changed.write_bytes(changed.read_bytes()[:-1] + b"x")
    gone.unlink()
    made = _made(monkeypatch)
    again = write(killed, _all(), profile("litigation"))
    assert "4" in made
    assert again == write(tmp_path / "straight", _all(), profile("litigation"))


def test_nothing_stays_that_is_withheld_since(killed: Path) -> None:
    """Where something more is withheld than when it was killed, no file says it any more."""
    part = killed.with_name(".out.part")
    assert places(part / "bag/data/VOL001/TEXT", "Comment 103 about") != set()
    less = [
        one if one.record != "mastodon:city:comments:103"
        else replace(one, whole=False, versions=(
            version(103, "present", {"text": (Gap(0, SIGN),), "created_at": "x"}, 3),
        ))
        for one in many(8)
    ]  # fmt: skip
    write(killed, less, profile("litigation"), inputs="cd")
    assert places(killed, "Comment 103 about") == set()
    assert places(killed, "Comment 104 about") != set()


def test_changed_documents_of_one_plan_leave_nothing(killed: Path) -> None:
    """The same where nobody told that the inputs are others: strays are taken away."""
    write(killed, [document(99)], profile("litigation"))
    assert places(killed, "Potholes, fixed") == set()
    bagit.Bag(str(killed)).validate()


def test_folders_are_small(tmp_path: Path) -> None:
    """No folder has more files than the profile says."""
    write(tmp_path / "out", many(20), profile("data", folder=6))
    for folder in ("TEXT", "RSMF"):
        found = tmp_path / "out/data/VOL001" / folder
        assert max(len(list(one.iterdir())) for one in found.iterdir()) <= 6
    assert len(list((tmp_path / "out/data/PROOFS").iterdir())) == 4


def test_one_without_documents_is_whole(tmp_path: Path) -> None:
    """A production of nothing has its load file with a header, and is a bag."""
    written = write(tmp_path / "out", [], profile("data"))
    assert (written.documents, written.first, written.next) == (0, "", 1)
    bagit.Bag(str(tmp_path / "out")).validate()
    dat = read_dat((tmp_path / "out/data/VOL001/DATA/VOL001.dat").read_bytes())
    assert dat.names[0] == "FIRSTBATES"
    assert dat.lines == []


def test_numbers_go_on_page_by_page(tmp_path: Path) -> None:
    """A document of several pages has a number for each, and the next begins after the last."""
    long = document(1, text="A long line of words. " * 2000)
    with volume_folder(tmp_path / "out") as folder:
        placed: list[Placed] = []
        written = write_volume(
            folder, plan(), profile("litigation"), [long, document(2)], Silent(),
            placed=placed.append, members=members,
        )  # fmt: skip
    first, second = placed
    assert first.pages > 3
    assert len(first.images) == first.pages == len(first.numbers)
    assert second.first == f"CITY{first.pages + 1:08}"
    assert (written.last, written.next) == (second.last, first.pages + 2)


def test_a_family_in_parts_is_refused(tmp_path: Path) -> None:
    """Its range would have others in it."""
    mixed = [document(1, family="a"), document(2, family="b"), document(3, family="a")]
    with pytest.raises(FormatError, match="comes in parts"):
        write(tmp_path / "out", mixed, profile("data"))


def test_numbers_that_run_out_are_refused(tmp_path: Path) -> None:
    """Nothing is numbered with more digits than the others."""
    narrow = profile("data", bates=type(profile().bates)("A", 4))
    with volume_folder(tmp_path / "out") as folder, pytest.raises(UsageError):
        write_volume(folder, replace(plan(), first=9999), narrow, many(2), Silent())


def test_files_are_streamed(tmp_path: Path) -> None:
    """A file comes in pieces, and its size and digest are those of what was written."""
    pieces = replace(
        native("a.mp4", "video/mp4", b""), chunks=lambda: iter([b"ab", b"c"]), size=999
    )
    write(tmp_path / "out", [document(1, natives=(pieces,))], profile("data"))
    assert (tmp_path / "out/data/VOL001/NATIVES/0001/DATA000000001.mp4").read_bytes() == b"abc"
    dat = read_dat((tmp_path / "out/data/VOL001/DATA/VOL001.dat").read_bytes())
    line = dict(zip(dat.names, dat.lines[0], strict=True))
    assert (line["FILE_SIZE"], line["MD5HASH"]) == ("3", "900150983cd24fb0d6963f7d28e17f72")


def test_it_says_what_it_is(volume: Path) -> None:
    """What decides its bytes stands in it; extras are where they were asked for."""
    told = json.loads((volume / "data/VOL001/DATA/volume.json").read_bytes())
    assert (told["inputs"], told["profile"]["name"]) == ("ab", "litigation")
    assert told["written"]["documents"] == len(town())
    assert (volume / "data/README.md").read_bytes() == b"CITY00000009"
    info = (volume / "bag-info.txt").read_text()
    assert "Source-Organization: A city\n" in info
    assert io.StringIO(info).readline() == "External-Identifier: FOIA-2026-0117_VOL001\n"


class _Stopped(BaseException):
    """Stands for a kill: nothing catches it."""


def test_stopped_at_any_file_it_is_carried_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever it is cut off, also in the middle of any file, the next run gives the same bytes."""
    some, how = town()[:4], profile("data")
    straight = write(tmp_path / "straight", some, how)
    real, opened = VolumeFolder.file, [0, 0]

    @contextmanager
    def cut(self: VolumeFolder, name: str) -> Iterator[BinaryIO]:
        with real(self, name) as file:
            opened[0] += 1
            if opened[0] == opened[1]:
                file.write(b"half")
                raise _Stopped
            yield file

    monkeypatch.setattr(VolumeFolder, "file", cut)
    write(tmp_path / "counted", some, how)
    files = opened[0]
    assert files > 25
    for number in range(1, files + 1):
        target = tmp_path / str(number)
        opened[:] = [0, number]
        with pytest.raises(_Stopped):
            write(target, some, how)
        assert not target.exists()
        assert write(target, some, how) == straight
        assert (target / "tagmanifest-sha256.txt").read_bytes() == (
            tmp_path / "straight/tagmanifest-sha256.txt"
        ).read_bytes()
