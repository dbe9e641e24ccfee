"""How to start what stands in for each platform, with a life in it.

A connector is in `CONNECTORS`, or in a file of its own (``pytest tests/conformance --connector
FILE``): beside ``NAME_connector.py`` then stands ``NAME_standin.py``, whose ``life()`` returns
what serves the platform.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from archiver.capture.platforms import CONNECTORS
from archiver.demo.blogger import api as blogger
from archiver.demo.city import City
from archiver.demo.discourse import api as discourse
from archiver.demo.flickr import api as flickr
from archiver.demo.presences import presences
from archiver.demo.reddit import api as reddit
from archiver.demo.tumblr import api as tumblr
from tests.capture.platforms.website import CityWebsite

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from archiver.capture.connector import Connector
    from archiver.demo.answer import Service

__all__ = ["Life", "Subject", "subjects"]


class Life(Protocol):
    """A platform with things on it: what `archiver.demo.presences.Presence` has of it."""

    @property
    def path(self) -> str:
        """What follows the server's address in the account's."""
        ...

    @property
    def credential(self) -> Mapping[str, str]:
        """What logs in; empty where nothing does."""
        ...

    @property
    def service(self) -> Service | None:
        """What answers; None where the demo city's own server does."""
        ...

    @property
    def change(self) -> Callable[[], object]:
        """Let things happen: new ones, edits, deletions."""
        ...


class Subject(NamedTuple):
    """A connector to be looked at; ``start`` makes a new city, and its account's life there."""

    connector: Connector
    start: Callable[[], tuple[City, Life]]


LIVES: dict[str, Callable[[], Life]] = {
    "blogger": blogger.life,
    "discourse": discourse.life,
    "flickr": flickr.life,
    "reddit": reddit.life,
    "website": CityWebsite,
    "tumblr": tumblr.life,
}
"""By platform, of those where the demo city has no account."""


def subjects(file: str) -> dict[str, Subject]:
    """Return what to look at, by platform: the connector in ``file``, or all there are."""
    if file:
        return {one.connector.platform: one for one in [_of_file(Path(file))]}
    return {name: Subject(one, _starter(name)) for name, one in CONNECTORS.items()}


def _starter(platform: str) -> Callable[[], tuple[City, Life]]:
    def start() -> tuple[City, Life]:
        city = City()
        if platform in LIVES:
            return city, LIVES[platform]()
        found = [one for one in presences(city) if one.platform == platform]
        assert found, f"no stand-in of {platform}: name one in tests/conformance/standins.py"
        return city, found[0]

    return start


def _of_file(file: Path) -> Subject:
    module = _module(file)
    connector: Connector = module.CONNECTOR
    standin = _module(file.with_name(file.name.replace("_connector", "_standin")))
    return Subject(connector, lambda: (City(), standin.life()))


@cache
def _module(file: Path) -> ModuleType:
    spec = spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module
