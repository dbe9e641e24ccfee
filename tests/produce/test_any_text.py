"""Volumes of any text: whatever anybody writes changes nothing but itself, in every channel."""

from __future__ import annotations

import csv
import io
import json
import mailbox
import tempfile
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from archiver.flows.validate import KINDS, validate
from archiver.flows.volume import write_volume
from archiver.produce.dat import read_dat
from archiver.produce.document import Gap
from tests.produce.town import SIGN, document, members, native, version
from tests.produce.writing import Silent, plan, profile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.produce.document import Document

ODD = st.sampled_from([
    "=cmd|'/c'!A0", "\x14", "þ", "®", "\r\n", "\x00", "\u202e", "../../x", "<script>", "</bdi>",
    '"', "'", ",", ";", "_x0041_", "\ufeff", "\u2028", "From x\n", "--", "👍🏽", "\x85", "]]>",
    "{codes}", "%s", "\\", "a" * 300, "\ufffe", "[7(1)(b)]", "\n\n.\n",
])  # fmt: skip
TEXT = st.lists(st.one_of(ODD, st.text(max_size=8)), max_size=6).map("".join)
STREAMS = st.sampled_from(["posts", "comments", "messages", "media", "subscribers", "reactions"])


class Memory:
    """A folder in memory (`archiver.flows.volume.Folder`)."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    @contextmanager
    def file(self, name: str) -> Iterator[BinaryIO]:
        """Keep what is written."""
        assert name not in self.files
        out = io.BytesIO()
        yield out
        self.files[name] = out.getvalue()

    def keep(self, name: str) -> None:
        """Never asked: nothing was there."""
        raise AssertionError(name)

    def open(self, name: str) -> BinaryIO | None:
        """Give a file back."""
        return io.BytesIO(self.files[name])

    def scratch(self) -> BinaryIO:
        """Give room."""
        return tempfile.TemporaryFile()

    def next(self) -> bytes:
        """There is no journal."""
        return b""

    def note(self, line: bytes) -> None:
        """Keep none."""

    def clear(self) -> None:
        """Nothing is there."""


@st.composite
def documents(draw: st.DrawFn) -> list[Document]:
    """Return some documents that say anything, anywhere."""
    made = []
    for number in range(draw(st.integers(0, 4))):
        words = draw(TEXT)
        gap = draw(st.booleans())
        fields = {
            "text": (words, Gap(1, SIGN), draw(TEXT)) if gap and words else words or "x",
            "title": draw(TEXT),
            "author_id": draw(TEXT),
            "author_name": draw(TEXT),
            "created_at": draw(st.sampled_from(["2026-03-07T22:01:00.000000Z", words])),
            "extra": draw(TEXT),
        }
        files = (native(draw(TEXT), draw(TEXT), draw(TEXT).encode()),)
        made.append(document(
            number, draw(STREAMS), native_id=f"{number}{draw(TEXT)}", whole=not gap,
            versions=(version(number, draw(st.sampled_from(["present", "deleted"])), fields, 1),),
            title=draw(TEXT), custodian=draw(TEXT), account=draw(TEXT), tags=(draw(TEXT),),
            thread=draw(TEXT), parent=draw(TEXT), state=draw(TEXT), natives=files,
        ))  # fmt: skip
    return made


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(documents())
def test_any_documents_make_a_right_volume(some: list[Document]) -> None:
    """No check finds a fault, no row is more or less, texts come back as they were."""
    folder = Memory()
    write_volume(folder, plan(), profile(), some, Silent(), members=members)
    root = "data/VOL001/"
    files = {n.removeprefix(root): d for n, d in folder.files.items() if n.startswith(root)}
    assert all(one.isascii() and one.isprintable() and ".." not in one for one in folder.files)
    for name, data in files.items():
        if name.endswith(tuple(KINDS)):
            assert validate(name, data, files.__contains__).faults == []
        if data.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(data)) as opened:
                assert opened.testzip() is None
    texts = [_said(one) for one in some]
    assert len(read_dat(files["DATA/VOL001.dat"]).lines) == len(some)
    table = pq.read_table(io.BytesIO(files["DATA/VOL001.parquet"])).to_pylist()
    assert [one["text"] for one in table] == texts
    lines = [json.loads(one) for one in files["DATA/VOL001.jsonl"].split(b"\n") if one]
    assert [len(one["versions"]) for one in lines] == [1] * len(some)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(files["DATA/VOL001.xlsx"]))
    assert len(rows.get_sheet_by_index(0).to_python()) == len(some) + 1
    read = csv.DictReader(io.StringIO(files["DATA/VOL001.csv"].decode("utf-8-sig"), newline=""))
    for one, text in zip(read, texts, strict=True):
        cell = one["text"].removeprefix("'") if "text" in one["apostrophe_added"].split() else None
        assert (cell or one["text"]) == text.replace("\x00", "\ufffd")


def _said(one: Document) -> str:
    parts = one.versions[0].fields["text"]
    return "".join(p if isinstance(p, str) else "[7(1)(b)] " for p in parts).rstrip(" ")


@given(TEXT, TEXT)
def test_mailboxes_have_one_entry_for_each_message(text: str, name: str) -> None:
    """A message makes no other message, whatever it says."""
    folder = Memory()
    some = [document(n, "messages", text=text, title=name, thread="r") for n in range(3)]
    write_volume(folder, plan(), profile(), some, Silent())
    with tempfile.NamedTemporaryFile() as file:
        file.write(folder.files["data/VOL001/EML/VOL001.mbox"])
        file.flush()
        box = mailbox.mbox(file.name)
        assert len(box) == 3
        box.close()
