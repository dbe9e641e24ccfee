"""Verifying what outsiders vouch for: cosignatures, time-stamps, what witnesses know."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha512
from typing import TYPE_CHECKING

from archiver.errors import ArchiverError, FormatError, UsageError
from archiver.flows.anchoring import policy_of
from archiver.flows.consult import Heard, hear
from archiver.flows.evidence import Evidence, gather
from archiver.layout import ANCHORS, CHECKPOINT, anchor_key
from archiver.ledger.anchor import REHASH, anchors_of, only_anchors_since
from archiver.ledger.checkpoint import open_checkpoint
from archiver.ledger.finding import Finding
from archiver.ledger.rehash import Rehash, sha512_root
from archiver.ledger.renewal import fallen
from archiver.ledger.tree import Frontier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from archiver.flows.archive import Archive
    from archiver.flows.verify_log import LogCheck
    from archiver.ledger.policy import Policy

__all__ = ["AnchorCheck"]


@dataclass(slots=True)
class AnchorCheck:
    """What came of it. ``cosigned``: entries under the largest checkpoint with a quorum.

    ``timestamps`` were verified, for ``unpinned`` ones no certificate is pinned;
    ``witnesses`` answered just now.
    """

    archive: Archive
    log: LogCheck
    given: bytes | None = None
    cosigned: int = 0
    timestamps: int = 0
    unpinned: int = 0
    witnesses: int = 0

    def run(self) -> Iterator[Finding]:
        """Yield what is wrong with it. Call it once the log itself was checked."""
        anchors = anchors_of(self.log.state.controls)
        self.log.keys.update(anchor_key(one.file) for one in anchors)
        policy = policy_of(self.archive, self.given)
        keys = () if policy is None else policy.keys
        evidence, findings = gather(self.archive, self.log.state, keys, self._root)
        self.timestamps, self.unpinned = len(evidence.stamps), evidence.unpinned
        yield from findings
        yield from self._expired(evidence)
        yield from self._rehashed(evidence)
        heard: list[Heard] = []
        if policy is not None:
            yield from self._logs(policy)
            heard = self._hear(policy)
            self.witnesses = len(heard)
            yield from self._extends(heard)
            yield from self._quorum(policy, evidence, heard)

    def _root(self, size: int) -> bytes | None:
        """Return the log's root at a size; None where damage, named elsewhere, hides it."""
        view = self.log.view
        if size > view.size:
            raise FormatError("it speaks of more entries than there are", where=str(size))
        with suppress(UsageError):
            return Frontier.at(size, view.read).root() if view.led else None
        return None

    def _expired(self, evidence: Evidence) -> Iterator[Finding]:
        now = self.archive.clock.now()
        for one in fallen(evidence.stamps, now, {}):
            expected = f"renewed before {one.stamp.ends.date().isoformat()}"
            yield Finding("anchor-expired", anchor_key(one.file), expected, "no renewal")

    def _rehashed(self, evidence: Evidence) -> Iterator[Finding]:
        live = self._live()
        for one in anchors_of(self.log.state.controls):
            if one.kind != REHASH or one.file not in evidence.files:
                continue
            where = anchor_key(one.file)
            try:
                second = Rehash.decode(evidence.files[one.file])
            except FormatError as error:
                yield Finding("anchor-false", where, "a second hash", str(error))
                continue
            entries = [entry for entry in self.log.view.entries[: one.size] if entry is not None]
            # With entries lost, or verified before and not read now, nothing can be said of it.
            root = sha512_root(entries) if len(entries) == one.size else second.root
            if (second.size, second.root) != (one.size, root) or one.size > one.index:
                yield Finding("anchor-false", where, root, second.root)
            yield from self._second_hashes(second, live)

    def _live(self) -> dict[str, str]:
        """Return the stored files that the ledger has now."""
        return {
            f"u/{segment.unit}/{segment.name}.{suffix}": digest
            for segment in self.log.state.segments()
            for suffix, digest in segment.objects.items()
        }

    def _second_hashes(self, second: Rehash, live: Mapping[str, str]) -> Iterator[Finding]:
        for key, digest in second.files.items():
            if key not in live:
                continue
            try:
                found = sha512(self.archive.store.get(key)).hexdigest()
            except ArchiverError:  # named by the check of segments
                continue
            if found != digest:
                yield Finding("object-changed", key, digest, found)

    def _logs(self, policy: Policy) -> Iterator[Finding]:
        """Hold the signed head against the keys that the policy gives for the log."""
        stored = self.archive.store.load(CHECKPOINT)
        if not policy.logs or stored is None:
            return
        try:
            open_checkpoint(stored.data, policy.logs)
        except ArchiverError as error:
            yield Finding("checkpoint-bad", CHECKPOINT, "signed by the policy's log", str(error))

    def _hear(self, policy: Policy) -> list[Heard]:
        """Ask the witnesses whose address is known; who gives no good answer is not counted."""
        outside = self.archive.anchoring.outside
        asked: dict[str, list[str]] = {}
        for one in policy.witnesses.values():
            if one.url:
                asked.setdefault(one.url, []).append(one.key)
        found: list[Heard] = []
        for url, keys in asked.items() if outside is not None else ():
            try:
                heard = None if outside is None else hear(self.archive, outside, url, keys)
            except ArchiverError:
                continue
            found += [] if heard is None else [heard]
        return found

    def _extends(self, heard: list[Heard]) -> Iterator[Finding]:
        size = self.log.view.size
        for one in heard:
            known = one.checkpoint
            if known.size > size:
                expected = f"{known.size} entries, as {one.url} cosigned"
                yield Finding("anchor-history", CHECKPOINT, expected, f"{size} entries")
            elif (root := self._root(known.size)) not in {None, known.root}:
                expected = f"{known.root.hex()} at {known.size} entries, as {one.url} cosigned"
                yield Finding("anchor-history", CHECKPOINT, expected, (root or b"").hex())

    def _quorum(self, policy: Policy, evidence: Evidence, heard: list[Heard]) -> Iterator[Finding]:
        by_size: dict[int, set[str]] = {}
        for one in evidence.cosigned:
            by_size.setdefault(one.anchor.size, set()).update(one.keys)
        for answer in heard:
            size = answer.checkpoint.size
            if size <= self.log.view.size and self._root(size) == answer.checkpoint.root:
                by_size.setdefault(size, set()).update(answer.keys)
        keys: set[str] = set()
        for size in sorted(by_size, reverse=True):  # who cosigned more, cosigned less
            keys |= by_size[size]
            if policy.quorum and policy.satisfied(keys):
                self.cosigned = size
                break
        size = self.log.view.size
        if policy.quorum and not only_anchors_since(self.log.state.controls, self.cosigned, size):
            found = f"{self.cosigned} of {size} entries"
            yield Finding("anchor-quorum", ANCHORS, "a quorum of witnesses over all entries", found)
