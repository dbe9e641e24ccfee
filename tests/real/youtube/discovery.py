"""What Google publishes of an API: its discovery document, as a contract.

It comes with google-api-python-client (Apache-2.0), of which nothing else is used.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

__all__ = ["PINNED", "Contract", "document_in"]

PINNED = Path(__file__).with_name("requirements.txt")
_BASE = "/youtube/v3/"
_NUMBERS = {"int64": r"^-?[0-9]+$", "uint64": r"^[0-9]+$"}
_TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"
_DEEPEST = 6

Json = dict[str, Any]


def document_in(programs: Path, name: str = "youtube.v3") -> Json:
    """Return the discovery document of an environment, by its folder of programs."""
    (found,) = programs.parent.glob("lib/python*/site-packages/googleapiclient")
    text = (found / f"discovery_cache/documents/{name}.json").read_text("utf-8")
    document: Json = json.loads(text)
    return document


class Method(NamedTuple):
    """A method that reads: its parameters, its answer's schema ("" for none), its scopes."""

    parameters: Json
    answer: str
    scopes: frozenset[str]


class Contract:
    """Says what is wrong with a request or an answer; ``base`` is where paths begin."""

    def __init__(self, document: Json, base: str = _BASE) -> None:
        self._base = base
        self.schemas: Json = document["schemas"]
        self.methods = dict(_methods(document, base[1:]))
        self._everywhere = document["parameters"].keys()
        self._strict = {name: _strict(schema) for name, schema in self.schemas.items()}

    def request(self, target: str) -> list[str]:
        """Return what is wrong with a request: an unknown method, a parameter, a value."""
        path = urlsplit(target).path.removeprefix(self._base)
        method = self._method(path)
        if method is None:
            return [f"no method {path}"]
        asked = parse_qs(urlsplit(target).query)
        known = method.parameters
        said = [f"{path}: no parameter {name}" for name in asked.keys() - known - self._everywhere]
        said += [
            f"{path}: {name} is required"
            for name, one in known.items()
            if one.get("required") and one.get("location") != "path" and name not in asked
        ]
        for name in asked.keys() & known.keys():
            said += [f"{path}: {name} {why}" for why in _misfits(asked[name], known[name])]
        return said

    def answer(self, target: str, body: object) -> list[str]:
        """Return where an answer is not as the schema of its method has it."""
        path = urlsplit(target).path.removeprefix(self._base)
        method = self._method(path)
        assert method is not None, path
        return [f"{path} {one}" for one in self.value(method.answer, body)]

    def _method(self, path: str) -> Method | None:
        """Return the method of a path, in which parameters may stand; None for none."""
        for known, method in self.methods.items():
            if re.fullmatch(re.sub(r"\{\w+\}", "[0-9]+", known), path):
                return method
        return None

    def value(self, schema: str, body: object) -> list[str]:
        """Return where a value is not as a schema has it; members it does not name are wrong."""
        whole = {"$ref": f"#/$defs/{schema}", "$defs": self._strict}
        return [
            f"{'.'.join(map(str, one.absolute_path))}: {one.message[:200]}"
            for one in Draft202012Validator(whole).iter_errors(body)
        ]

    def made(self, schema: str, chance: Random) -> Any:  # noqa: ANN401 - any JSON value
        """Return a value of a schema that has all members, with texts of its own."""
        return self._made({"$ref": schema}, chance, 0)

    def _made(self, schema: Json, chance: Random, depth: int) -> Any:  # noqa: ANN401 - likewise
        if "$ref" in schema:
            return self._made(self.schemas[schema["$ref"]], chance, depth)
        if schema.get("type") == "object":
            return self._object(schema, chance, depth)
        if schema.get("type") == "array":
            return [] if depth > _DEEPEST else [self._made(schema["items"], chance, depth + 1)]
        return _value(schema, chance)

    def _object(self, schema: Json, chance: Random, depth: int) -> Json:
        if depth > _DEEPEST:
            return {}
        members = schema.get("properties", {}).items()
        made = {name: self._made(one, chance, depth + 1) for name, one in members}
        more = schema.get("additionalProperties")
        if isinstance(more, dict):
            made[_text("", chance)] = self._made(more, chance, depth + 1)
        return made


def _value(schema: Json, chance: Random) -> str | float | bool:
    """Return a value that has no members, unlike all others where its type allows that."""
    if "enum" in schema:
        return str(chance.choice(schema["enum"]))
    kind = schema.get("type")
    if kind == "boolean":
        return chance.random() < 0.5
    if kind in {"integer", "number"}:
        return chance.randrange(10**6, 10**9) + (0.5 if kind == "number" else 0)
    return _text(schema.get("format", ""), chance)


def _text(form: str, chance: Random) -> str:
    """Return a text of a format, unlike all others."""
    number = chance.randrange(10**8, 10**9)
    if form in _NUMBERS:
        return str(number)
    if form == "date-time":
        return f"20{number % 90 + 10}-0{number % 9 + 1}-{number % 19 + 10}T{number % 10:02}:00:00Z"
    return f"text{number}"


def _methods(document: Json, base: str) -> Iterator[tuple[str, Method]]:
    """Yield the methods that read, by their path below the base."""
    for one in document.get("methods", {}).values():
        if one["httpMethod"] == "GET":
            answer = one.get("response", {}).get("$ref", "")
            scopes = frozenset(scope.rpartition("/")[2] for scope in one.get("scopes", ()))
            method = Method(one.get("parameters", {}), answer, scopes)
            yield one["path"].removeprefix(base), method
    for resource in document.get("resources", {}).values():
        yield from _methods(resource, base)


def _misfits(values: list[str], wanted: Json) -> Iterator[str]:
    """Yield why values are none of a parameter's."""
    if len(values) > 1 and not wanted.get("repeated"):
        yield "stands more than once"
    for value in values:
        if "enum" in wanted and value not in wanted["enum"]:
            yield f"can't be {value}"
        if wanted["type"] == "integer":
            low, high = int(wanted.get("minimum", 0)), int(wanted.get("maximum", 1 << 31))
            if not value.isdecimal() or not low <= int(value) <= high:
                yield f"can't be {value}"
        if wanted["type"] == "boolean" and value not in {"true", "false"}:
            yield f"can't be {value}"


def _strict(schema: Json) -> Json:
    """Return a schema of the discovery document as JSON Schema that knows no other members."""
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    kind = schema.get("type")
    if kind == "array":
        return {"type": "array", "items": _strict(schema["items"])}
    if kind == "object":
        more = schema.get("additionalProperties")
        return {
            "type": "object",
            "properties": {n: _strict(one) for n, one in schema.get("properties", {}).items()},
            "additionalProperties": _strict(more) if isinstance(more, dict) else False,
        }
    if kind == "any":
        return {}
    found: Json = {"type": kind}
    form = schema.get("format", "")
    if "enum" in schema:
        found["enum"] = schema["enum"]
    if form in _NUMBERS:
        found["pattern"] = _NUMBERS[form]
    elif form == "date-time":
        found["pattern"] = _TIME
    return found
