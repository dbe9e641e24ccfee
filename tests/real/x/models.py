"""Holds answers against the models that X publishes for its API (pip ``xdk``).

Runs in an environment apart from the project: reads ``[[model, document], …]`` from
standard input, prints what does not fit, and what no model knows, as JSON.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def unknown(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401 - a model, or what it holds
    """Yield the paths of members that no model knows."""
    if isinstance(value, list):
        for one in value:
            yield from unknown(one, f"{where}[]")
        return
    if not hasattr(type(value), "model_fields"):
        return
    yield from (f"{where}.{name}" for name in value.model_extra or {})
    for name in type(value).model_fields:
        yield from unknown(getattr(value, name), f"{where}.{name}")


def judged(schemas: Any, model: str, document: Any) -> tuple[set[str], set[str]]:  # noqa: ANN401 - any module, any JSON
    """Return what in a document does not fit its model, and what the model does not know."""
    known = getattr(schemas, model)
    try:
        found = known.model_validate(document, strict=True)
    except ValueError as error:  # of pydantic, with all that is wrong
        told: Any = error
        return {f"{model}{one['loc']}: {one['msg']}" for one in told.errors()}, set()
    return set(), set(unknown(found, model))


if __name__ == "__main__":
    models = import_module("xdk.schemas")
    wrong: set[str] = set()
    odd: set[str] = set()
    for name, one in json.load(sys.stdin):
        bad, more = judged(models, name, one)
        wrong |= bad
        odd |= more
    json.dump({"wrong": sorted(wrong), "unknown": sorted(odd)}, sys.stdout)
