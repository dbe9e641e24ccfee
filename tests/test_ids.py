"""Names made of chance."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from archiver.ids import new_uuid


class _Given:
    """Chance that gives bytes it was given."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def bytes(self, count: int) -> bytes:
        """Return them."""
        assert count == len(self._data)
        return self._data


@given(st.binary(min_size=16, max_size=16))
def test_uuids_are_of_version_4(data: bytes) -> None:
    """As the standard library makes them of the same 16 bytes."""
    assert new_uuid(_Given(data)) == str(UUID(bytes=data, version=4))
