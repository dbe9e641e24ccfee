"""What becomes of a member of a JSON item: handlers that platforms share (`Handler`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.times import internet_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.capture.jsonitem import Handler, Row
    from archiver.capture.times import Reading

__all__ = ["drop", "keep", "metric", "put", "time"]


def drop(row: Row, name: str, value: bytes) -> None:
    """Leave out a member that says nothing of its own: the record's id repeats it."""


def metric(row: Row, name: str, value: bytes) -> None:
    """Keep a member that changes without the thing."""
    row.metric(name, row.raw(name, value))


def keep(row: Row, name: str, value: bytes) -> None:
    """Keep a member as it stood."""
    row.keep(name, row.raw(name, value))


def put(column: str) -> Handler:
    """Return a handler for text that goes to a column as it is."""
    return lambda row, name, value: row.put(column, row.text(name, value))


def time(prefix: str, read: Callable[[str], Reading] = internet_time) -> Handler:
    """Return a handler for a time, by default of RFC 3339; ``read`` says what its text means."""

    def handle(row: Row, name: str, value: bytes) -> None:
        text = row.text(name, value)
        row.time(prefix, name, text, read(text))

    return handle
