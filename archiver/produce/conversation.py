"""Conversations as RSMF: one file for each day of the profile's zone, and at most so many events.

Pure but for what it is given to put down and read again, since a conversation may be longer than
memory: first each message is brought together with its reactions and files, then all of a
conversation is put in the order in which it happened.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from archiver.produce.happening import Attached, Happening, Role, happenings
from archiver.produce.mail import address, mailboxes
from archiver.produce.rsmf import (
    VERSION,
    Attachment,
    Conversation,
    Custom,
    Event,
    Manifest,
    Participant,
    Reaction,
    write_rsmf,
)
from archiver.produce.shown import local
from archiver.produce.spill import Spill
from archiver.produce.transcript import transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import BinaryIO

    from archiver.produce.placed import Placed
    from archiver.produce.profile import Profile

__all__ = ["Conversations", "Slice"]

_LONGEST_SLICE = 16 * 1024 * 1024
"""Bytes of events in one file: it is made in memory."""
_LARGEST_FILE, _LARGEST_FILES = 8 * 1024 * 1024, 16 * 1024 * 1024
"""Bytes of a file that is put into the zip, and of all of them; larger ones are named."""
_LONGEST_HEADER = 250
_MOST_TO = 20
_EMAIL = re.compile(r"[0-9A-Za-z._+-]{1,64}@[0-9A-Za-z.-]{1,190}")
_MOST_NAMED = 1000
"""People of one sign: a reaction has them by name up to here, all in its count."""


class Slice(NamedTuple):
    """A file: its name, and its bytes."""

    name: str
    data: bytes


class _Told(msgspec.Struct, frozen=True):
    """A happening with what belongs to it."""

    one: Happening
    people: tuple[Participant, ...]
    files: tuple[Attached, ...]


class Conversations:
    """All conversations of a volume, put together while documents come.

    Args:
        profile: zone, events of one file.
        scratch: gives a new file to put down what memory can't hold.
        read: gives the bytes of a file of the volume, by its path.
    """

    def __init__(
        self,
        profile: Profile,
        scratch: Callable[[], BinaryIO],
        read: Callable[[str], bytes],
    ) -> None:
        self._profile, self._scratch, self._read = profile, scratch, read
        self._found = Spill(scratch)

    def add(self, placed: Placed) -> None:
        """Take a document in."""
        for one in happenings(placed, self._profile):
            self._found.add((one.target, one.role), msgspec.msgpack.encode(one))

    def close(self) -> None:
        """Give up what it has."""
        self._found.close()

    def files(self) -> Iterator[Slice]:
        """Yield the files, by conversation and day, once all documents came."""
        ordered = Spill(self._scratch)
        try:
            for _, group in groupby(self._found, key=lambda item: item[0][0]):
                for told in _joined(_decoded(data) for _, data in group):
                    key = (told.one.chat.id, self._day(told.one.moment), told.one.moment)
                    ordered.add(key, msgspec.msgpack.encode(told))
            self._found.close()
            days = groupby(ordered, key=lambda item: item[0][:2])
            for (_, day), group in days:
                parts = self._parts(data for _, data in group)
                for number, part in enumerate(parts, 1):
                    yield self._slice(part, str(day), number)
        finally:
            ordered.close()

    def _day(self, moment: str) -> str:
        there = local(moment, self._profile.zone)
        return there.date().isoformat() if there else "undated"

    def _parts(self, group: Iterable[bytes]) -> Iterator[list[_Told]]:
        """Yield a day in parts that memory and reviewers can hold."""
        part: list[_Told] = []
        size = 0
        for data in group:
            full = len(part) == self._profile.transcripts or size + len(data) > _LONGEST_SLICE
            if part and full:
                yield part
                part, size = [], 0
            part.append(msgspec.msgpack.decode(data, type=_Told))
            size += len(data)
        if part:
            yield part

    def _slice(self, part: Sequence[_Told], day: str, number: int) -> Slice:
        chat = part[0].one.chat
        people = _people(part)
        files, attached = self._files(part)
        there = {told.one.event.id for told in part}
        events = tuple(_event(told, there, attached) for told in part)
        manifest = Manifest(
            version=VERSION,
            participants=tuple(people.values()),
            conversations=(
                Conversation(
                    id=chat.id,
                    platform=chat.platform,
                    participants=tuple(people),
                    type="direct" if chat.direct else "channel",
                    display=chat.display,
                    custodian=chat.custodian,
                ),
            ),
            events=events,
            eventcollectionid=chat.id,
        )
        text = transcript(chat, events, people, self._profile.zone)
        headers, named = _headers(part, day, number), list(_addresses(part, people))
        name = f"{part[0].one.number}_{day}" + (f"_{number:03}" if number > 1 else "")
        return Slice(f"{name}.rsmf", write_rsmf(manifest, text, files, headers, named))

    def _files(self, part: Sequence[_Told]) -> tuple[dict[str, bytes], frozenset[str]]:
        """Return the files that go into the zip, and the paths they have in the volume."""
        files: dict[str, bytes] = {}
        paths: set[str] = set()
        room = _LARGEST_FILES
        for one in (file for told in part for file in told.files):
            if one.size <= min(_LARGEST_FILE, room) and one.name not in files:
                files[one.name] = self._read(one.path)
                paths.add(one.path)
                room -= one.size
        return files, frozenset(paths)


def _decoded(data: bytes) -> Happening:
    return msgspec.msgpack.decode(data, type=Happening)


def _joined(group: Iterable[Happening]) -> Iterator[_Told]:
    """Yield a message with its reactions and files; alone what has no message here."""
    message: Happening | None = None
    files: list[Attached] = []
    people: dict[str, Participant] = {}
    signs: dict[str, list[str]] = {}
    for one in group:
        if one.role == Role.EVENT:
            if message is not None:  # two of one id: of another record that says it is this one
                yield _Told(one, (one.person,), one.files)
                continue
            message, files = one, list(one.files)
            people[one.person.id] = one.person
        elif message is None:
            yield _Told(one, (one.person,), one.files)
        elif one.role == Role.FILE:
            files += one.files
        else:
            signs.setdefault(one.sign, []).append(one.person.id)
            people[one.person.id] = one.person
    if message is not None:
        reactions = tuple(
            Reaction(
                value=sign, count=len(who), participants=tuple(dict.fromkeys(who))[:_MOST_NAMED]
            )
            for sign, who in sorted(signs.items())
        )
        event = msgspec.structs.replace(message.event, reactions=reactions)
        named = {one for each in reactions for one in each.participants} | {message.person.id}
        kept = tuple(one for name, one in people.items() if name in named)
        yield _Told(msgspec.structs.replace(message, event=event), kept, tuple(files))


def _people(part: Sequence[_Told]) -> dict[str, Participant]:
    people: dict[str, Participant] = {}
    for told in part:
        for one in told.people:
            people.setdefault(one.id, one)
    return people


def _event(told: _Told, there: set[str], attached: frozenset[str]) -> Event:
    """Return an event: what it answers only where that is in the same file."""
    event = told.one.event
    named = (one for one in told.files if one.path not in attached)
    return msgspec.structs.replace(
        event,
        parent=event.parent if event.parent in there else "",
        attachments=tuple(
            Attachment(id=one.name, display=one.name, size=one.size)
            for one in told.files
            if one.path in attached
        ),
        custom=(*event.custom, *(Custom(name="native", value=one.path) for one in named)),
    )


def _addresses(part: Sequence[_Told], people: Mapping[str, Participant]) -> Iterator[str]:
    """Yield who wrote first, and to whom: as many as a line of people shows."""
    platform = part[0].one.chat.platform
    boxes = {
        one.id: (
            one.display,
            one.email if _EMAIL.fullmatch(one.email) else address(one.id, platform),
        )
        for one in people.values()
    }
    yield mailboxes("From", [boxes[part[0].one.person.id]])
    yield mailboxes("To", list(boxes.values())[:_MOST_TO])


def _headers(part: Sequence[_Told], day: str, number: int) -> dict[str, str]:
    chat, first = part[0].one.chat, part[0].one
    also = f", part {number}" if number > 1 else ""
    proofs = [path for told in part for _, path in told.one.proofs]
    leaves = [str(leaf) for told in part for leaf, _ in told.one.proofs]
    return {
        "Subject": f"{chat.display}, {day}{also}",
        "Application": chat.platform,
        "Custodian": chat.custodian,
        "Bates": f"{first.number} {part[-1].one.number}",
        "Leaves": _some(leaves),
        "Proofs": _some(proofs),
    }


def _some(words: Sequence[str]) -> str:
    """Return as many words as a header has room for, none cut; "…" where there are more."""
    text = " ".join(words)
    if len(text) <= _LONGEST_HEADER:
        return text
    return text[: text.rindex(" ", 0, _LONGEST_HEADER - 1)] + " …"
