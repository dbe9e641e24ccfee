"""What Meta publishes of the Graph API: fields with their types, and edges, class by class.

Read out of the sources of the package facebook-business, which Meta writes from its own
specification; nothing of it is imported or run.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from tests.real.environments import pinned

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Contract", "Published"]


@dataclass(frozen=True, slots=True)
class Published:
    """One class: field -> type, edge -> class of its nodes, parameters of each edge."""

    fields: dict[str, str]
    edges: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, frozenset[str]] = field(default_factory=dict)


class Contract:
    """All classes of the package, read when they are asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def install(cls, folder: Path, requirements: Path) -> Contract:
        """Install the package on its own, and return what it publishes."""
        programs = pinned(folder, requirements)
        (found,) = programs.parent.glob("lib/python3*/site-packages/facebook_business/adobjects")
        return cls(found)

    def __contains__(self, name: str) -> bool:
        return bool(name) and self._path(name).is_file()

    def get(self, name: str) -> Published:
        """Return one class, ``Page`` for example."""
        return _published(self._path(name), name)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name.lower()}.py"


@cache
def _published(path: Path, name: str) -> Published:
    tree = ast.parse(path.read_text("utf-8"))
    (found,) = (one for one in tree.body if isinstance(one, ast.ClassDef) and one.name == name)
    fields: dict[str, str] = {}
    edges: dict[str, str] = {}
    parameters: dict[str, frozenset[str]] = {}
    for one in found.body:
        if isinstance(one, ast.Assign) and getattr(one.targets[0], "id", "") == "_field_types":
            fields = ast.literal_eval(one.value)
        elif isinstance(one, ast.FunctionDef) and one.name.startswith("get_"):
            edge, target = _edge(one)
            edges[edge] = target
            parameters[edge] = _parameters(one)
    return Published(fields, edges, parameters)


def _edge(function: ast.FunctionDef) -> tuple[str, str]:
    """Return the address and the class of an edge, from the request that a method makes."""
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "FacebookRequest":
            words = {word.arg: word.value for word in call.keywords}
            return ast.literal_eval(words["endpoint"]).strip("/"), ast.unparse(
                words["target_class"]
            )
    return "", ""


def _parameters(function: ast.FunctionDef) -> frozenset[str]:
    for one in ast.walk(function):
        if isinstance(one, ast.Assign) and getattr(one.targets[0], "id", "") == "param_types":
            return frozenset(ast.literal_eval(one.value))
    return frozenset()
