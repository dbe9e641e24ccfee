"""Certificates of destruction: what one has, and how it is written. Pure.

What the ledger's entries show stands apart (`Shown`) from what the home of the archive says
(`archiver.retention.certificate_told`): the first is read from the entries again by whoever
checks it (`archiver.retention.certified`), the second is its maker's word.
``docs/formats/certificate.md`` and ``schemas/certificate-of-destruction.json`` have every member.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from archiver.errors import FormatError
from archiver.retention.certificate_told import Told  # noqa: TC001 - msgspec reads annotations
from archiver.retention.closed import ArchiveId, Closed, Count, Handle, Sha256, Time

__all__ = [
    "DESTROYED",
    "FIRST_BYTES",
    "HALTED",
    "SCHEMA",
    "Certificate",
    "CopyShown",
    "Limit",
    "Named",
    "Shown",
]

SCHEMA: Final = "civic-archive/certificate-of-destruction/v1"
FIRST_BYTES = f'{{\n "schema": "{SCHEMA}"'.encode()
"""So each certificate begins, and nothing else that is checked."""

DESTROYED: Final = "destroyed"
HALTED: Final = "halted"


What = Literal[
    "order", "submit", "outcome", "begin", "destroy", "gone", "copy", "retire", "halt", "done"
]
"""What an entry is to an order; ``copy`` and ``retire`` are about where it was."""


class Named(Closed, frozen=True):
    """An entry of the ledger: what it is to the order, its index, and its JSON as it stands there.

    ``hash``: of its leaf (RFC 6962), in hexadecimal. ``path``: hashes from its sibling upwards to
    the root of the checkpoint of the certificate.
    """

    what: What
    entry: Count
    text: str
    hash: Sha256
    path: tuple[Sha256, ...]


class CopyShown(Closed, frozen=True):
    """What entries say is gone of a copy: how many leaves, and whether that is all of the order.

    Both are None where a set stands in a file of its own, which a certificate has not.
    """

    handle: Handle
    entries: tuple[Count, ...]
    leaves: Count | None
    whole: bool | None


class Shown(Closed, frozen=True):
    """What the entries that are named say, read from them and from nothing else.

    ``kind``: the act that orders, which says whether an authority outside was to be asked, or
    that it goes by no schedule. ``covers``: digest of the leaves that the order is about in the
    end; ``versions``: how many, None where they stand in a file. ``proposed``: when it was signed
    first; ``approved``: when it came into the ledger with all approvals; ``not_before``: before
    that it could not count.
    ``submitted``, ``answered``: when an authority outside was told, and when it answered.
    ``checked_to``: entries of the log that the beginning was evaluated on, up to which every hold
    had been applied; ``evidence``: entries that show that its day had come. ``halted_by``: the act
    that did. ``segments``: how many were taken out. ``signed``: handles of the keys that signed
    the order, its beginning, and what ended it.
    """

    order: Handle
    kind: Literal["order", "order-certified", "order-noticed", "order-extraordinary"]
    outcome: Literal["destroyed", "halted"]
    covers: Sha256
    versions: Count | None
    requester: Handle
    proposed: Time
    approved: Time
    not_before: Time
    submitted: tuple[Time, ...]
    answered: tuple[Time, ...]
    began: Time
    checked_to: Count
    evidence: tuple[Count, ...]
    ended: Time
    halted_by: Literal["", "halt", "hold", "applied", "outcome"]
    segments: Count
    copies: tuple[CopyShown, ...]
    known: tuple[Handle, ...]
    retired: tuple[Handle, ...]
    signed: dict[Literal["order", "begin", "end"], tuple[Handle, ...]]


class Limit(Closed, frozen=True):
    """Something that the certificate does not show: a stable code, and plain words."""

    code: str
    text: str


class Certificate(Closed, frozen=True):
    """A certificate of destruction. ``tlog_proof`` is of the last of ``entries``."""

    schema: Literal["civic-archive/certificate-of-destruction/v1"]
    archive: ArchiveId
    origin: str
    shown: Shown
    told: Told
    limits: tuple[Limit, ...]
    entries: tuple[Named, ...]
    tlog_proof: str

    def encode(self) -> bytes:
        """Return the file: the same bytes for the same certificate."""
        data = msgspec.json.encode(self, order="deterministic")
        return msgspec.json.format(data, indent=1) + b"\n"

    def plain(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return dict(msgspec.to_builtins(self))

    @classmethod
    def decode(cls, data: bytes) -> Certificate:
        """Return the certificate that `encode` wrote. Raises `FormatError` for anything else.

        Another spelling is refused too: what two readers may read differently proves nothing.
        """
        try:
            made = msgspec.json.decode(data, type=cls)
        except (msgspec.DecodeError, RecursionError) as error:
            raise _wrong(str(error)) from error
        if made.encode() != data:
            raise _wrong("it is spelled otherwise")
        return made


def _wrong(why: str) -> FormatError:
    return FormatError(
        f"not a certificate of destruction: {why}"[:300],
        mend="give the file that `archiver disposition certificate` wrote; do not edit it",
    )
