"""The source of a parser: rows are derived by it, so it is kept with them."""

from __future__ import annotations

import inspect
import re
import sys
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Connector

__all__ = ["source_of"]

READER = "archiver.capture.reading"
"""Where every exchange is read, whatever its platform."""

_IMPORT = re.compile(r"^from (archiver[.\w]+) import (\([^)]*\)|.*)", re.MULTILINE)
"""Imports that a module makes when it runs: those only for its types are indented."""


def source_of(connector: Connector) -> str:
    """Return the source of all our modules that a connector's rows come from, by name."""
    return _closure(type(connector).__module__)


@cache
def _closure(first: str) -> str:
    wanted = [first, READER]
    found: dict[str, str] = {}
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = _source(name)
            wanted += _imported(found[name])
    return "\n".join(f"# {name}\n{source}" for name, source in sorted(found.items()))


def _source(name: str) -> str:
    module = import_module(name)
    read = getattr(module.__loader__, "get_source", None)  # inspect takes 20 ms a module
    return str(read(name)) if read is not None else inspect.getsource(module)


def _imported(source: str) -> Iterator[str]:
    for module, names in _IMPORT.findall(source):
        yield module
        for name in re.findall(r"\w+", names):
            if f"{module}.{name}" in sys.modules:
                yield f"{module}.{name}"
