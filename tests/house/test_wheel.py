"""What is built from the project holds what it needs."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING
from zipfile import ZipFile

from tests.house.source import ROOT, modules, name_of

if TYPE_CHECKING:
    from pathlib import Path


def test_wheel_holds_modules_schemas_and_licence(tmp_path: Path) -> None:
    """The wheel carries every module, every schema and template, the licence and the command."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir"]
    done = subprocess.run([*command, tmp_path, ROOT], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    expected = {name_of(path) for path in modules("archiver")}
    expected |= {f"archiver/{name_of(path)}" for path in (ROOT / "schemas").rglob("*.*")}
    expected |= {name_of(path) for path in (ROOT / "archiver" / "templates").iterdir()}
    assert expected - names == set()
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"archiver"}
