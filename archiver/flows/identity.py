"""The archive's identity: making it, reading it, pinning it in the home."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from archiver.errors import (
    AlreadyExistsError,
    ArchiverError,
    FormatError,
    IntegrityError,
    UsageError,
)
from archiver.flows.archive import Identity
from archiver.flows.ledger import read_state
from archiver.flows.submit import recover, submit
from archiver.formats.parquet import canonical_time
from archiver.ids import new_handle, new_ulid
from archiver.layout import ARCHIVE_FILE, CHECKPOINT
from archiver.ledger.batch import Batch
from archiver.ledger.checkpoint import open_checkpoint

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.ports import Clock, HomeFiles, Randomness, Store

__all__ = [
    "FORMAT",
    "create",
    "decode",
    "encode",
    "founding_entry",
    "load",
    "new_identity",
    "pin",
    "require_ours",
    "signed",
]

FORMAT = "civic-archive/1"
PINNED = "trust/archive.json"
_ID = re.compile("[0-9a-z]{1,64}")
"""The id is a folder's name in every home that opens the archive: nothing else is one."""


def new_identity(clock: Clock, chance: Randomness, origin: str) -> tuple[str, str, str]:
    """Return a new archive's random id, its checkpoint origin, and the time."""
    archive_id = new_handle(chance)
    return archive_id, origin or f"civic-archive/{archive_id}", canonical_time(clock.now())


def encode(identity: Identity) -> bytes:
    """Return ``archive.json``."""
    document = {
        "format": FORMAT,
        "archive": identity.id,
        "origin": identity.origin,
        "keys": list(identity.keys),
        "created": identity.created,
    }
    return json.dumps(document, indent=1).encode() + b"\n"


def decode(data: bytes) -> Identity:
    """Return the identity that `encode` wrote. Raises `FormatError`."""
    try:
        document: dict[str, Any] = json.loads(data)
        if document["format"] != FORMAT:
            raise FormatError(
                f"archive format {document['format']} is not known to this version",
                where=ARCHIVE_FILE,
                mend=f"this version reads {FORMAT}",
            )
        if not _ID.fullmatch(document["archive"]):
            raise FormatError(
                "the id of an archive is of small letters and digits",
                where=ARCHIVE_FILE,
                mend="restore archive.json from a replica; who made this one meant harm",
            )
        return Identity(
            str(document["archive"]),
            str(document["origin"]),
            [str(key) for key in document["keys"]],
            str(document["created"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(f"archive.json can't be read: {error!r}", where=ARCHIVE_FILE) from error


def create(store: Store, identity: Identity) -> None:
    """Write ``archive.json`` of a new archive. Raises `UsageError` where there is one."""
    try:
        store.create(ARCHIVE_FILE, encode(identity))
    except AlreadyExistsError as error:
        raise UsageError(
            "there is an archive already",
            where=store.describe(),
            code="archive-exists",
            mend="choose an empty place, or use the archive that is there",
        ) from error


def load(store: Store) -> tuple[Identity, bytes]:
    """Return the identity of the archive in a store, and ``archive.json`` itself."""
    stored = store.load(ARCHIVE_FILE)
    if stored is None:
        raise UsageError(
            "there is no archive here",
            where=store.describe(),
            code="archive-missing",
            mend="make one with `archiver init`, or point --archive at the right place",
        )
    return decode(stored.data), stored.data


def pin(home: HomeFiles, data: bytes) -> None:
    """Keep ``archive.json`` as first seen. Raises `IntegrityError` where it has changed."""
    pinned = home.read(PINNED)
    if pinned is None:
        home.write(PINNED, data)
    elif pinned != data:
        raise IntegrityError(
            "archive.json is not the one this home knows",
            where=ARCHIVE_FILE,
            code="archive-json",
            mend="restore it from a replica; do not trust signatures until you know who changed it",
        )


def signed(store: Store, identity: Identity) -> bool:
    """Tell whether a key of an archive signed the checkpoint in a store."""
    stored = store.load(CHECKPOINT)
    with suppress(ArchiverError):
        return open_checkpoint(stored.data if stored else b"", identity.keys).size > 0
    return False


def require_ours(store: Store, identity: Identity) -> bool:
    """Tell whether a copy was begun in a place. Raises `UsageError` where anything else is."""
    if store.load(ARCHIVE_FILE) is not None:
        found, _ = load(store)
        if found != identity:
            raise UsageError(
                "another archive is here",
                where=store.describe(),
                code="replica-foreign",
                mend="give the copy an empty place of its own; nothing was changed",
            )
        return True
    if next(iter(store.list("")), None) is not None and not signed(store, identity):
        raise UsageError(
            "there is something else here, and no archive",
            where=store.describe(),
            code="replica-foreign",
            mend="give the copy an empty place of its own",
        )
    return False


def founding_entry(archive: Archive) -> None:
    """Make the ledger's first entry: it covers ``archive.json`` and names the signing key.

    Does nothing where the ledger has entries.
    """
    with archive.open_spool(archive.identity.id):
        recover(archive, archive.identity.id)
        if read_state(archive).size:
            return
        role = {
            "t": "role",
            "role": "log-signer",
            "keys": list(archive.identity.keys),
            "document": sha256(encode(archive.identity)).hexdigest(),
            "time": archive.identity.created,
        }
        batch = Batch(new_ulid(archive.clock, archive.chance), (), (role,))
        submit(archive, archive.identity.id, batch, {})
