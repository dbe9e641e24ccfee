"""Real servers, started once for all tests that use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.real.ceph.server import Ceph
from tests.real.story import Story, tell
from tests.real.wordpress.server import WordPress

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def wordpress(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WordPress]:
    """A new, empty WordPress for the captures; tests that use it share what they make of it."""
    with WordPress(tmp_path_factory.mktemp("wordpress")) as site:
        yield site


@pytest.fixture(scope="session")
def ceph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ceph]:
    """One cluster for all tests of a real S3 server."""
    with Ceph(tmp_path_factory.mktemp("ceph")) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A WordPress that was captured while it lived; tests may read and add accounts."""
    yield from tell(tmp_path_factory.mktemp("story"))
