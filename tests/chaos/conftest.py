"""A folder of a test's own, in memory where there is one: no test waits for a disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chaos.helpers import Forks
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for an archive and its homes."""
    with memory_folder() as path:
        yield path


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """What runs commands as real processes."""
    made = Forks()
    yield made
    made.close()
