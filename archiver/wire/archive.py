"""Opening, making and verifying an archive: its store, home, keys and clock."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from archiver.edges.browser import BrowserProcess
from archiver.edges.chance import SystemRandomness
from archiver.edges.clock import SystemClock
from archiver.edges.duck import DuckEngine
from archiver.edges.fence import Fence
from archiver.edges.file_reader import ProcessReader
from archiver.edges.home import LocalHome
from archiver.edges.http import Recorder, Secrets
from archiver.edges.inbox import InboxFiles
from archiver.edges.processes import pool, processors
from archiver.edges.signer import FileSigner
from archiver.edges.spool import Spool
from archiver.edges.tesseract import Tesseract
from archiver.errors import ArchiverError, KeyStoreError
from archiver.flows import identity
from archiver.flows.archive import Archive, Identity, Renewals
from archiver.settings import CHROMIUM
from archiver.wire.copies import with_copies
from archiver.wire.credentials import credential_store
from archiver.wire.keystore import key_store
from archiver.wire.outside import anchoring
from archiver.wire.people import open_person_key
from archiver.wire.rulepacks import with_rules
from archiver.wire.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from archiver.browsing import Browser
    from archiver.flows.archive import ImportSpool, OpenRecorder
    from archiver.ports import Recorder as RecorderPort
    from archiver.ports import Signer, Store, Workers
    from archiver.ports import Spool as SpoolPort
    from archiver.settings import Settings

__all__ = [
    "create_archive",
    "open_archive",
    "open_to_verify",
    "trial_spool",
    "verifying_workers",
]


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
    home = LocalHome(settings.home / found.id)
    identity.pin(home, data)
    return _opened(settings, store, found, home, waiting)


def open_to_verify(settings: Settings) -> Archive:
    """Open an archive to verify it, also one whose ``archive.json`` was damaged or removed.

    It is then the one of those known to this home whose key signed the ledger. Raises as
    `open_archive` where there is none.
    """
    try:
        return open_archive(settings)
    except ArchiverError:
        store = open_store(settings)
        for place in sorted(settings.home.glob("*/trust/archive.json")):
            with suppress(ArchiverError):
                found = identity.decode(place.read_bytes())
                if identity.signed(store, found):
                    home = LocalHome(settings.home / found.id)
                    return _opened(settings, store, found, home, None)
        raise


@contextmanager
def verifying_workers(settings: Settings, count: int = 0) -> Iterator[Workers | None]:
    """Yield processes that share the work of verifying; 0: as many as there are processors.

    None for one: the caller does the work itself.
    """
    wanted = count or processors()
    if wanted == 1:
        yield None
        return
    with pool(wanted, partial(open_to_verify, settings)) as workers:
        yield workers


def _opened(
    settings: Settings,
    store: Store,
    found: Identity,
    home: LocalHome,
    waiting: Callable[[str], None] | None,
) -> Archive:
    place = settings.home / found.id
    clock, chance = SystemClock(), SystemRandomness()
    person = open_person_key(settings.person) if settings.person else None
    credentials, safekeeping = credential_store(settings, place)

    @contextmanager
    def open_spool(account: str) -> Iterator[SpoolPort]:
        with Spool.open(place / "spool", account, clock, chance, waiting) as spool:
            yield cast("SpoolPort", spool)  # its files are its own: nobody else makes them

    @contextmanager
    def open_imports(account: str) -> Iterator[ImportSpool]:
        with Spool.open(place / "imports", account, clock, chance, waiting) as spool:
            yield cast("ImportSpool", spool)

    archive = Archive(
        identity=found,
        store=store,
        home=home,
        keys=key_store(settings, place, home, person),
        signer=_signer(settings, found),
        clock=clock,
        chance=chance,
        engine=DuckEngine,
        open_spool=open_spool,
        open_imports=open_imports,
        open_recorder=_recording(clock),
        credential=credentials.load,
        save_credential=credentials.save,
        budgets=settings.budgets,
        renewals=Renewals(credentials.newest, credentials.keep),
        safekeeping=safekeeping,
        longest_unread=timedelta(days=settings.sweep_days),
        person=person,
        open_inbox=lambda account: cast("SpoolPort", InboxFiles(place / "inbox", account, chance)),
        anchoring=anchoring(settings, clock),
        files=ProcessReader(Tesseract(settings.ocr) if settings.ocr else None),
        open_browser=_browsing(settings, clock) if settings.browser else None,
    )
    return with_copies(settings, with_rules(settings, archive), place)


def _browsing(
    settings: Settings, clock: SystemClock
) -> Callable[[SpoolPort], AbstractContextManager[Browser]]:
    """Return what opens the browser that the settings name."""

    def open_browser(spool: SpoolPort) -> AbstractContextManager[Browser]:
        kept = cast("Spool", spool)
        return BrowserProcess(settings.browser, settings.chromium or CHROMIUM, kept, clock)

    return open_browser


def _recording(clock: SystemClock) -> OpenRecorder:
    """Return what opens recorders."""

    @contextmanager
    def open_recorder(
        spool: SpoolPort,
        secrets: Mapping[str, str],
        headers: tuple[tuple[str, str], ...],
        url: str,
        parameters: tuple[tuple[str, str], ...] = (),
    ) -> Iterator[RecorderPort]:
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        with Recorder(
            cast("Spool", spool), Secrets(secrets), clock,
            authorisation={origin: headers}, parameters={origin: parameters},
            fence=Fence.around(url),
        ) as recorder:  # fmt: skip
            yield recorder

    return open_recorder


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
