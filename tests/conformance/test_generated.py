"""A connector that was just begun: it works, passes the suite, and is found where installed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from archiver.cli import connector_new
from archiver.cli.connector_new import begin
from archiver.errors import RefusedError, UsageError
from archiver.flows import installed
from archiver.flows.connectors import connector, every, known
from tests.absent import present
from tests.cli.terminal import run

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
NAME = "townhall"


def program(*words: str, cwd: Path = ROOT) -> str:
    """Run a program that must do its work; return what it said."""
    done = subprocess.run(
        [sys.executable, "-B", *words], check=False, capture_output=True, text=True, cwd=cwd,
        env=present(),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def linted(folder: Path) -> None:
    """Assert that what was written is written as everything else is."""
    config = ["--config", str(ROOT / "pyproject.toml")]
    program("-m", "ruff", "format", "--check", *config, str(folder))
    ignored = ["--extend-ignore", "S101,INP001,I001,PLR2004,D100"]
    program("-m", "ruff", "check", *config, *ignored, str(folder))


def test_it_passes_its_own_tests_and_the_suite(tmp_path: Path) -> None:
    """As it was written, by whoever has a package of their own."""
    data = run(tmp_path, "connector", "new", NAME, "--dir", "mine", "--json").document["data"]
    assert [Path(path).name for path in data["files"]] == [
        "pyproject.toml",
        "townhall_connector.py",
        "townhall_standin.py",
        "test_townhall.py",
    ]
    folder = tmp_path / "mine"
    linted(folder)
    options = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
    assert " passed" in program(*options, cwd=folder)
    suite = ["tests/conformance/test_declared.py", "tests/conformance/test_lived.py"]
    told = program(*options, *suite, "--connector", str(folder / "townhall_connector.py"))
    assert "29 passed" in told


def test_in_a_source_tree_it_goes_where_it_belongs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the others; what names it is told, for nobody edits that for you."""
    monkeypatch.setattr(connector_new, "ROOT", tmp_path)
    with pytest.raises(UsageError, match="not run from a source tree"):
        begin(NAME, "")
    for path in ("archiver/capture/platforms/__init__.py", "tests/conformance/standins.py"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text('"""Here."""\n')
    begun = begin(NAME, "")
    assert [str(path.relative_to(tmp_path)) for path in begun.files] == [
        "archiver/capture/platforms/townhall.py",
        "archiver/demo/townhall.py",
        "tests/capture/platforms/test_townhall.py",
    ]
    assert "Townhall() to _ALL" in begun.steps[0]
    linted(tmp_path)


@pytest.mark.parametrize("name", ["", "x", "Town", "town-hall", "9lives", "../up", "a" * 32])
def test_other_words_are_no_platforms_names(tmp_path: Path, name: str) -> None:
    """A name is a module's, a command's and a record's: nothing else gets so far."""
    with pytest.raises(UsageError, match="not a platform's name"):
        begin(name, str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """Neither a connector that there is nor a file."""
    with pytest.raises(RefusedError, match="connector of that name"):
        begin("mastodon", str(tmp_path))
    (tmp_path / "townhall_standin.py").write_text("mine")
    with pytest.raises(RefusedError, match="such a file already"):
        begin(NAME, str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["townhall_standin.py"]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder in which packages are installed."""
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    installed.installed.cache_clear()


def install(site: Path, package: str, *entries: str) -> None:
    """Have a package's entry points where Python looks for them."""
    folder = site / f"{package}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("\n".join(["[archiver.connectors]", *entries]))
    installed.installed.cache_clear()


def test_an_installed_connector_is_one_like_others(site: Path, tmp_path: Path) -> None:
    """It is listed, has its cells and notes, and an account can be registered."""
    begin(NAME, str(site))
    install(site, "civic-archiver-townhall", "townhall = townhall_connector:CONNECTOR")
    assert "townhall_connector" not in sys.modules
    assert connector(NAME).title == "Townhall"
    assert NAME in {one.platform for one in every()}
    listed = run(tmp_path, "connector", "list", "--json").document["data"]
    assert NAME in {one["platform"] for one in listed}
    data = run(tmp_path, "connector", "matrix", NAME, "--json").document["data"]
    assert {cell["platform"] for cell in data["cells"]} == {NAME}
    run(tmp_path, "init")
    url = "https://townhall.example.gov/townhall/city"
    made = run(tmp_path, "account", "add", "hall", "--platform", NAME, "--url", url, "--json")
    assert made.document["data"]["platform"] == NAME
    del sys.modules["townhall_connector"]


BROKEN = {
    "raises": ("raise RuntimeError('no luck')", "can't be used: RuntimeError: no luck"),
    "lacks": ("class One: platform = 'broken'\nCONNECTOR = One()", "it has no parser, title"),
    "none": ("", "has no attribute 'CONNECTOR'"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_one_is_told_when_it_is_wanted(site: Path, how: str) -> None:
    """What is wrong, where, and what to do; the others are not touched by it."""
    source, told = BROKEN[how]
    (site / f"broken_{how}.py").write_text(source)
    install(site, "broken", f"broken = broken_{how}:CONNECTOR")
    assert known("mastodon") is not None
    with pytest.raises(UsageError, match="can't be used") as refused:
        connector("broken")
    assert told in refused.value.message
    assert (refused.value.where, refused.value.code) == (
        f"broken_{how}:CONNECTOR",
        "connector-broken",
    )


def test_one_that_is_another_platforms_is_refused(site: Path) -> None:
    """A name leads to the connector of that name."""
    install(site, "other", "other = archiver.capture.platforms.feed:Feed")
    with pytest.raises(UsageError, match="it is a connector for feed"):
        connector("other")


def test_two_packages_with_one_platform_are_refused(site: Path) -> None:
    """Which of them would be used, nobody could tell."""
    install(site, "one", "hall = one:CONNECTOR")
    install(site, "two", "hall = two:CONNECTOR")
    with pytest.raises(UsageError, match="two packages"):
        connector("hall")


def test_ours_come_first(site: Path) -> None:
    """No package takes the place of a connector that the archive has itself."""
    install(site, "mine", "feed = nowhere:CONNECTOR")
    one = known("feed")
    assert one is not None
    assert one.platform == "feed"
    assert json.dumps([each.platform for each in every()]).count('"feed"') == 1
