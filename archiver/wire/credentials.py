"""The credentials of a home: where they lie, and what encrypts them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from archiver.edges.chance import SystemRandomness
from archiver.edges.credentials import CredentialStore
from archiver.edges.keks import FILE, MASTER, ChosenKeks, FileKeks, HomeKeks
from archiver.edges.sealedfiles import SealedFiles
from archiver.errors import KeyStoreError
from archiver.flows.archive import Safekeeping
from archiver.ports import Check

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archiver.keyring import Keks
    from archiver.settings import Settings

__all__ = ["credential_store"]

AWS = "aws-kms"
_KEPT = "credentials in this home are sealed under a key that is elsewhere"
_WHAT = {
    MASTER: "their key is in this home as well: whoever has a copy of the whole home has them;"
    " one of the folder `credentials` alone is no use. Set credentials_key, or kms",
    FILE: "under the key in {}: a copy of the home opens nothing without it",
    AWS: "under a key in AWS KMS: a copy of the home opens nothing without it",
}


def credential_store(settings: Settings, place: Path) -> tuple[CredentialStore, Safekeeping]:
    """Return the credentials of the archive whose home is ``place``, and how they are kept.

    The key file that the settings name comes first, then their KMS, else a key in the home.
    """
    chance = SystemRandomness()
    keepers: dict[str, Callable[[], Keks]] = {MASTER: lambda: HomeKeks(place / "keks", chance)}
    chosen = MASTER
    if settings.kms:
        keepers[AWS], chosen = lambda: _kms(place.name), AWS
    if settings.credentials_key:
        path = Path(settings.credentials_key)
        keepers[FILE], chosen = lambda: FileKeks(path, chance), FILE
    files = SealedFiles(place / "credentials", place.name, ChosenKeks(keepers, chosen), chance)

    def preflight() -> Sequence[Check]:
        return [_check(settings, files, chosen, place)]

    return CredentialStore(files), Safekeeping(files.rotate, preflight)


def _kms(archive_id: str) -> Keks:
    from archiver.edges.kms import connect  # boto3 costs half a second

    return connect(archive_id)


def _check(settings: Settings, files: SealedFiles, chosen: str, place: Path) -> Check:
    """Say what the encryption of credentials protects from, having tried it."""
    try:
        files.try_keeper()
    except KeyStoreError as error:
        return Check(_KEPT, held=False, detail=str(error), needed=bool(files.count()))
    path = Path(settings.credentials_key or place)
    beside = chosen == MASTER or (
        chosen == FILE and path.resolve().is_relative_to(place.parent.resolve())
    )
    told = _WHAT[MASTER if beside else chosen].format(path)
    if not beside:
        told += ". Whoever runs as its user has them all the same"
    plain = files.plain()
    told += (
        f". {plain} of an older version are still plain: `archiver keys rotate`" if plain else ""
    )
    return Check(_KEPT, not beside and not plain, told, needed=False)
