"""Files that nodes name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.connector import Follow
from archiver.capture.platforms.graph.addresses import is_file_host
from archiver.record import Request, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Site

__all__ = ["file_of"]


def file_of(site: Site, name: str, url: str, sensitivity: str) -> tuple[Follow, ...]:
    """Return the request for a file, where its address may be called.

    A node's file never changes; its address is signed anew in each answer.
    """
    if not is_file_host(url, site):
        return ()
    return (Follow("file", Stream.MEDIA, name, sensitivity, Request(url), once=True),)
