"""Whether an answer of the stand-in is one that Graph could give: field by field, by type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from archiver.demo.facebook.fieldlist import Wanted
    from tests.real.facebook.oracle import Contract

__all__ = ["BESIDE", "check_error", "check_list", "check_node", "is_published"]

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000")
_COLLECTION = re.compile(r"(list|map)<(.*)>")
_PLAIN: dict[str, type | tuple[type, ...]] = {
    "string": str, "bool": bool, "int": int, "unsigned int": int, "float": (int, float),
    "Object": dict, "list": list,
}  # fmt: skip
_PERSON = {"id": "string", "name": "string", "email": "string"}
BESIDE: dict[str, dict[str, str]] = {
    # /{object-id}/reactions: each node has the reaction's type, which class Profile has not.
    # developers.facebook.com/docs/graph-api/reference/object/reactions
    "reactions": {"type": "string"},
    # /{post-id}/attachments has no class; fields of StoryAttachment.
    # developers.facebook.com/docs/graph-api/reference/story-attachment
    "attachments": {
        "description": "string", "description_tags": "list", "media": "Object",
        "media_type": "string", "target": "Object", "title": "string", "type": "string",
        "unshimmed_url": "string", "url": "string", "subattachments": "Object",
    },
    # /{conversation-id}/messages has no class (general knowledge, and
    # developers.facebook.com/docs/messenger-platform/conversations).
    "messages": {
        "id": "string", "created_time": "datetime", "from": "Object", "to": "Object",
        "message": "string", "sticker": "string", "tags": "Object", "attachments": "Object",
        "shares": "Object", "reactions": "Object", "reply_to": "Object",
    },
    # A setting is true, false, or a word: its type Object is any JSON value.
    "settings": {"setting": "string", "value": "any"},
    # PageCategory nodes in category_list have an id and a name.
}  # fmt: skip


def check_list(
    contract: Contract, owner: str, edge: str, body: dict[str, Any], wanted: Sequence[Wanted]
) -> Iterator[str]:
    """Yield what is wrong with a list of nodes at an edge of a class."""
    for name in body.keys() - {"data", "paging", "summary"}:
        yield f"{edge}: {name} is no part of a list"
    paging = body.get("paging", {})
    if not paging.keys() <= {"cursors", "next", "previous"}:
        yield f"{edge}: paging {sorted(paging)}"
    target = contract.get(owner).edges.get(edge, "") if owner in contract else ""
    if not target and edge not in BESIDE:
        yield f"{owner} has no edge {edge}"
    for node in body.get("data", ()):
        yield from check_node(contract, target, edge, node, wanted)


def check_node(
    contract: Contract, name: str, edge: str, node: dict[str, Any], wanted: Sequence[Wanted] = ()
) -> Iterator[str]:
    """Yield what is wrong with a node of class ``name``, found at ``edge`` (for `BESIDE`)."""
    aliases = {one.alias: one for one in wanted}
    published = contract.get(name) if name in contract else None
    fields = (published.fields if published else {}) | BESIDE.get(edge, {})
    for alias, value in node.items():
        asked = aliases.get(alias)
        field = asked.name if asked else alias
        if field in fields:
            yield from _value(contract, fields[field], value, f"{name}.{field}", asked)
        elif published is not None and field in published.edges and isinstance(value, dict):
            yield from check_list(contract, name, field, value, asked.below if asked else ())
        else:
            yield f"{name or edge} has no field {field}"


def is_published(contract: Contract, name: str, edge: str, wanted: Sequence[Wanted]) -> list[str]:
    """Return the fields of a list of wanted ones that Meta does not publish for a class."""
    published = contract.get(name) if name in contract else None
    known = set(BESIDE.get(edge, {}))
    if published is not None:
        known |= published.fields.keys() | published.edges.keys()
    return [one.name for one in wanted if one.name not in known]


def check_error(body: dict[str, Any], status: int) -> Iterator[str]:
    """Yield what is wrong with an error (docs/graph-api/guides/error-handling)."""
    error = body.get("error", {})
    known = {"message": str, "type": str, "code": int, "error_subcode": int, "fbtrace_id": str}
    if set(body) != {"error"} or not error.keys() <= known.keys() or "code" not in error:
        yield f"no error: {sorted(error)}"
    yield from (
        f"error.{name}: {value!r}"
        for name, value in error.items()
        if not isinstance(value, known.get(name, object))
    )
    if not 400 <= status < 600 and status != 200:
        yield f"an error with status {status}"


def _value(
    contract: Contract, kind: str, value: object, place: str, asked: Wanted | None
) -> Iterator[str]:
    """Yield what is wrong with a value of a published type."""
    collection = _COLLECTION.fullmatch(kind)
    if kind in _PLAIN or kind in {"any", "datetime"}:
        if not _is_plain(kind, value):
            yield f"{place}: {value!r} is no {kind}"
    elif collection:
        inner = collection[2].rpartition(", ")[2]
        for one in _values(collection[1], value):
            yield from _value(contract, inner, one, place, asked)
    elif isinstance(value, dict) and kind in contract:
        yield from check_node(contract, kind, "", value, asked.below if asked else ())
    else:
        yield f"{place}: {value!r} is no {kind}"


def _is_plain(kind: str, value: object) -> bool:
    if kind == "any":
        return True
    if kind == "datetime":
        return isinstance(value, str) and _TIME.fullmatch(value) is not None
    if isinstance(value, bool) != (kind == "bool"):
        return False
    negative = kind == "unsigned int" and isinstance(value, int) and value < 0
    return isinstance(value, _PLAIN[kind]) and not negative


def _values(collection: str, value: object) -> list[object]:
    """Return what is in a list or map; where it is neither, something that is of no type."""
    if collection == "list":
        return value if isinstance(value, list) else [None]
    return list(value.values()) if isinstance(value, dict) else [None]
