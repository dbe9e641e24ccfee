"""The archive on a real S3 server, Ceph's gateway: what moto is trusted to tell of S3 holds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.edges.store_helpers import REAL_SERVER
from tests.real.ceph.server import Ceph

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.real, pytest.mark.more]

_ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def ceph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ceph]:
    """Run one cluster for all tests here."""
    with Ceph(tmp_path_factory.mktemp("ceph")) as cluster:
        yield cluster


@pytest.mark.parametrize(
    ("tests", "chosen"),
    [
        pytest.param("tests/edges/test_stores.py", "s3", id="the contract of a store"),
        pytest.param("tests/chaos/test_s3.py", "", id="captures that are killed"),
    ],
)
def test_what_holds_on_a_double_holds_on_ceph(ceph: Ceph, tests: str, chosen: str) -> None:
    """The very tests that speak to moto pass when they speak to a real server."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", tests, "-k", chosen, "-m", "not soak", "-q"],
        cwd=_ROOT,
        env={**os.environ, REAL_SERVER: ceph.url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    assert " passed" in done.stdout
