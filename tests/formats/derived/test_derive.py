"""What is read of files of each kind, and what is told where not all of it could be."""

from __future__ import annotations

import pytest

from archiver.formats.derived import gathered
from archiver.formats.derived.derive import gather
from archiver.formats.derived.gathered import Derived, joined
from archiver.formats.derived.kinds import kind_of
from tests.formats.derived import files

RUNS = "<w:p><w:r><w:t>The pot</w:t></w:r><w:r><w:t>hole plan</w:t></w:r></w:p>"
NOTE = f"<w:footnotes {files.W}><w:p><w:t>a footnote</w:t></w:p></w:footnotes>"
CELLS = (
    '<c t="s"><v>1</v></c><c><f>SUM(A1)</f><v>42</v></c>'
    '<c t="inlineStr"><is><t>in</t><t>line</t></is></c>'
)
SUBTITLES = (
    b"WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000 align:start\n<v Ann>the storm\n\n"
    b"2\n00:00:03.000 --> 00:00:04.000\n<c.x>drain</c>\n"
)
RICH = (
    b"{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}"
    b"Caf\\'e9 \\u21338?{\\*\\x no}p\\b lan\\par two}"
)
MBOX = b"From a@b Thu\nFrom: a@b\nSubject: one\n\nfirst\n\nFrom a@b Thu\nSubject: two\n\nsecond\n"


MAIL = (
    "From: ann@city.example To: bob@city.example Subject: Caf\u00e9 | see plan"
    " | see plan inline | plan.pdf | Attached"
)
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read(data: bytes, name: str = "", media_type: str = "") -> Derived:
    """Return what is read of a file."""
    found = gather(data, name, media_type)
    return joined([one for one in found.parts if isinstance(one, str)], found.by, found.lacks)


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (files.docx(RUNS), "a.docx", "The pothole plan"),
        (files.docx("<w:del><w:delText>gone</w:delText></w:del>"), "a.docx", "gone"),
        (files.docx('<wp:docPr descr="a map" xmlns:wp="urn:p"/>'), "a.docx", "a map"),
        (files.docx(RUNS, **{"word__footnotes.xml": NOTE}), "", "The pothole plan | a footnote"),
        (files.sheet(CELLS, ["a", "Water main"]), "a.xlsx",
         "Ledger | Water main SUM(A1) 42 inline"),
        (files.slides("<a:t>One</a:t>", "<a:t>Two</a:t>"), "a.pptx", "One | Two"),
        (files.odt("<text:p>pot<text:span>hole</text:span></text:p>"), "a.odt",
         "pothole | Plan Ann"),
        (files.pdf("Budget of 2026", "sticky note"), "a.pdf", "sticky note | Budget of 2026"),
        (files.encrypted_pdf("open to all", ""), "a.pdf", "open to all"),
        (b"junk before\n" + files.pdf("after junk"), "a.pdf", "after junk"),
        (files.mail("see plan", files.pdf("Attached"), "plan.pdf"), "a.eml",
         MAIL),
        (MBOX, "a.mbox", "From: a@b Subject: one | first | Subject: two | second"),
        (SUBTITLES, "a.vtt", "Ann: the storm drain"),
        (b"1\r\n00:00:01,000 --> 00:00:02,000\r\nthe drain\r\n", "a.srt", "the drain"),
        (RICH, "a.rtf", "Caf\u00e9 \u535aplan two"),
        (b"<html><p>Hi<b>gh</b> water<script>x</script><img alt='a map'>", "a.html",
         "High water a map"),
        (b"caf\xe9,two\n", "a.csv", "caf\u00e9,two"),
        ("\ufeffsalt".encode("utf-16-le"), "a.txt", "salt"),
        (files.zipped({"b/plan.txt": "salt", "c.docx": files.docx(RUNS)}), "a.zip",
         "b/plan.txt | salt | c.docx | The pothole plan"),
        (b" \n", "a.txt", ""),
    ],
)  # fmt: skip
def test_the_text_of_each_kind_is_read(data: bytes, name: str, expected: str) -> None:
    """All of it, in its order, and words stay whole."""
    found = read(data, name)
    parts = [" ".join(part.split()) for part in found.text.split("\f")]
    assert " | ".join(parts).startswith(expected), found
    assert not found.left


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (files.encrypted_pdf("secret", "password"), "a.pdf", "it is encrypted"),
        (files.odt("", "<m encryption-data=''/>"), "a.odt", "it is encrypted"),
        (OLD + bytes(99), "a.doc", "before 2007, or it is encrypted"),
        (files.pdf("whole")[:700], "a.pdf", "it is damaged"),
        (files.sheet('<c t="s"><v>9</v></c>', ["a"]), "a.xlsx", "it is damaged"),
        (files.scan("a map", "PNG"), "a.pdf", "a picture"),
        (files.scan("a letter", "PDF"), "a.pdf", "a page that is a picture"),
        (files.docx(RUNS, **{"word__media__image1.png": files.scan("a", "PNG")}), "", "a picture"),
        (b"\0\0\0 ftypisom" + bytes(99), "a.mp4", "video or sound"),
        (b"\0\1\2", "a.txt", "a kind of file that is not read"),
        (files.zipped({"a.bin": b"\0\1"}), "a.zip", "a kind of file that is not read"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_told(data: bytes, name: str, why: str) -> None:
    """Why, in plain words; all else of the file is kept."""
    assert why in read(data, name).left


def test_what_was_read_before_the_damage_is_kept() -> None:
    """And what a name or a type says is not believed."""
    found = read(files.zipped({"a.txt": "salt", "b.pdf": files.pdf("x")[:500], "c.txt": "pepper"}))
    assert "salt" in found.text
    assert "pepper" in found.text
    assert found.left == "it is damaged"
    assert kind_of(files.pdf("x"), "a.txt", "text/plain") == "pdf"
    assert kind_of(b"From: a\nSubject: b\n\nc", "", "") == "mail"
    assert kind_of(b"Note: a\nTo do: b\n\nc", "", "") == "text"


HOSTILE = {
    "zip bomb": files.zipped({"[Content_Types].xml": "<T/>", "word/document.xml": bytes(9 << 20)}),
    "a billion laughs": files.zipped(
        {"[Content_Types].xml": "<T/>",
         "word/document.xml": '<!DOCTYPE x [<!ENTITY a "ha">]><w><t>&a;</t></w>'}
    ),
    "a file of ours": files.zipped(
        {"[Content_Types].xml": "<T/>",
         "word/document.xml": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><t>&a;</t>'}
    ),
    "deep XML": files.docx("<w:p>" * 100_000),
    "many files": files.zipped({str(number): "" for number in range(20_001)}),
    "many letters": b"word " * 1_000_000,
    "deep pages": b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]/Count 99999999>>endobj\ntrailer<</Root 1 0 R>>",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_told_and_not_believed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is fetched, nothing unpacked without end; the reason is told."""
    monkeypatch.setattr(gathered, "MOST_UNPACKED", 8 << 20)
    found = read(HOSTILE[name])
    assert found.left
    assert "root:" not in found.text
    assert "ha" not in found.text


def test_files_in_files_have_a_bottom() -> None:
    """However deep they are."""
    data = b"salt"
    for _ in range(40):
        data = files.zipped({"a.zip": data})
    assert "more than 4 deep" in read(data).left


def test_a_name_in_a_zip_is_no_path() -> None:
    """It is a word to be found, and opens nothing; two of one name are refused."""
    found = read(files.zipped({"../../etc/passwd": "salt"}))
    assert "../../etc/passwd" in found.text
    assert "salt" in found.text


def test_text_that_is_no_text_is_made_one() -> None:
    """Half characters and zeros do not reach what stores it."""
    found = read(b"{\\rtf1 a\\u-10187?b\\u0?c}")
    assert found.text.encode("utf-8")
    assert "\0" not in found.text
    assert "a" in found.text
