"""Sealed observations of a WordPress, in the oracle's terms: to be held against its database."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from archiver.formats.http1 import parse_response
from tests.real.helpers import Seen, in_force
from tests.real.wordpress import oracle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.real.story import Story

__all__ = ["KINDS", "STREAMS", "held", "place", "things", "words"]

KINDS = {
    "publish": "present",
    "approve": "present",
    "inherit": "present",
    "hold": "held",
    "draft": "held",
    "pending": "held",
    "future": "held",
    "private": "held",
    "spam": "hidden",
    "trash": "removed",
    "post-trashed": "removed",
}
"""What each of WordPress's states is to the archive."""
BLOCKS = {"p", "h2", "ul", "li", "blockquote"}
STREAMS = ("posts", "pages", "revisions", "comments", "users", "media")


def place(seen: Seen) -> tuple[str, int]:
    """Return the oracle's stream and id of an observation; of a file, ``files``."""
    stream, native_id = seen.thing
    if "/revision/" in native_id:
        return "revisions", int(native_id.rpartition("/")[2])
    if native_id.endswith("/file"):
        return "files", int(native_id.removesuffix("/file"))
    return {"subscribers": "users"}.get(stream, stream), int(native_id)


def things(observations: Iterable[Seen]) -> list[tuple[tuple[str, int], Seen]]:
    """Return the observations of the platform's things: no listings, no profile."""
    return [
        (place(one), one)
        for one in observations
        if one.kind != "listing" and one.row["stream"] != "profile"
    ]


def number(row: dict[str, str], column: str) -> int:
    """Return an id; none is 0, as in the database."""
    return int(row.get(column, "0"))


def moment(text: str) -> str:
    """Return a time as the database spells it."""
    return text.replace("T", " ").removesuffix("+00:00")


def post_of(seen: Seen, _file: Seen | None) -> oracle.Post:
    """Return the post or page that an observation describes."""
    row, extra = seen.row, json.loads(seen.row["extra"])
    return oracle.Post(
        type=row["stream"].removesuffix("s"),
        status=row["state"],
        title=seen.item["title"]["raw"],
        content=row.get("markup", ""),
        excerpt=seen.item["excerpt"]["raw"],
        author=number(row, "author_id"),
        parent=number(row, "parent_id"),
        password=extra["password"],
        slug=extra["slug"],
        modified_gmt=moment(row["modified"]),
    )


def revision_of(seen: Seen, _file: Seen | None) -> oracle.Revision:
    """Return the revision that an observation describes."""
    row = seen.row
    return oracle.Revision(
        post=number(row, "parent_id"),
        title=seen.item["title"]["raw"],
        content=row.get("markup", ""),
        author=number(row, "author_id"),
        slug=json.loads(row["extra"])["slug"],
        modified_gmt=moment(row["modified"]),
    )


def comment_of(seen: Seen, _file: Seen | None) -> oracle.Comment:
    """Return the comment that an observation describes."""
    row = seen.row
    return oracle.Comment(
        post=number(row, "thread_id"),
        parent=number(row, "parent_id"),
        status={"approved": "approve"}.get(row["state"], row["state"]),
        type=json.loads(row["extra"])["type"],
        author=number(row, "author_id"),
        author_name=seen.item["author_name"],
        author_email=row.get("author_email", ""),
        author_url=row.get("author_url", ""),
        author_ip=row.get("author_ip", ""),
        content=row.get("markup", ""),
        date_gmt=moment(row["created"]),
    )


def user_of(seen: Seen, _file: Seen | None) -> oracle.User:
    """Return the account that an observation describes."""
    row = seen.row
    return oracle.User(
        login=row["handle"],
        display_name=seen.item["name"],
        email=row["email"],
        url=json.loads(row["extra"])["url"],
        roles=tuple(json.loads(row["roles"])),
        registered=moment(row["created"]),
    )


def medium_of(seen: Seen, file: Seen | None) -> oracle.Media:
    """Return the uploaded file that two observations describe: what is said of it, and it."""
    assert file is not None
    row = seen.row
    (attachment,) = json.loads(row["attachments"])
    assert file.row["url"] == attachment["url"]
    return oracle.Media(
        status=row["state"],
        file=attachment["url"].partition("/wp-content/uploads/")[2],
        sha256=file.row["file_sha256"],
        size=len(parse_response(file.block).body),
        mime_type=row["media_type"],
        title=seen.item["title"]["raw"],
        alt_text=row.get("alt_text", ""),
        caption=seen.item["caption"]["raw"],
        post=number(row, "parent_id"),
        author=number(row, "author_id"),
    )


READERS: dict[str, Callable[[Seen, Seen | None], Any]] = {
    "posts": post_of,
    "pages": post_of,
    "revisions": revision_of,
    "comments": comment_of,
    "users": user_of,
    "media": medium_of,
}


def held(story: Story, capture: str, stream: str) -> dict[int, Any]:
    """Return what the archive holds of a stream after a capture, as the oracle would say it."""
    latest = dict(things(in_force(story.seen, story.sizes[capture]).values()))
    return {
        native: READERS[stream](one, latest.get(("files", native)))
        for (name, native), one in latest.items()
        if name == stream
    }


def words(markup: str) -> list[str]:
    """Return the words a reader sees, by the standard library's own HTML parser."""

    class Words(HTMLParser):
        def __init__(self) -> None:
            super().__init__(convert_charrefs=True)
            self.found: list[str] = []

        def handle_data(self, data: str) -> None:
            self.found.append(data)

        def handle_endtag(self, tag: str) -> None:
            self.found.append("\n" if tag in BLOCKS else "")

    parser = Words()
    parser.feed(markup)
    parser.close()
    return "".join(parser.found).split()
