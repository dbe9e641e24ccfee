"""Who vouches for an archive from outside: witnesses and time-stamp authorities, as set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from archiver.errors import ArchiverError, RefusedError, TransientError
from archiver.ledger.policy import Policy, k_of_n
from archiver.ledger.timestamp import Pinned

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.outsiders import Outside

__all__ = [
    "NOBODY",
    "POLICY",
    "Anchoring",
    "AuthorityAt",
    "WitnessAt",
    "independent",
    "policy_of",
    "unanswered",
]

CLIENT_ERRORS, SERVER_ERRORS = 400, 500
MAY_PASS = (408, 425, 429)
"""Of the 4xx: time-out, too early, too many requests."""
POLICY = "trust/policy"
"""A trust policy in the home, in place of the one that the settings make."""


@dataclass(frozen=True, slots=True)
class WitnessAt:
    """A witness: the prefix of its address, its pinned keys, who runs it."""

    url: str
    keys: tuple[str, ...]
    operator: str = ""


@dataclass(frozen=True, slots=True)
class AuthorityAt:
    """A time-stamp authority: its address, its pinned certificates (PEM), who runs it."""

    url: str
    certificates: bytes
    operator: str = ""

    def pinned(self) -> Pinned:
        """Return its certificates. Raises `FormatError`."""
        return Pinned.parse(self.certificates)


@dataclass(frozen=True, slots=True)
class Anchoring:
    """The ``[anchors]`` settings. ``place``: the address of the archive's store, if it has one.

    ``outside`` None: there is nobody to ask.
    """

    operator: str = ""
    quorum: int = 0
    witnesses: tuple[WitnessAt, ...] = ()
    authorities: tuple[AuthorityAt, ...] = ()
    margin: timedelta = timedelta(days=90)
    place: str = ""
    outside: Outside | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """All pinned keys of witnesses."""
        return tuple(key for one in self.witnesses for key in one.keys)


NOBODY = Anchoring()


def policy_of(archive: Archive, given: bytes | None = None) -> Policy | None:
    """Return the trust policy in force: the given file, the home's, or that of the settings.

    None where none of the three is there. Raises `FormatError`.
    """
    data = archive.home.read(POLICY) if given is None else given
    if data is not None:
        return Policy.parse(data)
    here = archive.anchoring
    if not here.witnesses:
        return None
    return k_of_n(here.quorum, [(one.url, one.keys) for one in here.witnesses])


def unanswered(who: str, url: str, status: int) -> ArchiverError:
    """Return what an HTTP status other than 200 means: a refusal, or that it may pass."""
    if CLIENT_ERRORS <= status < SERVER_ERRORS and status not in MAY_PASS:
        mend = f"ask whoever runs the {who} whether it knows this archive and its key"
        return RefusedError(f"the {who} refuses: it answers {status}", where=url, mend=mend)
    return TransientError(f"the {who} answers {status}", where=url)


def independent(here: Anchoring) -> list[WitnessAt]:
    """Return the witnesses run by another operator on another host than the archive.

    Operators are as the settings name them; where either is not named, nobody can tell.
    """
    if here.outside is None:
        return []
    own = _plain(here.operator)
    places = [here.place] if here.place else []
    return [
        one
        for one in here.witnesses
        if own
        and _plain(one.operator) not in {"", own}
        and not here.outside.shares_host(one.url, places)
    ]


def _plain(operator: str) -> str:
    """Return an operator's name however it is spaced and capitalised."""
    return " ".join(operator.split()).casefold()
