"""Salted commitments: what one observation's ledger leaf stands for.

All leaves of an observation are numbered in committed order: excerpts, WARC header
lines, fields (the tokens of a text field come just before the field itself). Leaf *i*
is salted with bytes 32*i* to 32*i*+32 of one SHAKE-256 expansion of the observation's
own random salt, so that a proof can open any leaf and say nothing about the others.
Byte-level rules: ``docs/formats/commitment.md``.
"""

from __future__ import annotations

import re
from hashlib import sha256, shake_256
from itertools import chain
from struct import Struct, pack
from typing import TYPE_CHECKING, NamedTuple

from archiver.columns import COLUMNS, TEXT_FIELDS
from archiver.errors import FormatError

if TYPE_CHECKING:
    from _hashlib import HASH
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from archiver.columns import Column
    from archiver.record import Excerpt

__all__ = [
    "UNCOMMITTED_HEADERS",
    "Commitment",
    "Leaf",
    "commit",
    "committed_lines",
    "committed_root",
    "hash_of",
    "leaf_hash",
    "leaves",
    "observation_commitment",
    "tokens",
]

SALT_TAG = b"civic-archive/salt/v1\n"
OBSERVATION_TAG = b"civic-archive/obs/v1\n"

EXCERPT, CONTEXT, FIELD, TEXT, TOKEN = 1, 2, 3, 4, 5

UNCOMMITTED_HEADERS = frozenset(
    {
        "archive-salt",
        "archive-source-root",
        "archive-context-root",
        "archive-fields-root",
        "warc-block-digest",
        "warc-payload-digest",
    },
)
"""Header lines that can't be in the context root: they depend on it, or are digests."""

MAX_TOKEN = 64
_RUN = re.compile(rb"[^ \t-\r]+[ \t-\r]*|[ \t-\r]+")
MAX_LINE = 65_535
_LENGTHS = tuple(pack(">Q", length) for length in range(MAX_LINE + 1))
"""Lengths as u64: a WARC header line or the name of a leaf has at most 65,535 bytes."""


class Commitment(NamedTuple):
    """The three committed roots of an observation and ``value``, its ledger leaf's ``C``."""

    source: bytes
    context: bytes
    fields: bytes
    value: bytes


class Leaf(NamedTuple):
    """One numbered leaf with what opens it. ``tokens`` is set for text fields only."""

    number: int
    kind: int
    name: str
    value: bytes
    salt: bytes
    tokens: tuple[Leaf, ...] = ()


def tokens(value: bytes) -> list[bytes]:
    """Cut text into tokens whose concatenation is the text.

    A token is a run of non-space bytes with the ASCII white space after it (leading
    white space is a token of its own), cut at code points into at most 64 bytes.
    """
    found = _RUN.findall(value)
    if len(value) > MAX_TOKEN and max(map(len, found)) > MAX_TOKEN:
        return [piece for token in found for piece in _cut(token)]
    return found


def _cut(token: bytes) -> Iterable[bytes]:
    while len(token) > MAX_TOKEN:
        end = MAX_TOKEN
        while end > MAX_TOKEN - 4 and token[end] & 0xC0 == 0x80:  # noqa: PLR2004 - UTF-8 continuation bytes, at most 3
            end -= 1
        yield token[:end]
        token = token[end:]
    yield token


def _prefix(kind: int, name: str) -> bytes:
    encoded = name.encode()
    if len(encoded) > MAX_LINE:
        raise FormatError("the name of a leaf is too long", where=name[:80])
    return pack(">BBH", 0, kind, len(encoded)) + encoded


# Copying a hash that has taken in what many messages begin with costs less than a new one.
_NODE = sha256(b"\x01")
_TOKEN = sha256(_prefix(TOKEN, ""))
_CONTEXT = sha256(_prefix(CONTEXT, ""))
_FIELDS = {name: sha256(_prefix(TEXT if name in TEXT_FIELDS else FIELD, name)) for name in COLUMNS}


def leaf_hash(kind: int, name: str, salt: bytes, value: bytes) -> bytes:
    """Return ``SHA-256(0x00 || u8 kind || u16 len || name || salt || u64 len || value)``."""
    return sha256(_prefix(kind, name) + salt + pack(">Q", len(value)) + value).digest()


def _merkle(level: Sequence[bytes]) -> bytes:
    """Return the RFC 6962 §2.1 tree hash over leaf hashes (at least one)."""
    level, count, copy = list(level), len(level), _NODE.copy
    while count > 1:
        for at in range(0, count - 1, 2):
            node = copy()
            node.update(level[at] + level[at + 1])
            level[at >> 1] = node.digest()
        if count & 1:
            level[count >> 1] = level[count - 1]
        count = (count + 1) >> 1
    return level[0]


def _hashes(kind: HASH, values: Iterable[bytes], salts: Iterator[bytes]) -> list[bytes]:
    """Return the hashes of short leaves of one kind, given as the hash of their prefix.

    Takes exactly one salt for each value: zip asks its first argument first.
    """
    found, copy, lengths = [], kind.copy, _LENGTHS
    for value, own in zip(values, salts, strict=False):
        leaf = copy()
        leaf.update(own + lengths[len(value)] + value)
        found.append(leaf.digest())
    return found


_BLOCK = 16
_cut_block = Struct("32s" * _BLOCK).iter_unpack


def _salts(salt: bytes, count: int) -> Iterator[bytes]:
    """Return at least ``count`` sub-salts, in order, cut a block at a time."""
    length = 32 * _BLOCK * -(-count // _BLOCK)
    return chain.from_iterable(_cut_block(shake_256(SALT_TAG + salt).digest(length)))


_EMPTY = sha256(b"").digest()


def committed_root(hashes: Sequence[bytes]) -> bytes:
    """Return ``SHA-256(0x02 || u64 count || RFC 6962 root)``: the count is committed too."""
    root = _merkle(hashes) if hashes else _EMPTY
    return sha256(b"\x02" + pack(">Q", len(hashes)) + root).digest()


def _text_value(token_hashes: list[bytes]) -> bytes:
    """Return what a text field's leaf holds: its token count and their tree hash."""
    return pack(">Q", len(token_hashes)) + (_merkle(token_hashes) if token_hashes else _EMPTY)


def committed_lines(lines: Sequence[bytes]) -> list[bytes]:
    """Return the header lines that the context root covers, in order, verbatim."""
    return [
        line
        for line in lines
        if line.partition(b":")[0].decode("latin-1").lower() not in UNCOMMITTED_HEADERS
    ]


def observation_commitment(source: bytes, context: bytes, fields: bytes) -> bytes:
    """Return ``C``, the value of an observation's ledger entry, from its three roots."""
    return sha256(OBSERVATION_TAG + source + context + fields).digest()


def commit(
    salt: bytes,
    excerpts: Sequence[Excerpt],
    lines: Sequence[bytes],
    columns: Sequence[Column],
    row: Mapping[str, str],
) -> Commitment:
    """Return the commitment of one observation.

    This is the fast path of `leaves` + `committed_root`; a test holds the two equal.
    Raises `FormatError` for a line or a role longer than 65,535 bytes.

    Args:
        salt: its 32 random bytes.
        excerpts: in block order.
        lines: its WARC header lines without roots, salt and digests (`committed_lines`).
        columns: the field columns of its stream, in order; those not in ``row`` have no leaf.
        row: field name -> exact text.
    """
    values = {name: row[name].encode() for _, name, _, _ in columns if name in row}
    cut = {name: tokens(values[name]) for name in TEXT_FIELDS & values.keys()}
    count = len(excerpts) + len(lines) + len(values) + sum(map(len, cut.values()))
    salts = _salts(salt, count)
    source = [leaf_hash(EXCERPT, one.role, next(salts), one.data) for one in excerpts]
    try:
        context = _hashes(_CONTEXT, lines, salts)
    except IndexError:
        raise FormatError(
            "a WARC header line is too long", mend=f"at most {MAX_LINE} bytes"
        ) from None
    fields = []
    for name, value in values.items():
        exact = _text_value(_hashes(_TOKEN, cut[name], salts)) if name in cut else value
        length = _LENGTHS[len(exact)] if len(exact) <= MAX_LINE else pack(">Q", len(exact))
        leaf = _FIELDS[name].copy()
        leaf.update(next(salts) + length + exact)
        fields.append(leaf.digest())
    roots = committed_root(source), committed_root(context), committed_root(fields)
    return Commitment(*roots, observation_commitment(*roots))


def leaves(
    salt: bytes,
    excerpts: Sequence[Excerpt],
    lines: Sequence[bytes],
    columns: Sequence[Column],
    row: Mapping[str, str],
) -> tuple[list[Leaf], list[Leaf], list[Leaf]]:
    """Return the source, context and field leaves of an observation, numbered and salted."""
    numbered = _Numbering(salt)
    source = [numbered.leaf(EXCERPT, excerpt.role, excerpt.data) for excerpt in excerpts]
    context = [numbered.leaf(CONTEXT, "", line) for line in lines]
    fields = []
    for column in columns:
        if column.name not in row:
            continue
        value = row[column.name].encode()
        if column.name not in TEXT_FIELDS:
            fields.append(numbered.leaf(FIELD, column.name, value))
            continue
        words = tuple(numbered.leaf(TOKEN, "", token) for token in tokens(value))
        summary = _text_value([hash_of(word) for word in words])
        fields.append(numbered.leaf(TEXT, column.name, summary)._replace(tokens=words))
    return source, context, fields


def hash_of(leaf: Leaf) -> bytes:
    """Return the hash of an opened leaf."""
    return leaf_hash(leaf.kind, leaf.name, leaf.salt, leaf.value)


class _Numbering:
    """Hands out leaves in committed order, each with its own piece of the expansion."""

    def __init__(self, salt: bytes) -> None:
        self._salt = salt
        self._next = 0
        self._stream = b""

    def leaf(self, kind: int, name: str, value: bytes) -> Leaf:
        number = self._next
        self._next += 1
        end = 32 * self._next
        if len(self._stream) < end:
            self._stream = shake_256(SALT_TAG + self._salt).digest(2 * end)
        return Leaf(number, kind, name, value, self._stream[end - 32 : end])
