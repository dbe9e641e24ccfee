"""Masked pictures: nothing of a region is left, in pixels or beside them; the rest is as it was."""

from __future__ import annotations

import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from archiver.errors import RefusedError
from archiver.redact import media
from archiver.redact.mark import Region
from archiver.redact.media import BLOCK, blackened

SIZE = (320, 200)
BOX = (250_000, 250_000, 500_000, 500_000)
"""80 to 160, 50 to 100."""
SECRET = b"canary-in-the-exif"


def picture(kind: str, **options: object) -> bytes:
    """Return a grey picture with a red square where the box is, and text beside the pixels."""
    made = Image.new("RGB", SIZE, (128, 128, 128))
    ImageDraw.Draw(made).rectangle((80, 50, 159, 99), fill=(255, 0, 0))
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    out = BytesIO()
    told = {"exif": exif} if kind in ("JPEG", "PNG", "WEBP", "TIFF") else {}
    made.save(out, kind, **told, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    """Return a picture."""
    return Image.open(BytesIO(data))


def reds(image: Image.Image) -> int:
    """Return how many pixels have more red than a grey picture has."""
    bands = [list(map(int, one.tobytes())) for one in image.convert("RGB").split()]
    return sum(r > g + 8 or r > b + 8 for r, g, b in zip(*bands, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF"])
def test_a_region_is_black_and_the_rest_is_as_it_was(kind: str) -> None:
    """Also what the coding smeared of it over its neighbours."""
    options: dict[str, object] = {"quality": 20} if kind in ("JPEG", "WEBP") else {}
    data = picture(kind, **options)
    made = opened(blackened(data, [Region(BOX)]))
    assert made.size == SIZE
    assert reds(opened(data)) >= 80 * 50
    assert reds(made) == 0
    assert made.getpixel((120, 75)) == (0, 0, 0)
    before = opened(data).convert("RGB")
    for at in ((0, 0), (319, 199), (80 - BLOCK - 1, 75), (160 + BLOCK, 75)):
        assert made.getpixel(at) == before.getpixel(at)


def test_nothing_stands_beside_the_pixels() -> None:
    """No EXIF, no comment, no thumbnail: a PNG of three kinds of chunks."""
    made = blackened(picture("JPEG", comment=SECRET, quality=90), [Region(BOX)])
    chunks, at = [], 8
    while at < len(made):
        length = int.from_bytes(made[at : at + 4], "big")
        chunks.append(made[at + 4 : at + 8])
        at += 12 + length
    assert set(chunks) == {b"IHDR", b"IDAT", b"IEND"}
    assert opened(made).info == {}
    assert SECRET not in made
    pixels = zlib.decompress(b"".join(_data(made)))
    assert len(pixels) == (1 + 3 * SIZE[0]) * SIZE[1]  # nothing behind the last line


def _data(made: bytes) -> list[bytes]:
    found, at = [], 8
    while at < len(made):
        length = int.from_bytes(made[at : at + 4], "big")
        if made[at + 4 : at + 8] == b"IDAT":
            found.append(made[at + 8 : at + 8 + length])
        at += 12 + length
    return found


def test_colours_under_transparency_are_gone() -> None:
    """What nobody sees is in the file all the same, and must not stay."""
    hidden = Image.new("RGBA", SIZE, (255, 0, 0, 0))
    out = BytesIO()
    hidden.save(out, "PNG")
    made = opened(blackened(out.getvalue(), []))
    assert made.mode == "RGB"
    assert set(made.get_flattened_data()) == {(255, 255, 255)}


def test_a_box_is_one_of_what_people_see() -> None:
    """A picture that is turned by its EXIF is masked where people see the face."""
    turned = opened(picture("PNG")).convert("RGB").rotate(90, expand=True)
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate 90 degrees clockwise to see it
    out = BytesIO()
    turned.save(out, "JPEG", exif=exif, quality=95)
    made = opened(blackened(out.getvalue(), [Region(BOX)]))
    assert made.size == SIZE
    assert reds(made) == 0


def test_a_region_without_a_box_is_all() -> None:
    """And so is one of the whole picture."""
    for region in (Region(), Region((0, 0, 1_000_000, 1_000_000))):
        made = opened(blackened(picture("PNG"), [region]))
        assert set(made.get_flattened_data()) == {(0, 0, 0)}


def test_the_same_picture_gives_the_same_bytes() -> None:
    """Productions are made twice."""
    data = picture("JPEG")
    assert blackened(data, [Region(BOX)]) == blackened(data, [Region(BOX)])


def animated() -> bytes:
    """Return a picture of two frames."""
    first, second = (Image.new("RGB", SIZE, colour) for colour in ("red", "blue"))
    out = BytesIO()
    first.save(out, "GIF", save_all=True, append_images=[second])
    return out.getvalue()


@pytest.mark.parametrize(
    "data", [b"", b"no picture", picture("JPEG")[:400], animated(), b"%!PS-Adobe"]
)
def test_what_can_not_be_masked_is_refused(data: bytes) -> None:
    """It is withheld as a whole, with its reason; nothing half-masked goes out."""
    with pytest.raises(RefusedError) as caught:
        blackened(data, [Region(BOX)])
    assert caught.value.code == "mask-impossible"


@pytest.mark.parametrize("pixels", [100, 320 * 200 - 1])
def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch, pixels: int) -> None:
    """By what its header says, before its pixels are there."""
    monkeypatch.setattr(media, "MOST_PIXELS", pixels)
    with pytest.raises(RefusedError, match="too large"):
        blackened(picture("PNG"), [Region(BOX)])
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", pixels)
    with pytest.raises(RefusedError, match="too large"):
        blackened(picture("PNG"), [Region(BOX)])
