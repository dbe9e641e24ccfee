"""Seals and batches as the tests of the ledger need them."""

from __future__ import annotations

from typing import Any

from archiver.ledger.batch import Batch

TIME = "2026-11-20T09:00:00.000000Z"


def segment(name: str = "s1", leaves: list[list[int]] | None = None) -> dict[str, Any]:
    """Return a segment of a seal."""
    return {
        "unit": "u1",
        "segment": name,
        "series": "unscheduled",
        "period": "2026-11",
        "sensitivity": "public",
        "objects": {"warc.gz": "ab" * 32, "idx": "cd" * 32},
        "leaves": leaves or [],
    }


def seal(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - members of JSON
    """Return the first settling seal of an account, as it stands in the log."""
    return {
        "t": "seal",
        "id": "B1",
        "time": TIME,
        "stage": "settle",
        "account": "acct",
        "batch": 1,
        "lane": "lane",
        "exchanges": [[1, 3]],
        "segments": [],
        **more,
    }


def batch(name: str, count: int = 0, **more: Any) -> Batch:  # noqa: ANN401 - members of JSON
    """Return a batch of ``count`` observations in one segment, which has no files."""
    whole = {**segment(f"s{name}", [[0, count]]), "objects": {}}
    body = seal(segments=[whole] if count else [], **more)
    del body["id"]
    commitments = tuple(number.to_bytes(32, "big") for number in range(count))
    return Batch(name, commitments, (body,))
