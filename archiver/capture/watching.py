"""Signs that somebody else has a hand in an account, read from rows that are archived anyway. Pure.

A changed profile, somebody new who may act for the account, a post by a program that never
sent one before. The first sighting of each is what later ones are held against; what a
platform does not show can't be watched, and its connector says so by leaving it out.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from hashlib import blake2b
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from archiver.record import Kind, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["COLUMNS", "Alarm", "People", "Watch", "Watched", "watched"]

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "name": "its name",
        "handle": "its handle",
        "email": "its e-mail address",
        "url": "its address",
        "title": "its title",
        "text": "its description",
        "attachments": "its pictures",
    }
)
"""Columns of a profile that are watched, in words."""
_MEND = (
    "ask who did it; if nobody of the city did: change the password, end all sessions, take access "
    "from programs and people you don't know, then `archiver account credential`"
)
_SHOWN = frozenset({Kind.PRESENT, Kind.EDITED, Kind.EXTENDED, Kind.RESTORED})
_GONE = frozenset({Kind.ABSENT, Kind.DELETED, Kind.REMOVED})
_LONGEST = 100


class People(NamedTuple):
    """Records of those who may act for an account: stream, how their ids begin, a role."""

    stream: str
    prefix: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """What of a platform's rows is watched.

    Args:
        profile: a regular expression of ids in stream profile that say who the account is.
        members: members of ``extra`` that are watched there beside `COLUMNS`, in words.
        people: who may act for the account, if the platform shows it.
        client: names that lead, in ``extra`` or ``volatile`` of a post, to the program that
            sent it; empty where the platform does not say.
    """

    profile: str
    members: Mapping[str, str] = field(default_factory=dict)
    people: People | None = None
    client: tuple[str, ...] = ()


class Alarm(NamedTuple):
    """One sign. ``what``: the record that shows it, as ``stream id``."""

    code: str
    message: str
    what: str
    mend: str = _MEND


class Watched:
    """What was seen of an account so far.

    Digests are keyed with a secret of the home: what is left behind confirms nothing.

    Args:
        watch: what is watched.
        key: of the digests.
        seen: what `Watched.document` gave before; empty for a beginning.
    """

    def __init__(self, watch: Watch, key: bytes, seen: Mapping[str, dict[str, str]]) -> None:
        self._watch = watch
        self._key = key
        self._ours = re.compile(watch.profile)
        self._seen = {name: dict(value) for name, value in seen.items()}
        self._clients = dict(self._seen.pop("clients", {}))
        self._people = dict(self._seen.pop("people", {}))
        self._before = bool(self._clients), bool(self._people)

    def document(self) -> dict[str, dict[str, str]]:
        """Return what was seen, for the next time."""
        return {**self._seen, "clients": self._clients, "people": self._people}

    def take(self, row: Mapping[str, str]) -> Iterator[Alarm]:
        """Look at one row, in the order of the ledger; yield what it is a sign of."""
        if row.get("generation_of"):  # read anew: the parser changed, not the account
            return
        stream, native_id, people = row["stream"], row["native_id"], self._watch.people
        if stream == Stream.PROFILE and self._ours.fullmatch(native_id):
            yield from self._profile(row)
        if people and stream == people.stream and native_id.startswith(people.prefix):
            yield from self._person(row, people)
        if stream == Stream.POSTS and self._watch.client and row["kind"] in _SHOWN:
            yield from self._post(row)

    def _profile(self, row: Mapping[str, str]) -> Iterator[Alarm]:
        if row["kind"] not in _SHOWN:
            return
        extra = _object(row.get("extra", ""))
        said = {name: row[name] for name in COLUMNS if name in row}
        said |= {name: json.dumps(extra[name]) for name in self._watch.members if name in extra}
        now = {name: self._digest(value) for name, value in said.items()}
        name = f"profile {row['native_id']}"
        before, self._seen[name] = self._seen.get(name), now
        if before is None:
            return
        words = {**COLUMNS, **self._watch.members}
        changed = [words[one] for one in words if before.get(one) != now.get(one)]
        if changed:
            told = f"its profile was changed on the platform: {', '.join(changed)}"
            yield Alarm("account-profile-changed", told, f"profile {row['native_id']}")

    def _person(self, row: Mapping[str, str], people: People) -> Iterator[Alarm]:
        who = self._digest(row["native_id"])
        acts = people.role in row.get("roles", "") if people.role else True
        what = f"{people.stream} {row['native_id']}"
        if row["kind"] in _SHOWN and acts and who not in self._people:
            self._people[who] = ""
            if self._before[1]:
                told = "somebody new may act for the account"
                yield Alarm("account-people-changed", told, what)
        elif who in self._people and (row["kind"] in _GONE or not acts):
            del self._people[who]
            yield Alarm("account-people-changed", "somebody may no longer act for it", what)

    def _post(self, row: Mapping[str, str]) -> Iterator[Alarm]:
        client = self._client(row)
        author = row.get("author_id", "")
        if not client or (author and not self._is_ours(author)):
            return
        digest = self._digest(client)
        if digest not in self._clients:
            self._clients[digest] = ""
            if self._before[0]:
                told = f"a program that never sent a post for it has sent one: {client[:_LONGEST]}"
                yield Alarm("account-client-unknown", told, f"{Stream.POSTS} {row['native_id']}")

    def _is_ours(self, author: str) -> bool:
        """Tell whether the account wrote it itself, as far as its profile was seen."""
        known = [name.removeprefix("profile ") for name in self._seen]
        return not known or author in known

    def _client(self, row: Mapping[str, str]) -> str:
        for column in ("extra", "volatile"):
            value: object = _object(row.get(column, ""))
            for name in self._watch.client:
                value = value.get(name) if isinstance(value, dict) else None
            if isinstance(value, str) and value:
                return value
        return ""

    def _digest(self, value: str) -> str:
        return blake2b(value.encode(), key=self._key, digest_size=8).hexdigest()


def watched(watch: Watch | None) -> str:
    """Return in a sentence what of a platform is watched, and what is not told by what we read."""
    if watch is None:
        return "Watched for a take-over: nothing."
    parts = ["the profile", *watch.members.values()]
    parts += ["who may act for the account"] if watch.people else []
    parts += ["the program that sends posts"] if watch.client else []
    lacks = [] if watch.people else ["who may act for the account"]
    lacks += [] if watch.client else ["which program sent a post"]
    told = f" Not told by what is captured: {', '.join(lacks)}." if lacks else ""
    return f"Watched for a take-over: {', '.join(parts)}.{told}"


def _object(text: str) -> dict[str, object]:
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
