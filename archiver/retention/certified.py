"""What the entries in a certificate of destruction show, and checking one offline. Pure.

Maker and reader ask the same fold, so a certificate says of the ledger what its entries say, or it
does not hold. Whether these entries count is decided by the whole ledger, which a certificate
has not: it says so (`archiver.retention.certificate_limits`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError
from archiver.ledger import entry, ranges
from archiver.ledger.checkpoint import open_checkpoint
from archiver.ledger.deciding import DECIDING, check_copy, check_decision, check_part, set_digest
from archiver.ledger.proof import Proof
from archiver.ledger.tree import leaf_hash, verify_inclusion
from archiver.registry.acts import Act
from archiver.registry.deciding import LENGTHENS, ORDERS
from archiver.retention.certificate import DESTROYED, HALTED, Certificate, CopyShown, Shown
from archiver.retention.certificate_agreement import MEND, agree, hold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from archiver.ledger.ranges import Ranges
    from archiver.registry.acts import Verifies
    from archiver.retention.certificate import Named

__all__ = ["Certified", "check_certificate", "raw_entry", "shown_by"]

_BRINGS: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "order": lambda body: _act(body) in ORDERS,
    "submit": lambda body: _act(body) == "submit",
    "outcome": lambda body: _act(body) == "outcome",
    "begin": lambda body: _act(body) == "begin",
    "destroy": lambda body: body["t"] == "seal" and body["stage"] == "destroy",
    "gone": lambda body: body["t"] == "done-part" and body.get("work") == "order",
    "halt": lambda body: (
        _act(body) in ("halt", "hold", "applied")
        or (_act(body) == "outcome" and body["statement"]["effect"] == LENGTHENS)
    ),
    "done": lambda body: _act(body) == "done",
    "copy": lambda body: body["t"] == "copy",
    "retire": lambda body: _act(body) == "retire",
}
"""By what an entry is said to be: whether it is."""
_ONCE = ("order", "begin")
_AFTER = ("destroy", "gone", "halt", "done")
_OF_COPIES = ("copy", "retire")


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate that holds, under which origin, and where in which log its last entry is."""

    certificate: Certificate
    origin: str
    index: int
    tree_size: int


def raw_entry(text: str) -> bytes:
    """Return a control entry as the log has it, from its JSON."""
    return entry.CONTROL + text.encode()


def check_certificate(data: bytes, keys: Sequence[str], verifies: Verifies) -> Certified:
    """Check a certificate against public keys of its archive, offline.

    Args:
        data: the file.
        keys: trusted keys as ``name+hash+base64``; one must have signed the checkpoint.
        verifies: tells whether a key made a signature.

    Raises `FormatError` for what is no certificate, `IntegrityError` for one that does not hold.
    """
    made = Certificate.decode(data)
    proof = Proof.parse(made.tlog_proof.encode())
    checkpoint = open_checkpoint(proof.note, keys)
    hold(made.origin == checkpoint.origin, "it names another log than its checkpoint")
    for one in made.entries:
        leaf = leaf_hash(raw_entry(one.text))
        hold(leaf.hex() == one.hash, "an entry has another hash", f"entry {one.entry}")
        path = [_hash(text) for text in one.path]
        verify_inclusion(one.entry, checkpoint.size, leaf, path, checkpoint.root)
    shown = shown_by(made.archive, made.entries, verifies)
    hold(shown == made.shown, "it says other things of its entries than they say")
    last = made.entries[-1]
    own = proof.index == last.entry and [one.hex() for one in proof.path] == [*last.path]
    hold(own, "its proof is of another entry than its last")
    agree(made)
    return Certified(made, checkpoint.origin, proof.index, checkpoint.size)


def shown_by(archive: str, named: Iterable[Named], verifies: Verifies) -> Shown:
    """Return what entries of an archive show of an order, in the order of the log.

    Raises `FormatError` for what is no entry, `IntegrityError` where they are not those of
    one order from its approval to its end.
    """
    told = _Told(archive, verifies)
    for one in named:
        body = _body(one)
        hold(_BRINGS[one.what](body), f"what is called {one.what} is none", f"entry {one.entry}")
        hold(one.entry > told.last, "entries are not in the order of the log")
        told.take(one.what, one.entry, body)
    return told.shown()


def _body(one: Named) -> dict[str, Any]:
    parsed = entry.parse(raw_entry(one.text))
    if not isinstance(parsed, entry.Control):
        raise FormatError("an entry that is no statement", where=f"entry {one.entry}", mend=MEND)
    if parsed.type in DECIDING:
        check_decision(parsed.body)
    elif parsed.type == "copy":
        check_copy(parsed.body)
    elif parsed.type == "done-part" and parsed.body.get("work") == "order":
        check_part(parsed.body)
    return parsed.body


@dataclass(slots=True)
class _Told:
    """A fold over the entries of one order.

    ``parts``, ``gone``: by copy, the entries and the leaves that are gone of it, None where these
    are in a file. ``known``: copies that were told of, and whether each is one still.
    """

    archive: str
    verifies: Verifies
    last: int = -1
    bodies: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    parts: dict[str, list[int]] = field(default_factory=dict)
    gone: dict[str, Ranges | None] = field(default_factory=dict)
    known: dict[str, bool] = field(default_factory=dict)

    def take(self, what: str, index: int, body: Mapping[str, Any]) -> None:
        """Take in an entry. Raises `IntegrityError` where it has no place here."""
        self.last = index
        where = f"entry {index}"
        if what in _OF_COPIES:
            self._copy(what, body, where)
            return
        hold(what not in _ONCE or what not in self.bodies, f"a second {what}", where)
        hold(what == "order" or "order" in self.bodies, "something comes before the order", where)
        hold(what not in _AFTER or "begin" in self.bodies, "nothing had begun", where)
        hold(self._concerns(body), "it is about another order, or archive", where)
        self.bodies.setdefault(what, []).append(body)
        if what == "gone":
            self._part(index, body)
        if what == "done":  # a copy that somebody finds later may have some of it yet
            copies = self._copies(self._leaves(body["statement"]["covers"]))
            found = {one.handle: one.whole for one in copies if self.known.get(one.handle, True)}
            asked = {one for one, still in self.known.items() if still}
            whole = bool(found) and asked <= found.keys() and False not in found.values()
            hold(whole, "it is done, and not gone of every copy", where)

    def _copy(self, what: str, body: Mapping[str, Any], where: str) -> None:
        """Take in that a copy was told of, or retired."""
        said = body.get("statement", body)
        hold(said.get("archive", self.archive) == self.archive, "it is of another archive", where)
        if what == "retire":
            self._signers(body)
        self.known[said["copy"]] = what == "copy"

    def _part(self, index: int, body: Mapping[str, Any]) -> None:
        self.parts.setdefault(body["copy"], []).append(index)
        known, more = self.gone.get(body["copy"], []), _inline(body)
        unknown = known is None or more is None
        self.gone[body["copy"]] = None if unknown else ranges.union(known or [], more or [])

    def _concerns(self, body: Mapping[str, Any]) -> bool:
        """Tell whether an entry is about the order; one of a hold names none."""
        statement = body.get("statement", {})
        if statement.get("archive", self.archive) != self.archive:
            return False
        order = (self.bodies.get("order") or [body])[0]["statement"]["order"]
        return _act(body) in ("hold", "applied") or order in (
            statement.get("order"),
            body.get("order"),
        )

    def shown(self) -> Shown:
        """Return what they show together."""
        ends = [*self.bodies.get("done", ()), *self.bodies.get("halt", ())]
        hold("begin" in self.bodies and len(ends) == 1, "not from a beginning to one end")
        (order,), (begin,), (end,) = self.bodies["order"], self.bodies["begin"], ends
        said, began, done = order["statement"], begin["statement"], "done" in self.bodies
        leaves = self._leaves(began["covers"])
        hold(not done or end["statement"]["covers"] == began["covers"], "another set is done")
        return Shown(
            order=said["order"],
            kind=said["act"],
            outcome=DESTROYED if done else HALTED,
            covers=began["covers"],
            versions=None if leaves is None else ranges.count(leaves),
            requester=said["requester"],
            proposed=said["time"],
            approved=order["time"],
            not_before=said["from"],
            submitted=tuple(one["time"] for one in self.bodies.get("submit", ())),
            answered=tuple(one["time"] for one in self.bodies.get("outcome", ())),
            began=begin["time"],
            checked_to=int(began["size"]),
            evidence=tuple(int(one) for one in began["times"].split()),
            ended=end["time"],
            halted_by="" if done else _act(end),  # type: ignore[arg-type]  # `_BRINGS` has looked
            segments=sum(len(one["destroys"]) for one in self.bodies.get("destroy", ())),
            copies=tuple(self._copies(leaves)),
            known=tuple(sorted(self.known)),
            retired=tuple(sorted(one for one, still in self.known.items() if not still)),
            signed={
                "order": self._signers(order),
                "begin": self._signers(begin),
                "end": self._signers(end),
            },
        )

    def _leaves(self, covers: str) -> Ranges | None:
        """Return the set that an order is about in the end; None where it is in a file."""
        acts = [*self.bodies["order"], *self.bodies.get("outcome", ())]
        found = [one for one in acts if one["statement"]["covers"] == covers]
        hold(bool(found), "what begins is another set than was ordered")
        leaves = _inline(found[0])
        hold(leaves is None or set_digest(leaves) == covers, "a set is not what was signed")
        return leaves

    def _copies(self, leaves: Ranges | None) -> Iterable[CopyShown]:
        for handle in sorted(self.parts):
            gone = self.gone[handle]
            count = None if gone is None else ranges.count(gone)
            whole = None if gone is None or leaves is None else gone == leaves
            yield CopyShown(handle, tuple(self.parts[handle]), count, whole)

    def _signers(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the handles of the keys that signed. Raises `IntegrityError` for a false one."""
        act = Act.of({name: body[name] for name in ("statement", "signatures")})
        keys = act.signers(self.verifies)
        hold(bool(keys), "a signature does not hold")
        return tuple(sorted({one.partition("+")[0] for one in keys}))


def _act(body: Mapping[str, Any]) -> str:
    return str(body["statement"]["act"]) if body["t"] in DECIDING else ""


def _inline(body: Mapping[str, Any]) -> Ranges | None:
    """Return the set of an entry; None where it stands in a file of its own."""
    leaves = body["leaves"]
    return None if isinstance(leaves, dict) else leaves


def _hash(text: str) -> bytes:
    """Return a hash of a path; the form that a member has lets a newline pass."""
    data = bytes.fromhex(text)
    if data.hex() != text:
        raise FormatError("a path of no hashes", where=text[:80], mend=MEND)
    return data
