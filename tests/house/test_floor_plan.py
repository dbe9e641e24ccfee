"""The floor plan of docs/ARCHITECTURE.md §6 holds."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from tests.absent import present
from tests.house.source import ROOT, modules, name_of, pure_modules, tree

HEAVY = ("airflow", "boto3", "botocore", "duckdb", "httpx", "moto", "pandas", "pyarrow")
FILE_METHODS = {"read_bytes", "read_text", "write_bytes", "write_text", "unlink", "mkdir"}

IMPORT_ALL = """
import importlib, pkgutil, sys
import archiver
for found in pkgutil.walk_packages(archiver.__path__, "archiver."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
print(len([name for name in sys.modules if name.split(".")[0] == "archiver"]))
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""
IMPORT_ONE = """
import sys
import archiver
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""


def _python(program: str) -> list[str]:
    """Run a program in a Python of its own and return the lines it prints."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=False, env=present(),
        text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_import_contracts_are_kept() -> None:
    """import-linter finds every contract of pyproject.toml kept."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout


def test_no_module_of_the_archiver_brings_airflow() -> None:
    """Importing the archiver with all its modules leaves Airflow and test tools alone."""
    count, names = _python(IMPORT_ALL)
    expected = [path for path in modules("archiver") if path.stem != "__main__"]
    assert int(count) == len(expected)
    assert not {"airflow", "moto", "pytest"} & set(names.split())


def test_importing_the_package_is_light() -> None:
    """``import archiver`` loads no database, no cloud client and no HTTP client."""
    (names,) = _python(IMPORT_ONE)
    assert not set(HEAVY) & set(names.split())


def _opens_a_file(node: ast.AST) -> bool:
    """Tell whether an expression calls ``open`` or a method that reads or writes a path."""
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    return (isinstance(called, ast.Name) and called.id == "open") or (
        isinstance(called, ast.Attribute) and called.attr in FILE_METHODS
    )


def test_pure_modules_open_no_files() -> None:
    """The core takes bytes and file objects: it never opens a path itself."""
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in pure_modules()
        for node in ast.walk(tree(path))
        if _opens_a_file(node) and isinstance(node, ast.Call)
    ]
    assert not found


def test_core_tests_use_no_mocks() -> None:
    """Core tests use real parts and doubles of ports, never ``unittest.mock``."""
    folders = ("capture", "formats", "ledger", "registry", "retention", "search")
    found = [
        name_of(path)
        for path in modules(*(f"tests/{name}" for name in folders))
        if "unittest.mock" in path.read_text(encoding="utf-8")
        or "import mock" in path.read_text(encoding="utf-8")
    ]
    assert not found
