"""What an attacker has in the end: all that remains, and all that was noted or given out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from archiver.flows import hold_acts, order_list
from archiver.flows.accounts import registry
from archiver.flows.ledger import read_state
from archiver.flows.prove import prove
from archiver.flows.search import Query, search
from archiver.flows.show import show
from archiver.flows.status import status
from archiver.flows.verify import verify
from archiver.layout import ENTRY_BUNDLES, unit_object_key
from archiver.ledger.tiles import parse_bundle
from archiver.record import record_id
from tests.attacks.canonical import Canonical
from tests.attacks.carving import Doomed, doomed
from tests.attacks.hearing import carried_out
from tests.attacks.lives import live
from tests.attacks.town import ACCOUNT
from tests.flows.helpers import Quiet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.attacks.world import World

__all__ = ["Noted", "Remains", "destroyed", "noted"]


@dataclass
class Noted:
    """Notes from before the destruction.

    ``objects``: all that was ever in the bucket, of which an attacker knows names, sizes and
    digests, and of files that were encrypted the bytes. ``outputs``: JSON that was given out,
    about others. ``proofs``: of other records; ``victim``: of the destroyed one, its text withheld.
    """

    objects: dict[str, bytes]
    outputs: dict[str, Any]
    proofs: list[dict[str, Any]]
    victim: dict[str, Any]


@dataclass
class Remains:
    """What remains of a world: bucket, home, later outputs and proofs, and what was noted.

    ``erased``: keys of all files that held what is gone, superseded ones too.
    """

    bucket: dict[str, bytes]
    home: dict[str, bytes]
    outputs: dict[str, Any]
    proofs: list[dict[str, Any]]
    noted: Noted
    gone: Doomed
    erased: set[str]
    world: World

    @property
    def files(self) -> dict[str, str]:
        """The SHA-256 (hex) of each erased file, as seals have it, and its key."""
        state = read_state(self.world.archive)
        return {
            digest: key
            for _, body in state.controls
            if body["t"] == "seal"
            for one in body["segments"]
            for suffix, digest in one["objects"].items()
            for key in (unit_object_key(one["unit"], one["segment"], suffix),)
            if key in self.erased
        }

    def entries(self) -> list[bytes]:
        """Return all entries of the ledger."""
        keys = sorted(key for key in self.bucket if key.startswith(ENTRY_BUNDLES))
        return [one for key in keys for one in parse_bundle(self.bucket[key])]

    def canonical(self) -> tuple[dict[str, object], Canonical]:
        """Return everything by name, and who named it."""
        names = Canonical(self.entries(), self.gone.leaves, self.noted.objects, self.files)
        found: dict[str, object] = {}
        for key, data in self.bucket.items():
            name, content = names.stored(key, data)
            found[f"bucket {name}"] = content
        for key, data in self.home.items():
            found[f"home {key}"] = names.home(key, data)
        for key, data in self.noted.objects.items():
            told = names.listed(key, data)
            found[f"listing {told[0]}"] = told
        for when, given in (("before", self.noted.outputs), ("after", self.outputs)):
            found |= {f"{name} {when}": one for name, one in given.items()}
            found[f"status {when}"] = names.status(given["status"])
        found["compact before"] = [names.merged(one) for one in self.noted.outputs["compact"]]
        for when, proofs in (("before", self.noted.proofs), ("after", self.proofs)):
            found[f"proofs {when}"] = [names.proof(one, dead=False) for one in proofs]
        found["proof of the victim"] = names.proof(self.noted.victim, dead=True)
        return found, names


def noted(world: World) -> Noted:
    """Return what somebody may have noted or been given while the record was there."""
    archive = world.archive
    proofs, report = _proofs(world), verify(archive, Quiet(), deep=True)
    assert report.findings == []
    author = world.town.authors[world.town.words.author].name
    victim = record_id("mastodon", ACCOUNT, "comments", str(world.town.victim))
    mine = prove(archive, victim, fields=["state"], withhold=[author])
    outputs = _outputs(world) | {
        "verify": (report.entries, report.segments, report.records),
        "compact": list(world.told),
    }
    world.look()
    return Noted(dict(world.seen), outputs, proofs, mine)


def _proofs(world: World) -> list[dict[str, Any]]:
    return [prove(world.archive, one) for one in survivors(world)]


def survivors(world: World) -> list[str]:
    """Return the ids of two public records that stay, a reply and the post that it answers."""
    town = world.town
    return [
        record_id("mastodon", ACCOUNT, "posts", str(town.post.id)),
        record_id("mastodon", ACCOUNT, "comments", str(town.reply.id)),
    ]


def _outputs(world: World) -> dict[str, Any]:
    """Return what commands print about everything but the victim."""
    archive = world.archive
    return {
        "status": status(archive),
        "accounts": [asdict(one) for one in registry(archive).values()],
        "search": [asdict(search(archive, Query(word))) for word in ("culvert", "telling")],
        "show": [show(archive, one) for one in survivors(world)],
    }


def destroyed(
    world: World,
    before: Noted,
    after: Sequence[str] = (),
    look: Callable[[], object] = lambda: None,
) -> Remains:
    """Destroy the victim, go through what comes after, and return what remains.

    ``look`` is called when all is split that goes. Whoever lists the bucket looks then, too.
    """
    gone = doomed(world)

    def looked() -> None:
        world.look()
        look()

    erased = carried_out(world, gone, looked)
    before.objects |= world.seen
    live(world, after)
    outputs = _outputs(world) | {
        "everything": asdict(search(world.archive, Query(""), private=True)),
        "holds": hold_acts.listed(world.archive),
        "orders": order_list.listed(world.archive),
        "compact": world.told[len(before.outputs["compact"]) :],
    }
    proofs = _proofs(world)
    home = {
        path.relative_to(world.home).as_posix(): path.read_bytes()
        for path in sorted(world.home.rglob("*"))
        if path.is_file()
    }
    bucket = dict(world.store._objects)
    kept = bucket.keys() | {one.key for one in world.store.versions()}
    assert erased.isdisjoint(kept)
    return Remains(bucket, home, outputs, proofs, before, gone, erased, world)
