"""Doctor: what this store and this home enforce, proven by trying."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archiver.errors import ArchiverError
from archiver.flows.accounts import registry
from archiver.flows.anchoring import independent
from archiver.flows.connectors import connector
from archiver.flows.consult import hear
from archiver.flows.drill import last_drill
from archiver.flows.keys import escrow, offline
from archiver.flows.ledger import read_state
from archiver.flows.locks import ROLLED
from archiver.flows.people import people_of
from archiver.flows.standing import standing_of
from archiver.ids import new_ulid
from archiver.layout import CHECKPOINT
from archiver.ledger.checkpoint import open_checkpoint
from archiver.ports import Check
from archiver.registry.accounts import Status

if TYPE_CHECKING:
    from archiver.flows.anchoring import WitnessAt
    from archiver.flows.archive import Archive
    from archiver.flows.replicate import Copy
    from archiver.registry.accounts import Account

__all__ = ["examine"]

LATE, BEHIND = timedelta(days=3), timedelta(minutes=2)
_UNTRIED = ("simulator only", "cited only")


def examine(archive: Archive) -> list[Check]:
    """Try everything we rely on."""
    checks = [*archive.store.preflight(), _ledger(archive), _signing(archive)]
    checks += [*archive.keys.preflight(), _keys(archive), *archive.safekeeping.preflight()]
    checks += [_clock(archive), _escrow(archive), _copies(archive), _locks(archive)]
    checks += [_governed(archive), _witness(archive)]
    return [*checks, *_proofs(archive)]


def _ledger(archive: Archive) -> Check:
    name = "the ledger extends what this home has seen"
    try:
        state = read_state(archive)
    except ArchiverError as error:
        return Check(name, False, str(error))  # noqa: FBT003 - held
    return Check(name, True, f"{state.size} entries lead to the signed head")  # noqa: FBT003 - held


def _signing(archive: Archive) -> Check:
    name = "this home can sign for the archive"
    try:
        archive.signer.sign(b"archiver doctor\n")
    except ArchiverError as error:
        return Check(name, False, str(error))  # noqa: FBT003 - held
    return Check(name, True, archive.signer.verifier_key)  # noqa: FBT003 - held


def _clock(archive: Archive) -> Check:
    """Hold this clock against what the log was told; one that is ahead no log can show."""
    name = "this clock is not behind the log"
    try:
        state = read_state(archive)
        told = people_of(archive).at(state.size)
    except ArchiverError as error:
        return Check(name, held=False, detail=str(error))
    now = archive.clock.now()
    detail = f"the newest entry tells {told:%Y-%m-%d %H:%M:%S} UTC, this clock {now:%H:%M:%S}"
    return Check(name, told - now < BEHIND, detail)


def _keys(archive: Archive) -> Check:
    name = "file keys can be made, read back and destroyed"
    probe = f"probe/{new_ulid(archive.clock, archive.chance)}"
    try:
        kept = archive.keys.new_key(probe, "probe") == archive.keys.key(probe)
        archive.keys.shred_period("probe")  # a KMS keeps its key, else it would take a week
    except ArchiverError as error:
        return Check(name, False, str(error))  # noqa: FBT003 - held
    return Check(name, kept, "made, read and shredded one")


def _escrow(archive: Archive) -> Check:
    name = "a lost key store can be restored by either of two offline recipients"
    try:
        state = read_state(archive)
        known = len(offline(archive, state))
        periods, safe = escrow(archive, state)
    except ArchiverError as error:
        return Check(name, held=False, detail=str(error), needed=False)
    last = last_drill(state)
    told = f"{known} recipients; {safe} of {periods} periods are sealed to two of them"
    drilled = f"last drill {last['time'][:10]}, lost {last['lost']}" if last else "never drilled"
    held = safe == periods and bool(last) and not (last or {})["lost"]
    return Check(name, held, f"{told}; {drilled}", needed=False)


def _copies(archive: Archive) -> Check:
    """Say how far each copy is; whether two places are far enough apart nobody here can tell."""
    name = "another copy of the archive is up to date"
    try:
        size, copies = read_state(archive).size, archive.copies()
        sizes = {one: _size(one) for one in copies}
    except ArchiverError as error:
        return Check(name, held=False, detail=str(error), needed=False)
    told = [
        f"{one.name} ({one.place or 'its place is not said'}): "
        + ("can't be read" if has is None else f"{size - has} entries behind")
        for one, has in sizes.items()
    ]
    held = size in sizes.values()
    detail = "; ".join(told) or "none is configured: [[replica]] in archiver.toml"
    return Check(name, held, detail, needed=False)


def _locks(archive: Archive) -> Check:
    """Say whether locks are moved on; what the store enforces of them is tried elsewhere."""
    name = "locks of what is stored are moved on each day"
    note = archive.home.read(ROLLED)
    if note is None:
        told = "never by this home: set `locks`, and run `archiver lock` daily"
        return Check(name, held=False, detail=told, needed=False, offered=False)
    last = datetime.fromisoformat(json.loads(note)["time"])
    held = archive.clock.now() - last < LATE
    return Check(name, held, f"last {last.date().isoformat()}, all of them", needed=False)


def _size(copy: Copy) -> int | None:
    """Return how many entries a copy's signed head is over, None where it can't be read."""
    with suppress(ArchiverError):
        stored = copy.store.load(CHECKPOINT)
        return open_checkpoint(stored.data, copy.archive.identity.keys).size if stored else 0
    return None


def _governed(archive: Archive) -> Check:
    name = "two people govern who may do what"
    try:
        people = people_of(archive)
    except ArchiverError as error:
        return Check(name, held=False, detail=str(error), needed=False)
    told = f"{len(people.people)} people are enrolled"
    if people.founded is None:
        told += "; until two govern, whoever signs for the archive may pin the next"
    return Check(name, people.founded is not None, told, needed=False)


def _proofs(archive: Archive) -> list[Check]:
    """Say of each account that may be captured which streams nobody has tried on a real server."""
    try:
        accounts = [one for one in registry(archive).values() if one.status != Status.RETIRED]
    except ArchiverError as error:
        return [Check("accounts can be read", held=False, detail=str(error), needed=False)]
    logins = [_login(archive, one) for one in accounts if one.login == "yes"]
    proofs = [_proof(one.name, one.platform) for one in accounts]
    return [*(one for one in logins if one), *proofs]


def _login(archive: Archive, account: Account) -> Check | None:
    """Say whether a login ends soon or lacks a scope; nothing where no platform has told."""
    standing = standing_of(archive, account)
    if standing is None:
        return None
    name = f"the login of {account.name} holds on, and may what its streams need"
    wrong = [f"{one['message']}: {one['mend']}" for one in standing["concerns"]]
    ends = ", ".join(f"{one['what']} ends on {one['at'][:10]}" for one in standing["ends"])
    asked = f" (asked on {standing['asked_at'][:10]})" if standing["asked_at"] else ""
    told = "; ".join(wrong) or f"{ends or 'the platform tells of no end'}{asked}"
    return Check(name, not wrong, told, needed=False)


def _proof(account: str, platform: str) -> Check:
    name = f"what is captured of {account} was tried on a real {platform}"
    try:
        cells = connector(platform).capabilities
    except ArchiverError as error:
        return Check(name, held=False, detail=str(error), needed=False)
    untried: dict[str, list[str]] = {}
    for one in cells:
        if one.verdict != "forbidden" and one.proved_by in _UNTRIED:
            untried.setdefault(one.proved_by, []).append(one.stream)
    told = "; ".join(f"{how}: {', '.join(streams)}" for how, streams in untried.items())
    return Check(name, not untried, told or "all its streams", needed=False)


def _has_cosigned(archive: Archive, witness: WitnessAt) -> bool:
    """Ask a witness whether it has cosigned the ledger; silence proves nothing."""
    outside = archive.anchoring.outside
    try:
        return outside is not None and bool(hear(archive, outside, witness.url, witness.keys))
    except ArchiverError:
        return False


def _witness(archive: Archive) -> Check:
    name = "an independent witness cosigns the ledger"
    here = archive.anchoring
    found = independent(here)
    shown = [one for one in found if _has_cosigned(archive, one)]
    if shown:
        detail = ", ".join(f"{one.operator} at {one.url}" for one in shown)
        return Check(name, True, detail, needed=False)  # noqa: FBT003 - held
    why = "none is configured"
    if here.witnesses:
        why = f"{len(here.witnesses)} configured, none of another named operator on another host"
    if found:
        why = f"{len(found)} configured, none shows that it has cosigned this ledger"
    return Check(
        name,
        False,  # noqa: FBT003 - held
        f"no independent witness ({why}): who holds bucket and signing key could show different "
        "people different histories",
        needed=False,
    )
