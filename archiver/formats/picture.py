"""Pictures of records: as pages show them, small and alone; and what else is in a file. Pure.

A picture is anybody's file: it is decoded only where its header says that it is of a size that
memory holds, and only by decoders of the few forms that are common. What is shown is made anew
from its dots: no place where it was taken, no preview of what was cut off, comes along.
"""

from __future__ import annotations

import warnings
from io import BytesIO

from PIL import Image, ImageOps

__all__ = ["LARGEST", "beside", "shown"]

LARGEST = 32 * 1024 * 1024
"""Bytes of a file that is looked at."""
_FORMS = ("BMP", "GIF", "JPEG", "PNG", "WEBP")
_INNER = (0x8769, 0x8825, 0xA005)
"""Parts of EXIF: what the camera says, where it was, and how others read it."""
_MOST_DOTS = 25_000_000
_SIDE = 1000
_QUALITIES = (75, 60, 45, 30, 15)
_ENOUGH = 256 * 1024
"""Bytes: setting a page holds a picture many times over."""


def shown(data: bytes) -> bytes | None:
    """Return a picture as JPEG, at most 1,000 dots wide and high; None for what can't be shown."""
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(BytesIO(data), formats=_FORMS) as one,
        ):
            one.draft("RGB", (_SIDE * 2, _SIDE * 2))  # a JPEG need not be decoded whole
            if one.width * one.height > _MOST_DOTS:
                return None
            one.thumbnail((_SIDE, _SIDE))
            plain = ImageOps.exif_transpose(one).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, MemoryError):
        return None  # what decoders raise for files that are none
    page = Image.new("RGB", plain.size, "white")
    page.paste(plain, mask=plain.getchannel("A"))
    made = b""
    for quality in _QUALITIES:
        out = BytesIO()
        page.save(out, "JPEG", quality=quality)
        made = out.getvalue()
        if len(made) <= _ENOUGH:
            break
    return made


def beside(data: bytes) -> list[str]:
    """Return the texts that stand beside the dots of a picture; none of what is no picture.

    EXIF, comments, profiles, what an editor noted: as text in the encodings that they come in.
    """
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(BytesIO(data), formats=_FORMS) as one,
        ):
            exif = one.getexif()
            told = [*one.info.values(), *exif.values()]
            told += [value for tag in _INNER for value in exif.get_ifd(tag).values()]
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, MemoryError):
        return []
    texts = [value for value in told if isinstance(value, str)]
    for value in told:
        if isinstance(value, bytes):
            texts += [value.decode(name, "replace") for name in ("utf-8", "utf-16-le", "utf-16-be")]
    return texts
