"""A message as e-mail (RFC 5322), and many of them as one mbox (RFC 4155). Pure.

People know how to read e-mail, and so do their programs. Nobody sent these: addresses end in
``.invalid`` (RFC 2606), and the ids of messages are made of the ids of records, so that answers
find what they answer. All text is base64: no line of it can be taken for one of the file's own.
"""

from __future__ import annotations

from datetime import UTC
from email.utils import format_datetime
from hashlib import md5, sha256
from typing import TYPE_CHECKING

from archiver.produce.mail import address, encoded, header, mailboxes
from archiver.produce.shown import Shown, codes, local, made_at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from archiver.produce.document import Document
    from archiver.produce.placed import Stored
    from archiver.produce.profile import Profile

__all__ = ["eml", "mbox_entry", "message_id", "mih"]

_CRLF = "\r\n"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip


def message_id(record: str) -> str:
    """Return the Message-ID of a record, in its angle brackets."""
    return (
        f"<{sha256(b'civic-archiver/message/' + record.encode()).hexdigest()[:40]}@archive.invalid>"
    )


def mih(record: str) -> str:
    """Return the message id hash of a record (EDRM MIH 1.0): to find doubles by, no evidence."""
    return md5(message_id(record).encode(), usedforsecurity=False).hexdigest().upper()


def eml(
    document: Document,
    profile: Profile,
    number: str,
    text: str,
    files: Sequence[tuple[Stored, bytes]],
) -> bytes:
    """Return a document as one e-mail.

    Args:
        document: a message.
        profile: how it is shown.
        number: its first Bates number.
        text: what it says, whole.
        files: those of its files that are small enough to be in it, with their bytes.
    """
    lines = ["MIME-Version: 1.0", *_headers(document, profile, number)]
    body = [
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: base64",
        "",
        encoded(text.encode("utf-8", "replace")),
    ]
    if not files:
        return _CRLF.join([*lines, *body, ""]).encode("ascii")
    boundary = f"eml-{sha256(number.encode()).hexdigest()[:40]}"
    lines += [f'Content-Type: multipart/mixed; boundary="{boundary}"', "", f"--{boundary}", *body]
    for stored, data in files:
        name = stored.path.rpartition("/")[2]
        lines += [
            f"--{boundary}",
            "Content-Type: application/octet-stream",
            "Content-Transfer-Encoding: base64",
            f'Content-Disposition: attachment; filename="{name}"',
            "",
            encoded(data),
        ]
    return _CRLF.join([*lines, f"--{boundary}--", ""]).encode("ascii")


def _headers(document: Document, profile: Profile, number: str) -> list[str]:
    shown = Shown(document.latest, profile)
    made, source = made_at(document, profile)
    moment = local(made, profile.zone)
    author = address(shown.exact("author_id"), document.platform)
    room = document.thread or shown.exact("thread_id") or document.account
    values = (
        ("Date", format_datetime(moment) if moment else ""),
        ("Subject", document.title or f"Message {document.record}"),
        ("Message-ID", message_id(document.record)),
        ("In-Reply-To", message_id(document.parent) if document.parent else ""),
        ("References", message_id(document.thread) if document.thread else ""),
        ("X-Bates", number),
        ("X-Archive-Record", document.record),
        ("X-Archive-State", document.state),
        ("X-Archive-Leaves", " ".join(str(one.leaf) for one in document.versions)),
        ("X-Archive-Date-From", source),
        ("X-Archive-Withheld", codes(document.exemptions)),
    )
    lines = [header(name, value) for name, value in values if value]
    to = mailboxes("To", [("", address(room, document.platform))])
    return [mailboxes("From", [(shown.author, author)]), to, *lines]


def mbox_entry(mail: bytes, made: datetime | None) -> bytes:
    """Return an e-mail as an entry of an mbox; ``made``: when, None where nobody knows.

    No line of ours begins with "From " but its first: all text is base64.
    """
    at = made.astimezone(UTC) if made else None
    date = (
        f"{_DAYS[at.weekday()]} {_MONTHS[at.month - 1]} {at.day:2} "
        f"{at.hour:02}:{at.minute:02}:{at.second:02} {at.year:04}"
        if at
        else "Thu Jan  1 00:00:00 1970"
    )
    return f"From archive.invalid {date}\n".encode() + mail.replace(b"\r\n", b"\n") + b"\n"
