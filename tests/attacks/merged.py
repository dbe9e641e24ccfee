"""Attackers of an archive in which the victim's segment was merged, verified and said gone.

They know what those of `tests.attacks.attackers` know, and the names of both readings.
"""

from __future__ import annotations

import json
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

from archiver.formats import parquet
from archiver.registry.verifying import VERIFIED, seal_hash
from tests.attacks.attackers import indexes
from tests.attacks.scene import MERGED, PLACE, item, row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from tests.attacks.scene import Scene

__all__ = ["MERGES", "rebuilt_merge"]

Possible = set[int]


def rebuilt_merge(scene: Scene, text: str, nonce: bytes, padding: bytes) -> bytes:
    """Return the merged Parquet file as it would be of a candidate, under a nonce.

    The survivors lie in the order of their leaves, first readings before newer ones.
    """
    rows = [own for own, _, _ in scene.records if own["stream"] == "comments"]
    rows = [own for own in rows if own["kind"] != "residue"]
    name = rows[0]["record_id"].removesuffix("0") + str(PLACE)
    at = next(n for n, own in enumerate(rows) if "generation_of" in own)
    first = {**rows[0], "native_id": str(PLACE), "observation_id": scene.uuid, "record_id": name}
    newer = {**rows[at], "native_id": str(PLACE), "observation_id": scene.newer,
             "record_id": name, "generation_of": scene.uuid}  # fmt: skip
    made = [
        *rows[:PLACE], first | row(text), *rows[PLACE : at + PLACE],
        newer | row(text) | {"summary": "read anew"}, *rows[at + PLACE :],
    ]  # fmt: skip
    return parquet.write_rows("comments", made, nonce, padding)


def _controls(scene: Scene) -> Iterator[dict[str, Any]]:
    """Yield the entries that are none of observations, of whatever form."""
    return (json.loads(one[1:]) for one in scene.entries() if one[0] == 2)


_DIGESTS: dict[tuple[int, int], list[str]] = {}


def _digests(scene: Scene, dictionary: Sequence[str]) -> list[str]:
    """Return the merged file's SHA-256 for each candidate, under nonce and padding of its copy.

    Made once, for several attackers.
    """
    key = (id(scene), id(dictionary))
    if key not in _DIGESTS:
        left = [data for name, data in scene.bucket.items() if name.endswith(".parquet")]
        tables = [parquet.read_rows(BytesIO(data)) for data in left]
        (told,) = (
            one.schema.metadata for one in tables if parquet.stream_of(one) == "comments"
        )  # fmt: skip
        nonce, padding = bytes.fromhex(told[b"archive-nonce"].decode()), told[b"archive-padding"]
        _DIGESTS.clear()
        _DIGESTS[key] = [
            sha256(rebuilt_merge(scene, text, nonce, padding)).hexdigest() for text in dictionary
        ]
    return _DIGESTS[key]


def superseding_seals(scene: Scene, dictionary: Sequence[str]) -> Possible:
    """Make the merged file again under what its copy began with; a seal has its digest."""
    found = {n for n, one in enumerate(_digests(scene, dictionary)) if one in scene.sealed}
    return found or set(range(len(dictionary)))


def verifications(scene: Scene, dictionary: Sequence[str]) -> Possible:
    """Make the superseding seal again; who verified it signed its hash."""
    signed = {one["statement"]["entry"] for one in _controls(scene) if one["t"] == VERIFIED}
    (seal,) = (one for one in _controls(scene) if one.get("stage") == "compact")
    (segment,) = seal["segments"]
    assert seal_hash(seal) in signed

    def made(digest: str) -> str:
        objects = segment["objects"] | {"parquet": digest}
        return seal_hash({**seal, "segments": [{**segment, "objects": objects}]})

    digests = _digests(scene, dictionary)
    found = {n for n, one in enumerate(digests) if made(one) in signed}
    return found or set(range(len(dictionary)))


def parts_done(scene: Scene, dictionary: Sequence[str]) -> Possible:
    """Look for a digest of the comment in what says that superseded files are gone."""
    told = [str(one) for one in _controls(scene) if one.get("work") == "compact"]
    assert told
    digests = [sha256(item(PLACE, text)).hexdigest() for text in dictionary]
    found = {n for n, one in enumerate(digests) if any(one in each for each in told)}
    return found or set(range(len(dictionary)))


MERGES: dict[str, tuple[str, Callable[[Scene, Sequence[str]], Possible], int]] = {
    "seals: superseding": (f"{MERGED}, nonce of the old files", superseding_seals, 1),
    "verified": (f"{MERGED}, nonce of the old files", verifications, 1),
    "done-part": (f"{MERGED}, digest in done-part", parts_done, 1),
    "indexes: gaps, merged": (f"{MERGED}, gap kept", indexes, 200),
}
"""As `tests.attacks.attackers.ATTACKS`: channel -> weakness, attacker, how many it leaves."""
