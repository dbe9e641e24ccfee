"""The chain of custody of what is handed over, gathered from the log and what vouches for it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.errors import FormatError, IntegrityError, MissingObjectError
from archiver.flows.accounts import registry
from archiver.flows.anchoring import independent
from archiver.flows.documents import documents, parsed
from archiver.flows.enrolled import people_of, verifies
from archiver.flows.ledger import read_state
from archiver.flows.ledger_at import ledger_at
from archiver.layout import anchor_key
from archiver.ledger.anchor import COSIGNED, anchors_of
from archiver.ledger.cosignature import cosignatures, parse_cosigner_key
from archiver.produce.custody import Chain, Known, Look, Verified, chain_of_custody
from archiver.registry.acts import Act
from archiver.registry.documents import ACCESS, kind_of
from archiver.registry.verifying import VERIFYING, verifications

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from archiver.flows.archive import Archive
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState
    from archiver.produce.origin import Origin

__all__ = ["custody_chain"]


def custody_chain(archive: Archive, size: int, leaves: Ranges, origins: Sequence[Origin]) -> Chain:
    """Return the chain of custody of the versions at some leaves.

    Args:
        archive: where.
        size: of the log; what came later is left out.
        leaves: of what is handed over.
        origins: of each, by rising leaf (`archiver.flows.provenance`).

    Raises `UsageError` for a size that the log has not.
    """
    state = ledger_at(archive, size)
    known = Known(
        size=size,
        controls=state.controls,
        void=state.void,
        accounts={one.handle: one.name for one in registry(archive).values()},
        verified=list(_verified(archive, state)),
        witnesses=dict(_witnesses(archive, state)),
        independent=_independent(archive),
        looks=list(_looks(archive, state, {one.record for one in origins})),
    )
    return chain_of_custody(leaves, origins, known)


def _verified(archive: Archive, state: LedgerState) -> Iterator[Verified]:
    """Yield the verifications that count, with who signed each."""
    people, keys = people_of(archive, state), archive.identity.keys
    found = verifications(archive.identity.id, state.controls, state.void, verifies, keys)
    refused = {one.entry for one in found.refused}
    for index, body in state.controls:
        if body["t"] == "verified" and index not in refused:
            act = Act.of({name: body[name] for name in ("statement", "signatures")})
            by = people.who(act.signers(verifies), VERIFYING, index, people.at(index))
            yield Verified(index, int(act.statement["seal"]), tuple(sorted(by)))


def _witnesses(archive: Archive, state: LedgerState) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield of each cosigned checkpoint which pinned witnesses have cosigned it.

    One that is gone or another names nobody: verification finds it.
    """
    for one in anchors_of(state.controls):
        if one.kind != COSIGNED:
            continue
        try:
            note = archive.store.get(anchor_key(one.file))
            if sha256(note).hexdigest() == one.sha256:
                found = cosignatures(note, archive.anchoring.keys)
                yield one.index, tuple(sorted({parse_cosigner_key(c.key).name for c in found}))
        except (MissingObjectError, FormatError, IntegrityError):
            continue


def _independent(archive: Archive) -> frozenset[str]:
    """Return the names of witnesses that another operator runs, as the settings name them."""
    keys = (key for one in independent(archive.anchoring) for key in one.keys)
    return frozenset(parse_cosigner_key(key).name for key in keys)


def _looks(archive: Archive, state: LedgerState, records: Collection[str]) -> Iterator[Look]:
    """Yield the sealed looks at some records. What else anybody looked for is not told."""
    people = people_of(archive, state)
    handles = {one.key: handle for handle, one in people.people.items()}
    for leaf, name, data in documents(archive, read_state(archive)):
        if leaf >= state.size or kind_of(name) != ACCESS:
            continue
        document = parsed(data)
        for told in document.get("looks", []):
            act = Act.of(told)
            if act.statement.get("about") in records:
                by = sorted(handles[key] for key in act.signers(verifies) if key in handles)
                what = str(act.statement.get("what"))
                yield Look(str(document.get("day")), what, ", ".join(by))
