"""An opened archive: its identity and the ports through which flows reach the world."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from archiver.flows.anchoring import NOBODY, Anchoring
from archiver.flows.ledger_cache import Memory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from archiver.keyring import KeyStore, PersonKey
    from archiver.ledger.checkpoint import Checkpoint
    from archiver.ports import (
        Clock,
        Engine,
        HomeFiles,
        Randomness,
        Recorder,
        Signer,
        Spool,
        Store,
    )

__all__ = ["Archive", "Headers", "Identity"]

Headers = tuple[tuple[str, str], ...]
"""HTTP header names and values that log in."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What ``archive.json`` says: random id, checkpoint origin, and verifier keys."""

    id: str
    origin: str
    keys: Sequence[str]
    created: str


@dataclass(frozen=True, slots=True)
class Archive:
    """Everything a flow may use. Built in `archiver.wire` only.

    ``longest_unread``: after this long a reconciling run reads everything, whatever its age.
    ``anchoring``: who vouches for the archive from outside; ``consulted``: witnesses
    that this process has asked, and what they know.
    ``person``: the key of whoever gives the command, where one is named. ``open_inbox``: what
    was sent to an account by itself and waits, where this home may be sent to.
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
    open_recorder: Callable[
        [Spool, Mapping[str, str], Headers, str], AbstractContextManager[Recorder]
    ]
    credential: Callable[[str], Mapping[str, str]]
    save_credential: Callable[[str, Mapping[str, str]], None]
    longest_unread: timedelta = timedelta(days=28)
    anchoring: Anchoring = NOBODY
    person: PersonKey | None = None
    open_inbox: Callable[[str], Spool] | None = None
    memory: Memory = field(default_factory=Memory, compare=False)
    consulted: dict[str, Checkpoint | None] = field(default_factory=dict, compare=False)
