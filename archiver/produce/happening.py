"""What a document is in a conversation: what happened, when, and to which message. Pure.

A post and its comments are a conversation, so is a room, so is the list of those who follow. Texts
are messages with their edits; who came and went are joins and leaves; a reaction and a file belong
to the message they are about, and stand alone where that is not handed over.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from archiver.produce.rsmf import Custom, Edit, Event, Participant
from archiver.produce.shown import Shown, codes, local, made_at
from archiver.record import Kind, Stream, split_record_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.produce.document import Document, Version
    from archiver.produce.placed import Placed
    from archiver.produce.profile import Profile

__all__ = ["TIME_FROM", "Attached", "Chat", "Happening", "Role", "chat_of", "happenings"]

_GONE = frozenset((Kind.DELETED, Kind.REMOVED))
_ENDED = _GONE | {Kind.ABSENT}
_OUT = frozenset(("leave", "left", "ban", "removed"))
_SIGNS = ("key", "reaction_type", "emoji", "type", "name")
_PLAIN = "%:/!$@+=,*()"
_LONGEST_ID = 200
TIME_FROM = "time from"
"""The field of an event that says which column its time is of."""
_WAYS = ("like", "favourite", "repost", "reblog", "retweet", "boost", "reaction")


class Role:
    """What a happening is to the message that it is about: its rank beside it."""

    EVENT, REACTION, FILE = 0, 1, 2


class Attached(msgspec.Struct, frozen=True):
    """A file: where it is below the volume, its name there, how many bytes it has."""

    path: str
    name: str
    size: int


class Chat(msgspec.Struct, frozen=True):
    """A conversation: its id, where it is, who answers for it, whether it is private."""

    id: str
    platform: str
    account: str
    custodian: str
    display: str
    direct: bool


class Happening(msgspec.Struct, frozen=True):
    """Something that happened. ``target``: the message it is about, or that it is."""

    chat: Chat
    target: str
    role: int
    moment: str
    event: Event
    person: Participant
    sign: str
    files: tuple[Attached, ...]
    number: str
    proofs: tuple[tuple[int, str], ...]


def happenings(placed: Placed, profile: Profile) -> Iterator[Happening]:
    """Yield what a document is in its conversation, oldest first."""
    document = placed.document
    if document.stream == Stream.SUBSCRIBERS:
        yield from _standing(placed, profile)
        return
    moment, source = made_at(document, profile)
    shown = Shown(document.latest, profile)
    person = _person(shown)
    role = _role(document)
    sign = _sign(shown, document) if role == Role.REACTION else ""
    about = document.parent if role == Role.REACTION else document.family
    event = Event(
        type="message" if role == Role.EVENT else "unknown",
        id=document.record,
        parent=document.parent,
        body=_last_words(document, profile) or _without_words(document, sign),
        participant=person.id,
        timestamp=_moment(moment),
        deleted=document.state in _GONE,
        edits=tuple(_edits(document, profile, person)),
        custom=tuple(_custom(placed, source)),
    )
    yield _made(placed, event, person, (role, about if role else document.record, sign))


def _made(
    placed: Placed, event: Event, person: Participant, what: tuple[int, str, str]
) -> Happening:
    role, target, sign = what
    files = tuple(
        Attached(one.path, one.path.rpartition("/")[2], one.size) for one in placed.natives
    )
    chat = chat_of(placed.document)
    return Happening(
        chat=chat,
        target=target,
        role=role,
        moment=event.timestamp,
        event=msgspec.structs.replace(event, conversation=chat.id),
        person=person,
        sign=sign,
        files=files,
        number=placed.first,
        proofs=placed.proofs,
    )


def _role(document: Document) -> int:
    if document.stream == Stream.REACTIONS and document.parent:
        return Role.REACTION
    if document.stream == Stream.MEDIA and document.family != document.record:
        return Role.FILE
    return Role.EVENT


def chat_of(document: Document) -> Chat:
    """Return the conversation that a document is part of."""
    direct = document.stream == Stream.MESSAGES
    whole = {
        Stream.POSTS: document.record,
        Stream.PAGES: document.record,
        Stream.COMMENTS: document.parent,
        Stream.REACTIONS: document.parent,
        Stream.MEDIA: document.family,
    }
    own = f"{document.platform}:{document.account}:{document.stream}"
    name = document.thread or whole.get(Stream(document.stream), "") or own
    return Chat(
        id=_id(name),
        platform=document.platform,
        account=document.account,
        custodian=document.custodian,
        display=f"{document.account} on {document.platform}: {name}",
        direct=direct,
    )


def _id(name: str) -> str:
    """Return the id of a conversation as a header can have it: a record id is left as it is."""
    plain = quote(name.encode("utf-8", "replace"), safe=_PLAIN)
    return plain if len(plain) <= _LONGEST_ID else sha256(plain.encode()).hexdigest()


def _person(shown: Shown) -> Participant:
    """Return who it is. All of whom nothing tells who they are count as one."""
    display = shown.author or "unknown"
    known = shown.exact("author_id") or shown.exact("handle")
    return Participant(
        id=known or f"name {display}",
        display=display,
        email=shown.exact("author_email") or shown.exact("email"),
    )


def _last_words(document: Document, profile: Profile) -> str:
    """Return what it says, or said last: words before are told by its edits."""
    spoken = list(_spoken(document, profile))
    return spoken[-1][1] if spoken else ""


def _spoken(document: Document, profile: Profile) -> Iterator[tuple[Version, str]]:
    """Yield each version that says something, with its words."""
    for version in document.versions:
        body = Shown(version, profile).body
        if body:
            yield version, body


def _edits(document: Document, profile: Profile, person: Participant) -> Iterator[Edit]:
    before: str | None = None
    for version, body in _spoken(document, profile):
        if before is not None and body != before and version.kind != Kind.EXTENDED:
            changed = Shown(version, profile).exact("modified_at") or version.captured_at
            yield Edit(participant=person.id, timestamp=_moment(changed), previous=before, new=body)
        before = body


def _moment(text: str) -> str:
    """Return a time; "" for what is none, or has no distance from UTC."""
    return text if local(text, "UTC") is not None else ""


def _without_words(document: Document, sign: str) -> str:
    if sign:
        return f"{sign} to {document.parent}"
    withheld = codes(document.exemptions)
    return f"[{document.stream}, without words]" + (f" [withheld: {withheld}]" if withheld else "")


def _sign(shown: Shown, document: Document) -> str:
    """Return the sign of a reaction as far as the row tells it, else its kind."""
    found = _member(shown.exact("extra"), _SIGNS)
    if found:
        return found
    parts = split_record_id(document.record)[3].split("/")
    return next((one for one in _WAYS if one in parts), "reaction")


def _member(text: str, names: tuple[str, ...]) -> str:
    """Return the first text under one of some names, at any depth of a JSON text; else ""."""
    try:
        todo = [json.loads(text)] if text else []
    except (ValueError, RecursionError):
        return ""
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            found = next((one[name] for name in names if isinstance(one.get(name), str)), "")
            if found:
                return str(found)
            todo += one.values()
    return ""


def _standing(placed: Placed, profile: Profile) -> Iterator[Happening]:
    """Yield when somebody came and when he went, as versions of his standing tell."""
    inside = False
    for version in placed.document.versions:
        shown = Shown(version, profile)
        out = version.kind in _ENDED or shown.exact("state") in _OUT
        if out == inside:
            told = next((one for one in reversed(placed.document.versions) if one.fields), version)
            person = _person(Shown(told, profile))
            created = "" if out else shown.exact("created_at")
            moment = created or version.captured_at
            source = "created_at" if created else "captured_at"
            event = Event(
                type="leave" if out else "join",
                id=f"{placed.document.record} {version.leaf}",
                participant=person.id,
                timestamp=_moment(moment),
                custom=tuple(_custom(placed, source)),
            )
            yield _made(placed, event, person, (Role.EVENT, event.id, ""))
            inside = not out


def _custom(placed: Placed, source: str) -> Iterator[Custom]:
    document = placed.document
    values = (
        ("bates", placed.first),
        ("record", document.record),
        ("state", document.state),
        (TIME_FROM, source),
        ("leaves", " ".join(str(one.leaf) for one in document.versions)),
        ("proofs", " ".join(path for _, path in placed.proofs)),
        ("exemptions", codes(document.exemptions)),
        ("parent", document.parent),
    )
    yield from (Custom(name=name, value=value) for name, value in values if value)
