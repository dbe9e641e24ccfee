"""Every bit of an object flipped, through the check that `archiver verify` holds it against.

A digest takes bytes in pieces: so what comes before a flipped byte is hashed once, and each
flip costs what comes after it.
"""

from __future__ import annotations

from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from archiver.flows.evidence import anchor_check
from archiver.flows.verify_inventory import segment_checks
from archiver.flows.verify_log import LogCheck
from archiver.ledger.anchor import anchors_of
from archiver.ledger.checks import DigestCheck

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.archive import Archive
    from archiver.ledger.checks import Check
    from archiver.ledger.finding import Finding

__all__ = ["Outcome", "Stretch", "checks_of", "flip_all", "flipped", "stretches"]


class Stretch(NamedTuple):
    """Some bytes of an object, from ``first`` to before ``end``: each of their bits is flipped."""

    key: str
    first: int
    end: int


class Outcome(NamedTuple):
    """How many bits were flipped; which were not found, or found as another object's."""

    flips: int
    missed: list[tuple[str, int]]
    misnamed: list[tuple[str, int]]


def checks_of(archive: Archive) -> dict[str, Check]:
    """Return the check of every object of an archive, as verification makes them."""
    log = LogCheck(archive)
    assert list(log.run()) == []
    checks = dict(log.checks)
    for segment in log.state.segments():
        checks |= {check.key: check for check in segment_checks(segment)}
    for anchor in anchors_of(log.state.controls):
        check = anchor_check(anchor)
        checks[check.key] = check
    for _, body in log.state.controls:
        for one in body.values():
            if isinstance(one, dict) and "set" in one:
                key = f"sets/{one['set']}"
                checks[key] = DigestCheck(key, one["sha256"])
    return checks


def stretches(sizes: dict[str, int], pieces: int) -> list[Stretch]:
    """Cut objects into stretches of about the same work: most is left to hash at the start."""
    found = []
    for key, size in sizes.items():
        count = max(1, min(pieces, size // 2048))
        edges = [round(size - size * ((count - at) / count) ** 0.5) for at in range(count + 1)]
        found += [Stretch(key, a, b) for a, b in pairwise(edges) if b > a]
    return sorted(found, key=lambda one: -(one.end - one.first) * (sizes[one.key] - one.first))


def flip_all(check: Check, data: bytes, stretch: Stretch) -> Outcome:
    """Flip every bit of a stretch, one at a time; each must be found, and named rightly."""
    assert list(check.judge(data)) == []
    missed, misnamed = [], []
    for bit, findings in _found(check, data, stretch):
        if not findings:
            missed.append((check.key, bit))
        elif any(one.where != check.key for one in findings):
            misnamed.append((check.key, bit))
    return Outcome(8 * (stretch.end - stretch.first), missed, misnamed)


def _found(check: Check, data: bytes, stretch: Stretch) -> Iterator[tuple[int, list[Finding]]]:
    if not isinstance(check, DigestCheck):
        for bit in range(8 * stretch.first, 8 * stretch.end):
            yield bit, list(check.judge(flipped(data, bit)))
        return
    view = memoryview(data)
    before = sha256(view[: stretch.first])
    for at in range(stretch.first, stretch.end):
        rest = view[at + 1 :]
        for bit in range(8):
            taken = before.copy()
            taken.update(bytes((data[at] ^ 1 << bit,)))
            taken.update(rest)
            yield 8 * at + bit, list(check.finish(taken))
        before.update(view[at : at + 1])


def flipped(data: bytes, bit: int) -> bytes:
    """Return bytes with one bit flipped: the lowest of the first byte is bit 0."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
