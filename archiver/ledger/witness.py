"""What a witness decides, and how it is asked (c2sp.org/tlog-witness). Pure.

A request is an old size, a consistency proof and a signed checkpoint. The witness answers
with its cosignatures or an HTTP status that says why not; it never cosigns a tree that
does not extend the last one it cosigned for that log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import FormatError, IntegrityError
from archiver.ledger.checkpoint import (
    MAX_NOTE,
    Checkpoint,
    decode_base64,
    encode_base64,
    open_checkpoint,
    parse_decimal,
    split_note,
)
from archiver.ledger.tree import HASH_SIZE, verify_consistency

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "MAX_REQUEST",
    "MOST_HASHES",
    "SIZE_TYPE",
    "AddCheckpoint",
    "Reply",
    "judge",
    "known_log",
    "refused",
]

MOST_HASHES = 63
"""The most lines of a consistency proof in a request."""
MAX_REQUEST = MAX_NOTE + 4096
"""Bytes: a note as large as we read it, and the longest proof."""
SIZE_TYPE = "text/x.tlog.size"
"""The content type of an answer that says which size is the latest."""


class Reply(NamedTuple):
    """An HTTP answer: status code, body, content type."""

    status: int
    body: bytes
    type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request to cosign: the size last cosigned, the proof from there, the signed note."""

    old: int
    path: tuple[bytes, ...]
    note: bytes

    def encode(self) -> bytes:
        """Return the body of the request."""
        lines = [f"old {self.old}", *map(encode_base64, self.path), "", ""]
        return "\n".join(lines).encode() + self.note

    @classmethod
    def parse(cls, body: bytes) -> AddCheckpoint:
        """Return the request with that body. Raises `FormatError`."""
        head, blank, note = body.partition(b"\n\n")
        if not blank or len(body) > MAX_REQUEST:
            raise FormatError("a request has no checkpoint, or is too large")
        try:
            first, *lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise FormatError("a request has more than ASCII before its checkpoint") from error
        if not first.startswith("old ") or len(lines) > MOST_HASHES:
            raise FormatError("a request starts with an old size and at most 63 hashes")
        old = parse_decimal(first.removeprefix("old "), "the old size")
        path = tuple(decode_base64(line, "a hash of the proof") for line in lines)
        if any(len(one) != HASH_SIZE for one in path):
            raise FormatError("a hash of the proof has not 32 bytes")
        return cls(old, path, note)


def refused(status: int, why: str) -> Reply:
    """Return an answer that says in words why nothing was cosigned."""
    return Reply(status, f"{why}\n".encode())


def known_log(note: bytes, logs: Mapping[str, Sequence[str]]) -> Reply | Checkpoint:
    """Return the signed checkpoint of a known log, or 400, 403 or 404. ``logs``: origin -> keys."""
    try:
        stated = Checkpoint.parse(split_note(note)[0])
    except FormatError as error:
        return refused(400, error.message)
    keys = logs.get(stated.origin)
    if keys is None:
        return refused(404, "this witness does not know the log")
    try:
        return open_checkpoint(note, keys)
    except FormatError as error:
        return refused(400, error.message)
    except IntegrityError as error:
        return refused(403, error.message)


def judge(request: AddCheckpoint, new: Checkpoint, latest: Checkpoint | None) -> Reply | None:
    """Return why a signed checkpoint may not be cosigned, or None where it may.

    ``latest`` is the last one cosigned for its origin. Statuses: 400 an old size beyond
    the new one, 409 another old size than the latest, or the same size with another root;
    422 a proof that does not hold.
    """
    size = 0 if latest is None else latest.size
    if request.old > new.size:
        return refused(400, "the old size is larger than the checkpoint's")
    if request.old != size or (latest is not None and new.size == size and new.root != latest.root):
        return Reply(409, b"%d\n" % size, SIZE_TYPE)
    if latest is None or size == 0:
        return refused(422, "a proof from an empty tree is empty") if request.path else None
    try:
        verify_consistency(size, new.size, request.path, latest.root, new.root)
    except IntegrityError as error:
        return refused(422, error.message)
    return None
