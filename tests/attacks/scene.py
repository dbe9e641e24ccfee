"""A small archive, sound or weakened, in which one comment of a dictionary was destroyed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from hashlib import md5, sha256, sha512
from typing import TYPE_CHECKING, Any

import pytest

from archiver.capture.listings import Pass, Place, listing_observation
from archiver.capture.settled import Settled
from archiver.flows import connectors, copying, segments, settle
from archiver.flows.capture_report import CaptureReport
from archiver.flows.drift import Drift
from archiver.flows.known import keep_known, known_of
from archiver.flows.ledger import read_state
from archiver.flows.prove import prove
from archiver.flows.rows import row_index
from archiver.flows.segments import LONGEST_PADDING, open_file
from archiver.flows.settle import seal_intake, seal_settled
from archiver.formats import segment_index
from archiver.formats.exchanges import exchange_parts
from archiver.formats.settlement_map import parse_map
from archiver.ids import new_uuid
from archiver.layout import ENTRY_BUNDLES, unit_object_key
from archiver.ledger.tiles import parse_bundle
from archiver.record import Excerpt, Exchange, Kind, Observation, record_id
from tests.attacks import carving
from tests.attacks.carving import Doomed, carve, destruction, records_of
from tests.attacks.merging import merge
from tests.doubles import SeededRandomness
from tests.flows.helpers import ACCOUNT, LANE, founded, open_archive, read_anew

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.formats.settlement_map import Origin

__all__ = ["MERGED", "PLACE", "Scene", "item", "observation", "scene"]

PLACE, COUNT = 2, 5
"""Which of the comments is destroyed, and how many there were."""
MERGED = "merged"
TIME = "2026-11-20T09:00:00.000000Z"
OTHERS = [f"Comment {number}: thank you for telling us." for number in range(COUNT)]


def item(number: int, text: str) -> bytes:
    """Return a comment as the platform gives it."""
    return json.dumps({"id": number, "content": f"<p>{text}</p>", "state": "public"}).encode()


def observation(number: int, text: str, start: int = 0, *, ranged: bool = False) -> Observation:
    """Return the observation of a comment. ``ranged``, a weakness: it says where it stood."""
    data = item(number, text)
    place = (("Archive-Range", f"{start} {start + len(data)}"),) if ranged else ()
    return Observation(
        platform="stand-in", account="city", stream="comments", native_id=str(number),
        kind="present", sensitivity="public", captured_at=TIME,
        excerpts=(Excerpt("item", data),), row=row(text), parser="stand-in/1",
        exchange=f"{LANE}/1", content_type="application/json", context=place,
    )  # fmt: skip


def row(text: str) -> dict[str, str]:
    """Return the row of a comment."""
    return {"state": "public", "text": text, "markup": f"<p>{text}</p>"}


class Newer:
    """A parser a version later, for `archiver.flows.rereading`."""

    parser, platform = "stand-in/2", "stand-in"

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read as before, and a summary."""
        text = json.loads(excerpts[0].data)["content"].removeprefix("<p>").removesuffix("</p>")
        return row(text) | {"summary": "read anew"}


class Worn:
    """A tape on which all that has 32 bytes is the same: salts, nonces, keys."""

    def __init__(self, tape: SeededRandomness, value: bytes = bytes(32)) -> None:
        self._tape, self._value = tape, value

    def bytes(self, count: int) -> bytes:
        """Return the next bytes."""
        return self._value if count == len(self._value) else self._tape.bytes(count)


class Page:
    """A spool with one file of one exchange: the page of all comments."""

    lane, first, last = LANE, 1, 1

    def __init__(self, body: bytes) -> None:
        self.exchange = Exchange(
            lane=LANE, number=1, url="http://town.example/comments", captured_at=TIME,
            request=b"GET /comments HTTP/1.1\r\n\r\n",
            response=b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body),
            purpose={"role": "listing", "sensitivity": "public"},
        )  # fmt: skip

    def raw(self, file: object) -> bytes:
        """Return the file."""
        assert file is self
        return b"".join(exchange_parts(self.exchange))


@dataclass
class Scene:
    """What an attacker has.

    ``listing``: of every object that was there: size, SHA-256, ETag, SHA-512. ``sealed``:
    digests in seals. ``records``: of what remains, decrypted: row, header lines, block.
    ``maps``: settlement maps that remain. ``proofs``: given out, by what they are of.
    ``home``: its files. ``uuid``: the victim's, which listings name; ``newer``: of its newer
    reading, which its proof has; ``segment``: where it
    was; ``members``: lengths of the others in its file; ``padding``: how many lengths of it.
    """

    bucket: dict[str, bytes]
    home: dict[str, bytes]
    listing: dict[str, tuple[int, str, str, str]]
    proofs: dict[str, dict[str, Any]]
    records: list[tuple[dict[str, str], list[bytes], bytes]] = field(default_factory=list)
    sealed: set[str] = field(default_factory=set)
    maps: list[Mapping[str, Origin]] = field(default_factory=list)
    uuid: str = ""
    newer: str = ""
    segment: tuple[str, str] = ("", "")
    members: list[int] = field(default_factory=list)
    padding: int = LONGEST_PADDING

    def entries(self) -> list[bytes]:
        """Return the entries of the ledger."""
        keys = sorted(key for key in self.bucket if key.startswith(ENTRY_BUNDLES))
        return [one for key in keys for one in parse_bundle(self.bucket[key])]

    def removed(self, suffix: str) -> str:
        """Return the key of the removed file of a kind that held the comments as first read."""
        return unit_object_key(*self.segment, suffix)


def scene(home: Path, text: str, weakness: str = "", seed: str = "") -> Scene:
    """Return what remains of an archive in which a comment said ``text``.

    ``weakness``: what is wrong with it, one of those in `tests.attacks.attackers`; what begins
    with `MERGED` has both readings in one segment, verified, and the old ones said gone.
    """
    merged, weakness = weakness.startswith(MERGED), weakness.removeprefix(MERGED).strip(", ")
    with pytest.MonkeyPatch.context() as patch, destruction():
        store = founded(home)
        chance: Any = SeededRandomness(f"scene {seed}")
        chance = Worn(chance) if weakness in ("no salt", "no salt, no nonce") else chance
        archive = replace(open_archive(store, home), chance=chance)
        if weakness in ("no nonce", "no salt, no nonce"):
            for module in (segments, settle, copying):
                patch.setattr(module, "new_nonce", lambda _: (bytes(32), b"0"))
        patch.setattr(connectors, "CONNECTORS", {})
        _settle(archive, text, weakness)
        _generate(archive, weakness)
        before = dict(store._objects)
        if merged:
            merge(archive, patch, weakness, item(PLACE, text))
        keep_known(archive, ACCOUNT, 2, known_of(archive, read_state(archive), ACCOUNT))
        return _destroyed(archive, home, weakness, before)


def _settle(archive: Archive, text: str, weakness: str) -> None:
    """Seal a page of comments: exchange, records, map, residue, listing, quotation, a gap."""
    texts = [text if number == PLACE else other for number, other in enumerate(OTHERS)]
    items = [item(number, one) for number, one in enumerate(texts)]
    body = b"[" + b",".join(items) + b',{"trending":"' + text.encode() + b'"}]'
    page, settled, at = Page(body), Settled(), 1
    seal_intake(archive, read_state(archive), ACCOUNT, page, page)  # type: ignore[arg-type]  # reads only
    for number, one in enumerate(texts):
        uuid = new_uuid(archive.chance)
        seen = observation(number, one, at, ranged=weakness == "ranges kept")
        settled.observations.append((uuid, seen))
        end = at + len(items[number])
        settled.origins[uuid] = (f"{LANE}/1", [("item", at, end)])
        at = end + 1
    for more in _around(text, [uuid for uuid, _ in settled.observations], page, weakness):
        settled.observations.append((new_uuid(archive.chance), more))
    settled.entries.append(
        {
            "t": "gap", "time": TIME, "account": ACCOUNT, "stream": "comments",
            "cause": "withheld", "since": TIME, "until": TIME, "lane": LANE, "exchange": 1,
        }
    )  # fmt: skip
    over = settle.RunCounts("incremental", TIME, ended=True, counts={}, since={}, again=0)
    covers = (LANE, [[1, 2]])
    seal_settled(archive, read_state(archive), ACCOUNT, settled, covers=covers, saw=over)
    Drift(archive, ACCOUNT, CaptureReport("city", "incremental")).take(settled)


def _around(text: str, uuids: Sequence[str], page: Page, weakness: str) -> Iterator[Observation]:
    """Yield what else tells of the comment: residue, a listing, a post that names it."""
    first = observation(0, OTHERS[0])
    yield replace(
        first, native_id="residue/1", kind=Kind.RESIDUE, sensitivity="private", row={},
        excerpts=(Excerpt("residue", b'{"trending":"' + text.encode() + b'"}'),),
    )  # fmt: skip
    told = Pass(page.exchange, total=str(COUNT), pages=1)
    if weakness == "digest in listing":
        told.claims["items"] = sha256(item(PLACE, text)).hexdigest()
    place = Place("stand-in", "city", "comments", "listing/all")
    yield listing_observation(place, "all", told, uuids)
    kept = f'{{"quoted":"{sha256(text.encode()).hexdigest()}"}}'
    quoting = {"state": "public", "text": "Read this!", "parent_id": str(PLACE)}
    yield replace(
        first, stream="posts", native_id="9", parser="other/1",
        excerpts=(Excerpt("item", b'{"id":9}'),),
        row=quoting | ({"extra": kept} if weakness == "digest in quotation" else {}),
    )  # fmt: skip


def _generate(archive: Archive, weakness: str) -> None:
    chance: Any = archive.chance
    if weakness == "salt reused":
        found = (one for _, row, one, _ in records_of(archive) if row["native_id"] == str(PLACE))
        lines = dict(line.split(b": ", 1) for line in next(found).lines if b": " in line)
        chance = Worn(chance, bytes.fromhex(lines[b"Archive-Salt"].decode()))
    anew = replace(archive, chance=chance)
    read_anew(anew, ACCOUNT, Newer())  # type: ignore[arg-type]  # parses only


def _destroyed(archive: Archive, home: Path, weakness: str, seen: Mapping[str, bytes]) -> Scene:
    """Note what can be noted, destroy the comment, and return what remains.

    ``seen``: what was in the bucket earlier.
    """
    victim = record_id("stand-in", "city", "comments", str(PLACE))
    mine = [one for one in records_of(archive) if one[1]["record_id"] == victim]
    segment, first, _, _ = mine[0]
    proofs = _proofs(archive, victim, [(leaf, row) for _, row, _, leaf in mine])
    before = {**seen, **archive.store._objects}  # type: ignore[attr-defined]  # in memory
    there = [row_index(segment).index(leaf) for own, _, _, leaf in mine if own == segment]
    _carve(archive, {leaf for _, _, _, leaf in mine}, weakness)
    one = Scene(
        dict(archive.store._objects),  # type: ignore[attr-defined]  # in memory
        {
            path.relative_to(home).as_posix(): path.read_bytes()
            for path in home.rglob("*")
            if path.is_file()
        },
        {key: _noted(data) for key, data in before.items()},
        proofs,
        uuid=first["observation_id"],
        newer=mine[1][1]["observation_id"],
        segment=(segment.unit, segment.name),
        padding=1 if weakness == "no nonce" else LONGEST_PADDING,
    )
    old = segment_index.parse_index(before[one.removed("idx")])
    one.members = [length for n, (_, length) in enumerate(old) if n - 1 not in there]
    one.records = [(row, record.lines, record.block) for _, row, record, _ in records_of(archive)]
    _read_ledger(archive, one)
    if weakness == "gap kept":
        _open_gap(one, before, there)
    return one


def _proofs(
    archive: Archive, victim: str, mine: Sequence[tuple[int, Mapping[str, str]]]
) -> dict[str, dict[str, Any]]:
    """Return proofs of both readings of the victim, and of the leaf beside the first."""
    (leaf, first), (_, newer) = mine
    beside = next(row for _, row, _, other in records_of(archive) if other == leaf ^ 1)
    wanted = {"first": first, "newer": newer}
    found = {
        name: prove(archive, victim, fields=["state"], observation=row["observation_id"])
        for name, row in wanted.items()
    }
    name = beside["observation_id"]
    return found | {"neighbour": prove(archive, beside["record_id"], observation=name)}


def _carve(archive: Archive, mine: set[int], weakness: str) -> None:
    """Destroy the victim's leaves and the residue, but for what a weakness leaves."""
    rest = {leaf for _, row, _, leaf in records_of(archive) if row["kind"] == Kind.RESIDUE}
    leaves = mine - ({max(mine)} if weakness == "generation kept" else set())
    leaves |= set() if weakness == "residue kept" else rest
    with pytest.MonkeyPatch.context() as patch:
        if weakness == "map kept":
            patch.setattr(carving, "_map", lambda *_: [])
        if weakness == "caches kept":
            patch.setattr(carving, "rebuild", lambda *_: None)
        carve(archive, ACCOUNT, Doomed(leaves=leaves, exchanges={f"{LANE}/1"}))


def _read_ledger(archive: Archive, one: Scene) -> None:
    state = read_state(archive)
    one.sealed = {
        digest
        for _, body in state.controls
        if body["t"] == "seal"
        for each in body["segments"]
        for digest in each["objects"].values()
    }
    one.maps = [
        parse_map(open_file(archive, each, "map"))
        for each in state.segments()
        if any(suffix.startswith("map") for suffix in each.objects)
    ]


def _noted(data: bytes) -> tuple[int, str, str, str]:
    tag = md5(data, usedforsecurity=False).hexdigest()
    return len(data), sha256(data).hexdigest(), tag, sha512(data).hexdigest()


def _open_gap(one: Scene, before: Mapping[str, bytes], there: Sequence[int]) -> None:
    """Have the new index say where members lay in the old file. ``there``: the victim's rows."""
    old = before[one.removed("idx")].split(b"\n")
    (new,) = (
        key
        for key, data in one.bucket.items()
        if key.endswith(".idx") and key not in one.listing
        if data.count(b"\n") == len(old) - 1 - len(there)
    )
    one.bucket[new] = b"\n".join(line for n, line in enumerate(old) if n - 2 not in there)
