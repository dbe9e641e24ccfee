"""The words of very many texts at once, by the rules of `archiver.search.tokens`. Pure.

Texts of ASCII alone, which most are, are cut by arithmetic over all of their bytes; each other
one by the rules themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from archiver.search.tokens import spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

__all__ = ["Cut", "cut"]


class Cut(NamedTuple):
    """Every spelling in some texts: an Arrow array; in which text, and at which place there.

    They come by text and place.
    """

    words: Any
    rows: Numbers
    places: Numbers


def _table(members: bytes) -> NDArray[np.bool_]:
    found = np.zeros(256, np.bool_)
    found[list(members)] = True
    return found


_LETTERS = b"abcdefghijklmnopqrstuvwxyz"
_WORD = _table(_LETTERS + _LETTERS.upper() + b"0123456789_")
_SIGN = _table(b"#@")
_LOWER = np.frombuffer(bytes(range(256)).lower(), np.uint8)


def cut(texts: Any) -> Cut:  # noqa: ANN401 - an Arrow array of one piece: Arrow's types say less
    """Return the words of texts: an Arrow array of strings, some of which may be null."""
    whole = texts.fill_null("") if texts.null_count else texts
    _, offsets, values = whole.buffers()
    ends = np.frombuffer(offsets, np.int32)[whole.offset : whole.offset + len(whole) + 1]
    data = np.frombuffer(values or b"", np.uint8)[ends[0] : ends[-1]]
    bounds = ends.astype(np.int64) - int(ends[0])
    high = np.flatnonzero(data & 0x80)
    if not len(high):
        return _in_order(*_of_ascii(data, bounds))
    others = np.unique(np.searchsorted(bounds, high, side="right") - 1)
    known = np.ones(len(whole), np.bool_)
    known[others] = False
    shown = np.where(np.repeat(known, np.diff(bounds)), data, np.uint8(32))
    return _in_order(*_of_ascii(shown, bounds), _of_others(whole, others))


def _in_order(*parts: Cut) -> Cut:
    """Return parts as one, by text and place."""
    filled = [one for one in parts if len(one.rows)] or [parts[0]]
    if len(filled) == 1:
        return filled[0]
    rows = np.concatenate([one.rows for one in filled])
    places = np.concatenate([one.places for one in filled])
    order = np.argsort(rows << 32 | places, kind="stable")
    words = pa.concat_arrays([one.words for one in filled]).take(pa.array(order))
    return Cut(words, rows[order], places[order])


def _of_ascii(data: NDArray[np.uint8], bounds: Numbers) -> list[Cut]:
    """Return the words of texts in one row of bytes, and those with their signs."""
    inside = _WORD[data]
    begins = inside.copy()
    begins[1:] &= ~inside[:-1]
    firsts = bounds[:-1][bounds[:-1] < len(data)]
    begins[firsts] |= inside[firsts]
    at = np.flatnonzero(begins)
    kept = _LOWER[data[inside]]
    offsets = np.empty(len(at) + 1, np.int32)
    offsets[:-1] = (np.cumsum(inside, dtype=np.int32))[at] - 1
    offsets[-1] = len(kept)
    parts: Any = (offsets, kept)
    buffers: Any = map(pa.py_buffer, parts)
    words: Any = pa.StringArray.from_buffers(len(at), *buffers)
    first = np.searchsorted(at, bounds)
    rows = np.repeat(np.arange(len(bounds) - 1), np.diff(first))
    places = np.arange(len(at)) - first[rows]
    return [Cut(words, rows, places), *_signed(data, bounds, at, Cut(words, rows, places))]


def _signed(data: NDArray[np.uint8], bounds: Numbers, at: Numbers, found: Cut) -> list[Cut]:
    """Return the words right before which a sign stands that has no word right before it."""
    own = np.flatnonzero((at > bounds[found.rows]) & _SIGN[data[at - 1]])
    before = at[own] - 2
    parted = (before < bounds[found.rows[own]]) | ~_WORD[data[before]]
    own = own[parted]
    if not len(own):
        return []
    signs = pa.array([chr(one) for one in data[at[own] - 1].tolist()])
    joined: Any = pc.binary_join_element_wise
    words = joined(signs, found.words.take(pa.array(own)), "")
    return [Cut(words, found.rows[own], found.places[own])]


def _of_others(texts: Any, rows: Numbers) -> Cut:  # noqa: ANN401 - an Arrow array, as in `cut`
    found = [
        (word, row, place)
        for row, text in zip(rows.tolist(), texts.take(pa.array(rows)).to_pylist(), strict=True)
        for word, place in spread(text)
    ]
    words, owners, places = zip(*found, strict=True) if found else ((), (), ())
    return Cut(pa.array(words, pa.string()), np.array(owners, np.int64), np.array(places, np.int64))
