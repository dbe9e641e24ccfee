"""Verifying what outsiders vouch for: cosignatures, time-stamps, what witnesses know."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha512
from typing import TYPE_CHECKING

from archiver.errors import ArchiverError, FormatError, MissingObjectError, UsageError
from archiver.flows.anchoring import policy_of
from archiver.flows.consult import Heard, hear
from archiver.flows.evidence import Evidence, anchor_check, gather
from archiver.flows.verify_inventory import segment_checks
from archiver.flows.verify_objects import fetch, take_in
from archiver.flows.verify_times import ahead, days, outside
from archiver.layout import ANCHORS, CHECKPOINT, anchor_key
from archiver.ledger.anchor import COSIGNED, REHASH, anchors_of, only_anchors_since
from archiver.ledger.checkpoint import open_checkpoint
from archiver.ledger.finding import Finding
from archiver.ledger.rehash import Rehash, sha512_root
from archiver.ledger.renewal import fallen
from archiver.ledger.tree import Frontier

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from archiver.flows.archive import Archive
    from archiver.flows.verify_log import LogCheck
    from archiver.ledger.policy import Policy

__all__ = ["AnchorCheck"]


@dataclass(slots=True)
class AnchorCheck:
    """What came of it. ``cosigned``: entries under the largest checkpoint with a quorum.

    ``named``: where something was found already; no second finding is made of it.
    ``timestamps`` were verified, for ``unpinned`` ones no certificate is pinned;
    ``witnesses`` answered just now.
    """

    archive: Archive
    log: LogCheck
    given: bytes | None = None
    named: Collection[str] = frozenset()
    cosigned: int = 0
    timestamps: int = 0
    unpinned: int = 0
    witnesses: int = 0

    def run(self) -> Iterator[Finding]:
        """Yield what is wrong with it. Call it once log and segments were checked."""
        yield from (one for one in self._all() if one.where not in self.named)

    def _all(self) -> Iterator[Finding]:
        for one in anchors_of(self.log.state.controls):
            check = anchor_check(one)
            self.log.checks[check.key] = check
            self.log.keys.add(check.key)
        policy = policy_of(self.archive, self.given)
        keys, whole = () if policy is None else policy.keys, self.log.complete()
        evidence, wrong = gather(self.archive, self.log.state, keys, self._root, whole=whole)
        self.timestamps, self.unpinned = len(evidence.stamps), evidence.unpinned
        yield from wrong
        yield from self._expired(evidence)
        yield from self._rehashed(evidence)
        if whole:
            yield from ahead(self.log.state, [*days(self.log.days), *outside(evidence, keys)])
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
        """Hold second hashes against the log, and the stored files that they name."""
        wanted = defaultdict[str, set[str]](set)
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
            for key, digest in second.files.items():
                wanted[key].add(digest)
        yield from self._second_hashes(wanted)

    def _second_hashes(self, wanted: Mapping[str, Collection[str]]) -> Iterator[Finding]:
        """Hash each live file that was not verified before, and not named already, once."""
        if not wanted:
            return
        segments = (one for one in self.log.state.segments() if one.seal >= self.log.skipped)
        for key in (check.key for one in segments for check in segment_checks(one)):
            if key in wanted and key not in self.named:
                with suppress(MissingObjectError):  # gone since its check
                    found = take_in(self.archive.store, key, sha512()).hexdigest()
                    for digest in sorted({*wanted[key]} - {found})[:1]:
                        yield Finding("object-changed", key, digest, found)

    def _logs(self, policy: Policy) -> Iterator[Finding]:
        """Hold the signed head against the keys that the policy gives for the log."""
        stored = fetch(self.archive.store, CHECKPOINT)
        if not policy.logs or stored is None:
            return
        try:
            open_checkpoint(stored, policy.logs)
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
        """Find the largest size that a quorum cosigned; say so where it is not all of the log."""
        if not policy.quorum:
            return
        by_size = defaultdict[int, set[str]](set)
        for one in evidence.cosigned:
            by_size[one.anchor.size] |= one.keys
        for answer in heard:
            size = answer.checkpoint.size
            if size <= self.log.view.size and self._root(size) == answer.checkpoint.root:
                by_size[size] |= answer.keys
        keys: set[str] = set()
        for size in sorted(by_size, reverse=True):  # who cosigned more, cosigned less
            keys |= by_size[size]
            if policy.satisfied(keys):
                self.cosigned = size
                break
        if not self._covered(self.cosigned) and self._told(evidence):
            found = f"{self.cosigned} of {self.log.view.size} entries"
            yield Finding("anchor-quorum", ANCHORS, "a quorum of witnesses over all entries", found)

    def _covered(self, size: int) -> bool:
        """Tell whether cosignatures of a size are of all that needs one."""
        return only_anchors_since(self.log.state.controls, size, self.log.view.size)

    def _told(self, evidence: Evidence) -> bool:
        """Tell whether no damage, named elsewhere, may have taken a quorum away."""
        spoilt = [one.size for one in evidence.spoilt if one.kind == COSIGNED]
        whole = self.log.complete() and CHECKPOINT not in self.named
        return whole and not any(map(self._covered, spoilt))
