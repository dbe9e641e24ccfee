"""What all tests share: where the repository is, and patience for property tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "house",
    deadline=None,  # no test depends on the speed of the machine
    suppress_health_check=[HealthCheck.too_slow],  # likewise
    print_blob=True,
)
settings.load_profile("house")


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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a module in one process, where they don't say with whom they belong."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
