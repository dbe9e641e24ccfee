"""Numbered pages: the same bytes, a number on each, nothing taken for markup, nothing unseen."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from archiver.formats.pages import Made, Numbered, Setter
from archiver.formats.picture import shown
from tests.produce.town import HOSTILE

WHEN = datetime(2026, 11, 30, 4, tzinfo=UTC)


def pages(text: str, first: int = 7) -> Numbered:
    """Return pages that say a text everywhere."""
    passages = [(text, [(text, text)], text.split("\n"))]
    return Numbered(text, "EX-", first, 6, "SECRET", [(text, text)], passages, [text])


def made(text: str, first: int = 7, **more: Any) -> Made:  # noqa: ANN401 - pictures or images
    """Set them."""
    return Setter().made(pages(text, first), WHEN, images=bool(more.pop("images", False)), **more)


def said(data: bytes) -> list[str]:
    """Return the text of each page, without white space and places to part words."""
    read = PdfReader(io.BytesIO(data)).pages
    return ["".join(one.extract_text().replace("\u200b", "").split()) for one in read]


def picture(size: tuple[int, int], form: str = "PNG") -> bytes:
    """Return a picture."""
    out = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").save(out, form)
    return out.getvalue()


def test_each_page_has_its_number() -> None:
    """Numbers go on from page to page, at the end of each; the count is that of the pages."""
    done = made("A line of words. " * 1200, 99_999_8)
    read = said(done.pdf)
    assert done.pages == len(read) > 3
    assert [one[-9:] for one in read[:3]] == ["EX-999998", "EX-999999", "X-1000000"]
    assert all("SECRET" in one for one in read)


def test_the_same_page_is_the_same_bytes() -> None:
    """Also after others were set by the same setter, in whatever letters."""
    setter = Setter()
    for text in ("é 市 👍🏽", "a\u200d e\u0301 \u0301", HOSTILE):
        setter.made(pages(text), WHEN, images=False)
    for text in ("é", "e\u0301 é", HOSTILE):
        assert setter.made(pages(text), WHEN, images=True) == made(text, images=True)
    assert made("a").pdf != made("b").pdf


def test_nothing_is_markup_and_nothing_unseen() -> None:
    """What a page can't show is spelled; what would turn lines, end them or run does nothing."""
    text = "".join(said(made(HOSTILE).pdf))
    for piece in (
        "=cmd|'/Ccalc'!A0{U+0014}þ®{U+000D}",
        "{right-to-leftoverride}gnp.exe<script>alert(1)</script>",
        '#read("/etc/passwd")$x_2$*b*\\"q"',
        "\N{CJK UNIFIED IDEOGRAPH-5E02}\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}",
        "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}",
        "{U+0000,U+001B}[31m",
    ):
        assert piece in text


@pytest.mark.parametrize(
    "text",
    [
        "\u6f22\u5b57",
        "\u4e2d\u6587",
        "\ud55c\uad6d\uc5b4",
        "\u05e9\u05dc\u05d5\u05dd",
        "\u0e44\u0e17\u0e22",
        "\U0001f600\u2764",
    ],
)
def test_other_scripts_are_set(text: str) -> None:
    """Chinese, Japanese, Korean, Hebrew, Thai, emoji: as they are, in fonts of the file."""
    assert text in said(made(text).pdf)[0]


@pytest.mark.parametrize(
    "text", ["\u0939\u093f\u0928\u094d\u0926\u0940", "\u0645\u06cc\u200c\u0631\u0648\u0645"]
)
def test_shaped_scripts_are_set(text: str) -> None:
    """Devanagari, Persian: shaped, with joiners where they belong; nothing of it is spelled."""
    read = said(made(text).pdf)[0]
    assert "{" not in read
    assert {one for one in text if one.isalpha()} <= {*read}


@pytest.mark.parametrize(
    "text", ["a\u200db", "1\ufe0f", "\u0431\u200d", "\u200d", "\U00013000\u200d"]
)
def test_a_joiner_that_joins_nothing_is_spelled(text: str) -> None:
    """After a letter that needs none it is there to be unseen."""
    assert "{" in said(made(text).pdf)[0]


@pytest.mark.parametrize("text", ["x" * 20_000, " " * 20_000 + "y", "a\n" * 500, "ع" * 3000, ""])
def test_long_lines_stay_on_the_page(text: str) -> None:
    """A word without an end is parted, none of it is lost."""
    done = made(text)
    letters = {one for one in text if one.strip() and one.isascii()}
    read = "".join(said(done.pdf))
    for one in letters:
        assert read.count(one) >= text.count(one) * 6


def test_it_declares_what_it_is() -> None:
    """PDF/A-2u as declared: mark in the metadata, colours, all fonts in the file, no actions."""
    reader = PdfReader(io.BytesIO(made(f"{HOSTILE} Ж").pdf))
    root: Any = reader.root_object
    told = root["/Metadata"].get_object().get_data()
    assert b"pdfaid:part>2<" in told
    assert b"pdfaid:conformance>U<" in told
    assert root["/OutputIntents"][0].get_object()["/S"] == "/GTS_PDFA1"
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(root)
    assert "/ID" in reader.trailer
    fonts = [
        font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    ]
    assert fonts
    assert all({"/FontFile2", "/FontFile3"} & set(one) for one in fonts)


def test_images_are_of_300_dpi() -> None:
    """Text is black and white in Group 4; a page with a picture keeps its greys."""
    plain = made("A line. " * 600, images=True)
    assert len(plain.images) == plain.pages > 1
    for data in plain.images:
        with Image.open(io.BytesIO(data)) as one:
            assert (one.format, one.mode, one.size) == ("TIFF", "1", (2550, 3300))
            assert one.info["compression"] == "group4"
            assert tuple(map(round, one.info["dpi"])) == (300, 300)
            assert one.getextrema() == (0, 255)
    jpeg = shown(picture((640, 480)))
    assert jpeg
    done = made("a", images=True, pictures=[jpeg])
    assert (done.ending, plain.ending) == ("jpg", "tif")
    with Image.open(io.BytesIO(done.images[0])) as one:
        assert (one.format, one.size) == ("JPEG", (2550, 3300))
        assert len(one.convert("L").getcolors() or ()) > 100


@pytest.mark.parametrize("size", [(4000, 10), (10, 4000), (1, 1), (3000, 2000)])
def test_pictures_fit_the_page(size: tuple[int, int]) -> None:
    """However wide or high it is, it takes a page at most."""
    jpeg = shown(picture(size))
    assert jpeg
    with Image.open(io.BytesIO(jpeg)) as one:
        assert max(one.size) <= 1000
    assert made("a", pictures=[jpeg]).pages <= 2


def test_pictures_stand_upright() -> None:
    """A camera that was held on its side says so, and the page shows it upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.new("RGB", (60, 20)).save(out, "JPEG", exif=exif)
    jpeg = shown(out.getvalue())
    assert jpeg
    with Image.open(io.BytesIO(jpeg)) as one:
        assert one.size == (20, 60)


def test_pictures_are_made_anew() -> None:
    """Neither where it was taken nor a preview comes along; what is none is not shown."""
    exif = Image.Exif()
    exif[0x8298] = "CANARY"
    out = io.BytesIO()
    Image.new("RGB", (50, 20)).save(out, "JPEG", exif=exif)
    assert b"CANARY" in out.getvalue()
    jpeg = shown(out.getvalue())
    assert jpeg
    assert b"CANARY" not in jpeg
    whole = picture((100, 100))
    for data in (b"", b"<svg/>", whole[:-40], b"%PDF-1.4"):
        assert shown(data) is None
    bomb = bytearray(whole)
    bomb[16:24] = (60_000).to_bytes(4) * 2
    assert shown(bytes(bomb)) is None
