"""Mail: a message with its parts (RFC 5322, 2045), or many in one file (mbox, RFC 4155). Pure."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from typing import TYPE_CHECKING

from archiver.formats.derived.stamp import OWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import Message

    from archiver.formats.derived.gathered import Gathered

    ReadFile = Callable[[bytes, str, str, Gathered], None]

__all__ = ["messages", "read_mail"]

_TOLD = ("From", "To", "Cc", "Bcc", "Reply-To", "Date", "Subject")
_BEGINS = re.compile(rb"(?:\A|\r?\n\r?\n)From [^\r\n]*\r?\n")


def messages(data: bytes) -> Iterator[bytes]:
    """Yield each message of a file: one, or those of an mbox."""
    starts = list(_BEGINS.finditer(data))
    if not starts or starts[0].start():
        yield data
        return
    ends = [*(one.start() for one in starts[1:]), len(data)]
    for one, end in zip(starts, ends, strict=True):
        yield data[one.end() : end]


def read_mail(data: bytes, gathered: Gathered, read_file: ReadFile) -> None:
    """Read a message: headers, text, and all that is attached. Raises `FormatError`."""
    gathered.by.add(OWN)
    message = message_from_bytes(data, policy=policy.compat32)
    head = [f"{name}: {_header(value)}" for name in _TOLD for value in message.get_all(name, [])]
    gathered.say("\n".join(head))
    _read_parts(message, gathered, read_file)


def _read_parts(message: Message, gathered: Gathered, read_file: ReadFile) -> None:
    """Read a message or a part of one, and what is in it."""
    if message.get_content_type() == "message/rfc822" and message.is_multipart():
        for one in message.get_payload():
            with gathered.inside():
                read_mail(one.as_bytes(), gathered, read_file)  # type: ignore[union-attr] # a list of messages, as `is_multipart` says
        return
    if message.is_multipart():
        with gathered.inside():
            for one in message.get_payload():
                _read_parts(one, gathered, read_file)  # type: ignore[arg-type] # as above
        return
    data = message.get_payload(decode=True)
    if isinstance(data, bytes) and data.strip():
        gathered.unpack(len(data))
        charset = str(message.get_param("charset", "") or "")
        kind = f"{message.get_content_type()}; charset={charset}"
        read_file(data, _header(message.get_filename() or ""), kind, gathered)


def _header(value: object) -> str:
    """Return a header as it is meant (RFC 2047); as it is, where it is meant in no known way."""
    try:
        return str(make_header(decode_header(str(value))))
    except (HeaderParseError, LookupError, ValueError):
        return str(value)
