"""What nodes and events say, column by column: what is alike for all of Meta's platforms.

Known members go to their columns. What changes without the thing itself changing goes to
``volatile``: counts, when something below it changed last, where a file lies at the moment.
Everything else goes to ``extra`` as it stood.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.jsonitem import Row
from archiver.capture.platforms.graph.cutting import joined
from archiver.capture.platforms.graph.fields import (
    attached,
    author,
    drop,
    inner,
    keep,
    metric,
    put,
    steady,
    time,
)
from archiver.columns import fields_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.jsonitem import Handler
    from archiver.record import Excerpt

__all__ = ["CONTENT", "CONVERSATION", "Tables", "row_of"]

_PART = re.compile(r"(?P<whole>.+)/(?P<part>reaction|content|event|owner)(?:/.*)?")


class Tables(NamedTuple):
    """Handlers of a platform's nodes.

    ``plain``: by stream, of nodes whose id is the record's. ``prefixed``: by what stands
    before the id; of ``states`` that is the state as well. ``parts``: by the name of a part.
    ``change``: of the value of a change that a webhook tells.
    """

    plain: Mapping[str, Mapping[str, Handler]]
    prefixed: Mapping[str, Mapping[str, Handler]]
    parts: Mapping[str, Mapping[str, Handler]]
    change: Mapping[str, Handler]
    states: frozenset[str] = frozenset()


def row_of(
    tables: Tables, excerpts: tuple[Excerpt, ...], stream: str, native_id: str
) -> dict[str, str]:
    """Return the row of one item."""
    row = Row()
    part = _PART.fullmatch(native_id)
    if part is not None:
        row.put("parent_id", part["whole"])
    if any(one.role == "event" for one in excerpts):
        return _event(row, joined(excerpts, "event"), tables.change, stream)
    if any(one.role == "refusal" for one in excerpts):
        row.put("state", "refused")
        row.fill(row.members(joined(excerpts, "refusal")), {"error": _refusal})
        return row.finished()
    head, slash, _ = native_id.partition("/")
    if slash and head in tables.states:
        row.put("state", head)
    table = tables.prefixed.get(head) if slash else tables.plain.get(stream)
    if part is not None:
        table = tables.parts.get(part["part"])
    row.fill(row.members(joined(excerpts)), table or {})
    return row.finished()


def _event(row: Row, data: bytes, change: Mapping[str, Handler], stream: str) -> dict[str, str]:
    """Read an event: a change of the account (its ``value``), or one of a conversation.

    What its stream has no column for goes to ``extra``.
    """
    members = row.members(data)
    value = dict(members).get("value")
    if value is None:
        row.fill(members, _MESSAGING)
    else:
        row.fill([(name, one) for name, one in members if name != "value"], {"field": keep})
        row.fill(row.members(value), change)
    columns = {column.name for column in fields_of(stream)}
    for name in [one for one in row.fields if one not in columns]:
        row.keep(name, json.dumps(row.fields.pop(name)))
    return row.finished()


def _refusal(row: Row, name: str, value: bytes) -> None:
    row.keep(name, row.raw(name, value))
    row.put("summary", row.text("message", dict(row.members(value)).get("message", b"null")))


def _message(row: Row, name: str, value: bytes) -> None:
    """Take the text of a message out of its event."""
    members = dict(row.members(value))
    row.put("text", row.text("text", members.get("text", b"null")))
    if "attachments" in members:
        attached(row, "attachments", members["attachments"])
    row.keep(name, row.raw(name, value))


CONTENT: dict[str, Handler] = {
    "id": drop,
    "from": author,
    "message": put("text"),
    "created_time": time("created"),
    "attachments": attached,
    "tags": metric,
    "reactions": keep,
    "shares": steady,
}
CONVERSATION: dict[str, Handler] = {
    "id": drop,
    "link": put("url"),
    "name": put("title"),
    "updated_time": time("modified"),
    **dict.fromkeys(("message_count", "unread_count", "senders", "can_reply"), metric),
}
_MESSAGING: dict[str, Handler] = {
    "sender": inner("author_id", "id"),
    "timestamp": time("created"),
    "message": _message,
    "message_edit": _message,
}
