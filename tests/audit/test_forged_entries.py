"""Entries that the key's holder wrote, of any form at all: verification names them, or reads on."""

from __future__ import annotations

import copy
import json
import random
from typing import TYPE_CHECKING, Any

import rfc8785

from archiver.flows.accounts import registry
from archiver.flows.keys import entitled
from archiver.flows.ledger import read_state
from archiver.flows.verify import verify
from archiver.ledger.entry import CONTROL
from tests.audit.damage import small
from tests.audit.forge import TIME, body, entries_of, relog
from tests.flows.helpers import Quiet
from tests.registry.signers import handle, signer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VALUES: list[Any] = [
    None, -1, 0, 1, 2**53 - 1, True, 1.5, "", "x", "../x", "intake", "settle", "private", "role",
    [], ["x"], [None], [[0, 1]], [[5, 2]], [[1, 2**50]], {}, {"x": 1},
    TIME, "9998-12-31T23:59:59.999999Z", "0001-01-01T00:00:00.000000Z", handle("x"),
]  # fmt: skip
TRIES = 40


def acts() -> list[bytes]:
    """Return entries of the kinds that the small archive has none of."""
    common = {"archive": "archive1", "statement": handle("s"), "time": TIME}
    signed = {"signatures": [{"key": signer("x").verifier_key, "signature": "ab" * 64}]}
    grant = {"act": "grant", **common, "person": handle("x"), "role": "hold"}
    added = {"act": "add-recipient", **common, "recipient": handle("x"), "subject": "ab" * 32}
    held = {"act": "hold", **common, "hold": handle("h"), "size": "3", "covers": "ab" * 32}
    begun = {"act": "begin", **common, "order": handle("o"), "size": "3", "covers": "ab" * 32}
    part = {"work": "order", "order": handle("o"), "copy": handle("c"), "leaves": [[1, 2]]}
    return [
        body("hold", statement={**held, "subject": "ab" * 32}, leaves=[[1, 2]], **signed),
        body("begin", statement={**begun, "root": "ab" * 32, "times": "1 2"}, **signed),
        body("done-part", **part),
        body("role", statement=grant, **signed),
        body("rekey", statement=added, **signed),
        body("rekey", work="drilled", periods=1, keys=1, files=1, lost=0),
        body("access", day="2026-11-20", looks=1),
        body("generation", account="acct", leaves=[[6, 7]], of=[[5, 6]]),
    ]


def _places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - JSON
    """Yield the way to every part of a JSON value but itself."""
    inner = value.items() if isinstance(value, dict) else []
    for key, one in inner if isinstance(value, dict) else enumerate(value):
        yield (*at, key)
        if isinstance(one, dict | list):
            yield from _places(one, (*at, key))


def changed(entry: bytes, chance: random.Random) -> bytes:
    """Return a control entry with one part of it taken away, or replaced by anything."""
    document = json.loads(entry[1:])
    *way, last = chance.choice(list(_places(document)))
    place: Any = document
    for key in way:
        place = place[key]
    if chance.random() < 1 / 8:
        del place[last]
    else:
        place[last] = copy.deepcopy(chance.choice(VALUES))
    return CONTROL + rfc8785.dumps(document)


def test_no_entry_ends_a_verification(tmp_path: Path) -> None:
    """Whatever stands in the signed log, deep verification says so, and raises nothing."""
    archive, chance, found = small(tmp_path / "home"), random.Random(5), set[str]()
    every = entries_of(archive)
    controls = [at for at, one in enumerate(every) if one[:1] == CONTROL]
    for number in range(TRIES):
        entries = [*every, chance.choice(acts())]
        at = chance.choice([*controls, len(every)])
        entries[at] = changed(entries[at], chance)
        relog(archive, entries)
        report = verify(archive, Quiet(), deep=number % 4 == 0)
        codes = {one.code for one in report.findings}
        found |= codes
        if "log-entry" not in codes:
            entitled(archive, read_state(archive))
            registry(archive)
    assert {"log-entry", "act-without-authority", "seal-unlawful"} <= found
