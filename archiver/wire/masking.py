"""What masks video and sound: the program ffmpeg, where it is installed."""

from __future__ import annotations

from archiver.edges.ffmpeg import Ffmpeg

__all__ = ["masker"]


def masker() -> Ffmpeg:
    """Return what `archiver.flows.masking.masked` asks; whether it is there it says when asked."""
    return Ffmpeg()
