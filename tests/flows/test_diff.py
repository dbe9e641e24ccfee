"""Two volumes side by side: what changed is named, and neither is believed before it verifies."""

from __future__ import annotations

import random
import shutil
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from archiver.errors import FormatError, RefusedError
from archiver.flows.deciding import seal_drafts
from archiver.flows.diff import diff
from archiver.flows.marking import Wanted, take_back
from archiver.produce.table import COLUMNS
from archiver.produce.volume_diff import differences, read_sheet
from archiver.wire.volumes import BagFiles
from tests.flows.helpers import Quiet
from tests.flows.test_marking import decide, office  # noqa: F401 - a fixture
from tests.flows.test_produce import RECORD, how, made
from tests.flows.test_produce_held import rebagged
from tests.flows.test_redacting import NAME, PHONE, ROW, seal

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.diff import Compared
    from tests.flows.hall import Hall

HOSTILE = "=cmd|' /C calc'!A0 \x00þ® \n \u202e file_name (7(1)(b)); text (x)"


def compared(one: Path, other: Path, *keys: str) -> Compared:
    """Hold two volumes side by side."""
    return diff(BagFiles(one), BagFiles(other), keys, Quiet())


@pytest.fixture
def volumes(office: Hall, tmp_path: Path) -> Path:  # noqa: F811 - a fixture
    """Two volumes: between them a mark was taken back, others were made, a record came."""
    seal(office.archive, "18", [ROW | {"text": HOSTILE}])
    first = decide(office, Wanted(RECORD, "7(1)(b)", "a private number", find=PHONE))
    made(office, tmp_path / "one")
    _taken_back(office, f"{first}-1")
    decide(office, Wanted(RECORD, "7(1)(c)", "a name", field="text", find=NAME))
    seal(office.archive, "02", [ROW])
    made(office, tmp_path / "two", ways=how(volume=2))
    return tmp_path


def _taken_back(hall: Hall, mark: str) -> None:
    back = take_back(hall.archive, mark, "it is a business line")
    seal_drafts(hall.archive, [back.signed(hall.keys("fay"))])


def test_what_changed_is_named(volumes: Path, office: Hall) -> None:  # noqa: F811 - a fixture
    """Redactions that were lifted and added, a new document, other numbers; else nothing."""
    key = office.archive.identity.keys[0]
    found = compared(volumes / "one", volumes / "two", key)
    assert [found.count(what) for what in ("added", "gone")] == [1, 0]
    by_record = {one.record: one for one in found.changes}
    assert by_record["stand-in:city:posts:02"].what == "added"
    what = {(one.what, one.field) for one in by_record[RECORD].details}
    assert ("redacted-otherwise", "text") in what
    assert ("lifted", "author_id") in what
    assert ("withheld", "author_name") in what
    assert found.before.proofs == len(list((volumes / "one/data/PROOFS").rglob("*.json")))
    back = compared(volumes / "two", volumes / "one")
    assert [back.count(what) for what in ("added", "gone")] == [0, 1]
    same = compared(volumes / "one", volumes / "one")
    assert same.changes == ()
    with pytest.raises(RefusedError) as refused:
        compared(volumes / "one", volumes / "two", f"x+{'0' * 8}+{key.split('+', 2)[2]}")
    assert refused.value.code == "bag-unproven"


def test_no_bag_is_believed(volumes: Path) -> None:
    """A byte, a file too many or too few, a link, a proof that is gone: refused, by its name."""
    one, spoilt = volumes / "one", volumes / "spoilt"
    sheet = "data/VOL001/DATA/VOL001.csv"

    def changed(path: Path) -> None:
        (path / sheet).write_bytes((path / sheet).read_bytes().replace(b"culvert", b"bridge", 1))

    def more(path: Path) -> None:
        (path / "data" / "more").write_text("x")

    def less(path: Path) -> None:
        (path / sheet).unlink()

    def linked(path: Path) -> None:
        (path / sheet).unlink()
        (path / sheet).symlink_to(one / sheet)

    def outside(path: Path) -> None:
        manifest = path / "manifest-sha256.txt"
        manifest.write_text(manifest.read_text() + f"{'0' * 64}  data/../../one/bagit.txt\n")

    def unproven(path: Path) -> None:
        next((path / "data" / "PROOFS").rglob("*.json")).unlink()
        rebagged(path)

    for spoil in (changed, more, less, linked, outside, unproven):
        shutil.copytree(one, spoilt)
        spoil(spoilt)
        with pytest.raises((RefusedError, FormatError)) as refused:
            compared(spoilt, volumes / "two")
        assert refused.value.code in {"bag-changed", "bag-unproven", "format"}, spoil
        shutil.rmtree(spoilt)


def test_no_sheet_breaks_it() -> None:
    """Whatever its bytes: it is read, or refused as what is none."""
    chance = random.Random(3)
    header = ",".join(f'"{one}"' for one in (*COLUMNS, "apostrophe_added"))
    row = ",".join(f'"{n}"' for n in range(len(COLUMNS) + 1))
    good = f"\ufeff{header}\r\n{row}\r\n".encode()
    sheet = read_sheet(BytesIO(good), {}, "x")
    assert list(differences(sheet, sheet)) == []
    for _ in range(500):
        data = bytearray(good)
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] = chance.choice(b'",\r\n\0\xff1a')
        with suppress(FormatError):  # any other error fails
            read_sheet(BytesIO(data), {}, "x")


def test_very_large_sheets() -> None:
    """Ten thousand versions, and a cell of a megabyte."""
    names = (*COLUMNS, "apostrophe_added")

    def lines(changed: int) -> list[bytes]:
        rows = [",".join(names)]
        for number in range(10_000):
            text = "x" * (1 << 20 if number == 7 else 30) + ("!" if number == changed else "")
            told = {"record_id": f"p:a:posts:{number}", "leaf": str(number), "text": text}
            rows.append(",".join(told.get(name, "") for name in names))
        return [f"{row}\r\n".encode() for row in rows]

    found = list(differences(*(read_sheet(lines(one), {}, "x") for one in (-1, 500))))
    assert [(one.record, one.details) for one in found] == [
        ("p:a:posts:500", (("said", 500, "text"),))
    ]
