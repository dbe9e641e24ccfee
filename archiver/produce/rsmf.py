"""RSMF 2.0, Relativity's short message format: writing one file. Pure; same chat, same bytes.

A file is an e-mail (RFC 5322) whose text is the whole transcript and whose one attachment,
``rsmf.zip``, has ``rsmf_manifest.json`` and the files of its messages. These are stored, not
deflated: what deflate gives depends on who built it.
"""

from __future__ import annotations

import re
import zipfile
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from archiver.errors import FormatError
from archiver.produce.mail import encoded, header

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "ATTACHMENT",
    "MANIFEST",
    "VERSION",
    "Attachment",
    "Conversation",
    "Custom",
    "Edit",
    "Event",
    "Manifest",
    "Participant",
    "Reaction",
    "Receipt",
    "write_rsmf",
]

VERSION = "2.0.0"
MANIFEST = "rsmf_manifest.json"
ATTACHMENT = "rsmf.zip"
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_FILE = re.compile(r"[0-9A-Za-z_-][0-9A-Za-z._-]{0,119}")

Text = Annotated[str, msgspec.Meta(min_length=1)]


class _Part(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A part of a manifest; what has no value is left out."""


class Custom(_Part, frozen=True):
    """A field of one's own."""

    name: Text
    value: Text


class Participant(_Part, frozen=True):
    """Somebody who writes or reads."""

    id: Text
    display: str = ""
    email: str = ""
    avatar: str = ""
    account_id: str = ""
    custom: tuple[Custom, ...] = ()


class Conversation(_Part, frozen=True):
    """A place where messages are: a thread, a room, a talk between two."""

    id: Text
    platform: Text
    participants: tuple[Text, ...]
    type: Literal["direct", "channel", ""] = ""
    display: str = ""
    custodian: str = ""
    icon: str = ""
    custom: tuple[Custom, ...] = ()


class Reaction(_Part, frozen=True):
    """How many answered with one sign, and who."""

    value: Text
    count: int = 0
    participants: tuple[Text, ...] = ()


class Attachment(_Part, frozen=True):
    """A file of an event: ``id`` is its name in the zip, ``size`` its bytes."""

    id: Text
    display: str = ""
    size: int = 0


class Edit(_Part, frozen=True):
    """A text that was changed, by whom and when."""

    participant: Text
    timestamp: str = ""
    previous: str = ""
    new: str = ""


class Receipt(_Part, frozen=True):
    """When somebody got or read it."""

    participant: Text
    timestamp: str = ""
    action: Literal["read", "delivered", ""] = ""


class Event(_Part, frozen=True):
    """Something that happened in a conversation; ``timestamp`` as RFC 3339."""

    type: Literal["message", "disclaimer", "join", "leave", "history", "unknown"]
    id: str = ""
    parent: str = ""
    body: str = ""
    participant: str = ""
    conversation: str = ""
    timestamp: str = ""
    deleted: bool = False
    importance: Literal["normal", "high", ""] = ""
    direction: Literal["incoming", "outgoing", ""] = ""
    reactions: tuple[Reaction, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    edits: tuple[Edit, ...] = ()
    read_receipts: tuple[Receipt, ...] = ()
    custom: tuple[Custom, ...] = ()


class Manifest(_Part, frozen=True):
    """All of a file: who, where, what, in the order in which it happened."""

    version: Annotated[str, msgspec.Meta(min_length=5)]
    participants: tuple[Participant, ...]
    conversations: tuple[Conversation, ...]
    events: tuple[Event, ...]
    eventcollectionid: str = ""


def write_rsmf(
    manifest: Manifest,
    transcript: str,
    files: Mapping[str, bytes],
    headers: Mapping[str, str],
    people: Sequence[str] = (),
) -> bytes:
    """Return the file.

    Args:
        manifest: what happened.
        transcript: all of it as text, which searches look in.
        files: those that events name, by name.
        headers: ``From``, ``To``, ``Subject``, and names that ``X-RSMF-`` goes before; those that
            the manifest tells are added.
        people: lines ``From`` and ``To`` as `archiver.produce.mail.mailboxes` makes them, in place
            of those headers.

    Raises `FormatError` for a name that a header or a zip can't have.
    """
    zipped = _zipped(manifest, files)
    boundary = "rsmf-" + sha256(zipped + transcript.encode()).hexdigest()[:40]
    lines = ["MIME-Version: 1.0", *people]
    lines += [header(name, value) for name, value in _headers(manifest, files, headers)]
    lines += [
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        "",
        f"--{boundary}",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: base64",
        "",
        encoded(transcript.encode("utf-8", "replace")),
        f"--{boundary}",
        "Content-Type: application/zip",
        "Content-Transfer-Encoding: base64",
        f'Content-Disposition: attachment; filename="{ATTACHMENT}"',
        "",
        encoded(zipped),
        f"--{boundary}--",
        "",
    ]
    return "\r\n".join(lines).encode("ascii")


def _headers(
    manifest: Manifest, files: Mapping[str, bytes], headers: Mapping[str, str]
) -> list[tuple[str, str]]:
    named = {one.id: one.display or one.id for one in manifest.participants}
    times = sorted(one.timestamp for one in manifest.events if one.timestamp)
    own = {
        "Version": manifest.version,
        "EventCount": str(len(manifest.events)),
        "AttachmentCount": str(len(files)),
        "Participants": ", ".join(one.replace(",", " ") for one in named.values()),
        **({"BeginDate": times[0], "EndDate": times[-1]} if times else {}),
    }
    if manifest.eventcollectionid:
        own["EventCollectionID"] = manifest.eventcollectionid
    standard = [(name, headers[name]) for name in ("From", "To", "Subject") if name in headers]
    others = {name: value for name, value in headers.items() if name not in dict(standard)}
    return standard + [
        (f"X-RSMF-{name}", value) for name, value in {**own, **others}.items() if value
    ]


def _zipped(manifest: Manifest, files: Mapping[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
        for name, data in [(MANIFEST, msgspec.json.encode(manifest)), *sorted(files.items())]:
            if not _FILE.fullmatch(name) or (name == MANIFEST and data is files.get(name)):
                mend = "letters, digits, dots, hyphens; no folder"
                raise FormatError("no name of a file in a zip", where=name[:80], mend=mend)
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            made.writestr(entry, data)
    return out.getvalue()
