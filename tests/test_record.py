"""Names of records, and of what they are parts of."""

from __future__ import annotations

from archiver.record import record_id, wholes


def test_a_part_names_what_it_is_a_part_of() -> None:
    """An id is percent-encoded: its slashes too, and whatever else stands in it."""
    below = [record_id("matrix", "city", "media", name) for name in ("a:b/c", "a:b/c/d/e f")]
    assert list(wholes(below[0])) == [record_id("matrix", "city", "media", "a:b")]
    assert list(wholes(below[1])) == [
        record_id("matrix", "city", "media", name) for name in ("a:b/c/d", "a:b/c", "a:b")
    ]
    assert list(wholes(record_id("matrix", "city", "media", "42"))) == []
