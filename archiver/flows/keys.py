"""Keys of periods: whom they are sealed to, new ones, and what survives their end."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from archiver.errors import KeyStoreError, RefusedError, UsageError
from archiver.flows.documents import committed, documents, seal_documents
from archiver.flows.ledger import read_state
from archiver.flows.people import new_statement, people_of, sign, verifies
from archiver.formats.keyfile import KEY_SIZE
from archiver.formats.parquet import canonical_time
from archiver.formats.sealing import info_of, seal
from archiver.ids import is_handle
from archiver.keyring import Recipient
from archiver.registry.acts import SALT_BYTES, canonical, subject
from archiver.registry.documents import RECIPIENT
from archiver.registry.keys import ADD, REMOVE, Added, fold_recipients, recipients, refusal
from archiver.registry.people import moment, spelled
from archiver.registry.roles import READER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.keyring import PersonKey
    from archiver.ledger.state import LedgerState
    from archiver.ports import Progress

__all__ = [
    "RECIPIENTS",
    "add_recipient",
    "entitled",
    "escrow",
    "listed",
    "offline",
    "remove_recipient",
    "rotate",
    "sync",
]

RECIPIENTS = "trust/recipients.json"
"""Where a home keeps whom it seals new period keys to."""

_DUE = re.compile("[0-9a-z]{1,64}/[0-9]{4}-[0-9]{2}")
"""What a recipient's key is for: one due period, so that it can be destroyed with that period."""

LEAST = 2
"""How many offline recipients make a loss of the key store survivable."""


def offline(archive: Archive, state: LedgerState) -> dict[str, tuple[Added, dict[str, Any]]]:
    """Return the offline recipients by handle, with their documents where they can be read."""
    added = recipients(people_of(archive, state), state.controls, verifies)
    told: dict[str, dict[str, Any]] = {}
    for _, native_id, data in documents(archive, state):
        kind, _, handle = native_id.partition("/")
        if kind == RECIPIENT and handle in added:
            document, commitment = committed(data)
            if commitment == added[handle].subject:
                told[handle] = document
    return {handle: (one, told.get(handle, {})) for handle, one in added.items()}


def entitled(archive: Archive, state: LedgerState) -> list[Recipient]:
    """Return whom period keys are to be sealed to now: offline recipients, and readers."""
    now = moment(canonical_time(archive.clock.now()))
    found = [
        Recipient(handle, told["keys"])
        for handle, (one, told) in offline(archive, state).items()
        if told and one.counts <= now
    ]
    for person in people_of(archive, state).people.values():
        roles = person.roles(state.size, now)
        streams = [r.removeprefix(READER) for r in sorted(roles) if r.startswith(READER)]
        if streams and _can_be_sealed_to(person.reading):
            found.append(Recipient(person.handle, {f"*/{one}": person.reading for one in streams}))
    return found


def sync(archive: Archive, state: LedgerState) -> None:
    """Have this home's key store sealed to whom it is to be, if that has changed.

    Raises `KeyStoreError` where this home can't open its period keys.
    """
    wanted = entitled(archive, state)
    data = json.dumps([[one.handle, dict(one.keys)] for one in wanted], sort_keys=True).encode()
    if data != (archive.home.read(RECIPIENTS) or b"[]"):
        archive.keys.share(wanted)
        archive.home.write(RECIPIENTS, data)


def add_recipient(
    archive: Archive, public: Mapping[str, Any], name: str, keys: Iterable[PersonKey]
) -> str:
    """Register an offline recipient by its public keys; return its handle.

    Args:
        archive: where.
        public: what `keys recipients new` wrote: ``recipient`` and ``keys``.
        name: who keeps the private keys.
        keys: of those who sign.

    Raises:
        UsageError: not such a file.
        RefusedError: those who sign may not, or the recipient was added before.
    """
    handle, own = public.get("recipient"), public.get("keys")
    if not isinstance(handle, str) or not is_handle(handle) or not _are_keys(own):
        raise UsageError(
            "not a recipient's public keys",
            where=name,
            mend="give the file that `archiver keys recipients new` wrote",
        )
    state = read_state(archive)
    if handle in fold_recipients(people_of(archive, state), state.controls, verifies).known:
        raise RefusedError(
            "the recipient was added before", where=handle, code="act-refused",
            mend="make new keys with `archiver keys recipients new`, then remove the old recipient",
        )  # fmt: skip
    told = {"recipient": handle, "name": name, "keys": own}
    salt = archive.chance.bytes(SALT_BYTES)
    commitment = subject(canonical(told), salt)
    document = {f"{RECIPIENT}/{handle}": {**told, "salt": salt.hex()}}
    _decide(archive, ADD, handle, commitment, document, keys)
    return handle


def _are_keys(keys: object) -> bool:
    return (
        isinstance(keys, dict)
        and bool(keys)
        and all(isinstance(k, str) and isinstance(v, str) for k, v in keys.items())
        and all(map(_DUE.fullmatch, keys))
        and all(len(v) == 64 and set(v) <= set("0123456789abcdef") for v in keys.values())  # noqa: PLR2004 - 32 bytes in hex
        and all(map(_can_be_sealed_to, keys.values()))
    )


def _can_be_sealed_to(public: str) -> bool:
    """Tell whether a public key is one: a point of small order would stop every capture."""
    try:
        return bool(seal(bytes(KEY_SIZE), bytes.fromhex(public), info_of("trial", "trial")))
    except KeyStoreError:
        return False


def remove_recipient(archive: Archive, handle: str, keys: Iterable[PersonKey]) -> None:
    """Seal to a recipient no longer. Raises `UsageError`, `RefusedError`."""
    found = offline(archive, read_state(archive))
    if handle not in found:
        raise UsageError(
            "no such recipient", where=handle, code="recipient-unknown",
            mend="see `archiver keys recipients list`",
        )  # fmt: skip
    _decide(archive, REMOVE, handle, found[handle][0].subject, {}, keys)


def _decide(
    archive: Archive,
    name: str,
    handle: str,
    commitment: str,
    document: Mapping[str, Mapping[str, Any]],
    keys: Iterable[PersonKey],
) -> None:
    act = sign(new_statement(archive, name, recipient=handle, subject=commitment), keys)
    state = read_state(archive)
    registry = people_of(archive, state)
    now = moment(canonical_time(archive.clock.now()))
    why = refusal(registry, state.size, now, act, verifies)
    if why:
        raise RefusedError(
            f"the act would not count: {why}", where=handle, code="act-refused",
            mend="give --sign with the key files of those who govern: `archiver person list`",
        )  # fmt: skip
    seal_documents(archive, document, [{"t": "rekey", **act.document()}])
    sync(archive, read_state(archive))


def rotate(archive: Archive, periods: Sequence[str], progress: Progress) -> dict[str, int]:
    """Give periods new keys; content stays as it is. Return counts.

    Without ``periods`` all of them, and the credentials of this home. Stopped anywhere, all
    keys can be read, and running it again finishes.
    """
    credentials = 0 if periods else archive.safekeeping.rotate()
    sync(archive, read_state(archive))
    known = archive.keys.periods()
    unknown = sorted(set(periods) - set(known))
    if unknown:
        raise UsageError(
            "no such period in this key store", where=", ".join(unknown), code="period-unknown",
            mend="see `archiver keys recipients list`",
        )  # fmt: skip
    chosen, count = periods or known, 0
    for number, period in enumerate(chosen):
        progress.step(number, len(chosen), "periods")
        count += archive.keys.rotate(period)
    made = {"periods": len(chosen), "keys": count}
    if chosen:
        seal_documents(archive, {}, [{"t": "rekey", "work": "rotated", **made}])
    return made | {"credentials": credentials}


def escrow(archive: Archive, state: LedgerState) -> tuple[int, int]:
    """Return how many periods there are, and how many are sealed to enough offline recipients."""
    known = offline(archive, state).keys()
    sealed = archive.keys.sealed().values()
    return len(sealed), sum(len(known & set(handles)) >= LEAST for handles in sealed)


def listed(archive: Archive) -> dict[str, Any]:
    """Return the offline recipients, and whom the key of each period is sealed to."""
    known = offline(archive, read_state(archive))
    return {
        "recipients": [
            {"recipient": handle, "name": told.get("name", ""), "from": spelled(one.counts)}
            for handle, (one, told) in known.items()
        ],
        "periods": [
            {"period": period, "sealed_to": list(handles)}
            for period, handles in archive.keys.sealed().items()
        ],
    }
