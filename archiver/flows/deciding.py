"""Decisions on what stays and what goes: drafted, signed by one after the other, sealed, folded.

A decision is an act under signatures, the private document that it commits to, and, where it is
about records, a set of leaves. Until it is sealed all three go from one signer to the next as a
`Draft`. The rules that readers fold by are asked before anything is sealed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError, RefusedError
from archiver.flows.custody import custody_of, decided
from archiver.flows.documents import committed, documents, seal_documents
from archiver.flows.ledger import read_state
from archiver.flows.people import new_statement, people_of, sign, verifies
from archiver.flows.record_leaves import leaves_of_records
from archiver.flows.segments import new_nonce
from archiver.formats.parquet import canonical_time
from archiver.ids import new_ulid
from archiver.layout import set_key
from archiver.ledger import ranges
from archiver.ledger.deciding import set_digest
from archiver.ledger.ranges import are_ranges
from archiver.ledger.sets import encode_set
from archiver.ledger.whereabouts import private_leaves
from archiver.registry.acts import SALT_BYTES, Act, canonical, subject
from archiver.registry.deciding import APPROVES, MATTERS, ORDERS, VOLUMES, refusal
from archiver.registry.documents import DECISION
from archiver.registry.people import moment, spelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.keyring import PersonKey
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState

__all__ = [
    "Draft",
    "check_reach",
    "counting_from",
    "draft",
    "seal_drafts",
    "set_member",
    "told",
]

MOST_RANGES = 1000
"""Ranges in an entry; more go into a file of their own."""

_OF_RECORDS = frozenset(("classify", "review", "tag", APPROVES, *ORDERS))
_OF_AN_ORDER = frozenset(("begin", "done"))
_TYPE_OF = {
    **dict.fromkeys(("add-schedule", "adopt-schedule", "opt-in", "revoke-schedule"), "schedule"),
    "review": "classify",
    "hold-event": "event",
    **dict.fromkeys(("notice", "acknowledge"), "hold"),
    **dict.fromkeys((*ORDERS, "submit", "outcome"), "order"),
    **dict.fromkeys(MATTERS, "matter"),
    **dict.fromkeys((APPROVES, *VOLUMES), "export"),
    **dict.fromkeys(("mark", "unmark"), "redact"),
}
"""Types of entries by the act in them, where that is another word."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision on its way: the act, its document without salt, the salt (hex), its leaves."""

    act: Act
    document: Mapping[str, Any] = field(default_factory=dict)
    salt: str = ""
    leaves: Ranges | None = None

    def signed(self, keys: Iterable[PersonKey]) -> Draft:
        """Return it with the signatures of these keys as well."""
        return Draft(sign(self.act, keys), self.document, self.salt, self.leaves)

    def encode(self) -> bytes:
        """Return the file that goes from one signer to the next. It has private words in it."""
        told = {"document": dict(self.document), "salt": self.salt, "leaves": self.leaves}
        return canonical({"act": self.act.document(), **told}) + b"\n"

    @classmethod
    def decode(cls, data: bytes) -> Draft:
        """Return the draft that `encode` wrote. Raises `FormatError` where it is another."""
        try:
            found = json.loads(data)
            made = cls(
                Act.of(found["act"]), dict(found["document"]), str(found["salt"]), found["leaves"]
            )
            bytes.fromhex(made.salt)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise FormatError(
                f"not the file of a decision: {error!r}", mend="give the file that --out wrote"
            ) from error
        if made.leaves is not None and not are_ranges(made.leaves):
            raise FormatError("the file of a decision has a set of leaves that is none")
        made.check()
        return made

    def check(self) -> None:
        """Raise `FormatError` unless document and leaves are those that are signed for."""
        statement = self.act.statement
        salt = bytes.fromhex(self.salt) if self.document else b""
        own = subject(canonical(dict(self.document)), salt) if self.document else None
        covers = set_digest(self.leaves) if self.leaves is not None else None
        if statement["act"] in _OF_AN_ORDER:  # the order itself has the set
            covers = statement.get("covers")
        if (statement.get("subject"), statement.get("covers")) != (own, covers):
            raise FormatError("a decision's document or leaves are not what is signed for")


def draft(
    archive: Archive,
    act: str,
    members: Mapping[str, str],
    document: Mapping[str, Any] | None = None,
    leaves: tuple[Ranges, int] | None = None,
) -> Draft:
    """Return a decision that nobody has signed yet.

    Args:
        archive: where.
        act: what is decided.
        members: what else the statement says.
        document: what it is about, in words; None where the act has no document.
        leaves: its set, and the size of the log that it was made on.
    """
    said = dict(members)
    salt = archive.chance.bytes(SALT_BYTES) if document else b""
    if document:
        said["subject"] = subject(canonical(dict(document)), salt)
    if leaves is not None:
        said |= {"size": str(leaves[1]), "covers": set_digest(leaves[0])}
    made = new_statement(archive, act, **said)
    return Draft(made, document or {}, salt.hex(), leaves[0] if leaves else None)


def seal_drafts(archive: Archive, drafts: Sequence[Draft]) -> None:
    """Seal signed decisions, with their documents, in one batch.

    Raises `RefusedError` (``act-refused``) where one of them would count for nothing.
    """
    state = read_state(archive)
    registry = people_of(archive, state)
    now = moment(canonical_time(archive.clock.now()))
    entries, files = list[dict[str, Any]](), dict[str, bytes]()
    for index, one in enumerate(drafts, state.size):
        one.check()
        check_reach(archive, state, one)
        when = max(now, registry.moments[-1])
        own = {key.split("+", 2)[-1] for key in archive.identity.keys}
        signers = {key for key in one.act.signers(verifies) if key.split("+", 2)[-1] not in own}
        why = refusal(registry, (index, when), one.act.statement, signers)
        if why:
            raise RefusedError(
                f"the decision would not count: {why}",
                where=str(one.act.statement["act"]),
                code="act-refused",
                mend="see `archiver person list` for who may sign; have the next sign with --out",
            )
        entries.append(_entry(archive, one, files))
    named = {
        f"{DECISION}/{one.act.statement['statement']}": {**one.document, "salt": one.salt}
        for one in drafts
        if one.document
    }
    seal_documents(archive, named, entries, files)


def check_reach(archive: Archive, state: LedgerState, one: Draft) -> None:
    """Raise `RefusedError` unless a set of leaves is that of the records its document names.

    People read records, the log has leaves: who signs one would otherwise sign for others.
    """
    answers = one.act.statement["act"] == "outcome"
    if one.leaves is None or not (answers or one.act.statement["act"] in _OF_RECORDS):
        return
    own = leaves_of_records(archive, state, one.document["records"])
    every = ranges.from_numbers(leaf for found in own.values() for leaf in found)
    size = int(one.act.statement["size"])
    of_it = ranges.minus(every, [[size, state.size]] if size < state.size else [])
    if answers:
        order = custody_of(archive, state).orders.get(one.act.statement["order"])
        whole = order.leaves if order else one.leaves  # of no order it counts for nothing
        named = one.document["records"]
        of_it = ranges.minus(whole, ranges.minus(whole, of_it)) if named else whole
    if one.act.statement["act"] == APPROVES:
        of_it = ranges.minus(of_it, ranges.minus(of_it, private_leaves(state)))
    if of_it != one.leaves:
        raise RefusedError(
            "its versions are not those of the records that its document names",
            where=str(one.act.statement["act"]),
            code="act-refused",
            mend="begin the decision anew; sign it in a home that can read all of these records",
        )


def counting_from(archive: Archive, one: Draft) -> str:
    """Return from when a sealed decision counts, as a canonical time."""
    own, acts = one.act.statement["statement"], decided(archive, read_state(archive)).made
    return next(spelled(made.counts) for made in acts if made.statement["statement"] == own)


def _entry(archive: Archive, one: Draft, files: dict[str, bytes]) -> dict[str, Any]:
    """Return the entry of a decision; a long set goes into a file."""
    kind = str(one.act.statement["act"])
    entry: dict[str, Any] = {"t": _TYPE_OF.get(kind, kind), **one.act.document()}
    if one.leaves is None:
        return entry
    return {**entry, "leaves": set_member(archive, one.leaves, files)}


def set_member(archive: Archive, leaves: Ranges, files: dict[str, bytes]) -> object:
    """Return a set as an entry has it; a long one goes into ``files``."""
    if len(leaves) <= MOST_RANGES:
        return leaves
    name = new_ulid(archive.clock, archive.chance)
    data = encode_set(leaves, *new_nonce(archive))
    files[set_key(name)] = data
    return {"set": name, "sha256": sha256(data).hexdigest()}


def told(archive: Archive, state: LedgerState) -> dict[str, dict[str, Any]]:
    """Return the documents of decisions that this home can read, by the commitment to each."""
    found = {}
    for _, native_id, data in documents(archive, state):
        if native_id.startswith(f"{DECISION}/"):
            document, commitment = committed(data)
            if commitment:
                found[commitment] = document
    return found
