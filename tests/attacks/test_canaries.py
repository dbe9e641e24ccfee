"""Words that one record alone says: once it is destroyed, no byte of what is kept has them."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from archiver.edges.keys import LocalKeyStore
from archiver.errors import ArchiverError
from archiver.flows.search import Query, search
from archiver.flows.segments import decrypted
from archiver.flows.verify import verify
from archiver.formats.keyfile import due_of
from archiver.formats.sealing import info_of, new_pair, unseal
from archiver.keyring import Recipient
from tests.attacks.canaries import STREAMS, Cage, caged, everywhere, purged, words_of
from tests.attacks.needles import found
from tests.doubles import SeededRandomness
from tests.flows.helpers import Quiet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

RECIPIENT = "r" * 26


@dataclass
class Kept:
    """A cage whose canaries were destroyed, and what somebody kept from before.

    ``bucket``: all objects; ``keys``: a folder with all of the key store; ``private``: the key of
    an offline recipient, the same for every due period.
    """

    cage: Cage
    bucket: Mapping[str, bytes]
    keys: Path
    private: bytes


@pytest.fixture(
    scope="module",
    params=[60, pytest.param(10_000, marks=pytest.mark.soak)],
    ids=["few", "many"],
)
def kept(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kept]:
    """What is kept of many canaries: found before in store, copy and home."""
    folder, (private, public) = tmp_path_factory.mktemp("cage"), new_pair()
    with pytest.MonkeyPatch.context() as patch:
        cage = caged(folder / "hall", patch, request.param)
        keys = cage.archive.keys
        keys.share([Recipient(RECIPIENT, {due_of(one): public.hex() for one in keys.periods()})])
        assert search(cage.archive, Query(""), private=True).hits
        before = found(words_of(cage.going), everywhere(cage))["word"]
        assert {one.partition(" ")[0] for one in before} >= {"here", "vault"}
        for cache in ("cache/objects/", "cache/index/"):
            assert any(cache in one for one in before), cache
        shutil.copytree(cage.hall.folder / "home" / "keystore", folder / "keys")
        bucket = dict(cage.hall.store._objects)
        purged(cage)
        yield Kept(cage, bucket, folder / "keys", private)


def test_no_byte_has_them(kept: Kept) -> None:
    """Nor a digest of them, after all was read and verified; those that stay still are there."""
    cage = kept.cage
    told = str(asdict(search(cage.archive, Query(""), private=True)))
    assert not [one for one in cage.going if one.word in told]
    assert verify(cage.archive, Quiet(), deep=True).findings == []
    places = list(everywhere(cage))
    assert found(words_of(cage.going), places) == {}
    every = b"".join(data for _, data in places)
    assert [one for one in cage.staying if one.word.encode() not in every] == []


# ── An old backup, and an offline key ────────────────────────────────────────────────────
WRAPS = "[0-9a-f]" * 64
"""Names of wrapped file keys; a period's own key, and its seals to others, have other names."""


def opened(kept: Kept, keys: LocalKeyStore) -> set[str]:
    """Return which private files of the old bucket that are gone an offline key opens."""
    made, _ = keys.recover(
        RECIPIENT, lambda period, data: unseal(data, kept.private, info_of(period, RECIPIENT))
    )
    return {name for name in gone(kept) if name in made and opens(kept, name, made[name])}


def gone(kept: Kept) -> set[str]:
    """Return the names of the private files that are gone."""
    private = {name for name in kept.bucket if name.endswith(".c256")}
    return private - kept.cage.hall.store._objects.keys()


def opens(kept: Kept, name: str, key: bytes) -> bool:
    """Tell whether a key opens a file of the old bucket."""
    unit, file = name.split("/")[1:]
    segment, _, suffix = file.partition(".")
    try:
        return bool(decrypted(kept.cage.archive, (unit, segment, suffix), kept.bucket[name], key))
    except ArchiverError:
        return False


def today(kept: Kept, to: Path) -> LocalKeyStore:
    """Return a copy of today's key store, which seals to the offline recipient."""
    shutil.copytree(kept.cage.hall.folder / "home" / "keystore", to)
    public = X25519PrivateKey.from_private_bytes(kept.private).public_key().public_bytes_raw().hex()
    dues = {due_of(one) for one in kept.cage.archive.keys.periods()}
    recipient = Recipient(RECIPIENT, dict.fromkeys(dues, public))
    return LocalKeyStore(to, SeededRandomness("restored"), recipients=lambda: [recipient])


def put_back(kept: Kept, to: Path, which: str) -> None:
    """Put files of the old key store back that are not there any more."""
    for old in kept.keys.glob(f"periods/*/{which}"):
        new = to / old.relative_to(kept.keys)
        if not new.exists():
            new.parent.mkdir(mode=0o700, exist_ok=True)
            shutil.copy(old, new)


def test_an_old_bucket_opens_with_no_key_of_today(kept: Kept, tmp_path: Path) -> None:
    """Nor with an offline key, to which all periods are sealed."""
    keys = today(kept, tmp_path / "keys")
    assert len(gone(kept)) > len(STREAMS)
    assert opened(kept, keys) == set()
    assert gone(kept).isdisjoint(keys.object_ids())


def test_old_wraps_open_until_their_period_has_another_key(kept: Kept, tmp_path: Path) -> None:
    """Which is why periods are rotated after a purge: then wraps of a backup are noise."""
    still = today(kept, tmp_path / "still")
    put_back(kept, tmp_path / "still", WRAPS)
    assert opened(kept, still) == gone(kept)
    rotated = today(kept, tmp_path / "rotated")
    for period in rotated.periods():
        rotated.rotate(period)
    put_back(kept, tmp_path / "rotated", WRAPS)
    assert opened(kept, rotated) == set()


def test_a_unit_whose_due_period_went_opens_no_more(kept: Kept, tmp_path: Path) -> None:
    """With bucket, wraps and an offline key; but with what was sealed to that key it does."""
    keys = today(kept, tmp_path / "keys")
    for due in {due_of(one) for one in keys.periods()}:
        keys.shred_due(due)
    put_back(kept, tmp_path / "keys", WRAPS)
    assert opened(kept, keys) == set()
    put_back(kept, tmp_path / "keys", f"to-{RECIPIENT}")
    assert opened(kept, keys) == gone(kept), "until the recipient destroys the due period's key"
