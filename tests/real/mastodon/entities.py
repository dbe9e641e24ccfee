"""Holds answers against Mastodon's entities as Mastodon.py declares them.

Runs in the environment of `tests.real.mastodon.server`, apart from the project: reads
``{entity: [object, …]}`` from standard input, prints what does not fit, as JSON.
"""

from __future__ import annotations

import json
import re
import sys
from importlib import import_module
from typing import Any

KINDS: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "bool": bool,
    "int": int,
    "float": (int, float),
    "datetime": str,
    "IdType": (str, int),
    "MaybeSnowflakeIdType": str,
    "NonPaginatableList": list,
    "PrimitiveIdType": str,
    "dict": dict,
}
"""How JSON spells the types that Mastodon.py reads: ids and times are texts."""
OPTIONAL = re.compile(r"Optional\[(.*)\]")
LISTED = re.compile(r"(?:EntityList|NonPaginatableList|PaginatableList|List)\[(.*)\]")


def check(kinds: Any, kind: str, value: Any, where: str) -> list[str]:  # noqa: ANN401 - any entity, any JSON
    """Return what in ``value`` does not fit the type ``kind``."""
    optional = OPTIONAL.fullmatch(kind)
    if optional:
        return [] if value is None else check(kinds, optional[1], value, where)
    listed = LISTED.fullmatch(kind)
    if listed:
        if not isinstance(value, list):
            return [f"{where} is no list"]
        return [said for one in value for said in check(kinds, listed[1], one, f"{where}[]")]
    if kind.startswith("Union["):
        return []
    if kind in KINDS:
        return [] if isinstance(value, KINDS[kind]) else [f"{where} is no {kind}: {value!r}"]
    return check_entity(kinds, kind, value, where)


def check_entity(kinds: Any, kind: str, value: Any, where: str) -> list[str]:  # noqa: ANN401 - as above
    """Return what an object lacks of an entity, has wrong, or has too much."""
    entity = getattr(kinds, kind, None)
    if entity is None or not isinstance(value, dict):
        return [f"{where} is no {kind}"]
    members: dict[str, str] = {}
    for one in reversed(entity.__mro__):
        members |= getattr(one, "__annotations__", {})
    members = {name: text.strip("\"'") for name, text in members.items() if name[0] != "_"}
    said = [f"{where}.{name} is not an attribute" for name in value.keys() - members.keys()]
    for name, text in members.items():
        if name in value:
            said += check(kinds, text, value[name], f"{where}.{name}")
        elif not OPTIONAL.fullmatch(text):
            said.append(f"{where}.{name} is missing")
    return said


if __name__ == "__main__":
    return_types = import_module("mastodon.return_types")

    found: list[str] = []
    for name, objects in json.load(sys.stdin).items():
        for one in objects:
            found += check(return_types, name, one, name)
    json.dump(sorted(set(found)), sys.stdout)
