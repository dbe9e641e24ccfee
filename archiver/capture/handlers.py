"""What becomes of a member of a JSON item: handlers that platforms share (`Handler`).

`flat` gives members of members both names with a dot between: ``snippet.title``. So a table
of handlers says what a resource means, and whatever it does not name stays under that name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.text import plain_text
from archiver.capture.times import internet_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from archiver.capture.jsonitem import Handler, Members, Row
    from archiver.capture.times import Reading

__all__ = ["drop", "flat", "keep", "markup", "metric", "put", "tags", "time"]

_DEEPEST = 8
"""No documented resource nests deeper; below that a value stays as it stood."""


def flat(row: Row, data: bytes, table: Mapping[str, Handler], prefix: str = "") -> Members:
    """Return the members of a resource, nested ones under dotted names."""
    return list(_flat(row, data, table, prefix, 0))


def _flat(
    row: Row, data: bytes, table: Mapping[str, Handler], prefix: str, depth: int
) -> Iterator[tuple[str, bytes]]:
    for name, value in row.members(data):
        path = prefix + name
        inner = value[:1] == b"{" and path not in table and depth < _DEEPEST
        members = row.members(value) if inner else []
        if members:
            yield from _flat(row, value, table, f"{path}.", depth + 1)
        else:
            yield path, value


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


def markup(row: Row, name: str, value: bytes) -> None:
    """Take HTML, and the text a reader sees of it."""
    text = row.text(name, value)
    row.put("markup", text)
    row.put("text", plain_text(text))


def tags(row: Row, name: str, value: bytes) -> None:
    """Take a list of tags as it stood."""
    if value != b"[]":
        row.put("tags", row.raw(name, value))
