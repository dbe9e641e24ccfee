"""What all tests share: where the repository is, and patience for property tests."""

from __future__ import annotations

import os
from fnmatch import fnmatch
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

settings.register_profile(
    "house",
    deadline=None,  # no test depends on the speed of the machine
    suppress_health_check=[HealthCheck.too_slow],  # likewise
    print_blob=True,
)
settings.load_profile("house")


_ABSENT = str(Path(__file__).parent / "absent")
_GIVEN = os.environ.get("PYTHONPATH", "")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Have programs that a test starts see no pandas (`tests.absent`).

    Servers of others, which may well need them, are left alone.
    """
    hidden = [] if item.get_closest_marker("real") else [_ABSENT]
    os.environ["PYTHONPATH"] = os.pathsep.join([*hidden, *filter(None, [_GIVEN])])


@pytest.fixture(scope="session")
def repo_root() -> Path:
    """The root folder of the repository."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data(repo_root: Path) -> Path:
    """The corpus kept beside the repository; tests skip where it is absent."""
    folder = repo_root.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the corpus ../shared/data is not on this machine")
    return folder


SHARING = {
    "airflow": tuple(f"tests/airflow/test_{one}.py" for one in ("browser", "demo", "standalone")),
    "bluesky": ("tests/real/test_bluesky_*.py",),
    "mastodon": ("tests/real/test_mastodon_*.py",),
    "matrix": ("tests/real/test_matrix_*.py",),
    "wordpress": (
        *("tests/real/test_feed_*.py", "tests/real/test_interop.py"),
        *("tests/real/test_standin_*.py", "tests/real/test_wordpress_*.py"),
        "tests/real/wordpress/*.py",
    ),
}
"""Modules that share a server, or what it is installed from."""


class ByServer(LoadScopeScheduling):  # type: ignore[misc]  # xdist states no types here
    """Keeps tests of one module in one process, and modules that share a server."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        for server, modules in SHARING.items():
            if any(fnmatch(module, one) for one in modules):
                return server
        return module


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """Share out tests of several processes (`pytest -n`) by server and module."""
    return ByServer(config, log)
