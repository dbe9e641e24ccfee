"""What files of records are called in a production: their number, and an ending that is safe. Pure.

A platform's name for a file is somebody's text: it may lead out of the folder, hide what it is, or
start a program where it is opened. No letter of it is part of a name; the load file tells it.
"""

from __future__ import annotations

__all__ = ["PICTURES", "ending"]

PICTURES = ("bmp", "gif", "jpg", "png", "webp")
"""Endings of files that pages show."""

_ENDINGS = {
    "application/json": "json",
    "application/msword": "doc",
    "application/pdf": "pdf",
    "application/vnd.ms-excel": "xls",
    "application/vnd.ms-powerpoint": "ppt",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/zip": "zip",
    "audio/aac": "aac",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "image/avif": "avif",
    "image/bmp": "bmp",
    "image/gif": "gif",
    "image/heic": "heic",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tif",
    "image/webp": "webp",
    "text/csv": "txt",
    "text/plain": "txt",
    "video/mp4": "mp4",
    "video/mpeg": "mpg",
    "video/ogg": "ogv",
    "video/quicktime": "mov",
    "video/webm": "webm",
}
_TEXT = ("text/", "image/svg", "application/xml", "application/xhtml", "application/javascript")


def ending(media_type: str) -> str:
    """Return the ending of a file by its media type, without a dot.

    What a browser would run is called text; what nobody knows, ``bin``.
    """
    plain = media_type.partition(";")[0].strip().lower()
    if plain.startswith(_TEXT):
        return "txt"
    return _ENDINGS.get(plain, "bin")
