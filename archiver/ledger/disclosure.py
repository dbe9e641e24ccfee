"""Opening some leaves of a commitment and keeping the others closed. Pure.

A disclosed tree holds each opened leaf (number, name, salt, value) and, in the order of
a walk from the left, the hash of every largest subtree with nothing opened in it. The
reader walks the same way and must come to the committed root (``docs/formats/proof.md``).
"""

from __future__ import annotations

import base64
from bisect import bisect_left
from hashlib import sha256
from struct import error as struct_error
from struct import pack
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError
from archiver.ledger.commitment import TEXT, TOKEN, Leaf, hash_of
from archiver.ledger.tree import EMPTY_ROOT, HASH_SIZE, node_hash

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

__all__ = ["close", "disclose", "opened_leaves", "recommit", "segments_of", "text_of"]

MAX_LEAVES = 1 << 24


def _split(count: int) -> int:
    """Return the largest power of two smaller than ``count`` (RFC 6962 §2.1)."""
    return 1 << (count - 1).bit_length() - 1


def _any(places: Sequence[int], first: int, end: int) -> bool:
    """Tell whether one of the sorted places is in ``first`` to ``end`` (exclusive)."""
    return bisect_left(places, end) > bisect_left(places, first)


def _closed(hashes: Sequence[bytes], opened: Sequence[int], first: int) -> Iterator[bytes]:
    count = len(hashes)
    if not count or _any(opened, first, first + count):
        if count > 1:
            middle = _split(count)
            yield from _closed(hashes[:middle], opened, first)
            yield from _closed(hashes[middle:], opened, first + middle)
        return
    yield _root(hashes)


def _root(hashes: Sequence[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    middle = _split(len(hashes))
    return node_hash(_root(hashes[:middle]), _root(hashes[middle:]))


def close(root: bytes) -> dict[str, Any]:
    """Return the disclosure of a tree with nothing opened: its committed root alone."""
    return {"root": root.hex()}


def disclose(
    leaves: Sequence[Leaf], opened: Collection[int], withheld: Collection[int] = ()
) -> dict[str, Any]:
    """Return the disclosure of a tree.

    Args:
        leaves: all its leaves, in order.
        opened: which to open, by place in ``leaves``.
        withheld: numbers (`Leaf.number`) of tokens to keep closed in opened text fields.
    """
    places = sorted(set(opened))
    return {
        "count": len(leaves),
        "opened": [_opening(place, leaves[place], withheld) for place in places],
        "closed": [one.hex() for one in _closed([hash_of(leaf) for leaf in leaves], places, 0)],
    }


def _opening(place: int, leaf: Leaf, withheld: Collection[int]) -> dict[str, Any]:
    opening: dict[str, Any] = {
        "place": place,
        "kind": leaf.kind,
        "name": leaf.name,
        "salt": leaf.salt.hex(),
    }
    if leaf.kind == TEXT:
        shown = [at for at, token in enumerate(leaf.tokens) if token.number not in withheld]
        opening["tokens"] = disclose(leaf.tokens, shown)
    else:
        opening |= _value(leaf.value)
    return opening


def _value(data: bytes) -> dict[str, str]:
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _bytes(opening: Mapping[str, Any]) -> bytes:
    """Return the value of an opened leaf, whose spelling must be the one `_value` gives it."""
    stated = {name: opening[name] for name in ("text", "base64") if name in opening}
    if "text" in stated:
        value = str(stated["text"]).encode()
    else:
        value = base64.b64decode(stated["base64"], validate=True)
    if _value(value) != stated:
        raise FormatError("the value of an opened leaf is not in its one spelling")
    return value


def recommit(tree: Mapping[str, Any]) -> bytes:
    """Return the committed root that a disclosure leads to.

    Each disclosure has one spelling, and nothing may stand in it beside: what is not
    checked would be shown as proven. Raises `FormatError`.
    """
    try:
        if tree.keys() == {"root"}:
            return _hash(tree["root"])
        count, root = _walk(tree)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, struct_error) as error:
        raise FormatError(f"not a disclosed tree: {error!r}"[:200]) from error
    return sha256(b"\x02" + pack(">Q", count) + root).digest()


def _walk(tree: Mapping[str, Any]) -> tuple[int, bytes]:
    """Return the leaf count and the RFC 6962 root of a disclosed tree."""
    _require(tree.keys() == {"count", "opened", "closed"}, "a disclosed tree has other members")
    count = tree["count"]
    sensible = type(count) is int and 0 <= count <= MAX_LEAVES
    _require(sensible, "a disclosed tree has no sensible leaf count")
    places = [opening["place"] for opening in tree["opened"]]
    ordered = all(type(place) is int for place in places) and places == sorted(set(places))
    _require(ordered, "opened leaves are out of order")
    _require(not places or 0 <= places[0] <= places[-1] < count, "an opened leaf is out of place")
    hashes = iter([_leaf_hash(opening) for opening in tree["opened"]])
    closed = iter([_hash(text) for text in tree["closed"]])
    root = _rebuild((0, count), places, hashes, closed) if count else EMPTY_ROOT
    _require(next(closed, None) is None, "a disclosed tree has hashes left over")
    return count, root


def _rebuild(
    leaves: tuple[int, int], places: Sequence[int], opened: Iterator[bytes], closed: Iterator[bytes]
) -> bytes:
    """Return the root over a range of leaves; both iterators are read from the left."""
    first, end = leaves
    if not _any(places, first, end):
        hidden = next(closed, None)
        if hidden is None:
            raise FormatError("a disclosed tree lacks hashes")
        return hidden
    if end - first == 1:
        return next(opened)
    middle = first + _split(end - first)
    left = _rebuild((first, middle), places, opened, closed)
    return node_hash(left, _rebuild((middle, end), places, opened, closed))


def _leaf_hash(opening: Mapping[str, Any]) -> bytes:
    kind, name = opening["kind"], opening["name"]
    _require(type(kind) is int and type(name) is str, "an opened leaf has no kind or no name")
    if kind == TEXT:
        content = {"tokens"}
        count, root = _walk(opening["tokens"])
        words = opening["tokens"]["opened"]
        _require(all(word["kind"] == TOKEN for word in words), "a word of a text is no token")
        value = pack(">Q", count) + root
    else:
        content = opening.keys() & {"text", "base64"}
        value = _bytes(opening)
    whole = opening.keys() == {"place", "kind", "name", "salt"} | content
    _require(whole, "an opened leaf has other members")
    return hash_of(Leaf(0, kind, name, value, _hash(opening["salt"])))


def _require(condition: bool, message: str) -> None:  # noqa: FBT001 - an assertion
    if not condition:
        raise FormatError(message, where="disclosed tree")


def _hash(text: object) -> bytes:
    data = bytes.fromhex(str(text))
    if len(data) != HASH_SIZE or data.hex() != text:
        raise FormatError("not 32 bytes in lower-case hexadecimal", where=str(text)[:80])
    return data


def segments_of(opening: Mapping[str, Any]) -> list[str | int]:
    """Return what an opened leaf shows: text, and the number of tokens withheld between."""
    if opening["kind"] != TEXT:
        return [_bytes(opening).decode("utf-8", "replace")]
    segments: list[str | int] = []
    place = 0
    for token in opening["tokens"]["opened"]:
        if token["place"] > place:
            segments.append(token["place"] - place)
        segments.append(_bytes(token).decode("utf-8", "replace"))
        place = token["place"] + 1
    missing = opening["tokens"]["count"] - place
    return [*segments, missing] if missing else segments


def text_of(opening: Mapping[str, Any], gap: str) -> str:
    """Return the text of an opened leaf, with ``gap`` for each run of withheld tokens."""
    return "".join(part if isinstance(part, str) else f"{gap} " for part in segments_of(opening))


def opened_leaves(tree: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the opened leaves of a disclosure, in order; none of a closed tree."""
    return list(tree.get("opened", []))
