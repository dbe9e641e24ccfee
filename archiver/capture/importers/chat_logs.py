"""Logs of chats as programs write them, a line for each message: IRC, Second Life.

A line that is no message of a known form goes to the message before it, as a long one in Second
Life has it; before the first it is residue. Lines have no ids: they are known by their log, their
time and their order. A time without a zone is no instant, and is kept as it stands.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archiver.capture.importers.cutting import LINES
from archiver.capture.importers.importer import REST, Cell, Cut, Kept, file_id, file_of
from archiver.capture.items import Item, Span
from archiver.capture.jsonitem import Row
from archiver.capture.text import storable
from archiver.capture.times import internet_time
from archiver.header_text import is_plain
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.capture.importers.importer import Given
    from archiver.record import Excerpt

__all__ = ["CHAT_LOG"]

_LINE = re.compile(rb"[^\n]*(?:\n|\Z)")
_DAY = re.compile(
    rb"(?:---|\*\*\*|\*\*\*\*) (?:Day changed|Log opened|BEGIN LOGGING AT|Session Start:?)"
    rb" ?[^\r\n]*",
    re.IGNORECASE,
)
_CLOCK = rb"\[?(?P<at>(?:\d{4}-\d\d-\d\d[ T])?\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?)\]?"
_FORMS = (
    # Second Life: [2023/10/14 09:00:12]  Ana Resident: text
    rb"\[(?P<at>\d{4}/\d\d/\d\d \d\d:\d\d(?::\d\d)?)\]\s+(?P<who>[^:\r\n]{1,63}): (?P<text>.*)",
    # weechat: 2023-10-14 09:00:00<tab>nick<tab>text
    rb"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\t(?P<who>[^\t\r\n]*)\t(?P<text>.*)",
    # znc, irssi, eggdrop, hexchat: [2023-10-14 09:00:00] <nick> text, 09:00 <nick> text
    _CLOCK + rb"\s+<(?P<who>[^>\r\n]*)>\s?(?P<text>.*)",
    # the same of what somebody did, or of who came and went: * nick waves, -!- nick has joined
    _CLOCK + rb"\s+(?:\*{1,3}|-!-|-->|<--|--)\s+(?P<who>\S+)\s(?P<text>.*)",
)
_MESSAGES = tuple(re.compile(one) for one in _FORMS)


class ChatLog:
    """The importer; see `archiver.capture.importers.importer.Importer`."""

    name = "chat-log"
    parser = "chat-log/1"
    title = "Chat logs: IRC, Second Life"
    platforms: tuple[str, ...] = ("irc", "second-life")
    module = __name__
    cells = (
        Cell(
            Stream.MESSAGES,
            "what the program logged while it ran",
            "https://wiki.znc.in/Log; https://weechat.org/files/doc/stable/weechat_user.en.html",
        ),
        Cell(Stream.MEDIA, "pictures that were handed in too", "docs/imports.md"),
    )

    def recognises(self, names: Sequence[str], beginning: bytes) -> bool:
        """Tell whether its first file begins with a message."""
        del names
        return any(one.match(line) for line in beginning.splitlines()[:50] for one in _MESSAGES)

    def member(self, name: str) -> Kept:
        """Take a log line by line."""
        last = name.rpartition("/")[2].lower()
        if last.endswith((".log", ".txt", ".weechatlog")) or "." not in last:
            return Kept("items", Stream.MESSAGES, Sensitivity.PRIVATE, LINES)
        pictures = (".jpg", ".jpeg", ".png", ".bmp", ".tga", ".gif")
        return file_of(name) if last.endswith(pictures) else REST

    def made(self, name: str, body: bytes) -> str:
        """Say nothing."""
        del name, body
        return ""

    def carry(self, name: str, body: bytes) -> str:
        """Say nothing: a line stands by itself."""
        return self.made(name, body)

    def split(self, given: Given) -> Cut:
        """Cut a log into its messages."""
        log = file_id(given.name).removeprefix("file:")
        return Cut(tuple(_items(given.body, log, given.part)))

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read a message."""
        row = Row()
        lines = excerpts[0].data.splitlines()
        found = _message(lines[0]) if lines else None
        for other in excerpts[1:]:
            if other.role == "day":
                row.keep("day", f'"{_text(other.data).replace(chr(34), "")}"')
        if found is not None:
            at = _text(found["at"])
            row.time("created", "line", at, internet_time(at.replace("/", "-")))
            row.put("author_name", _text(found["who"]).strip())
            row.put("text", "\n".join([_text(found["text"]), *map(_text, lines[1:])]).rstrip())
        row.put("thread_id", context.get("native_id", "").rpartition("@")[0])
        return row.finished()


def _message(line: bytes) -> re.Match[bytes] | None:
    return next((found for one in _MESSAGES if (found := one.match(line))), None)


def _items(body: bytes, log: str, part: int) -> Iterator[Item]:
    """Yield messages; lines of no form go to the one before."""
    begun: tuple[int, str] | None = None
    day, seen, end = list[Span](), dict[str, int](), 0
    for line in _LINE.finditer(body):
        told = line[0].rstrip(b"\r\n")
        found, marked = _message(told), _DAY.match(told)
        if not found and not marked:
            end = line.end()
            continue
        if begun is not None:
            yield _item(begun, line.start(), day)
            begun = None
        if marked:
            day = [Span("day", line.start(), line.start() + len(told))]
        elif found:
            name = f"{log}@{_text(found['at'])}" + (f"+{part}" if part else "")
            again = seen[name] = seen.get(name, 0) + 1
            begun = line.start(), name if again == 1 else f"{name}~{again}"
        end = line.end()
    if begun is not None:
        yield _item(begun, end, day)


def _item(begun: tuple[int, str], end: int, day: list[Span]) -> Item:
    start, name = begun
    return Item(
        stream=Stream.MESSAGES,
        native_id=name.replace("/", "-") if is_plain(name) else f"line:{start}",
        kind=Kind.PRESENT,
        sensitivity=Sensitivity.PRIVATE,
        spans=(Span("line", start, end), *day),
        content_type="text/plain",
    )


def _text(data: bytes) -> str:
    try:
        return storable(data.decode())
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


CHAT_LOG = ChatLog()
