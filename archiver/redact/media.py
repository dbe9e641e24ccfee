"""Masking pictures: parts are blackened, what is left is written anew with nothing beside it.

A box is one of the picture as people see it, turned as its EXIF says. It is widened by a block of
the coding: what JPEG (ITU-T T.81) smears of a face over its block goes too. The result is a PNG of
bare pixels: no metadata, no thumbnail, no second frame, no colour under transparency. Pure.
"""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageOps

from archiver.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archiver.redact.mark import Region

__all__ = ["MASKED_TYPE", "blackened", "impossible_to_mask"]

MASKED_TYPE = "image/png"
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
"""Of what is read; others have scripts, pages, or programs of their own."""
MOST_PIXELS = 64_000_000
"""Some 200 MB in memory."""
BLOCK = 16
"""Pixels: the largest block that JPEG and WebP code at once."""
_MILLION = 1_000_000


def blackened(data: bytes, regions: Iterable[Region]) -> bytes:
    """Return a picture as PNG with parts of it black. A region without a box is all of it.

    Raises `RefusedError` (``mask-impossible``) for what is no picture, has several frames, or is
    too large: it can only be withheld as a whole.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            bare = _bare(data)
        except (OSError, SyntaxError, ValueError, ArithmeticError) as error:
            raise impossible_to_mask("it can't be read as a picture") from error
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise impossible_to_mask("it is too large") from error
    draw = ImageDraw.Draw(bare)
    for one in regions:
        draw.rectangle(_pixels(one.box or (0, 0, _MILLION, _MILLION), bare.size), fill=(0, 0, 0))
    out = BytesIO()
    bare.save(out, "PNG")
    return out.getvalue()


def _bare(data: bytes) -> Image.Image:
    """Return the pixels of a picture as people see it, and nothing else of its file."""
    with Image.open(BytesIO(data), formats=FORMATS) as file:
        if getattr(file, "n_frames", 1) != 1 and file.format != "MPO":  # whose first one is seen
            raise impossible_to_mask("it has several frames")
        if file.width * file.height > MOST_PIXELS:
            raise impossible_to_mask("it is too large")
        seen = ImageOps.exif_transpose(file).convert("RGBA")
    bare = Image.new("RGB", seen.size, (255, 255, 255))
    bare.paste(seen, mask=seen.getchannel("A"))
    return bare


def _pixels(box: tuple[int, ...], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return a box, in millionths, as the pixels (inclusive) that may show something of it."""
    left, top, right, bottom = box
    width, height = size
    first = (left * width // _MILLION - BLOCK, top * height // _MILLION - BLOCK)
    end = (-(-right * width // _MILLION) + BLOCK, -(-bottom * height // _MILLION) + BLOCK)
    return max(first[0], 0), max(first[1], 0), min(end[0], width) - 1, min(end[1], height) - 1


def impossible_to_mask(why: str) -> RefusedError:
    """Return the refusal to mask a part of a file."""
    return RefusedError(
        f"the file can't be masked: {why}",
        code="mask-impossible",
        mend="withhold the record as a whole, with --whole and the reason",
    )
