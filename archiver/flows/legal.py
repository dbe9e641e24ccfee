"""Legal notes: what is shown before an account is approved, and how a decision names it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.flows.connectors import connector
from archiver.registry.acts import canonical

if TYPE_CHECKING:
    from archiver.capture.connector import Connector

__all__ = ["digest_of", "legal_notes"]


def legal_notes(platform: str) -> list[dict[str, str]]:
    """Return a platform's notes: ``subject says citation read_on confidence``.

    Raises `UsageError` where there is no such platform.
    """
    return _documents(connector(platform))


def digest_of(platform: str) -> str:
    """Return the SHA-256 (hex) of a platform's notes, as the list of them in RFC 8785 JSON.

    The notes themselves are in the source of the platform's parser, which each archive has.
    Raises `UsageError` where there is no such platform.
    """
    return sha256(canonical(legal_notes(platform))).hexdigest()


def _documents(one: Connector) -> list[dict[str, str]]:
    return [note._asdict() for note in one.legal]
