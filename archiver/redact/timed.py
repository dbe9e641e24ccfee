"""Masking video and sound: which parts of which streams, as arguments of ffmpeg. Pure.

A box is blackened while its time lasts; without a box picture and sound are both gone, as what is
seen would tell what is said. One stream of picture and one of sound are kept: no other track, no
title, cover, chapter or metadata. All is coded anew: nothing that was there is left behind a cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from archiver.redact.media import BLOCK, impossible_to_mask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.redact.mark import Region

__all__ = ["FORMATS", "Masker", "Masking", "masking"]

FORMATS = "aac,amr,avi,flac,matroska,webm,mov,mp4,mp3,mpeg,mpegts,ogg,wav"
"""Demuxers of what is read: lists of other files, scripts and devices are not among them."""

MARGIN = 250
"""Milliseconds by which a time is widened on both sides: filters decide frame by frame."""

_MILLION = 1_000_000
_EXACT = (
    *("-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn", "-threads", "1"),
    *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"),
)
_PICTURE = ("-map", "0:V:0", "-c:v", "libx264", "-preset", "medium", "-crf", "18")
_EVEN = "scale=trunc(iw/2)*2:trunc(ih/2)*2,format=yuv420p"
"""What most players show has an even number of lines and columns."""


class Masker(Protocol):
    """Something that makes a video or a sound of another, without parts of it."""

    def mask(self, data: bytes, formats: str, arguments: Sequence[str], into: str) -> bytes:
        """Return the file that is made.

        Args:
            data: the file as it came.
            formats: names of the formats that may be read.
            arguments: what is kept, and what is masked (`masking`).
            into: the format that is made.

        Raises `ArchiverError` where it is not installed, `RefusedError` where it can't be done.
        """
        ...


class Masking(NamedTuple):
    """What is asked of ffmpeg between input and output, and of which type the output is."""

    arguments: tuple[str, ...]
    format: str
    media_type: str


def masking(media_type: str, regions: Sequence[Region]) -> Masking:
    """Return how a video or a sound is masked.

    Raises `RefusedError` (``mask-impossible``) for what is neither, and for a region without box
    and time, which is all of it.
    """
    kind = media_type.partition("/")[0].strip().casefold()
    if any(not one.box and not one.span for one in regions) or not regions:
        raise impossible_to_mask("all of it is marked")
    silent = [one for one in regions if not one.box]
    sound = ",".join(["asetnsamples=n=256", *(f"volume=0:{_while(one)}" for one in silent)])
    if kind == "audio":
        if len(silent) < len(regions):
            raise impossible_to_mask("a sound has no box")
        heard = ("-vn", "-map", "0:a:0", "-af", sound, "-c:a", "flac", *_EXACT)
        return Masking(heard, "flac", "audio/flac")
    if kind != "video":
        raise impossible_to_mask("it is neither picture, video nor sound")
    picture = ",".join([*map(_black, regions), _EVEN])
    seen = (*_PICTURE, "-vf", picture, "-map", "0:a:0?", "-af", sound, "-c:a", "aac", *_EXACT)
    return Masking(seen, "mp4", "video/mp4")


def _while(region: Region) -> str:
    """Return the time of a region, as a condition of filters; empty: all the time."""
    if not region.span:
        return "enable=1"
    first, end = max(0, region.span[0] - MARGIN), region.span[1] + MARGIN
    return f"enable='between(t,{first / 1000:.3f},{end / 1000:.3f})'"


def _black(region: Region) -> str:
    left, top, right, bottom = region.box or (0, 0, _MILLION, _MILLION)
    sides = (
        f"x='max(0,iw*{left}/{_MILLION}-{BLOCK})'",
        f"y='max(0,ih*{top}/{_MILLION}-{BLOCK})'",
        f"w='iw*{right - left}/{_MILLION}+{2 * BLOCK + 1}'",
        f"h='ih*{bottom - top}/{_MILLION}+{2 * BLOCK + 1}'",
    )
    return f"drawbox={':'.join(sides)}:color=black:t=fill:{_while(region)}"
