"""A seal has all its members, each of its form, or it is no seal."""

from __future__ import annotations

from typing import Any

import pytest

from archiver.errors import FormatError
from archiver.ledger.seal import check_seal
from tests.ledger.seals import seal, segment


def test_whole_seals() -> None:
    """Settling, settling without exchanges, and intake."""
    check_seal(seal(segments=[segment(leaves=[[0, 2]]), segment("s2")]))
    check_seal(seal(exchanges=[]))
    alone = seal()
    del alone["lane"], alone["exchanges"]
    check_seal(alone)
    intake = seal(stage="intake")
    del intake["batch"]
    check_seal(intake)


@pytest.mark.parametrize("name", ["stage", "account", "batch", "lane", "exchanges", "segments"])
def test_members_of_a_seal(name: str) -> None:
    """Without any of its members it is refused."""
    body = seal()
    del body[name]
    with pytest.raises(FormatError):
        check_seal(body)


@pytest.mark.parametrize(
    "change",
    [
        {"stage": "other"},
        {"stage": ["settle"]},
        {"stage": "intake"},
        {"account": ""},
        {"account": 7},
        {"batch": 0},
        {"batch": -1},
        {"batch": "1"},
        {"batch": True},
        {"lane": ""},
        {"lane": ["lane"]},
        {"exchanges": None},
        {"exchanges": [[0, 1]]},
        {"exchanges": [[3, 1]]},
        {"exchanges": [[1, 2], [2, 3]]},
        {"segments": {}},
        {"segments": [7]},
    ],
)
def test_forms_of_members(change: dict[str, Any]) -> None:
    """A member of another form is refused."""
    with pytest.raises(FormatError):
        check_seal(seal(**change))


@pytest.mark.parametrize("name", sorted(segment()))
def test_members_of_a_segment(name: str) -> None:
    """A segment has all its members."""
    body = segment()
    del body[name]
    with pytest.raises(FormatError):
        check_seal(seal(segments=[body]))


@pytest.mark.parametrize(
    "change",
    [
        {"unit": "../x"},
        {"unit": ""},
        {"segment": "a/b"},
        {"segment": 7},
        {"series": ""},
        {"leaves": [[1, 1]]},
        {"leaves": "all"},
        {"objects": []},
        {"objects": {"../x": "ab" * 32}},
        {"objects": {"idx": "AB" * 32}},
        {"objects": {"idx": "ab"}},
        {"objects": {"idx": 7}},
        {"objects": {"": "ab" * 32}},
    ],
)
def test_forms_of_a_segment(change: dict[str, Any]) -> None:
    """Names that would lead elsewhere, bad digests and bad leaves are refused."""
    with pytest.raises(FormatError):
        check_seal(seal(segments=[{**segment(), **change}]))
