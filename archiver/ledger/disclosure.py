"""Opening some leaves of a commitment and keeping the others closed. Pure.

A disclosed tree holds each opened leaf (number, name, salt, value) and, in the order of
a walk from the left, the hash of every largest subtree with nothing opened in it. The
reader walks the same way and must come to the committed root (``docs/formats/proof.md``).
"""

from __future__ import annotations

import base64
import binascii
from hashlib import sha256
from struct import pack
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError
from archiver.ledger.commitment import TEXT, TOKEN, Leaf, hash_of
from archiver.ledger.tree import EMPTY_ROOT, HASH_SIZE, node_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

__all__ = ["close", "disclose", "opened_leaves", "recommit", "text_of"]

MAX_LEAVES = 1 << 24


def _split(count: int) -> int:
    """Return the largest power of two smaller than ``count`` (RFC 6962 §2.1)."""
    return 1 << (count - 1).bit_length() - 1


def _closed(hashes: Sequence[bytes], opened: Collection[int], first: int) -> Iterator[bytes]:
    count = len(hashes)
    if not count or any(first <= index < first + count for index in opened):
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
    return {
        "count": len(leaves),
        "opened": [_opening(place, leaves[place], withheld) for place in sorted(opened)],
        "closed": [one.hex() for one in _closed([hash_of(leaf) for leaf in leaves], opened, 0)],
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
    if isinstance(opening.get("text"), str):
        return str(opening["text"]).encode()
    try:
        return base64.b64decode(opening["base64"], validate=True)
    except (KeyError, TypeError, binascii.Error) as error:
        raise FormatError("an opened leaf has no value") from error


def recommit(tree: Mapping[str, Any]) -> bytes:
    """Return the committed root that a disclosure leads to. Raises `FormatError`."""
    try:
        if "root" in tree:
            return _hash(tree["root"])
        count, root = _walk(tree)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FormatError(f"not a disclosed tree: {error!r}") from error
    return sha256(b"\x02" + pack(">Q", count) + root).digest()


def _walk(tree: Mapping[str, Any]) -> tuple[int, bytes]:
    """Return the leaf count and the RFC 6962 root of a disclosed tree."""
    count = tree["count"]
    if type(count) is not int or not 0 <= count <= MAX_LEAVES:
        raise FormatError("a disclosed tree has no sensible leaf count")
    opened = {}
    for opening in tree["opened"]:
        place = opening["place"]
        if type(place) is not int or not 0 <= place < count or place in opened:
            raise FormatError("an opened leaf is out of place", where=repr(place))
        opened[place] = _leaf_hash(opening)
    closed = iter([_hash(text) for text in tree["closed"]])
    root = _rebuild(0, count, opened, closed.__next__) if count else EMPTY_ROOT
    if next(closed, None) is not None:
        raise FormatError("a disclosed tree has hashes left over")
    return count, root


def _rebuild(first: int, end: int, opened: Mapping[int, bytes], take: Callable[[], bytes]) -> bytes:
    if not any(first <= place < end for place in opened):
        try:
            return take()
        except StopIteration:
            raise FormatError("a disclosed tree lacks hashes") from None
    if end - first == 1:
        return opened[first]
    middle = first + _split(end - first)
    return node_hash(_rebuild(first, middle, opened, take), _rebuild(middle, end, opened, take))


def _leaf_hash(opening: Mapping[str, Any]) -> bytes:
    if opening["kind"] == TEXT:
        count, root = _walk(opening["tokens"])
        if any(token["kind"] != TOKEN for token in opening["tokens"]["opened"]):
            raise FormatError("a text field holds something that is no token")
        value = pack(">Q", count) + root
    else:
        value = _bytes(opening)
    leaf = Leaf(0, int(opening["kind"]), str(opening["name"]), value, _hash(opening["salt"]))
    return hash_of(leaf)


def _hash(text: object) -> bytes:
    data = bytes.fromhex(str(text))
    if len(data) != HASH_SIZE or data.hex() != text:
        raise FormatError("not 32 bytes in lower-case hexadecimal", where=str(text)[:80])
    return data


def text_of(opening: Mapping[str, Any], gap: str) -> str:
    """Return the text of an opened leaf, with ``gap`` for each run of withheld tokens."""
    if opening["kind"] != TEXT:
        return _bytes(opening).decode("utf-8", "replace")
    tokens = opening["tokens"]
    shown = {token["place"]: _bytes(token) for token in tokens["opened"]}
    parts: list[bytes] = []
    for place in range(tokens["count"]):
        if place in shown:
            parts.append(shown[place])
        elif place == 0 or place - 1 in shown:
            parts.append(f"{gap} ".encode())
    return b"".join(parts).decode("utf-8", "replace")


def opened_leaves(tree: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the opened leaves of a disclosure, in order; none of a closed tree."""
    return list(tree.get("opened", []))
