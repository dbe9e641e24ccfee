"""Documents of a small town, and as many as are asked for; some of them mean harm."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from archiver.formats import warc
from archiver.produce.document import Document, Gap, Native, Version
from archiver.record import Excerpt, Observation, record_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from archiver.produce.document import Text

START = datetime(2026, 3, 7, 22, tzinfo=UTC)
HOSTILE = (
    "=cmd|' /C calc'!A0 \x14þ®\r\n\u202egnp.exe <script>alert(1)</script> ../../etc/passwd "
    '#read("/etc/passwd") $x_2$ *b* \\ "q" 市 👍🏽 👨\u200d👩\u200d👧 العربية \x00\x1b[31m _x0041_ '
    "\u2028'; DROP TABLE x; -- From me\nFrom you\n-----BEGIN\n"
)
SIGN = ("7(1)(b)",)
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def at(minutes: int) -> str:
    """Return a canonical time."""
    moment = START + timedelta(minutes=minutes)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def native(name: str, media_type: str, data: bytes, withheld: tuple[str, ...] = ()) -> Native:
    """Return a file."""
    return Native(name, media_type, len(data), lambda: iter([data]), withheld)


def version(leaf: int, kind: str, fields: Mapping[str, str | Text], minutes: int) -> Version:
    """Return a version; its proof is none, and has what it shows."""
    shown = {name: (one,) if isinstance(one, str) else one for name, one in fields.items()}
    said = {name: [str(part) for part in text] for name, text in shown.items()}
    proof = json.dumps({"leaf": leaf, "fields": said}).encode()
    return Version(leaf, f"00000000-0000-4000-8000-{leaf:012}", kind, at(minutes), shown, {}, proof)


def document(number: int, stream: str = "comments", **changes: object) -> Document:
    """Return a document with one version; ``changes``: of its members."""
    record = record_id("mastodon", "city", stream, str(changes.pop("native_id", number)))
    words = str(changes.pop("text", f"Comment {number} about the potholes of Main Street."))
    fields: dict[str, str | Text] = {
        "text": words,
        "author_id": f"u{number % 7}",
        "author_name": f"Person {number % 7}",
        "created_at": at(number),
    }
    given: dict[str, object] = {
        "record": record,
        "platform": "mastodon",
        "account": "city",
        "stream": stream,
        "state": "present",
        "custodian": "Clerk",
        "versions": (version(number, "present", fields, number),),
        "family": record,
    }
    return Document(**(given | changes))  # type: ignore[arg-type]


def many(count: int, first: int = 100) -> Iterator[Document]:
    """Yield so many comments, of threads of fifty."""
    for number in range(first, first + count):
        thread = record_id("mastodon", "city", "posts", f"p{number // 50}")
        yield document(number, parent=thread, thread=thread)


def town() -> list[Document]:
    """Return one of everything: a post with its picture, edits, what is withheld, what is gone."""
    post = record_id("mastodon", "city", "posts", "p")
    edited = (
        version(1, "present", {"text": "Potholes", "author_name": "City", "created_at": at(1)}, 1),
        version(2, "edited", {"text": "Potholes, fixed", "author_name": "City"}, 5),
    )
    withheld: Text = ("Call me at ", Gap(2, SIGN), "please")
    closed = Version(
        4, "o4", "present", at(9), {"text": withheld, "created_at": (at(9),)},
        {"author_name": SIGN, "author_id": SIGN}, b'{"leaf": 4}',
    )  # fmt: skip
    gone = (
        version(5, "present", {"text": "Rude", "author_id": "u1", "author_name": "Jo"}, 20),
        version(6, "deleted", {}, 2000),
    )
    follower = (
        version(7, "present", {"name": "Jo", "handle": "jo", "created_at": at(30)}, 31),
        version(8, "removed", {}, 3000),
    )
    reaction = version(9, "present", {"author_name": "Jo", "author_id": "u1"}, 40)
    room = record_id("mastodon", "city", "messages", "room")
    photo = native("../../photo.png\x00.exe", "image/png", PICTURE)
    return [
        document(1, "posts", native_id="p", versions=edited, title="Potholes"),
        document(3, "media", native_id="m", family=post, natives=(photo,), whole=True),
        document(4, parent=post, thread=post, versions=(closed,), whole=False),
        document(5, parent=post, thread=post, versions=gone, state="deleted"),
        document(10, parent=post, thread=post, text=HOSTILE, title=HOSTILE, tags=(HOSTILE,)),
        document(7, "subscribers", versions=follower, state="removed"),
        document(9, "reactions", native_id="p/favourite/u1", parent=post, versions=(reaction,)),
        document(11, "messages", thread=room, text="A word in private.\nFrom here on."),
        document(12, "messages", thread=room, text=HOSTILE, parent=room, natives=(
            native("a.html", "text/html", b"<script>alert(1)</script>"),
            native("b.bin", "application/x-odd", b"b"),
            native("secret-name.pdf", "application/pdf", b"secret", SIGN),
        ), whole=False),
    ]  # fmt: skip


def members(one: Document) -> Iterator[bytes]:
    """Yield the WARC records of a document, as an archive stores them."""
    for version in one.versions:
        observation = Observation(
            platform=one.platform,
            account=one.account,
            stream=one.stream,
            native_id=one.record.rpartition(":")[2],
            kind=version.kind,
            sensitivity="public",
            captured_at=version.captured_at,
            excerpts=(Excerpt("item", f"{version.leaf}".encode()),),
            content_type="text/plain",
            row={},
            parser="p/1",
        )
        lines = warc.header_lines(observation, version.observation)
        salt, root = bytes([version.leaf % 256] * 32), bytes(32)
        record = warc.record_bytes(lines, observation.excerpts, salt, (root, root, root))
        yield warc.member(record)
