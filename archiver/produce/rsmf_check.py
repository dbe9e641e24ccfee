"""Checking an RSMF file: its mail, its zip, its manifest, and whether they agree. Pure.

The published schema of the manifest catches no name that leads nowhere, and no header that says
another thing than the manifest; here all of that is asked.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from datetime import datetime
from email import message_from_bytes, policy
from io import BytesIO
from typing import TYPE_CHECKING

import msgspec

from archiver.produce.fault import Fault
from archiver.produce.rsmf import ATTACHMENT, MANIFEST, Manifest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from email.message import EmailMessage

    from archiver.produce.rsmf import Event

__all__ = ["check_rsmf"]

LARGEST = 2 * 1024**3
MOST_EVENTS = 10_000
CUT = "cut it into slices of a day"
_VERSIONS = ("1.0.0", "2.0.0")
_LONGEST_HEADER = 254


def check_rsmf(data: bytes) -> list[Fault]:
    """Return everything that is wrong with a file."""
    message = message_from_bytes(data, policy=policy.default)
    faults = list(_headers(message))
    attached = list(message.iter_attachments())
    zips = [part for part in attached if part.get_filename() == ATTACHMENT]
    if len(attached) != 1 or len(zips) != 1:
        what = f"{len(attached)} attachments, of which {len(zips)} are called {ATTACHMENT}"
        return [*faults, Fault("rsmf-attachment", "mail", what, "attach that one file alone")]
    if str(zips[0]["Content-Transfer-Encoding"] or "").lower() != "base64":
        faults.append(Fault("rsmf-attachment", "mail", "not base64", "encode it as base64"))
    zipped = zips[0].get_payload(decode=True)
    return faults + list(_zip(message, zipped if isinstance(zipped, bytes) else b""))


def _headers(message: EmailMessage) -> Iterator[Fault]:
    version = str(message["X-RSMF-Version"] or "")
    if version not in _VERSIONS:
        what = f"X-RSMF-Version: {version or 'not there'}"
        yield Fault("rsmf-header", "mail", what, f"one of {', '.join(_VERSIONS)}")
    for name, _ in message.raw_items():  # not its items: parsers of addresses fail on some
        if name.upper().startswith("X-RSMF-") and len(str(message[name])) > _LONGEST_HEADER:
            yield Fault("rsmf-header", name, "longer than a field of it may be", "shorten it")
    if not message.get_body(("plain",)):
        yield Fault("rsmf-text", "mail", "no text", "put the transcript there: searches need it")


def _zip(message: EmailMessage, zipped: bytes) -> Iterator[Fault]:
    try:
        with zipfile.ZipFile(BytesIO(zipped)) as opened:
            names = opened.namelist()
            if sum(one.file_size for one in opened.infolist()) > LARGEST:
                yield Fault("rsmf-size", ATTACHMENT, "files of more than 2 GiB", CUT)
                return
            broken = opened.testzip()
            data = opened.read(MANIFEST) if MANIFEST in names else None
            sizes = {one.filename: one.file_size for one in opened.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        yield Fault("rsmf-zip", ATTACHMENT, f"can't be opened: {error}", "make it anew")
        return
    if broken:
        yield Fault("rsmf-zip", broken, "its checksum is another", "make it anew")
    yield from _names(names)
    if data is None:
        yield Fault("rsmf-zip", ATTACHMENT, f"no {MANIFEST}", "put it at the root of the zip")
        return
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        yield Fault("rsmf-manifest", MANIFEST, str(error), "see the schema of RSMF 2.0")
        return
    yield from _references(manifest)
    yield from _files(manifest, sizes)
    yield from _agreement(message, manifest)


def _names(names: list[str]) -> Iterator[Fault]:
    for name in names:
        if "/" in name or "\\" in name or name in ("", ".", ".."):
            yield Fault("rsmf-zip", name, "not at the root of the zip", "no folders in it")
    for name, count in Counter(names).items():
        if count > 1:
            yield Fault("rsmf-zip", name, "there twice", "each file once")


def _references(manifest: Manifest) -> Iterator[Fault]:
    ids = {
        "participant": [one.id for one in manifest.participants],
        "conversation": [one.id for one in manifest.conversations],
        "parent": [one.id for one in manifest.events if one.id],
    }
    for what, every in ids.items():
        for one in sorted(name for name, count in Counter(every).items() if count > 1):
            yield Fault("rsmf-reference", what, f"{one} is there twice", "one id for each")
    known = {what: frozenset(every) for what, every in ids.items()}
    for chat in manifest.conversations:
        for who in chat.participants:
            if who not in known["participant"]:
                yield _nobody(f"conversation {chat.id}", "participant", who)
    for number, event in enumerate(manifest.events):
        yield from _event(f"event {event.id or number}", event, known)
    if len(manifest.events) > MOST_EVENTS:
        what = f"{len(manifest.events)} events: more than {MOST_EVENTS} are slow to review"
        yield Fault("rsmf-size", MANIFEST, what, CUT)


def _event(where: str, event: Event, known: Mapping[str, Collection[str]]) -> Iterator[Fault]:
    for kind, name in _named(event):
        if name and name not in known[kind]:
            yield _nobody(where, kind, name)
    for moment in _moments(event):
        if moment and not _is_moment(moment):
            what = f"{moment} is no time with an offset"
            yield Fault("rsmf-time", where, what, "RFC 3339, as 2026-11-20T13:00:00Z")
    if event.type != "disclaimer" and not event.conversation:
        yield Fault("rsmf-reference", where, "of no conversation", "say of which")


def _nobody(where: str, kind: str, name: str) -> Fault:
    return Fault("rsmf-reference", where, f"{kind} {name} is not in the file", "add it")


def _named(event: Event) -> Iterator[tuple[str, str]]:
    yield "participant", event.participant
    yield "conversation", event.conversation
    yield "parent", event.parent
    yield from (("participant", one.participant) for one in event.edits)
    yield from (("participant", one.participant) for one in event.read_receipts)
    for reaction in event.reactions:
        yield from (("participant", who) for who in reaction.participants)


def _moments(event: Event) -> Iterator[str]:
    yield event.timestamp
    yield from (one.timestamp for one in event.edits)
    yield from (one.timestamp for one in event.read_receipts)


def _is_moment(text: str) -> bool:
    try:
        return "T" in text.upper() and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _files(manifest: Manifest, sizes: dict[str, int]) -> Iterator[Fault]:
    there = sizes.keys() - {MANIFEST}
    attached = {one.id: one for event in manifest.events for one in event.attachments}
    pictures = {one.avatar for one in manifest.participants}
    named = {*attached, *pictures, *(one.icon for one in manifest.conversations)} - {""}
    for name in sorted(named - there):
        yield Fault("rsmf-file", name, "was not found in the zip", "add it, or take out its name")
    for name in sorted(there - named):
        yield Fault("rsmf-file", name, "nothing in the manifest names it", "take it out")
    for name, one in sorted(attached.items()):
        if name in there and one.size and one.size != sizes[name]:
            what = f"{sizes[name]} bytes, where the manifest says {one.size}"
            yield Fault("rsmf-file", name, what, "say how many it has")


def _agreement(message: EmailMessage, manifest: Manifest) -> Iterator[Fault]:
    moments = [
        datetime.fromisoformat(one.timestamp)
        for one in manifest.events
        if one.timestamp and _is_moment(one.timestamp)
    ]
    attachments = {one.id for event in manifest.events for one in event.attachments}
    pictures = {one.avatar for one in manifest.participants} | {
        one.icon for one in manifest.conversations
    }
    counts = {
        "EventCount": {len(manifest.events)},
        "AttachmentCount": {len(attachments), len((attachments | pictures) - {""})},
    }
    for name, expected in counts.items():
        told = message[f"X-RSMF-{name}"]
        if told is not None and str(told) not in map(str, expected):
            yield _disagrees(name, str(told), " or ".join(map(str, sorted(expected))))
    for name, moment in (("BeginDate", min(moments, default=None)),
                         ("EndDate", max(moments, default=None))):  # fmt: skip
        told = message[f"X-RSMF-{name}"]
        if told is not None and (not _is_moment(str(told)) or
                                 datetime.fromisoformat(str(told)) != moment):  # fmt: skip
            yield _disagrees(name, str(told), str(moment))
    for name, expected_text in (
        ("Version", manifest.version),
        ("EventCollectionID", manifest.eventcollectionid),
    ):
        told = message[f"X-RSMF-{name}"]
        if told is not None and str(told) != expected_text:
            yield _disagrees(name, str(told), expected_text)


def _disagrees(name: str, told: str, expected: str) -> Fault:
    what = f"says {told}, the manifest {expected or 'nothing'}"
    return Fault("rsmf-agreement", f"X-RSMF-{name}", what, "both have to say the same")
