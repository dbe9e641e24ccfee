"""Where edges meet flows: the only place that knows both."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from archiver.edges import recipientkeys
from archiver.edges.chance import SystemRandomness
from archiver.edges.clock import SystemClock
from archiver.edges.credentials import CredentialStore
from archiver.edges.duck import DuckEngine
from archiver.edges.home import LocalHome
from archiver.edges.http import Recorder, Secrets
from archiver.edges.http_outside import HttpOutside
from archiver.edges.keks import HomeKeks, PlainKeks
from archiver.edges.keys import LocalKeyStore
from archiver.edges.localfs import LocalStore
from archiver.edges.personkey import PersonKeyFile
from archiver.edges.signer import FileSigner
from archiver.edges.spool import Spool
from archiver.edges.witness import WitnessFolder
from archiver.edges.witness_http import Limits, WitnessServer
from archiver.errors import KeyStoreError, UsageError
from archiver.flows import identity
from archiver.flows import witness as witnessing
from archiver.flows.anchoring import Anchoring, AuthorityAt, WitnessAt
from archiver.flows.archive import Archive, Identity
from archiver.flows.keys import RECIPIENTS
from archiver.ids import new_handle
from archiver.keyring import Recipient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from archiver.keyring import Keks, PersonKey
    from archiver.ports import Recorder as RecorderPort
    from archiver.ports import Signer, Store
    from archiver.ports import Spool as SpoolPort
    from archiver.settings import Settings

__all__ = [
    "create_archive",
    "create_person_key",
    "create_recipient_keys",
    "create_witness",
    "open_archive",
    "open_person_key",
    "open_store",
    "open_witness",
    "recipient_keys",
    "trial_spool",
    "witness_server",
]


def open_store(settings: Settings) -> Store:
    """Return the store that holds the archive. Raises `UsageError` without an address."""
    if not settings.archive:
        raise UsageError(
            "which archive?",
            code="archive-unset",
            mend="give --archive DIR or s3://bucket/prefix, or set ARCHIVER_ARCHIVE",
        )
    if settings.archive.startswith("s3://"):
        from archiver.edges.s3 import connect  # boto3 costs half a second

        return connect(
            settings.archive,
            endpoint_url=settings.s3_endpoint or None,
            region=settings.s3_region or None,
        )
    return LocalStore(Path(settings.archive))


def create_archive(settings: Settings, origin: str = "") -> Archive:
    """Make a new archive: its identity, signing key, and the ledger's first entry.

    Finishes an `init` that was cut short. Raises `UsageError` where there is an archive
    that this home did not make.
    """
    store = open_store(settings)
    if store.load("archive.json") is None:
        archive_id, name, created = identity.new_identity(SystemClock(), SystemRandomness(), origin)
        LocalHome(settings.home / archive_id)
        signer = FileSigner.create(_signing_key(settings, archive_id), name)
        identity.create(store, Identity(archive_id, name, [signer.verifier_key], created))
    else:
        found, _ = identity.load(store)
        if not _signing_key(settings, found.id).exists():
            identity.create(store, found)
    archive = open_archive(settings)
    before = archive.home.read("trust/checkpoint")
    identity.founding_entry(archive)
    if before is not None:
        identity.create(store, archive.identity)
    return archive


def open_archive(settings: Settings, waiting: Callable[[str], None] | None = None) -> Archive:
    """Open an archive. Raises `UsageError` where there is none, `IntegrityError`."""
    store = open_store(settings)
    found, data = identity.load(store)
    place = settings.home / found.id
    home = LocalHome(place)
    identity.pin(home, data)
    clock, chance = SystemClock(), SystemRandomness()
    person = open_person_key(Path(settings.person)) if settings.person else None
    credentials = CredentialStore(place / "credentials")

    @contextmanager
    def open_spool(account: str) -> Iterator[SpoolPort]:
        with Spool.open(place / "spool", account, clock, chance, waiting) as spool:
            yield cast("SpoolPort", spool)  # its files are its own: nobody else makes them

    @contextmanager
    def open_recorder(
        spool: SpoolPort,
        secrets: Mapping[str, str],
        headers: tuple[tuple[str, str], ...],
        url: str,
    ) -> Iterator[RecorderPort]:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        own = cast("Spool", spool)
        login = {origin: headers}
        with Recorder(own, Secrets(secrets), clock, authorisation=login) as recorder:
            yield recorder

    return Archive(
        identity=found,
        store=store,
        home=home,
        keys=_key_store(settings, place, home, person),
        signer=_signer(settings, found),
        clock=clock,
        chance=chance,
        engine=DuckEngine,
        open_spool=open_spool,
        open_recorder=open_recorder,
        credential=credentials.load,
        save_credential=credentials.save,
        longest_unread=timedelta(days=settings.sweep_days),
        person=person,
        anchoring=_anchoring(settings, clock),
    )


def _anchoring(settings: Settings, clock: SystemClock) -> Anchoring:
    """Return who vouches for the archive from outside. Raises `UsageError`."""
    found = settings.anchors
    return Anchoring(
        operator=found.operator,
        quorum=found.quorum,
        witnesses=tuple(WitnessAt(*one) for one in found.witnesses),
        authorities=tuple(
            AuthorityAt(one.url, _file(one.certificates), one.operator) for one in found.authorities
        ),
        margin=timedelta(days=found.renew_days),
        place=settings.s3_endpoint if settings.archive.startswith("s3://") else "",
        outside=HttpOutside(clock),
    )


def _file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        mend = "correct `certificates` in [[anchors.authority]]"
        raise UsageError(f"can't read: {error.strerror}", where=str(path), mend=mend) from error


def create_witness(folder: Path, name: str, logs: Sequence[str]) -> Sequence[Signer]:
    """Make a witness that knows the logs; return its keys. Raises `UsageError`, `FormatError`."""
    witnessing.check_logs(logs)
    return WitnessFolder.create(folder, name, logs, SystemRandomness()).signers()


def open_witness(folder: Path) -> witnessing.Witness:
    """Open a witness. Raises `KeyStoreError` without its keys, `FormatError` for a bad log."""
    files = WitnessFolder(folder)
    signers = files.signers()
    witnessing.check_logs(files.logs())
    return witnessing.Witness(files, signers, files.logs(), SystemClock())


def witness_server(witness: witnessing.Witness, host: str, port: int) -> WitnessServer:
    """Return a server for a witness; it serves once it is told to."""
    return WitnessServer(
        (host, port),
        lambda body: witnessing.add_checkpoint(witness, body),
        lambda origin: witnessing.latest_checkpoint(witness, origin),
        Limits(witnessing.MAX_REQUEST),
    )


def create_person_key(path: Path) -> PersonKey:
    """Make a person's keys in a new file. Raises `KeyStoreError` where there is one."""
    return PersonKeyFile.create(path, new_handle(SystemRandomness()))


def open_person_key(path: Path) -> PersonKey:
    """Return a person's keys. Raises `KeyStoreError` where the file is none."""
    return PersonKeyFile.load(path)


def create_recipient_keys(folder: Path, dues: Sequence[str]) -> dict[str, object]:
    """Make an offline recipient's keys in a folder; return the public ones to hand over."""
    return recipientkeys.create(folder, new_handle(SystemRandomness()), dues)


def recipient_keys(folder: Path) -> tuple[str, dict[str, bytes]]:
    """Return an offline recipient's handle and private keys, by due period."""
    return recipientkeys.load(folder)


def _key_store(
    settings: Settings, place: Path, home: LocalHome, person: PersonKey | None
) -> LocalKeyStore:
    """Return the key store: in the home, or a shared folder whose keys the home seals."""
    chance = SystemRandomness()

    def recipients() -> list[Recipient]:
        return [
            Recipient(handle, keys) for handle, keys in json.loads(home.read(RECIPIENTS) or "[]")
        ]

    folder = Path(settings.keystore) / place.name if settings.keystore else place / "keystore"
    return LocalKeyStore(folder, chance, _keks(settings, place), recipients, person)


def _keks(settings: Settings, place: Path) -> Keks:
    """Return what seals the keys of periods."""
    if settings.kms:
        from archiver.edges.kms import connect  # boto3 costs half a second

        return connect(place.name)
    if settings.keystore:
        return HomeKeks(place / "keks", SystemRandomness())
    return PlainKeks()


@contextmanager
def trial_spool() -> Iterator[SpoolPort]:
    """Yield a spool that is thrown away at the end: what is asked on trial is no evidence."""
    clock, chance = SystemClock(), SystemRandomness()
    with (
        TemporaryDirectory(prefix="archiver-trial-") as folder,
        Spool.open(Path(folder), "trial", clock, chance) as spool,
    ):
        yield cast("SpoolPort", spool)


def _signing_key(settings: Settings, archive_id: str) -> Path:
    return settings.home / archive_id / "signer" / "log.key"


def _signer(settings: Settings, found: Identity) -> Signer:
    path = _signing_key(settings, found.id)
    return FileSigner.load(path) if path.exists() else _NoSigner(found, path)


class _NoSigner:
    """Stands in where this home may read the archive but not sign for it."""

    def __init__(self, found: Identity, path: Path) -> None:
        self._path = path
        self.verifier_key = found.keys[0]

    def sign(self, message: bytes) -> bytes:
        """Refuse."""
        raise KeyStoreError(
            f"this home has no signing key of the archive ({len(message)} bytes to sign)",
            where=str(self._path),
            mend="run the command in the home that made the archive",
        )
