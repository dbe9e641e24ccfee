"""A spool and a recorder without secrets, for tests of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.edges.http import Recorder
from archiver.edges.spool import Spool
from archiver.formats.replacement import Secrets
from tests.doubles import FixedClock, SeededRandomness

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.record import Exchange


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    """Yield a fresh spool."""
    with Spool.open(tmp_path / "spool", "blog", FixedClock(), SeededRandomness()) as opened:
        yield opened


@pytest.fixture
def recorder(spool: Spool) -> Iterator[Recorder]:
    """Yield a recorder without secrets, patient for three seconds."""
    with Recorder(spool, Secrets({}), FixedClock(), timeout=3) as made:
        yield made


def spooled(spool: Spool) -> list[Exchange]:
    """Return everything in the spool."""
    return [exchange for file in spool.pending() for exchange in spool.read(file)]
