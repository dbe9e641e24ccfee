"""Every parser reads its true inputs, and refuses spoilt ones in its own words.

Two hundred inputs of each here, in every run; `make fuzz` goes on from there, guided by
the branches that an input reaches.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.seeds import seeds
from tests.fuzz.targets import TARGETS, refuse_nothing_else

PIECES = st.one_of(
    st.binary(max_size=8),
    st.sampled_from([b"\r\n\r\n", b"[" * 5000, b'{"a":' * 5000, b"9" * 5000, b"\x9f" * 5000,
                     b"\xff" * 9, b"\x81" * 5000, b"-1", b"NaN", "٣".encode(), b"<a>" * 5000]),
)  # fmt: skip


@st.composite
def spoilt(draw: st.DrawFn, name: str) -> bytes:
    """Return a true input with up to four pieces exchanged for others, or cut."""
    data = draw(st.sampled_from(seeds()[name]))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        taken = draw(st.sampled_from([0, 1, 4, 100, len(data)]))
        data = data[:at] + draw(PIECES) + data[at + taken :]
    return data


def test_each_parser_has_true_inputs() -> None:
    """None begins from nothing."""
    assert set(seeds()) == set(TARGETS)
    assert all(seeds().values())


@pytest.mark.parametrize("name", TARGETS)
def test_spoilt_inputs_are_refused_properly(name: str) -> None:
    """Whatever stands in them, an error of ours or none."""

    @settings(max_examples=200, derandomize=True, database=None)
    @given(spoilt(name))
    def refused(data: bytes) -> None:
        refuse_nothing_else(name, data)

    for seed in seeds()[name]:
        refuse_nothing_else(name, seed)
    refused()


NUMBER = b"9" * 5000
"""More digits than Python makes a number of."""
FOUND = {
    "warc-record": b"WARC/1.1\r\nContent-Length: 0\r\nArchive-Excerpt: x 0 %b\r\n\r\n\r\n\r\n"
    % NUMBER,
    "spool": b"WARC/1.1\r\nContent-Length: %b\r\n\r\n" % NUMBER,
}
"""What broke a parser once."""


@pytest.mark.parametrize("name", FOUND)
def test_what_broke_a_parser_is_refused(name: str) -> None:
    """It did not refuse this in its own words."""
    refuse_nothing_else(name, FOUND[name])
