"""Beginning a connector: a file that works, its test and what stands in for its platform."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from archiver.errors import RefusedError, UsageError
from archiver.flows.connectors import known

__all__ = ["Begun", "begin"]

_NAME = re.compile("[a-z][a-z0-9]{1,30}")
_IN_TREE = ("archiver/capture/platforms/__init__.py", "tests/conformance/standins.py")
"""What a checkout of the source has, and a connector in it is named in."""


ROOT = Path(str(files("archiver"))).parent
"""Of the source tree, where this is one."""

_IMPORTS_OUTSIDE = """import pytest
from archiver.capture.connector import Page, Site
from archiver.formats.http1 import parse_response
from archiver.record import Excerpt, Stream

from @NAME@_connector import CONNECTOR
from @NAME@_standin import life"""
_IMPORTS_IN_TREE = """import pytest

from archiver.capture.connector import Page, Site
from archiver.capture.platforms.@NAME@ import CONNECTOR
from archiver.demo.@NAME@ import life
from archiver.formats.http1 import parse_response
from archiver.record import Excerpt, Stream"""


class Begun(NamedTuple):
    """The files that were written, and what is to be done next, in words."""

    files: list[Path]
    steps: list[str]


def begin(name: str, folder: str) -> Begun:
    """Write a new connector for platform ``name``.

    ``folder``: where its own package begins; empty: in the source tree this program runs from.

    Raises:
        UsageError: that can't be a platform's name, or this is no source tree.
        RefusedError: there is a connector of that name, or one of the files.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            "not a platform's name",
            where=name,
            mend="use 2 to 31 lower-case letters and digits, such as townhall",
        )
    if known(name) is not None:
        raise RefusedError(
            "there is a connector of that name", where=name, code="connector-exists",
            mend="choose another name; see `archiver connector list`",
        )  # fmt: skip
    wanted = _outside(name, Path(folder)) if folder else _in_tree(name)
    _write(wanted, name)
    return Begun(list(wanted), _steps(name, folder))


def _outside(name: str, folder: Path) -> dict[Path, str]:
    return {
        folder / "pyproject.toml": _text("pyproject.toml"),
        folder / f"{name}_connector.py": _text("connector.py"),
        folder / f"{name}_standin.py": _text("standin.py"),
        folder / f"test_{name}.py": _text("test.py", _IMPORTS_OUTSIDE),
    }


def _in_tree(name: str) -> dict[Path, str]:
    if not all((ROOT / path).is_file() for path in _IN_TREE):
        raise UsageError(
            "this program does not run from a source tree",
            where=str(ROOT),
            mend="give --dir with the folder of the connector's own package",
        )
    return {
        ROOT / "archiver/capture/platforms" / f"{name}.py": _text("connector.py"),
        ROOT / "archiver/demo" / f"{name}.py": _text("standin.py"),
        ROOT / "tests/capture/platforms" / f"test_{name}.py": _text("test.py", _IMPORTS_IN_TREE),
    }


def _text(template: str, imports: str = "") -> str:
    text = (files("archiver") / "templates" / f"{template}.txt").read_text("utf-8")
    return text.replace("@IMPORTS@", imports)


def _write(wanted: dict[Path, str], name: str) -> None:
    taken = [path for path in wanted if path.exists()]
    if taken:
        raise RefusedError(
            "there is such a file already", where=str(taken[0]), code="file-exists",
            mend="choose another folder or name; nothing was written",
        )  # fmt: skip
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        for mark, word in (("@NAME@", name), ("@CLASS@", name.title()), ("@TITLE@", name.title())):
            text = text.replace(mark, word)  # noqa: PLW2901 - one mark after the other
        path.write_text(text, encoding="utf-8")


def _steps(name: str, folder: str) -> list[str]:
    if folder:
        file = Path(folder).absolute() / f"{name}_connector.py"
        return [
            f"cd {folder} && python -m pytest",
            f"in a source tree: python -m pytest tests/conformance --connector {file}",
            f"pip install {folder}",
        ]
    return [
        f"add {name.title()}() to _ALL in {_IN_TREE[0]}",
        f"add {name}: life of archiver.demo.{name} to LIVES in {_IN_TREE[1]}",
        f"python -m pytest tests/conformance tests/capture/platforms/test_{name}.py",
    ]
