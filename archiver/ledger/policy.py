"""Trust policies: whose cosignatures make a checkpoint trustworthy (c2sp.org/tlog-policy).

::

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> all|any|<k> <member>...
    quorum <name>|none

Keys that sign as witnesses under several names are refused: one witness, one voice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import FormatError
from archiver.ledger.checkpoint import parse_decimal, parse_verifier_key
from archiver.ledger.cosignature import parse_cosigner_key

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["MAX_POLICY", "Group", "Policy", "PolicyWitness", "k_of_n"]

MAX_POLICY = 1 << 18
"""Bytes of a policy file: more than 100 post-quantum keys."""
NONE = "none"


class PolicyWitness(NamedTuple):
    """One witness key and, where it is asked, the prefix of its address."""

    key: str
    url: str = ""


class Group(NamedTuple):
    """A group witnesses a checkpoint where at least ``threshold`` of its members do."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs, witnesses and groups by name, and the name that makes the quorum.

    An empty ``quorum`` asks for no cosignature. ``logs`` are verifier keys; empty: whichever
    are known from elsewhere.
    """

    logs: tuple[str, ...] = ()
    witnesses: dict[str, PolicyWitness] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all witnesses."""
        return tuple(one.key for one in self.witnesses.values())

    def satisfied(self, keys: Collection[str]) -> bool:
        """Tell whether cosignatures of these witness keys make the quorum."""
        return not self.quorum or self._witnessed(self.quorum, keys)

    def _witnessed(self, name: str, keys: Collection[str]) -> bool:
        if name in self.witnesses:
            return self.witnesses[name].key in keys
        group = self.groups[name]
        return sum(self._witnessed(one, keys) for one in group.members) >= group.threshold

    @classmethod
    def parse(cls, data: bytes) -> Policy:
        """Return the policy in a file. Raises `FormatError`, naming the line."""
        if len(data) > MAX_POLICY:
            raise FormatError(f"a policy has more than {MAX_POLICY} bytes")
        reading = _Reading()
        for number, raw in enumerate(data.split(b"\n"), 1):
            if any(byte < 0x20 and byte != 0x09 for byte in raw) or b"\x7f" in raw:  # noqa: PLR2004
                raise _wrong(number, "control characters")
            words = raw.decode(errors="surrogateescape").replace("\t", " ").split(" ")
            words = [word for word in words if word]
            if words and not words[0].startswith("#"):
                reading.line(number, words)
        if reading.quorum is None:
            raise FormatError("a policy has no quorum line", mend="say `quorum none` to ask none")
        return cls(tuple(reading.logs), reading.witnesses, reading.groups, reading.quorum)


class _Reading:
    """What the lines so far define."""

    def __init__(self) -> None:
        self.logs: list[str] = []
        self.witnesses: dict[str, PolicyWitness] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None
        self._public: set[bytes] = set()
        self._members: set[str] = set()

    def line(self, number: int, words: Sequence[str]) -> None:
        """Take in one line. Raises `FormatError`."""
        match words:
            case ["log", key, *url] if len(url) <= 1:
                self._own_key(number, parse_verifier_key(key).public)
                self.logs.append(key)
            case ["witness", name, key, *url] if len(url) <= 1:
                self._own_key(number, parse_cosigner_key(key).public)
                self._new_name(number, name)
                self.witnesses[name] = PolicyWitness(key, *url)
            case ["group", name, threshold, *members] if members:
                self._group(number, name, threshold, tuple(members))
            case ["quorum", name] if self.quorum is None:
                if name != NONE:
                    self._defined(number, name)
                self.quorum = "" if name == NONE else name
            case _:
                raise _wrong(number, "not a line of a policy, or a second quorum")

    def _group(self, number: int, name: str, threshold: str, members: tuple[str, ...]) -> None:
        for member in members:
            self._defined(number, member)
            if member in self._members:
                raise _wrong(number, f"{member} is a member twice")
            self._members.add(member)
        words = {"all": len(members), "any": 1}
        least = words.get(threshold) or parse_decimal(threshold, "the threshold of a group")
        if not 1 <= least <= len(members):
            raise _wrong(number, f"{threshold} of {len(members)} members")
        self._new_name(number, name)
        self.groups[name] = Group(least, members)

    def _defined(self, number: int, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise _wrong(number, f"{name} is not defined before")

    def _new_name(self, number: int, name: str) -> None:
        if name in self.witnesses or name in self.groups or name == NONE:
            raise _wrong(number, f"{name} is defined twice, or reserved")

    def _own_key(self, number: int, public: bytes) -> None:
        if public in self._public:
            raise _wrong(number, "the same key as on a line before")
        self._public.add(public)


def k_of_n(quorum: int, witnesses: Sequence[tuple[str, Sequence[str]]]) -> Policy:
    """Return the policy that asks for ``quorum`` of the witnesses.

    Each is an address and its keys: a witness with several keys (Ed25519 and ML-DSA-44)
    cosigns with any of them, and counts once. Raises `FormatError`.
    """
    reading, members = _Reading(), []
    for number, (url, keys) in enumerate(witnesses, 1):
        names = [f"w{number}.{place}" for place in range(len(keys))]
        for name, key in zip(names, keys, strict=True):
            reading.line(number, ["witness", name, key, url])
        reading.line(number, ["group", f"w{number}", "any", *names])
        members.append(f"w{number}")
    if not quorum:
        return Policy((), reading.witnesses, reading.groups)
    reading.line(0, ["group", "quorum", str(quorum), *members])
    return Policy((), reading.witnesses, reading.groups, "quorum")


def _wrong(number: int, why: str) -> FormatError:
    mend = "see c2sp.org/tlog-policy, or docs/formats/anchors.md"
    return FormatError(f"a policy can't be read: {why}", where=f"line {number}", mend=mend)
