"""What kind of file some bytes are: by what they begin with, then by what is said of it. Pure."""

from __future__ import annotations

import re

from archiver.formats.derived.packed import ENCRYPTED

__all__ = ["PICTURE_UNREAD", "UNREADABLE", "kind_of"]

_MAGIC = (
    (b"%PDF-", "pdf"),
    (b"{\\rtf", "rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old-office"),
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"II*\x00", "picture"),
    (b"MM\x00*", "picture"),
    (b"BM", "picture"),
    (b"OggS", "sound"),
    (b"ID3", "sound"),
    (b"fLaC", "sound"),
    (b"\x1a\x45\xdf\xa3", "sound"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
)
_BOXES = re.compile(rb".{4}ftyp(.{4})", re.DOTALL)
_PICTURE_BOXES = frozenset((b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis"))
_RIFF = re.compile(rb"RIFF.{4}(WEBP|WAVE|AVI )", re.DOTALL)
_PAGE = re.compile(
    rb"\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype html|html|head|body)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_FIELD = re.compile(rb"([!-9;-~]{1,60}):|[ \t]")
_OF_MAIL = frozenset((b"from", b"subject", b"received", b"mime-version", b"message-id"))
_ENDINGS = {
    **dict.fromkeys(("htm", "html", "xhtml", "svg"), "page"),
    **dict.fromkeys(("eml", "mbox"), "mail"),
    **dict.fromkeys(("vtt", "srt", "sbv"), "subtitles"),
    **dict.fromkeys(
        ("mp4", "m4v", "mov", "webm", "mkv", "avi", "mp3", "m4a", "wav", "ogg"), "sound"
    ),
}
_TYPES = {
    **dict.fromkeys(("text/html", "application/xhtml+xml", "image/svg+xml"), "page"),
    **dict.fromkeys(("message/rfc822", "application/mbox"), "mail"),
    **dict.fromkeys(("text/vtt", "application/x-subrip"), "subtitles"),
}
_HEAD = 4096
_CONTROLS = bytes(set(range(32)) - {7, 8, 9, 10, 12, 13, 27})
_WIDE = (b"\xff\xfe", b"\xfe\xff")

PICTURE_UNREAD = "a picture: texts in pictures are not read here"

UNREADABLE = {
    "old-office": f"an Office file of before 2007, or {ENCRYPTED}",
    "sound": "video or sound: what is said in it is not read",
    "unknown": "a kind of file that is not read",
}
"""Kinds of which nothing is read, and why."""


def kind_of(data: bytes, name: str, media_type: str) -> str:
    """Return ``pdf zip rtf page mail subtitles text picture empty``, or one of `UNREADABLE`.

    A name or type that says otherwise than the bytes do is not believed.
    """
    if not data.strip():
        return "empty"
    found = next((kind for magic, kind in _MAGIC if data.startswith(magic)), "")
    if found and not (data.startswith((b"BM", b"ID3")) and _is_text(data[:_HEAD])):
        return found
    boxes, riff = _BOXES.match(data), _RIFF.match(data)
    if boxes or riff:
        shown = (boxes and boxes[1] in _PICTURE_BOXES) or (riff and riff[1] == b"WEBP")
        return "picture" if shown else "sound"
    if b"%PDF-" in data[:1024]:  # some programs put something before it
        return "pdf"
    if not _is_text(data[:_HEAD]):
        return "unknown"
    return _text_kind(data[: 4 * _HEAD], name, media_type)


def _is_text(head: bytes) -> bool:
    return head.startswith(_WIDE) or head.translate(None, _CONTROLS) == head


def _text_kind(head: bytes, name: str, media_type: str) -> str:
    ending = name.rpartition(".")[2].lower()
    plain = media_type.partition(";")[0].strip().lower()
    told = _TYPES.get(plain) or _ENDINGS.get(ending, "")
    if told:
        return told
    if head.lstrip().startswith(b"WEBVTT") or b" --> " in head[:200]:
        return "subtitles"
    if _PAGE.match(head):
        return "page"
    if head.startswith(b"From ") or (ending not in {"txt", "csv"} and _is_mail(head)):
        return "mail"
    return "text"


def _is_mail(head: bytes) -> bool:
    """Tell whether a text begins with header fields, of which some are those of mail (RFC 5322)."""
    names = set[bytes]()
    for line in head.splitlines():
        found = _FIELD.match(line)
        if not found:
            return not line and len(names & _OF_MAIL) > 1
        names.add((found[1] or b"").lower())
    return False
