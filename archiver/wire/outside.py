"""Witnesses and authorities: those that vouch for an archive, and a witness of our own."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from archiver.edges.chance import SystemRandomness
from archiver.edges.clock import SystemClock
from archiver.edges.http_outside import HttpOutside
from archiver.edges.witness import WitnessFolder
from archiver.edges.witness_http import Limits, WitnessServer
from archiver.errors import UsageError
from archiver.flows import witness as witnessing
from archiver.flows.anchoring import Anchoring, AuthorityAt, WitnessAt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from archiver.ports import Signer
    from archiver.settings import Settings

__all__ = ["anchoring", "create_witness", "open_witness", "witness_server"]


def anchoring(settings: Settings, clock: SystemClock) -> Anchoring:
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


def witness_server(
    witness: witnessing.Witness, host: str, port: int, report: Callable[[Exception], None]
) -> WitnessServer:
    """Return a server for a witness; it serves once it is told to.

    ``report`` is told why the witness could not answer, in whichever thread that was.
    """
    return WitnessServer(
        (host, port),
        lambda body: witnessing.add_checkpoint(witness, body),
        lambda origin: witnessing.latest_checkpoint(witness, origin),
        Limits(witnessing.MAX_REQUEST),
        report,
    )
