"""How much old sizes tell of a destroyed comment, in numbers, under the padding really used.

The attacker knows every other byte of each file. Padding is uniform over *W* lengths; where
sizes differ by at most *R*, one of them multiplies the chance of a guess by at most 1 + R/W,
whatever was known before: that is the multiplicative Bayes capacity of uniform noise, the
sum over all sizes of the greatest likelihood (Alvim et al., The Science of Quantitative
Information Flow, chapter 7). Independent paddings multiply. Encryption makes of a length another
one, and hides nothing of it.
"""

from __future__ import annotations

import json
from functools import cache
from math import prod
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from archiver.flows.segments import LONGEST_PADDING, new_nonce
from archiver.formats import parquet, segment_index, warc
from archiver.formats.exchanges import exchange_parts
from archiver.record import Excerpt, Observation
from tests.attacks.dictionary import LONGEST, SHORTEST, dictionary
from tests.attacks.scene import TIME, Page, row

if TYPE_CHECKING:
    from archiver.flows.archive import Archive

MOST = {"one sealing": 1.2, "a newer reading": 1.13, "a merge": 1.13}
"""By how much the chance of a guess is multiplied at most; THREATS says so."""
SALT = bytes(range(100, 132))
UUID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"


def item(text: str) -> bytes:
    """Return a comment as WordPress gives it to its owner: the text twice."""
    said = {"rendered": f"<p>{text}</p>\n", "raw": text}
    return json.dumps({"id": 17, "author_name": "Ada", "content": said, "status": "open"}).encode()


def sizes(text: str) -> dict[str, int]:
    """Return the sizes of all files of one sealing, without padding, of a comment alone in it."""
    data = item(text)
    seen = Observation(
        platform="wordpress", account="city", stream="comments", native_id="17",
        kind="present", sensitivity="public", captured_at=TIME,
        excerpts=(Excerpt("item", data),), row=row(text), parser="wordpress/1",
    )  # fmt: skip
    record = warc.record_bytes(warc.header_lines(seen, UUID), seen.excerpts, SALT, (SALT,) * 3)
    member = len(warc.member(record))
    context = {"record_id": seen.record_id, "observation_id": UUID, "kind": "present",
               "native_id": "17", "captured_at": TIME}  # fmt: skip
    page = exchange_parts(Page(b"[" + data + b"]").exchange)
    return {
        "warc.gz": member,
        "parquet": len(parquet.write_rows("comments", [context | row(text)], SALT, b"0")),
        "idx": len(segment_index.index([900, member], SALT, b"0")),
        "intake": sum(len(warc.member(part)) for part in page),
        "map": len(json.dumps({UUID: ["lane/1", [["item", 1, 1 + len(data)]]]})),
    }


@cache
def _others() -> tuple[list[str], list[int]]:
    """Return what others said, and the lengths of their members."""
    said = dictionary(40, "others")
    return said, [sizes(one)["warc.gz"] for one in said]


def merged_sizes(text: str) -> dict[str, int]:
    """Return the sizes of the files of a merged segment in which the comment is, without padding.

    It stands amid others, so that the lengths of its neighbours' places change with its own.
    """
    others, beside, own = (*_others(), sizes(text))
    rows = [{"record_id": f"wordpress:city:comments:{n}", "observation_id": UUID[:-2] + f"{n:02}",
             "kind": "present", "native_id": str(n), "captured_at": TIME} | row(said)
            for n, said in enumerate([*others[:20], text, *others[20:]])]  # fmt: skip
    members = [900, *beside[:20], own["warc.gz"], *beside[20:]]
    return {
        "warc.gz": own["warc.gz"],
        "parquet": len(parquet.write_rows("comments", rows, SALT, b"0")),
        "idx": len(segment_index.index(members, SALT, b"0")),
    }


@cache
def table(count: int) -> dict[str, np.typing.NDArray[np.int64]]:
    """Return the sizes of a dictionary's comments, by file."""
    found = [sizes(text) for text in dictionary(count)]
    return {name: np.array([one[name] for one in found]) for name in found[0]}


def factor(sized: dict[str, np.typing.NDArray[np.int64]]) -> float:
    """Return by how much these sizes multiply the chance of a guess at most."""
    return prod(1 + float(np.ptp(one)) / LONGEST_PADDING for one in sized.values())


def test_every_length_of_padding_is_as_likely() -> None:
    """Two random bytes choose it, and every number of digits has as many of them."""

    def length(number: int) -> int:
        def chosen(count: int) -> bytes:
            return number.to_bytes(2) if count == 2 else bytes(count)

        archive = cast("Archive", SimpleNamespace(chance=SimpleNamespace(bytes=chosen)))
        return len(new_nonce(archive)[1])

    assert {length(number) for number in range(LONGEST_PADDING)} == set(
        range(1, LONGEST_PADDING + 1)
    )
    assert (1 << 16) % LONGEST_PADDING == 0
    assert length(LONGEST_PADDING) == length(0)


def test_a_digit_of_padding_is_a_byte_of_the_file() -> None:
    """So that all lengths of a file are as likely; but for what says the padding's length."""
    digits = [b"0" * n for n in (1, 2, 3, 99, 100, 126, 127, 128, 129, 1000, 3000, 4095, 4096)]
    made = {
        "warc.gz": [warc.opening_member(warc.warcinfo(UUID, TIME, SALT, n, "x")) for n in digits],
        "parquet": [parquet.write_rows("comments", [row("x")], SALT, n) for n in digits],
        "idx": [segment_index.index([9], SALT, n) for n in digits],
    }
    for name, files in made.items():
        rest = [len(one) - len(n) for one, n in zip(files, digits, strict=True)]
        assert max(rest) - min(rest) <= 2, name


@pytest.mark.parametrize("count", [200, pytest.param(1000, marks=pytest.mark.soak)])
def test_sizes_hardly_help_who_guesses(count: int) -> None:
    """Neither those of one sealing, nor with those of a newer reading; merges multiply."""
    sized = table(count)
    records = {name: sized[name] for name in ("warc.gz", "parquet", "idx")}
    assert 1 < factor(sized) <= MOST["one sealing"]
    assert 1 < factor(records) <= MOST["a newer reading"]


@pytest.mark.parametrize("count", [40, pytest.param(1000, marks=pytest.mark.soak)])
def test_each_merge_multiplies_once_more(count: int) -> None:
    """Each file of a merged segment has padding of its own, so that its size is one more hint."""
    found = [merged_sizes(text) for text in dictionary(count)]
    sized = {name: np.array([one[name] for one in found]) for name in found[0]}
    assert 1 < factor(sized) <= MOST["a merge"]


@pytest.mark.parametrize("count", [200, pytest.param(1000, marks=pytest.mark.soak)])
def test_the_best_guess_under_real_padding(count: int) -> None:
    """Who knows all sizes of one sealing has nearly the whole dictionary to choose from."""
    sized, chance = np.stack(list(table(count).values()), axis=1), np.random.default_rng(7)
    lengths = np.array([len(text) for text in dictionary(count)])
    won, spans, left = [], [], []
    for _ in range(2000):
        true = sized[chance.integers(count)]
        seen = true + chance.integers(1, LONGEST_PADDING + 1, len(true))
        rest = seen - sized
        possible = np.all((rest >= 1) & (rest <= LONGEST_PADDING), axis=1)
        won.append(1 / possible.sum())
        spans.append(np.ptp(lengths[possible]))
        left.append(possible.mean())
    assert np.mean(won) * count <= MOST["one sealing"]
    assert np.mean(left) >= 0.94
    assert np.mean(spans) >= 0.9 * (LONGEST - SHORTEST)
    assert len({tuple(one) for one in sized}) > count / 2  # without padding: one from another
