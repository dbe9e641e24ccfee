"""The source of a parser: rows are derived by it, so it is kept with them."""

from __future__ import annotations

import inspect
import pkgutil
import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from archiver.capture.connector import Connector

__all__ = ["source_of"]

SHARED = (
    "archiver.capture.connector",
    "archiver.capture.reading",
    "archiver.capture.text",
    "archiver.columns",
    "archiver.formats.excerpts",
    "archiver.formats.excerpts_json",
    "archiver.formats.excerpts_xml",
    "archiver.formats.http1",
)
"""Modules every parser leans on."""


def source_of(connector: Connector) -> str:
    """Return the source of a connector and of the modules it leans on, one after another."""
    own = sys.modules[type(connector).__module__]
    modules = [*_package(own), *(import_module(name) for name in SHARED)]
    return "\n".join(f"# {module.__name__}\n{inspect.getsource(module)}" for module in modules)


def _package(module: ModuleType) -> Iterator[ModuleType]:
    yield module
    for found in pkgutil.iter_modules(getattr(module, "__path__", ())):
        yield import_module(f"{module.__name__}.{found.name}")
