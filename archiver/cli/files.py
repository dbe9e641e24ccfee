"""Small files that commands are given: keys, checkpoints, policies, proofs."""

from __future__ import annotations

from pathlib import Path

from archiver.errors import UsageError

__all__ = ["LARGEST_DECISION", "LARGEST_KEY", "LARGEST_KEYS", "LARGEST_POLICY", "read_small"]

LARGEST_DECISION = 64 * 1024 * 1024
"""Bytes of a decision that is signed by the next: it names each of its records."""
LARGEST_KEY = 64 * 1024
LARGEST_KEYS = 1024 * 1024
LARGEST_POLICY = 256 * 1024


def read_small(file: str, limit: int) -> bytes:
    """Return a file of at most ``limit`` bytes; one without an end is not read to it."""
    try:
        with Path(file).open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        mend = "give a file that is there, and that you may read"
        raise UsageError(f"can't read: {error.strerror}", where=file, mend=mend) from error
    if len(data) > limit:
        raise UsageError("far too large", where=file, mend=f"at most {limit} bytes")
    return data
