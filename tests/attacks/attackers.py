"""Attackers: each takes what remains and a dictionary, and says which words are still possible.

One that learns nothing leaves the whole dictionary. All of them know the platform, ids,
times, neighbours and the software, everything but what the comment said.
"""

from __future__ import annotations

import json
from hashlib import md5, sha256, sha512
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from archiver.capture.known import KnownRecord, mark_of
from archiver.columns import fields_of
from archiver.formats import parquet, segment_index, warc
from archiver.formats.warc_reading import header_value
from archiver.ledger import entry
from archiver.ledger.commitment import CONTEXT, Commitment, Leaf, commit, hash_of, leaves
from archiver.ledger.proof import Proof
from archiver.ledger.tree import leaf_hash
from archiver.record import Kind
from tests.attacks.scene import PLACE, item, observation, row
from tests.flows.helpers import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.attacks.scene import Scene

__all__ = ["ATTACKS", "rebuilt_rows"]

Possible = set[int]
NOTHING = bytes(32)
"""The salt and the nonce of an archive that has none."""
ANY = sha256(b"any salt").digest()
SLACK = 4
"""Bytes by which the length of a deflated record may differ under another salt."""


def _all(dictionary: Sequence[str]) -> Possible:
    return set(range(len(dictionary)))


def _confirmed(dictionary: Sequence[str], holds: Callable[[str], bool]) -> Possible:
    """Return what a test confirms; where it confirms nothing, all is still possible."""
    return {n for n, text in enumerate(dictionary) if holds(text)} or _all(dictionary)


# ── What the attacker can make again of a candidate ──────────────────────────────────────
def _committed(scene: Scene, text: str, salt: bytes = NOTHING) -> tuple[bytes, Commitment]:
    """Return record and commitment of a candidate under a salt, or none."""
    seen = observation(PLACE, text)
    lines = warc.header_lines(seen, scene.uuid)
    made = commit(salt, seen.excerpts, lines, fields_of("comments"), seen.row)
    return warc.record_bytes(lines, seen.excerpts, salt, made[:3]), made


def _leaf(scene: Scene, text: str) -> bytes:
    """Return the ledger entry of a candidate under no salt."""
    return entry.observation(_committed(scene, text)[1].value)


def _member(scene: Scene, text: str, salt: bytes = NOTHING) -> int:
    return len(warc.member(_committed(scene, text, salt)[0]))


class File(NamedTuple):
    """Size and digests of a file that was made again."""

    size: int
    sha256: str
    md5: str
    sha512: str


def _file(data: bytes) -> File:
    tag = md5(data, usedforsecurity=False).hexdigest()
    return File(len(data), sha256(data).hexdigest(), tag, sha512(data).hexdigest())


def _survivors(scene: Scene) -> list[tuple[dict[str, str], list[bytes], bytes]]:
    """Return the records that lay beside the victim, in their order."""
    return [
        one
        for one in scene.records
        if one[0]["stream"] == "comments" and "generation_of" not in one[0]
        if one[0]["kind"] != Kind.RESIDUE
    ]


def rebuilt_rows(scene: Scene, text: str) -> bytes:
    """Return the removed Parquet file as it would be of a candidate, with no nonce."""
    rows = [one[0] for one in _survivors(scene)]
    own = rows[0] | {
        "native_id": str(PLACE), "observation_id": scene.uuid,
        "record_id": rows[0]["record_id"].removesuffix("0") + str(PLACE),
    }  # fmt: skip
    made = [*rows[:PLACE], own | row(text), *rows[PLACE:]]
    return parquet.write_rows("comments", made, NOTHING, b"0")


_FILES: dict[tuple[int, int], list[File]] = {}


def _rebuilt_rows(scene: Scene, dictionary: Sequence[str]) -> list[File]:
    """Return the Parquet file of each candidate; made once, for several attackers."""
    key = (id(scene), id(dictionary))
    if key not in _FILES:
        _FILES.clear()
        _FILES[key] = [_file(rebuilt_rows(scene, text)) for text in dictionary]
    return _FILES[key]


# ── Channels ─────────────────────────────────────────────────────────────────────────────
def seals(scene: Scene, dictionary: Sequence[str]) -> Possible:
    """Make the removed Parquet file again; its digest stands in the seal for ever."""
    files = _rebuilt_rows(scene, dictionary)
    return {n for n, one in enumerate(files) if one.sha256 in scene.sealed} or _all(dictionary)


def entries(scene: Scene, dictionary: Sequence[str]) -> Possible:
    """Make the commitment again; it stands in the ledger for ever."""
    kept = set(scene.entries())
    return _confirmed(dictionary, lambda text: _leaf(scene, text) in kept)


def tags(scene: Scene, dictionary: Sequence[str]) -> Possible:
    """Make the removed Parquet file again; an old listing has its ETag."""
    noted = {tag for _, _, tag, _ in scene.listing.values()}
    files = _rebuilt_rows(scene, dictionary)
    return {n for n, one in enumerate(files) if one.md5 in noted} or _all(dictionary)


def second_hashes(scene: Scene, dictionary: Sequence[str]) -> Possible:
    """Make the removed Parquet file again; anchors have a second hash of it (`rehash`)."""
    noted = {digest for _, _, _, digest in scene.listing.values()}
    files = _rebuilt_rows(scene, dictionary)
    return {n for n, one in enumerate(files) if one.sha512 in noted} or _all(dictionary)


def sizes(scene: Scene, dictionary: Sequence[str]) -> Possible:
    """Hold the size in an old listing against that of the file made again, without padding."""
    size = scene.listing[scene.removed("parquet")][0]
    files = _rebuilt_rows(scene, dictionary)
    return {n for n, one in enumerate(files) if 0 <= size - one.size < scene.padding}


def ranges(scene: Scene, dictionary: Sequence[str]) -> Possible:
    """Look for where the neighbours stood in their page: between two is the victim's length."""
    found: dict[str, tuple[int, int]] = {}
    for own, lines, _ in scene.records:
        told = [line for line in lines if line.startswith(b"Archive-Range: ")]
        if told:
            start, end = map(int, told[0].split()[1:])
            found[own["observation_id"]] = (start, end)
    for origins in scene.maps:
        for uuid, origin in origins.items():
            for role, start, end in origin.spans:
                found |= {uuid: (start, end)} if role == "item" else {}
    found.pop(scene.uuid, None)
    spans = sorted(found.values())
    gaps = {b[0] - a[1] - 2 for a, b in pairwise(spans) if b[0] - a[1] > 1}
    return _confirmed(dictionary, lambda text: len(item(PLACE, text)) in gaps)


def listings(scene: Scene, dictionary: Sequence[str]) -> Possible:
    """Look in listings, absences and all else that is kept for a digest of the comment."""
    kept = b"".join(block for own, _, block in scene.records if own["kind"] == Kind.LISTING)
    return _confirmed(
        dictionary, lambda text: sha256(item(PLACE, text)).hexdigest().encode() in kept
    )


def residue(scene: Scene, dictionary: Sequence[str]) -> Possible:
    """Read what no parser claimed."""
    kept = b"".join(block for own, _, block in scene.records if own["kind"] == Kind.RESIDUE)
    return _confirmed(dictionary, lambda text: text.encode() in kept)


def quotations(scene: Scene, dictionary: Sequence[str]) -> Possible:
    """Look in records that name the victim for a digest of it, or for its words."""
    kept = [(own, block) for own, _, block in scene.records if own["stream"] == "posts"]
    told = json.dumps([own for own, _ in kept]) + "".join(block.decode() for _, block in kept)
    return _confirmed(
        dictionary, lambda text: text in told or sha256(text.encode()).hexdigest() in told
    )


def generations(scene: Scene, dictionary: Sequence[str]) -> Possible:
    """Look for a newer reading that was left behind."""
    kept = b"".join(
        block
        for _, lines, block in scene.records
        if header_value(lines, "WARC-Type") == "conversion"
    )
    return _confirmed(dictionary, lambda text: text.encode() in kept)


def reused_salts(scene: Scene, dictionary: Sequence[str]) -> Possible:
    """Take the sub-salts that a proof of the first reading opened to a proof of the newer one.

    The newer one has one header line more, so that the number of the opened field is that of
    its last line, closed because it has the length of what was withheld.
    """
    first, newer = scene.proofs["first"], scene.proofs["newer"]
    opened = bytes.fromhex(first["fields"]["opened"][0]["salt"])
    closed = set(newer["context"]["closed"])

    def holds(text: str) -> bool:
        line = f"Archive-Excerpt: item 0 {len(item(PLACE, text))}".encode()
        return hash_of(Leaf(0, CONTEXT, "", line, opened)).hex() in closed

    return _confirmed(dictionary, holds)


def proofs_of_others(scene: Scene, dictionary: Sequence[str]) -> Possible:
    """Hold the candidate's leaf against the audit path in a neighbour's proof."""
    path = set(Proof.parse(scene.proofs["neighbour"]["tlog_proof"].encode()).path)
    return _confirmed(dictionary, lambda text: leaf_hash(_leaf(scene, text)) in path)


def proofs_of_the_victim(scene: Scene, dictionary: Sequence[str]) -> Possible:
    """Hold leaves of the candidate against what a proof keeps closed, its text withheld."""
    closed = _hashes(scene.proofs["first"])

    def holds(text: str) -> bool:
        seen = observation(PLACE, text)
        lines = warc.header_lines(seen, scene.uuid)
        fields = leaves(NOTHING, seen.excerpts, lines, fields_of("comments"), seen.row)[2]
        return any(hash_of(leaf).hex() in closed for leaf in fields if leaf.name == "text")

    return _confirmed(dictionary, holds)


def _hashes(value: Any) -> set[str]:  # noqa: ANN401 - any JSON value
    """Return every closed hash in a proof."""
    if isinstance(value, dict):
        own = set(value.get("closed", ())) | ({value["root"]} if "root" in value else set())
        return own.union(*(_hashes(one) for one in value.values()))
    return set().union(*(_hashes(one) for one in value)) if isinstance(value, list) else set()


def indexes(scene: Scene, dictionary: Sequence[str]) -> Possible:
    """Look for a gap in the indexes that remain: as long as the victim's gzip member."""
    gaps: set[int] = set()
    for key, data in scene.bucket.items():
        if key.endswith(".idx"):
            end = 0
            for line in data.splitlines()[1:]:
                _, offset, length = map(int, line.split())
                gaps |= {offset - end} - {0}
                end = offset + length
    return _confirmed(
        dictionary,
        lambda text: any(abs(_member(scene, text, ANY) - gap) <= SLACK for gap in gaps),
    )


def index_digests(scene: Scene, dictionary: Sequence[str]) -> Possible:
    """Make the removed index again of the members' lengths; the seal has its digest."""
    name = scene.removed("idx")
    lengths = scene.members

    def holds(text: str) -> bool:
        made = [*lengths[: PLACE + 1], _member(scene, text), *lengths[PLACE + 1 :]]
        data = segment_index.index(made, NOTHING, b"0")
        return sha256(data).hexdigest() == scene.listing[name][1]

    return _confirmed(dictionary, holds)


def home_caches(scene: Scene, dictionary: Sequence[str]) -> Possible:
    """Make fingerprints again, with the key that is still in the home."""
    key = scene.home["keys/known"]
    kept = scene.home[f"cache/known/{ACCOUNT}"][32:]
    records = msgspec.msgpack.decode(kept, type=tuple[int, dict[tuple[str, str], KnownRecord]])[1]
    marks = {mark for one in records.values() for mark in (one.mark, *one.past)}
    read_anew = {"summary": "read anew"}
    return _confirmed(
        dictionary,
        lambda text: bool(
            marks & {mark_of("present", made, key) for made in (row(text), row(text) | read_anew)}
        ),
    )


ATTACKS: dict[str, tuple[str, Callable[[Scene, Sequence[str]], Possible], int]] = {
    "seals": ("no nonce", seals, 1),
    "seals: entries": ("no salt", entries, 1),
    "ETags": ("no nonce", tags, 1),
    "second hashes": ("no nonce", second_hashes, 1),
    "sizes": ("no nonce", sizes, 40),
    "ranges: headers": ("ranges kept", ranges, 20),
    "ranges: settlement map": ("map kept", ranges, 20),
    "listings": ("digest in listing", listings, 1),
    "residue": ("residue kept", residue, 1),
    "quotations": ("digest in quotation", quotations, 1),
    "generations: one left": ("generation kept", generations, 1),
    "generations: salts": ("salt reused", reused_salts, 20),
    "proofs given out: others": ("no salt", proofs_of_others, 1),
    "proofs given out: the victim": ("no salt", proofs_of_the_victim, 1),
    "indexes: gaps": ("gap kept", indexes, 100),
    "indexes: digests": ("no salt, no nonce", index_digests, 100),
    "home caches": ("caches kept", home_caches, 1),
}
"""Channel -> the weakness under which its attacker works, the attacker, and how many of a
thousand words at most are then left possible."""
