"""Airflow's pages in a real browser: Debian's Chromium, driven by Playwright.

Playwright lives in an environment of its own, made here. With ``ARCHIVER_IMAGES`` set to a
folder, the pictures of docs/airflow.md are written there.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from archiver.demo.city import City
from archiver.demo.presences import presences
from civic_archiver_airflow.demo import connections
from tests.real.environments import environment
from tests.real.packages import need

if TYPE_CHECKING:
    from tests.airflow.conftest import Running

pytestmark = [pytest.mark.airflow, pytest.mark.real]

CHROMIUM = "chromium"
VISIT = """
import json, sys
from playwright.sync_api import sync_playwright

asked = json.load(sys.stdin)
said = {"failed": [], "texts": {}}
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path=asked["chromium"], args=["--no-sandbox", "--lang=en"]
    )
    page = browser.new_page(viewport={"width": 1280, "height": 880}, locale="en-US")
    page.on("pageerror", lambda error: said["failed"].append(str(error)))
    page.goto(asked["url"] + "/", wait_until="networkidle")
    page.fill('input[name="username"]', "admin")
    page.fill('input[name="password"]', asked["password"])
    page.click('button[type="submit"]')
    page.wait_for_url(lambda url: "login" not in url)
    for name, (path, text) in asked["pages"].items():
        page.goto(asked["url"] + path)
        page.get_by_text(text, exact=True).first.wait_for(timeout=60000)
        page.wait_for_timeout(2000)
        said["texts"][name] = page.inner_text("body")
        page.screenshot(path=asked["folder"] + "/" + name + ".png")
    browser.close()
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def visited(
    running: Running, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What a person sees who logs in and looks at DAGs, a run and the connections."""
    need((CHROMIUM,), (CHROMIUM,))
    tools = pytestconfig.cache.mkdir("interop")
    programs = environment(tools / "playwright", "playwright==1.65.2")
    run = running.finished("capture")
    folder = Path(os.environ.get("ARCHIVER_IMAGES") or tmp_path_factory.mktemp("images"))
    asked = {
        "url": running.airflow.url,
        "password": running.airflow.password,
        "chromium": f"/usr/bin/{CHROMIUM}",
        "folder": str(folder.resolve()),
        "pages": {
            "airflow-dags": ("/dags", "capture"),
            "airflow-run": (f"/dags/capture/runs/{run['dag_run_id']}", "city-blog"),
            "airflow-connections": ("/connections", "civic_city_blog"),
        },
    }
    done = subprocess.run(
        [programs / "python", "-c", VISIT],
        input=json.dumps(asked), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    pictures = {path.stem: path.read_bytes() for path in folder.glob("airflow-*.png")}
    return {**json.loads(done.stdout), "pictures": pictures}


def test_the_dags_are_shown_without_import_errors(visited: dict[str, Any]) -> None:
    """The list of DAGs has all, with their tags, and no word of an import error."""
    text = visited["texts"]["airflow-dags"]
    for word in ("anchor", "capture", "reconcile", "civic-archive"):
        assert word in text
    assert "Import Error" not in text
    assert visited["failed"] == []


def test_a_run_shows_its_mapped_tasks(visited: dict[str, Any]) -> None:
    """The run of a partition shows one task for each account, by its name, and success."""
    text = visited["texts"]["airflow-run"]
    for word in ("Partition Key", *(one.name for one in presences(City())), "Success"):
        assert word in text


def test_connections_show_no_password(visited: dict[str, Any]) -> None:
    """The page of connections names those of all accounts with a login, and nothing secret."""
    text = visited["texts"]["airflow-connections"]
    assert "civic_platform" in text
    for one in connections().values():
        assert one["connection_id"] in text
        for secret in (one["password"], *json.loads(one.get("extra", "{}")).values()):
            assert secret not in text


def test_the_pictures_are_pictures(visited: dict[str, Any]) -> None:
    """Each page was painted."""
    assert sorted(visited["pictures"]) == ["airflow-connections", "airflow-dags", "airflow-run"]
    for picture in visited["pictures"].values():
        assert picture.startswith(b"\x89PNG")
        assert len(picture) > 20_000
