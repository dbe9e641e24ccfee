"""Where an archive's file keys live: in the home, in a shared folder, or in a bucket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.edges.chance import SystemRandomness
from archiver.edges.keks import HomeKeks, PlainKeks
from archiver.edges.keys import LocalKeyStore
from archiver.errors import UsageError
from archiver.flows.keys import RECIPIENTS
from archiver.keyring import Recipient
from archiver.wire.store import BUCKET, parts_of

if TYPE_CHECKING:
    from archiver.edges.home import LocalHome
    from archiver.keyring import Keks, KeyStore, PersonKey
    from archiver.settings import Settings

__all__ = ["key_store"]


def key_store(
    settings: Settings, place: Path, home: LocalHome, person: PersonKey | None
) -> KeyStore:
    """Return the key store of the archive whose home is ``place``.

    Raises `UsageError` for one that lies within the archive, or the archive within it.
    """
    chance = SystemRandomness()

    def recipients() -> list[Recipient]:
        return [
            Recipient(handle, keys) for handle, keys in json.loads(home.read(RECIPIENTS) or "[]")
        ]

    keks = _keks(settings, place)
    if not settings.keystore:
        return LocalKeyStore(place / "keystore", chance, keks, recipients, person)
    _check_apart(settings)
    if not settings.keystore.startswith(BUCKET):
        folder = Path(settings.keystore) / place.name
        return LocalKeyStore(folder, chance, keks, recipients, person)
    from archiver.edges.bucketkeys import BucketKeyStore
    from archiver.edges.s3 import connect  # boto3 costs half a second

    store = connect(
        f"{settings.keystore.rstrip('/')}/{place.name}",
        endpoint_url=settings.s3_endpoint or None,
        region=settings.s3_region or None,
    )
    return BucketKeyStore(store, chance, keks, recipients, person)


def _check_apart(settings: Settings) -> None:
    """Refuse keys among content: whoever copies or backs up the one would have the other."""
    one, other = parts_of(settings.keystore), parts_of(settings.archive)
    shorter = min(len(one), len(other))
    if one[:shorter] == other[:shorter]:
        raise UsageError(
            "the key store and the archive lie in each other, and keys belong apart from content",
            where=settings.keystore,
            code="keystore-inside",
            mend="give `keystore` a folder or a bucket and prefix of its own",
        )


def _keks(settings: Settings, place: Path) -> Keks:
    """Return what seals the keys of periods."""
    if settings.kms:
        from archiver.edges.kms import connect  # boto3 costs half a second

        return connect(place.name)
    if settings.keystore:
        return HomeKeks(place / "keks", SystemRandomness())
    return PlainKeks()
