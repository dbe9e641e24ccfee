"""Cutting out what is attached to a status, to one of its versions, or to one it boosts.

Each attachment has its own text for those who cannot see it, and is a record of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archiver.capture.connector import Follow, Item, Span
from archiver.capture.platforms.mastodon.heads import Media, head_of
from archiver.capture.urls import same_site, web_address
from archiver.formats.excerpts_json import json_items, json_members
from archiver.record import Kind, Request, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archiver.capture.connector import Site

    Cut = tuple[int, int]

__all__ = ["media_in", "media_items", "media_of_versions", "member"]


def member(body: bytes, cut: Cut, name: str) -> Cut | None:
    """Return where the value of a member lies, of several the last; None where there is none."""
    found = [one for one in json_members(body, *cut) if one.key == name]
    return (found[-1].value_start, found[-1].value_end) if found else None


def media_in(body: bytes, cut: Cut) -> list[tuple[Media, Cut]]:
    """Return the attachments of the entity in ``body[cut]`` that have an id of their own."""
    where = member(body, cut, "media_attachments")
    if where is None:
        return []
    cuts = [(where[0] + a, where[0] + b) for a, b in json_items(body[slice(*where)])]
    heads = ((head_of(body[slice(*one)], Media), one) for one in cuts)
    return [(head, one) for head, one in heads if head is not None]


def media_items(
    site: Site, media: Iterable[tuple[Media, Cut]], sensitivity: str, page_url: str = ""
) -> Iterator[Item]:
    """Yield attachments with the files that the server has, as private as what shows them."""
    for medium, cut in media:
        url = web_address(medium.url or "")
        follow: tuple[Follow, ...] = ()
        if _on_server(url, site.url):
            file = Follow("file", Stream.MEDIA, f"{medium.id}/file", sensitivity, Request(url))
            follow = (file,)
        yield Item(
            stream=Stream.MEDIA,
            native_id=str(medium.id),
            kind=Kind.PRESENT,
            sensitivity=Sensitivity(sensitivity),
            spans=(Span("item", *cut),),
            content_type="application/json",
            page_url=page_url,
            follow=follow,
        )


def media_of_versions(body: bytes, cuts: Iterable[Cut]) -> list[tuple[Media, Cut]]:
    """Return the attachments that an edit took away: of earlier versions, not of the last.

    Those of the last are the status's own. Each counts as the last version that had it did.
    """
    versions = [media_in(body, cut) for cut in cuts]
    kept = {str(medium.id) for medium, _ in versions[-1]} if versions else set()
    earlier = {str(one[0].id): one for version in versions[:-1] for one in version}
    return [one for number, one in earlier.items() if number not in kept]


def _on_server(url: str, site_url: str) -> bool:
    """Say whether a file may be fetched: from the server's host, or by https one below it."""
    try:
        there, here = urlsplit(url), urlsplit(site_url)
        below = (there.hostname or "").endswith(f".{here.hostname}") and there.port is None
    except ValueError:
        return False
    return same_site(url, site_url) or (
        there.scheme == "https" and below and "@" not in there.netloc
    )
