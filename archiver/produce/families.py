"""Families and exact duplicates: what belongs together, and what says the same twice. Pure.

A family is a record and what came with it: its files, its media, and, where a thread is kept
together, the comments on it. Duplicates are other records with the same words, or the same file,
of the same author, account and moment: a record and its own versions are none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.record import Stream, wholes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from archiver.produce.matter import Tag

__all__ = ["Thing", "differently_tagged", "duplicates", "families", "family_of", "with_relatives"]

_ANSWERED = {
    Stream.COMMENTS: (Stream.COMMENTS, Stream.POSTS, Stream.PAGES, Stream.MEDIA),
    Stream.MESSAGES: (Stream.MESSAGES,),
}
"""By stream: where a parent is looked for, and in which order; ids repeat from stream to stream."""
_OTHERS = (Stream.POSTS, Stream.PAGES, Stream.MEDIA, Stream.COMMENTS, Stream.MESSAGES)
_HEADS = (Stream.POSTS, Stream.PAGES, Stream.MEDIA, Stream.MESSAGES)
_IN_A_THREAD = frozenset((Stream.COMMENTS, Stream.MESSAGES, Stream.REACTIONS, Stream.MODERATION))

_ABOUT = _IN_A_THREAD | {Stream.MEDIA}
"""What is about or part of something, and does not stand for itself."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A record, as far as it tells what it belongs to: from its latest row with content.

    ``account``: handle. ``parent`` and ``thread``: native ids that its row names. ``attached``:
    native ids of media that it names. ``words`` and ``file``: what it says, or the digest of what
    it is; both empty where it is not to be held against others.
    """

    record: str
    account: str
    stream: str
    native_id: str
    parent: str = ""
    thread: str = ""
    attached: tuple[str, ...] = ()
    author: str = ""
    created: str = ""
    words: str = ""
    file: str = ""


def families(things: Sequence[Thing], *, threads: bool = False) -> list[tuple[str, ...]]:
    """Return families in the order in which their first members come: parents first.

    ``threads``: comments belong to what they are on; else each is a family of its own. Those on
    one thing that is not there are a family all the same, under the first of them.
    """
    above = _parents(things, threads=threads)
    below: dict[str, list[str]] = {}
    for one in things:
        if one.record in above:
            below.setdefault(above[one.record], []).append(one.record)
    return [tuple(_downwards(one.record, below)) for one in things if one.record not in above]


def family_of(things: Sequence[Thing]) -> dict[str, str]:
    """Return of each record the first of its family, threads kept together."""
    found = families(things, threads=True)
    return {record: family[0] for family in found for record in family}


def _downwards(head: str, below: Mapping[str, Sequence[str]]) -> Iterator[str]:
    left = [head]
    while left:  # no recursion: a thread may be as deep as people like
        record = left.pop()
        yield record
        left += reversed(below.get(record, ()))


def _parents(things: Sequence[Thing], *, threads: bool) -> dict[str, str]:
    """Return of each record that belongs to another which one: never in a circle."""
    known = {one.record for one in things}
    named = {(one.account, one.stream, one.native_id): one.record for one in things}
    carried = {
        (one.account, native): one.record for one in reversed(things) for native in one.attached
    }
    found: dict[str, str] = {}
    absent: dict[tuple[str, str], str] = {}
    for one in things:
        parent = _parent(one, known, named, carried, threads=threads)
        about = (one.thread or one.parent) if threads and one.stream in _ABOUT else ""
        if about and not parent:
            parent = absent.setdefault((one.account, about), one.record)
        if parent and parent != one.record and not _leads_to(found, parent, one.record):
            found[one.record] = parent
    return found


def _leads_to(above: Mapping[str, str], start: str, end: str) -> bool:
    while start in above and start != end:
        start = above[start]
    return start == end


def _parent(
    one: Thing,
    known: Collection[str],
    named: Mapping[tuple[str, str, str], str],
    carried: Mapping[tuple[str, str], str],
    *,
    threads: bool,
) -> str:
    whole = next((name for name in wholes(one.record) if name in known), "")
    if whole:
        return whole
    if one.stream == Stream.MEDIA and (one.account, one.native_id) in carried:
        return carried[one.account, one.native_id]
    if one.stream in _IN_A_THREAD and not threads:
        return ""
    asked = [(stream, one.parent) for stream in _ANSWERED.get(Stream(one.stream), _OTHERS)]
    asked += [(stream, one.thread) for stream in _HEADS]
    if one.stream not in {Stream.MEDIA, *_IN_A_THREAD}:
        return ""  # a page below another page, a post that answers a post, stand for themselves
    places = ((one.account, stream, native) for stream, native in asked if native)
    return next((named[place] for place in places if place in named), "")


def duplicates(things: Iterable[Thing]) -> list[tuple[str, ...]]:
    """Return groups of two or more records that say exactly the same, in the order of the first."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for one in things:
        if one.words or one.file:
            key = (one.account, one.author, one.created, one.words, one.file)
            groups.setdefault(key, []).append(one.record)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def with_relatives(records: Iterable[str], groups: Iterable[Sequence[str]]) -> list[str]:
    """Return records and all others of groups that have one of them, each once, in order."""
    by_record: dict[str, list[Sequence[str]]] = {}
    for group in groups:
        for record in group:
            by_record.setdefault(record, []).append(group)
    found: dict[str, None] = {}
    for record in records:
        found |= dict.fromkeys((record, *(one for g in by_record.get(record, ()) for one in g)))
    return list(found)


def differently_tagged(
    groups: Iterable[Collection[str]], tags: Mapping[str, tuple[Tag, ...]]
) -> list[tuple[str, ...]]:
    """Return the groups of equal records of which not all have the same tags: look twice."""
    return [
        tuple(sorted(group))
        for group in groups
        if len({frozenset((t.tag, t.exemption) for t in tags.get(one, ())) for one in group}) > 1
    ]
