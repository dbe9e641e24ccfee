"""Ledger entries: one spelling each, and nothing else is one."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import FormatError
from archiver.ledger import entry
from tests.ledger.seals import TIME, seal

ROLE = {"t": "role", "id": "B1", "time": TIME, "role": "log-signer"}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
clean = st.characters(exclude_categories=["Cs"])
ANCHOR = ROLE | {
    "t": "anchor",
    "kind": "cosigned",
    "size": 1,
    "file": "01KACDG6Z0C1VJ5RCH1VE0S1KZ",
    "sha256": "00" * 32,
}
GENERATION = ROLE | {"t": "generation", "account": "a", "leaves": [[1, 2]], "of": [[0, 1]]}
ANCHOR = {"t": "anchor", "id": "B1", "time": TIME, "kind": "cosigned", "size": 1} | {
    "file": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "sha256": "0" * 64,
}


@given(st.binary(min_size=32, max_size=32))
def test_an_observation_is_its_commitment(commitment: bytes) -> None:
    """``0x01 ‖ C``, there and back."""
    assert entry.observation(commitment) == b"\x01" + commitment
    assert entry.parse(b"\x01" + commitment) == commitment


@pytest.mark.parametrize("length", [0, 1, 31, 33, 64])
def test_a_commitment_has_32_bytes(length: int) -> None:
    """Any other length is no observation, neither written nor read."""
    with pytest.raises(FormatError):
        entry.observation(bytes(length))
    with pytest.raises(FormatError):
        entry.parse(b"\x01" + bytes(length))


@given(st.dictionaries(st.text(clean, max_size=5).filter(lambda k: k not in ROLE), st.text(clean)))
def test_a_control_is_canonical_json(more: dict[str, str]) -> None:
    """``0x02 ‖ RFC 8785 JSON``, there and back, in whatever order the members were given."""
    body = {**more, **ROLE}
    written = entry.control(body)
    assert written == b"\x02" + rfc8785.dumps(body)
    assert written == entry.control(dict(reversed(body.items())))
    assert entry.parse(written) == entry.Control("role", body)


def test_a_control_s_bytes() -> None:
    """Members stand sorted, without white space."""
    expected = (
        b'\x02{"id":"B1","role":"log-signer","t":"role","time":"2026-11-20T09:00:00.000000Z"}'
    )
    assert entry.control(ROLE) == expected


@given(json_values | st.floats(-1e9, 1e9) | st.lists(st.floats(0, 1e-7), max_size=2))
def test_every_canonical_value_is_read(value: Any) -> None:  # noqa: ANN401 - any JSON
    """Text and numbers of any kind, in their one spelling."""
    body = {**ROLE, "n": value}
    assert entry.parse(b"\x02" + rfc8785.dumps(body)) == entry.Control("role", body)


CANONICAL = entry.control(ROLE)[1:]


@pytest.mark.parametrize(
    "other",
    [
        CANONICAL.replace(b",", b", ", 1),
        CANONICAL + b"\n",
        CANONICAL.replace(b'{"id":"B1",', b"{").replace(b"}", b',"id":"B1"}'),
        CANONICAL.replace(b'"B1"', b'"B\\u0031"'),
        CANONICAL.replace(b"{", b'{"a":1.0,'),
        CANONICAL.replace(b"{", b'{"a":1e2,'),
        CANONICAL.replace(b"{", b'{"a":-0,'),
        CANONICAL.replace(b"{", b'{"id":"B0",'),
        CANONICAL.replace(b"{", b'{"a":NaN,'),
        CANONICAL.replace(b"{", b'{"a":-Infinity,'),
        CANONICAL.replace(b"{", b'{"a":9007199254740992,'),
        CANONICAL.replace(b"{", b'{"a":1e-07,'),
        CANONICAL.replace(b"{", b'{"a":"\\u001F",'),
        CANONICAL.replace(b"{", b'{"a":"\\/",'),
        CANONICAL.replace(b"{", b'{"a":99999999999999999999,'),
        CANONICAL.replace(b"{", b'{"a":"\\ud800",'),
        b"\xef\xbb\xbf" + CANONICAL,
        CANONICAL[:-1],
        b"[" * 100_000,
        b"[1]",
        b"null",
        b"",
    ],
)
def test_other_spellings_are_refused(other: bytes) -> None:
    """What says the same in other bytes, or is no JSON object, is no entry."""
    with pytest.raises(FormatError):
        entry.parse(b"\x02" + other)


@pytest.mark.parametrize(
    "change",
    [
        {"t": "unheard-of"},
        {"t": None},
        {"t": ["role"]},
        {"id": ""},
        {"id": 7},
        {"time": "2026-11-20"},
        {"time": "2026-11-20T09:00:00.000000Z "},
        {"time": 0},
        {"time": "2026-13-45T99:99:99.000000Z"},
        {"time": "2026-02-29T09:00:00.000000Z"},
        {"time": "0000-01-01T09:00:00.000000Z"},
        {"time": "2026-11-20T24:00:00.000000Z"},
        {"time": "9999-12-31T23:59:59.000000Z"},
        {"n": 2**53},
        {"n": float("inf")},
        {"n": "\ud800"},
        {"n": "x" * 65_600},
    ],
)
def test_what_a_control_must_have(change: dict[str, Any]) -> None:
    """A known type, its batch, its time, values that have a canonical spelling, and a size."""
    with pytest.raises(FormatError):
        entry.control({**ROLE, **change})


@pytest.mark.parametrize("name", ["t", "id", "time"])
def test_members_every_control_has(name: str) -> None:
    """Without type, batch id or time it is no entry, neither written nor read."""
    body = {key: value for key, value in ROLE.items() if key != name}
    with pytest.raises(FormatError):
        entry.control(body)
    with pytest.raises(FormatError):
        entry.parse(b"\x02" + rfc8785.dumps(body))


def test_every_type_is_an_entry() -> None:
    """Each of the types of the format can be written and read."""
    assert len(entry.CONTROL_TYPES) == 25
    for kind in entry.CONTROL_TYPES:
        given = {"seal": seal(), "generation": GENERATION, "anchor": ANCHOR}
        body = given.get(kind, {**ROLE, "t": kind})
        assert entry.parse(entry.control(body)) == entry.Control(kind, body)


@given(st.binary(max_size=80))
def test_garbage_is_a_format_error(data: bytes) -> None:
    """Random bytes are refused as what they are."""
    if data[:1] == b"\x01" and len(data) == 33:
        return
    with pytest.raises(FormatError):
        entry.parse(data)


@given(json_values)
def test_any_json_is_refused_or_an_entry(value: Any) -> None:  # noqa: ANN401 - any JSON
    """Nothing but `FormatError` comes of JSON that is no entry."""
    with pytest.raises(FormatError):
        entry.parse(b"\x02" + rfc8785.dumps(value))
