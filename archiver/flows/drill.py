"""The restore drill: all keys from a recipient's private keys alone, and files they open."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from archiver.errors import ArchiverError, KeyStoreError
from archiver.flows.documents import seal_documents
from archiver.flows.ledger import read_state
from archiver.flows.segments import ENCRYPTED, decrypted
from archiver.formats.sealing import info_of, unseal
from archiver.ids import new_ulid
from archiver.layout import unit_object_key
from archiver.registry.documents import DRILL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState
    from archiver.ports import Progress

__all__ = ["Drill", "drill", "last_drill"]


@dataclass(frozen=True, slots=True)
class Drill:
    """What one recipient's private keys alone restored.

    ``keys``: file keys recovered; ``files``: stored files that opened with them; ``lost``:
    what they should open and did not; ``elsewhere``: files without a wrap in this store. Nobody
    can tell from the store whether another home has it, or it is lost.
    """

    recipient: str
    periods: int
    keys: int
    files: int
    lost: list[str]
    elsewhere: int


def drill(
    archive: Archive,
    handle: str,
    private: Mapping[str, bytes],
    progress: Progress,
    *,
    sample: int = 0,
) -> Drill:
    """Restore keys with a recipient's private keys alone, open files, and record it.

    Args:
        archive: where.
        handle: of the recipient.
        private: due period (or ``*``) -> X25519 private key, 32 bytes.
        progress: told of each file.
        sample: how many files to open; 0: all.
    """

    def opened(period: str, sealed: bytes) -> bytes:
        due = period.rpartition("/")[0]
        key = next((private[name] for name in (period, due, "*") if name in private), None)
        if key is None:
            raise KeyStoreError("no private key for the period", where=period)
        return unseal(sealed, key, info_of(period, handle))

    keys, without = archive.keys.recover(handle, opened)
    wanted = _encrypted_files(read_state(archive))
    lost = sorted(set(without) & wanted.keys())
    here = sorted(wanted.keys() & keys.keys())
    chosen = here if not sample else _drawn(archive, here, sample)
    files = 0
    for number, key in enumerate(chosen):
        progress.step(number, len(chosen), "files")
        if _opens(archive, key, wanted[key], keys[key]):
            files += 1
        else:
            lost.append(key)
    periods = sum(handle in found for found in archive.keys.sealed().values())
    elsewhere = len(wanted) - len(here) - len(set(without) & wanted.keys())
    made = Drill(handle, periods, len(keys), files, lost, elsewhere)
    document = {**asdict(made), "sample": sample}
    counts = {"periods": periods, "keys": len(keys), "files": files, "lost": len(lost)}
    name = f"{DRILL}/{new_ulid(archive.clock, archive.chance)}"
    seal_documents(archive, {name: document}, [{"t": "rekey", "work": "drilled", **counts}])
    return made


def _encrypted_files(state: LedgerState) -> dict[str, tuple[str, str, str, str]]:
    """Return the key of every encrypted file: (unit, segment, suffix, SHA-256)."""
    return {
        unit_object_key(one.unit, one.name, suffix): (one.unit, one.name, suffix, digest)
        for one in state.segments()
        for suffix, digest in one.objects.items()
        if suffix.endswith(ENCRYPTED)
    }


def _drawn(archive: Archive, names: list[str], count: int) -> list[str]:
    """Return names drawn at random: whoever made the archive can't know which."""
    ranked = sorted(names, key=lambda _: archive.chance.bytes(8))
    return sorted(ranked[:count])


def _opens(archive: Archive, name: str, file: tuple[str, str, str, str], key: bytes) -> bool:
    unit, segment, suffix, digest = file
    try:
        stored = archive.store.get(name)
        decrypted(archive, (unit, segment, suffix), stored, key)
    except ArchiverError:
        return False
    return sha256(stored).hexdigest() == digest


def last_drill(state: LedgerState) -> dict[str, Any] | None:
    """Return the entry of the last restore drill, or None."""
    found = [body for _, body in state.controls if body.get("work") == "drilled"]
    return found[-1] if found else None
