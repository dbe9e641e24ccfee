"""Mail: a mailbox (mbox, RFC 4155) or single messages (EML, RFC 5322).

A message is known by its Message-ID, so that a copy in another mailbox is the same record; one
without by when it was sent. It is kept as it came, attachments and all.
"""

from __future__ import annotations

import json
import re
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from archiver.capture.importers.cutting import MBOX, WHOLE
from archiver.capture.importers.importer import REST, Cell, Cut, Kept
from archiver.capture.items import Item, Span
from archiver.capture.jsonitem import Row
from archiver.capture.text import plain_text, storable
from archiver.capture.times import mail_time
from archiver.header_text import is_plain
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from email.message import EmailMessage

    from archiver.capture.importers.importer import Given
    from archiver.record import Excerpt

__all__ = ["MAIL"]

_FROM = re.compile(rb"(?:\A|(?<=\n))From [^\r\n]*\r?\n")
_EML, _MBOX = (".eml", ".email"), (".mbox", ".mbx")
_ID = re.compile(rb"^message-id:[ \t]*(?:\r?\n[ \t]+)?<?([^\s<>]+)>?", re.IGNORECASE | re.MULTILINE)
_DATE = re.compile(rb"^date:[ \t]*([^\r\n]+)", re.IGNORECASE | re.MULTILINE)
_HEADER = re.compile(rb"(?:[!-9;-~]+:|[ \t])[^\r\n]*\r?\n")
_LONGEST_HEAD = 1 << 18
_BEGINNING = re.compile(
    rb"From [^\r\n]+\r?\n[!-9;-~]+:|(?:return-path|received|from|date):", re.IGNORECASE
)


class Mail:
    """The importer; see `archiver.capture.importers.importer.Importer`."""

    name = "mail"
    parser = "mail/1"
    title = "Mail: mbox and EML"
    platforms: tuple[str, ...] = ()
    module = __name__
    cells = (Cell(Stream.MESSAGES, "the messages that were handed in", "RFC 4155; RFC 5322"),)

    def recognises(self, names: Sequence[str], beginning: bytes) -> bool:
        """Tell whether there is a mailbox or a message among the files."""
        named = any(one.lower().endswith((*_EML, *_MBOX)) for one in names)
        return named or (len(names) == 1 and _BEGINNING.match(beginning) is not None)

    def member(self, name: str) -> Kept:
        """Take a mailbox message by message, a message as a whole."""
        if name.lower().endswith(_EML):
            return Kept("items", Stream.MESSAGES, Sensitivity.PRIVATE, WHOLE)
        last = name.rpartition("/")[2].lower()
        box = last.endswith(_MBOX) or "." not in last
        return Kept("items", Stream.MESSAGES, Sensitivity.PRIVATE, MBOX) if box else REST

    def made(self, name: str, body: bytes) -> str:
        """Say nothing."""
        del name, body
        return ""

    def carry(self, name: str, body: bytes) -> str:
        """Say nothing: each message stands by itself."""
        return self.made(name, body)

    def split(self, given: Given) -> Cut:
        """Cut a mailbox before its From lines; these are the separator, and of the message after.

        A line of a message that begins so is written as ``>From``; where a program left that out,
        what follows has no header, and belongs to the message before.
        """
        seen = dict[str, int]()
        made = [_item(given.body, cut, seen) for cut in _messages(given.body)]
        return Cut(tuple(one for one in made if one is not None))

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read one message."""
        del context
        data = (
            _FROM.sub(b"", excerpts[0].data, count=1)
            if excerpts[0].data[:5] == b"From "
            else excerpts[0].data
        )
        return _row(data)


def _messages(body: bytes) -> Iterator[tuple[int, int]]:
    starts = [
        one.start()
        for one in _FROM.finditer(body)
        if _HEADER.match(body, one.end()) and body[one.end() : one.end() + 1] not in {b" ", b"\t"}
    ]
    if not starts:
        starts = [0]
    yield from zip(starts, [*starts[1:], len(body)], strict=True)


def _item(body: bytes, cut: tuple[int, int], seen: dict[str, int]) -> Item | None:
    native_id = _identity(body[cut[0] : min(cut[1], cut[0] + _LONGEST_HEAD)])
    if not native_id:
        return None
    again = seen[native_id] = seen.get(native_id, 0) + 1
    return Item(
        stream=Stream.MESSAGES,
        native_id=native_id if again == 1 else f"{native_id}~{again}",
        kind=Kind.PRESENT,
        sensitivity=Sensitivity.PRIVATE,
        spans=(Span("message", *cut),),
        content_type="message/rfc822",
    )


def _identity(beginning: bytes) -> str:
    """Return the Message-ID of a message, or when it was sent; "" for what is no message."""
    head = re.split(rb"\r?\n\r?\n", beginning, maxsplit=1)[0]
    for pattern, prefix in ((_ID, ""), (_DATE, "date:")):
        found = pattern.search(head)
        text = found[1].decode("utf-8", "replace").strip() if found else ""
        if text and is_plain(text):
            return f"{prefix}{text}".replace("/", "%2F")
    return ""


def _row(data: bytes) -> dict[str, str]:
    row = Row()
    try:
        message: EmailMessage = message_from_bytes(data, policy=policy.default)
        _fill(row, message)
    except Exception as error:  # noqa: BLE001 - the parser of the standard library raises anything
        row.flag(f"not-mail {type(error).__name__}")
    return row.finished()


def _fill(row: Row, message: EmailMessage) -> None:
    row.put("title", _header(message, "subject"))
    row.put("author_name", _header(message, "from"))
    sender = message["from"]
    addresses = getattr(sender, "addresses", ())
    row.put("author_email", storable(addresses[0].addr_spec) if addresses else "")
    date = _header(message, "date")
    row.time("created", "Date", date, mail_time(date))
    row.put("parent_id", _header(message, "in-reply-to").strip("<>"))
    references = _header(message, "references").split()
    row.put("thread_id", references[0].strip("<>") if references else "")
    for name in ("to", "cc", "bcc", "reply-to"):
        if message[name] is not None:
            row.keep(name, json.dumps(_header(message, name)))
    _text(row, message)
    found = [
        storable(str(one.get_filename() or one.get_content_type()))
        for one in message.iter_attachments()
    ]
    row.put("attachments", json.dumps(found) if found else "")


def _text(row: Row, message: EmailMessage) -> None:
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None:
        return
    text = storable(str(body.get_content()))
    if body.get_content_type() == "text/html":
        row.put("markup", text)
        text = plain_text(text)
    row.put("text", text.strip("\r\n"))


def _header(message: EmailMessage, name: str) -> str:
    value = message[name]
    return storable(" ".join(str(value).split())) if value is not None else ""


MAIL = Mail()
