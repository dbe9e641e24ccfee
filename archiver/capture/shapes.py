"""The shapes of what a platform sends: which members there are, of which type, never what they say.

Unknown members and words are kept like all others; this is how one learns that they came.
A shape is a stream, a path and a JSON type (``posts .author.name string``), or an element
of XML. Names that are no plain words (ids, addresses) are written as ``*``. Pure.
"""

from __future__ import annotations

import hmac
import re
from collections import Counter
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from archiver.formats.excerpts_json import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Shapes"]

MOST_SHAPES = 5000
"""Shapes that are remembered; a platform with more of them has names that are content."""
MOST_NEWS = 50
"""New ones of which it is remembered when they came, the latest."""
DEEPEST = 10
MOST_WORDS, FEWEST_SEEN = 12, 50
"""A member has a fixed set of words if it had no more than so many in so many items."""

_NAME = re.compile(r"@?[A-Za-z_$][A-Za-z_.$-]{0,39}", re.ASCII)
"""Names of members; one with ``@`` or ``:`` inside is somebody's address (``@ana:example.gov``)."""
_KIND = re.compile(
    r"\.(?:\w*_)?(?:type|kind|status|state|visibility|privacy|role|level|event|verb)s?(?:\[\])?",
    re.IGNORECASE | re.ASCII,
)
"""Members whose words are the platform's own. Of others not even digests are kept: they would
tell of what people wrote, also after it was destroyed."""
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,31}", re.ASCII)
_ELEMENT = re.compile(rb"<([A-Za-z_][\w.:-]{0,39})[\s/>]", re.ASCII)
_TYPES: dict[type, str] = {
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
_NEW_WORD = "a word never seen there"


class _Words(msgspec.Struct):
    """The words of one member: how often it was seen, keyed digests of them; too many: none."""

    seen: int = 0
    digests: list[str] = msgspec.field(default_factory=list)
    open: bool = False


class _Kept(msgspec.Struct):
    """What is remembered from run to run; ``first``: when what was new was seen first."""

    shapes: list[str] = msgspec.field(default_factory=list)
    words: dict[str, _Words] = msgspec.field(default_factory=dict)
    first: dict[str, str] = msgspec.field(default_factory=dict)


_KEPT = msgspec.json.Decoder(_Kept)


class Shapes:
    """The shapes that an account's platform has sent so far.

    ``news``: how many items of this run had each shape that no run before had seen, in
    streams of which there was something before. ``first``: when such shapes were first seen.

    Args:
        data: what `encode` gave; empty or damaged: nothing was seen before.
        key: for digests of words, so that the file tells none.
    """

    def __init__(self, data: bytes, key: bytes) -> None:
        try:
            kept = _KEPT.decode(data)
        except UNREADABLE:
            kept = _Kept()
        self._shapes, self._words = set(kept.shapes), kept.words
        self._based = {shape.partition(" ")[0] for shape in kept.shapes}
        self._key = key
        self.first = kept.first
        self.news: Counter[str] = Counter()
        self._fresh = set[str]()
        self._digests: dict[str, str] = {}

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 (hex) of all shapes, one a line, sorted; empty without any."""
        return sha256("\n".join(sorted(self._shapes)).encode()).hexdigest() if self._shapes else ""

    def take(self, stream: str, parts: Iterable[bytes], when: str) -> None:
        """Note the shapes of an item, whose parts are JSON or XML; others have none.

        ``when`` is the time of it, canonical.
        """
        found, words = set[str](), set[tuple[str, str]]()
        for data in parts:
            for path, value in _places(data):
                found.add(f"{stream} {path} {_type(value)}".rstrip())
                if isinstance(value, str) and _is_kind(path) and _WORD.fullmatch(value):
                    words.add((f"{stream} {path}", value))
        room = max(MOST_SHAPES - len(self._shapes), 0)
        new = set(sorted(found - self._shapes)[:room])
        self._shapes |= new
        known = [(path, word) for path, word in sorted(words) if f"{path} string" in self._shapes]
        new |= {f"{path}: {_NEW_WORD}" for path, word in known if self._is_new(path, word)}
        if stream in self._based:
            self._fresh |= new
            self.first |= {shape: self.first.get(shape, when) for shape in sorted(new)}
        self.news.update((found | new) & self._fresh)

    def encode(self) -> bytes:
        """Return what the next run needs to know."""
        latest = sorted(self.first.items(), key=lambda one: (one[1], one[0]))[-MOST_NEWS:]
        return msgspec.json.encode(_Kept(sorted(self._shapes), self._words, dict(latest)))

    def _is_new(self, path: str, word: str) -> bool:
        """Note a word of a member; tell whether its set of words seemed to be complete."""
        words = self._words.setdefault(path, _Words())
        words.seen += 1
        if words.open:
            return False
        if word not in self._digests:  # of open sets none is needed, so these are few
            self._digests[word] = hmac.digest(self._key, word.encode(), "sha256").hex()[:16]
        told = self._digests[word]
        if told in words.digests:
            return False
        settled = words.seen > FEWEST_SEEN
        words.digests.append(told)
        if len(words.digests) > MOST_WORDS:
            words.open, words.digests = True, []
        return settled


def _places(data: bytes) -> Iterator[tuple[str, Any]]:
    """Yield the paths of a part with what stands there."""
    if data[:1] == b"<":
        yield from ((f"<{name.decode()}>", None) for name in _ELEMENT.findall(data))
        return
    try:
        value = msgspec.json.decode(data)
    except UNREADABLE:
        return
    yield from _members(value)


def _members(top: object) -> Iterator[tuple[str, Any]]:
    """Yield the paths within a JSON value; what is null has none."""
    left: list[tuple[str, Any, int]] = [("", top, DEEPEST)]
    while left:
        path, value, depth = left.pop()
        if value is None:
            continue
        yield path or ".", value
        if depth and isinstance(value, dict):
            left += [
                (f"{path}.{name if _NAME.fullmatch(name) else '*'}", member, depth - 1)
                for name, member in value.items()
            ]
        elif depth and isinstance(value, list):
            left += [(f"{path}[]", member, depth - 1) for member in value]


@lru_cache(maxsize=4096)  # paths repeat from item to item
def _is_kind(path: str) -> bool:
    return _KIND.fullmatch(f".{path.rpartition('.')[2]}") is not None


def _type(value: object) -> str:
    """Return the JSON type of a value; nothing for an element."""
    return _TYPES.get(type(value), "")
