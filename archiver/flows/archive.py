"""An opened archive: its identity and the ports through which flows reach the world."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from archiver.errors import KeyStoreError
from archiver.flows.anchoring import NOBODY, Anchoring
from archiver.flows.ledger_cache import Memory
from archiver.formats.derived.reader import NO_READER
from archiver.ports import Spool
from archiver.retention_settings import NO_PACKS, NOTHING_SETTLED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from archiver.browsing import Browser
    from archiver.flows.replicate import Copy
    from archiver.formats.derived.reader import FileReader
    from archiver.keyring import KeyStore, PersonKey
    from archiver.ledger.checkpoint import Checkpoint
    from archiver.ports import (
        Check,
        Clock,
        Engine,
        HomeFiles,
        Randomness,
        Recorder,
        Signer,
        Store,
    )
    from archiver.record import Exchange
    from archiver.retention_settings import PackFiles, RetentionSettings

__all__ = [
    "Archive",
    "Headers",
    "Identity",
    "ImportSpool",
    "OpenRecorder",
    "Renewals",
    "Safekeeping",
]

Headers = tuple[tuple[str, str], ...]
"""HTTP header names and values that log in."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What ``archive.json`` says: random id, checkpoint origin, and verifier keys."""

    id: str
    origin: str
    keys: Sequence[str]
    created: str


class OpenRecorder(Protocol):
    """Opens what sends and records requests."""

    def __call__(
        self,
        spool: Spool,
        secrets: Mapping[str, str],
        headers: Headers,
        url: str,
        parameters: Headers = (),
        /,
    ) -> AbstractContextManager[Recorder]:
        """Return a recorder.

        Args:
            spool: where exchanges go.
            secrets: what must never be stored, by name.
            headers: what logs in, at the origin of ``url`` alone.
            url: any address of that origin.
            parameters: what is added there to the query of each address.
        """
        ...


class ImportSpool(Spool, Protocol):
    """A spool that a flow writes to itself: what it has was handed in, not asked for."""

    def append_all(self, exchanges: Sequence[Exchange], /) -> list[Exchange]:
        """Number exchanges and put them on disk together; return them numbered."""
        ...


def _nowhere(account: str, *_: object) -> tuple[str, ...]:
    raise KeyStoreError(
        "the platform has replaced a part of the credential, and there is no place to keep it",
        where=account,
        mend="give the credential with `archiver account credential` in a home of its own",
    )


@dataclass(frozen=True, slots=True)
class Renewals:
    """How what platforms replace of credentials is kept in the home.

    ``newest``: account, credential from elsewhere -> the same with what was replaced since.
    ``keep``: account, the credential as it was used, the new fields -> those of them that
    came from elsewhere and are kept in the home from now on.
    """

    newest: Callable[[str, Mapping[str, str]], Mapping[str, str]] = lambda _, given: given
    keep: Callable[[str, Mapping[str, str], Mapping[str, str]], tuple[str, ...]] = _nowhere


@dataclass(frozen=True, slots=True)
class Safekeeping:
    """How the credentials that the home keeps are encrypted there.

    ``rotate``: gives them a new key; returns how many there are. ``preflight``: what that
    protects from here, tried.
    """

    rotate: Callable[[], int] = lambda: 0
    preflight: Callable[[], Sequence[Check]] = tuple


@dataclass(frozen=True, slots=True)
class Archive:
    """Everything a flow may use. Built in `archiver.wire` only.

    ``longest_unread``: after this long a reconciling run reads everything, whatever its age.
    ``anchoring``: who vouches for the archive from outside; ``consulted``: witnesses
    that this process has asked, and what they know.
    ``renewals``: what platforms replace of credentials; ``safekeeping``: how they are encrypted.
    ``budgets``: what the city spends on a platform in its period, by platform, in its unit.
    ``retention``: what the city settles about it; ``rule_packs``: files of schedules.
    ``copies``: the archive in other places. ``copy_name``: the name of the copy that this is:
    nothing is sealed into one. ``person``: the key of whoever gives the command, where one is
    named. ``open_inbox``: what was sent to an account by itself and waits, where this home may
    be sent to. ``files``: what reads the text of captured files. ``open_imports``: the spool of
    what is imported into an account. ``open_browser``: what shows pages, where one is set up.
    """

    identity: Identity
    store: Store
    home: HomeFiles
    keys: KeyStore
    signer: Signer
    clock: Clock
    chance: Randomness
    engine: Callable[[], AbstractContextManager[Engine]]
    open_spool: Callable[[str], AbstractContextManager[Spool]]
    open_recorder: OpenRecorder
    credential: Callable[[str], Mapping[str, str]]
    save_credential: Callable[[str, Mapping[str, str]], None]
    renewals: Renewals = field(default_factory=Renewals, compare=False)
    safekeeping: Safekeeping = field(default_factory=Safekeeping, compare=False)
    budgets: Mapping[str, float] = field(default_factory=dict)
    retention: RetentionSettings = NOTHING_SETTLED
    rule_packs: Callable[[], PackFiles] = lambda: NO_PACKS
    longest_unread: timedelta = timedelta(days=28)
    anchoring: Anchoring = NOBODY
    copies: Callable[[], Sequence[Copy]] = tuple
    copy_name: str = ""
    person: PersonKey | None = None
    open_inbox: Callable[[str], Spool] | None = None
    files: FileReader = NO_READER
    open_imports: Callable[[str], AbstractContextManager[ImportSpool]] | None = None
    open_browser: Callable[[Spool], AbstractContextManager[Browser]] | None = None
    memory: Memory = field(default_factory=Memory, compare=False)
    consulted: dict[str, Checkpoint | None] = field(default_factory=dict, compare=False)
