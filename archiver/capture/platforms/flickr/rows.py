"""What a thing of Flickr's says, column by column; texts are objects of ``_content``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.enveloped import row_of
from archiver.capture.handlers import drop, keep, markup, metric, put, time
from archiver.capture.times import unix_time
from archiver.record import Stream

if TYPE_CHECKING:
    from archiver.capture.jsonitem import Handler
    from archiver.record import Excerpt

__all__ = ["row"]

Table = dict[str, "Handler"]


def row(excerpts: tuple[Excerpt, ...], stream: str) -> dict[str, str]:
    """Return the row of one item."""
    return row_of(excerpts, _TABLES.get(stream, {}))


def _quiet(words: str) -> Table:
    return dict.fromkeys(words.split(), metric)


_WHO: Table = _quiet("iconserver iconfarm server farm secret path_alias is_pro realname")
_PHOTO: Table = _quiet(
    "server farm views count_comments count_faves count_views has_comment can_comment"
    " count_photos count_videos visibility_can_see_set isprimary date_update needs_interstitial"
    " height_o width_o height_l width_l url_l photos videos"
)
_PHOTO |= {
    "id": drop,
    "owner": put("author_id"),
    "title": put("title"),
    "title._content": put("title"),
    "description._content": markup,
    "dateupload": time("created", unix_time),
    "date_create": time("created", unix_time),
    "lastupdate": metric,
    "tags": keep,
    "url_o": keep,
}
_TABLES: dict[str, Table] = {
    Stream.POSTS: _PHOTO,
    Stream.PAGES: _PHOTO,
    Stream.COMMENTS: _WHO | {
        "id": drop,
        "author": put("author_id"),
        "authorname": put("author_name"),
        "datecreate": time("created", unix_time),
        "permalink": put("url"),
        "_content": markup,
    },
    Stream.REACTIONS: _WHO | {
        "nsid": put("author_id"),
        "username": put("author_name"),
        "favedate": time("created", unix_time),
    },
    Stream.PROFILE: _WHO | {
        "id": drop,
        "nsid": drop,
        "username._content": put("handle"),
        "realname._content": put("name"),
        "description._content": markup,
        "profileurl._content": put("url"),
        "photos.count._content": metric,
        "photos.firstdate._content": metric,
        "photos.firstdatetaken._content": metric,
        "photos.views._content": metric,
    },
}  # fmt: skip
