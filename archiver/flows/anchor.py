"""Anchor: have outsiders vouch for the log, and keep what they gave as evidence.

The signed head goes to every witness with a proof that it extends what that witness last
cosigned, and the note with all their cosignatures goes to every time-stamp authority. The
files enter the archive by entries of the log itself, in one batch. Nobody's silence or
refusal stops anything: it is reported.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256, sha512
from typing import TYPE_CHECKING, Any

from archiver.errors import ArchiverError, TransientError, UsageError
from archiver.flows.anchoring import independent, policy_of, unanswered
from archiver.flows.ask_witness import ask_witness, clocks_differ
from archiver.flows.consult import known_checkpoints
from archiver.flows.evidence import Evidence, check_stamp, gather
from archiver.flows.ledger import checkpoint, state_at
from archiver.flows.submit import recover, submit
from archiver.flows.verify_objects import take_in
from archiver.formats.parquet import canonical_time
from archiver.ids import new_ulid
from archiver.layout import CHECKPOINT, anchor_key, unit_object_key
from archiver.ledger.anchor import COSIGNED, REHASH, TIMESTAMP, only_anchors_since
from archiver.ledger.batch import Batch
from archiver.ledger.checkpoint import open_checkpoint
from archiver.ledger.cosignature import cosignatures, merge
from archiver.ledger.log import LogReader
from archiver.ledger.rehash import Rehash, sha512_root
from archiver.ledger.renewal import due
from archiver.ledger.timestamp import query
from archiver.ledger.tree import Frontier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archiver.flows.anchoring import AuthorityAt
    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState
    from archiver.outsiders import Outside

__all__ = ["AnchorReport", "Asked", "anchor", "stamp_of"]

HANDLE = "anchors"
"""Its spool, in which nothing is ever spooled, keeps two runs of this home apart."""
WITNESS, AUTHORITY = "witness", "authority"
HTTP_OK = 200
QUERY_TYPE = "application/timestamp-query"
NONCE_SIZE = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who was asked: which service, and what is wrong with its answer."""

    url: str
    service: str
    error: ArchiverError | None = None


@dataclass(slots=True)
class AnchorReport:
    """What was gained. ``size``: entries of the head that was anchored.

    ``cosignatures`` and ``timestamps``: new ones; ``renewed``: old files under them;
    ``quorum``: whether the policy is met; ``independent``: witnesses of another operator
    on another host.
    """

    size: int = 0
    cosignatures: int = 0
    timestamps: int = 0
    renewed: int = 0
    quorum: bool = True
    independent: int = 0
    asked: list[Asked] = field(default_factory=list)

    def demand(self) -> None:
        """Raise what keeps this run from being enough, for whoever runs it unattended.

        A contradiction, a refusal or a false answer is raised as it came: another try would
        get the same. Silence is a `TransientError` only where it cost the quorum or every
        time-stamp that was asked for.
        """
        errors = [one.error for one in self.asked if one.error]
        for error in errors:
            if not isinstance(error, TransientError):
                raise error
        stamps = [one.error for one in self.asked if one.service == AUTHORITY]
        if errors and (not self.quorum or (stamps and all(stamps))):
            raise errors[0]


@dataclass(slots=True)
class _Collected:
    """New files by name, and the entries that name them."""

    files: dict[str, bytes] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)


def anchor(archive: Archive, *, renew: bool = False, rehash: bool = False) -> AnchorReport:
    """Anchor what is not anchored yet; ``renew``: stamp anew what would soon prove nothing.

    ``rehash``: first make a second hash over everything, under the new time-stamps.
    Raises `UsageError` where nobody is configured or nothing is sealed, `IntegrityError`
    where a witness knows another log or a longer one, `ArchiverError` where the archive's own
    log can't be read or written.
    """
    here = archive.anchoring
    if here.outside is None or not (here.witnesses or here.authorities):
        raise UsageError(
            "no witness and no time-stamp authority is configured",
            where="archiver.toml: [anchors]",
            code="anchors-unset",
            mend="name at least one there, see docs/formats/anchors.md",
        )
    with archive.open_spool(HANDLE):
        recover(archive, HANDLE)
        known_checkpoints(archive)
        signed = checkpoint(archive)
        if signed is None:
            raise UsageError(
                "nothing is sealed yet", code="anchors-nothing", mend="run `archiver capture` first"
            )
        state = state_at(archive, signed.size, signed.root)
        read = LogReader(archive.store, signed.size).hashes()
        evidence, _ = gather(archive, state, here.keys, lambda size: Frontier.at(size, read).root())
        run = _Run(archive, here.outside, state, evidence)
        run.cosigned()
        if rehash:
            run.rehash()
        if renew or rehash:
            run.renew(everything=rehash)
        if run.new.entries:
            batch = Batch(new_ulid(archive.clock, archive.chance), (), tuple(run.new.entries))
            objects = {anchor_key(name): data for name, data in run.new.files.items()}
            submit(archive, HANDLE, batch, objects)
    run.report.independent = len(independent(here))
    return run.report


class _Run:
    """One run: what there is, and what comes new."""

    def __init__(
        self, archive: Archive, outside: Outside, state: LedgerState, evidence: Evidence
    ) -> None:
        self._archive = archive
        self._outside = outside
        self._state = state
        self._evidence = evidence
        self.new = _Collected()
        self.report = AnchorReport(size=state.size)
        policy = policy_of(archive)
        self._enough = (lambda _: True) if policy is None else policy.satisfied

    def cosigned(self) -> None:
        """Have the head cosigned, unless it is, and stamped, unless it is."""
        name, note = self._covering()
        keys = self._archive.anchoring.keys
        before = frozenset(one.key for one in cosignatures(note, keys)) if note else frozenset()
        if not note or not self._enough(before) or (not before and keys):
            fresh = self._archive.store.get(CHECKPOINT)
            made = self._ask_witnesses(fresh)
            after = frozenset(one.key for one in cosignatures(made, keys))
            if not note or after - before:
                name, note = self._keep(COSIGNED, self._size_of(made), made), made
                self.report.cosignatures = len(after)
            before |= after
        self.report.quorum = self._enough(before)
        if not any(name in one.of for one in self._evidence.stamps):
            files = {**self._evidence.files, **self.new.files}
            self._stamp((name,), files, self._size_of(files[name]))
        if not self.report.cosignatures and not self.report.timestamps:
            self._drop(name)

    def _covering(self) -> tuple[str, bytes]:
        """Return name and note of the last cosigned checkpoint, if only anchors came since."""
        controls, size = self._state.controls, self._state.size
        for one in reversed(self._evidence.cosigned):
            if only_anchors_since(controls, one.anchor.size, size):
                return one.anchor.file, one.note
        return "", b""

    def _size_of(self, note: bytes) -> int:
        return open_checkpoint(note, self._archive.identity.keys).size

    def _ask_witnesses(self, note: bytes) -> bytes:
        """Return the note with what cosignatures came; who gave none is in the report."""
        for one in self._archive.anchoring.witnesses:
            try:
                lines = ask_witness(self._archive, self._outside, one, note)
                with_it = merge(note, [lines], one.keys)
                if with_it == note:
                    raise TransientError("its answer has no cosignature of a pinned key")
            except ArchiverError as error:
                self._trouble(one.url, WITNESS, error)
                continue
            note = with_it
            wrong = clocks_differ(self._archive, note, one.keys)
            self.report.asked.append(Asked(one.url, WITNESS, wrong))
        return note

    def renew(self, *, everything: bool) -> None:
        """Stamp anew what would soon prove nothing; or everything, at once."""
        now, margin = self._archive.clock.now(), self._archive.anchoring.margin
        if everything:
            margin = max((one.stamp.ends - now for one in self._evidence.stamps), default=margin)
        files = {**self._evidence.files, **self.new.files}
        second = [one["file"] for one in self.new.entries if one["kind"] == REHASH]
        lists = due(self._evidence.stamps, now, margin, {}) or ([()] if second else [])
        for names in lists:
            if self._stamp((*names, *second), files, self._state.size):
                self.report.renewed += len(names)

    def rehash(self) -> None:
        """Make a second hash over all entries and stored files."""
        archive, size = self._archive, self._state.size
        keys = (
            unit_object_key(one.unit, one.name, suffix)
            for one in self._state.segments()
            for suffix in one.objects
        )
        files = {key: take_in(archive.store, key, sha512()).hexdigest() for key in keys}
        entries = list(LogReader(archive.store, size).entries(0))
        made = Rehash(archive.identity.origin, size, sha512_root(entries), files)
        self._keep(REHASH, size, made.encode())

    def _stamp(self, names: tuple[str, ...], files: Mapping[str, bytes], size: int) -> int:
        """Have files stamped by every authority; return how many did."""
        message = b"".join(files[name] for name in names)
        given = 0
        for one in self._archive.anchoring.authorities:
            if not one.url:  # of old: only its certificates are still needed
                continue
            try:
                reply = stamp_of(self._archive, self._outside, one, message)
            except ArchiverError as error:
                self._trouble(one.url, AUTHORITY, error)
                continue
            self._keep(TIMESTAMP, size, reply, names)
            self.report.asked.append(Asked(one.url, AUTHORITY))
            given += 1
        self.report.timestamps += given
        return given

    def _trouble(self, url: str, service: str, error: ArchiverError) -> None:
        self.report.asked.append(Asked(url, service, error))

    def _keep(self, kind: str, size: int, data: bytes, of: Sequence[str] = ()) -> str:
        """Take a new file in; return its name."""
        name = new_ulid(self._archive.clock, self._archive.chance)
        entry = {
            "t": "anchor",
            "time": canonical_time(self._archive.clock.now()),
            "kind": kind,
            "size": size,
            "file": name,
            "sha256": sha256(data).hexdigest(),
        }
        self.new.files[name] = data
        self.new.entries.append({**entry, "of": list(of)} if of else entry)
        return name

    def _drop(self, name: str) -> None:
        """Keep nothing where a note got neither cosignature nor time-stamp."""
        self.new.files.pop(name, None)
        self.new.entries = [one for one in self.new.entries if one["file"] != name]


def stamp_of(archive: Archive, outside: Outside, authority: AuthorityAt, message: bytes) -> bytes:
    """Return an authority's reply over a message, verified under its pinned certificates.

    Raises `TransientError` where it does not answer, `RefusedError` where it refuses to,
    `FormatError` or `IntegrityError` where it grants no token, or one that does not hold.
    """
    nonce = archive.chance.bytes(NONCE_SIZE)
    status, reply = outside.post(authority.url, query(message, nonce), QUERY_TYPE)
    if status != HTTP_OK:
        raise unanswered("authority", authority.url, status)
    check_stamp(reply, message, [authority.pinned()], nonce)
    return reply
