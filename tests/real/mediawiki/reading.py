"""Sealed observations of a wiki, in the oracle's terms: to be held against its database."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.real.helpers import Seen, in_force

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.real.mediawiki.oracle import Truth

__all__ = ["held"]

_STATES = {"restored": "present", "edited": "present"}
_STREAMS = ("pages", "moderation", "subscribers", "media")


def held(seen: list[Seen], size: int) -> Truth:
    """Return what an archive held when its ledger had ``size`` entries.

    The bytes of a file that was deleted stay; that they are gone is said of the file.
    """
    states: dict[tuple[str, str], str] = {}
    for one in seen:
        if one.leaf < size and one.kind not in {"edited", "extended"}:
            states[one.thing] = one.kind
    removed = {thing for thing, state in states.items() if state == "removed"}
    return {
        thing: (_STATES.get(states[thing], states[thing]), _said(one))
        for thing, one in in_force(seen, size).items()
        if thing[0] in _STREAMS
        and one.kind != "residue"
        and (thing[0], thing[1].removesuffix("/file")) not in removed - {thing}
    }


def _said(one: Seen) -> Any:  # noqa: ANN401 - whatever makes this kind of thing itself
    stream, native_id = one.thing
    if native_id.startswith("revision/"):
        return _revision(one.row)
    return one.row["file_sha256"] if native_id.endswith("/file") else _READERS[stream](one.row)


def _page(row: dict[str, str]) -> tuple[Any, ...]:
    about = json.loads(row["extra"])
    level = " ".join(sorted(one["type"] + one["level"] for one in about["protection"]))
    title = _key(row["title"], about["ns"])
    redirect = int(about.get("redirect", False))
    return about["ns"], title, about["lastrevid"], about["length"], redirect, level or None


def _revision(row: dict[str, str]) -> tuple[Any, ...]:
    marks = row.get("state", "").split()
    bits = {"texthidden": 1, "commenthidden": 2, "userhidden": 4, "suppressed": 8}
    about = (
        int(row.get("thread_id", "0")),
        int(row.get("parent_id", "revision/0").partition("/")[2]),
        row["author_name"],
        _stamp(row["created"]),
        row.get("summary", ""),
        row.get("text", ""),
        " ".join(sorted(json.loads(row.get("tags", "[]")))) or None,
    )
    return sum(bits.get(mark, 0) for mark in marks), *about


def _entry(row: dict[str, str]) -> tuple[Any, ...]:
    kind, _, action = row["state"].partition(" ")[0].partition("/")
    ns = json.loads(row["extra"])["ns"]
    title, text = _key(row["title"], ns), row.get("text", "")
    return kind, action, ns, title, row["author_name"], _stamp(row["created"]), text


def _user(row: dict[str, str]) -> tuple[Any, ...]:
    groups = [one for one in json.loads(row["roles"]) if one not in _IMPLICIT]
    block = json.loads(row.get("extra", "{}")).get("blockid")
    return row["handle"], _stamp(row["created"]), " ".join(sorted(groups)) or None, block


def _file(row: dict[str, str]) -> tuple[Any, ...]:
    size = int(json.loads(row["extra"])["size"])
    return _stamp(row["created"]), row["author_name"], size, row.get("text", "")


_IMPLICIT = ("*", "user", "autoconfirmed")
_READERS: dict[str, Callable[[dict[str, str]], tuple[Any, ...]]] = {
    "pages": _page,
    "moderation": _entry,
    "subscribers": _user,
    "media": _file,
}


def _key(title: str, namespace: int) -> str:
    """Return a title as the database has it: without its namespace, with underscores."""
    return (title.partition(":")[2] if namespace else title).replace(" ", "_")


def _stamp(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
