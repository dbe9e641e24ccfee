"""Pictures whose text is to be read: made plain, so that what reads them sees one format. Pure."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageOps, ImageSequence

from archiver.errors import FormatError
from archiver.formats.derived.gathered import MOST_PIXELS
from archiver.formats.derived.kinds import PICTURE_UNREAD

if TYPE_CHECKING:
    from archiver.formats.derived.gathered import Gathered

__all__ = ["read_picture", "show"]

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP")
LARGEST = 80_000_000
"""Pixels of one picture."""
SMALLEST = 16
"""Pixels of a side below which nothing in a picture can be read: lines and dots of pages."""


def read_picture(data: bytes, gathered: Gathered) -> None:
    """Take the pictures of a file, if they are wanted. Raises `FormatError`."""
    if not gathered.pictures:
        gathered.lack(PICTURE_UNREAD)
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own bound is less
            with Image.open(BytesIO(data), formats=FORMATS) as opened:
                for one in ImageSequence.Iterator(opened):
                    show(one, gathered)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise FormatError("a picture that is damaged, or of a format that is not read") from error


def show(picture: Image.Image, gathered: Gathered) -> None:
    """Take one picture. Raises `FormatError` where it is too large."""
    size = picture.width * picture.height
    gathered.pixels += size
    if size > LARGEST or gathered.pixels > MOST_PIXELS:
        raise FormatError("a picture that is too large")
    if min(picture.size) < SMALLEST:
        return
    upright = ImageOps.exif_transpose(picture)
    if "A" in upright.getbands() or "transparency" in upright.info:
        white = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(white, upright.convert("RGBA"))
    out = BytesIO()
    upright.convert("L").save(out, "PNG", compress_level=1)
    gathered.show(out.getvalue())
