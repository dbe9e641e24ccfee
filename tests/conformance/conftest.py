"""Which connectors are looked at: all, or the one in a file."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.conformance.life import Lived, lived
from tests.conformance.standins import Subject, subjects
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OPTION = "--connector"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the file of a connector outside of the package."""
    parser.addoption(OPTION, default="", metavar="FILE", help="a connector in a file of its own")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have a test that asks for ``subject`` look at each connector."""
    if "subject" in metafunc.fixturenames:
        found = subjects(str(metafunc.config.getoption(OPTION, "")))
        metafunc.parametrize("subject", found.values(), ids=list(found), scope="session")


@pytest.fixture(scope="session")
def live() -> Iterator[Callable[[Subject], Lived]]:
    """Give the life of a connector's platform, captured once."""
    with ExitStack() as stack:
        made: dict[str, Lived] = {}

        def of(subject: Subject) -> Lived:
            name = subject.connector.platform
            if name not in made:
                folder = stack.enter_context(memory_folder())
                made[name] = stack.enter_context(lived(subject, folder))
            return made[name]

        yield of


@pytest.fixture
def life(subject: Subject, live: Callable[[Subject], Lived]) -> Lived:
    """Return the captured life of the connector that a test looks at."""
    return live(subject)
