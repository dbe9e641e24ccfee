"""The web archive of a volume in pywb, looked at with a real browser.

pywb and Playwright live in environments of their own, made here; the browser is Debian's Chromium.
"""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.produce.town import town
from tests.produce.writing import profile, write
from tests.real.daemons import free_port
from tests.real.environments import environment
from tests.real.packages import need
from tests.real.test_interop import PYWB, wait

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real

CHROMIUM = "chromium"
VISIT = """
import json, sys
from playwright.sync_api import sync_playwright

asked = json.load(sys.stdin)
said = {}
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path=asked["chromium"], args=["--no-sandbox", "--lang=en"]
    )
    page = browser.new_page()
    for url in asked["urls"]:
        answer = page.goto(url)
        said[url] = [answer.status, page.inner_text("body")]
    browser.close()
print(json.dumps(said))
"""


def shown(config: pytest.Config, urls: list[str]) -> dict[str, Any]:
    """Return what a browser shows of some addresses: status and text."""
    need((CHROMIUM,), (CHROMIUM,))
    programs = environment(config.cache.mkdir("interop") / "playwright", "playwright==1.65.2")
    asked = {"chromium": f"/usr/bin/{CHROMIUM}", "urls": urls}
    done = subprocess.run(
        [programs / "python", "-c", VISIT],
        input=json.dumps(asked), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def address(port: int, record: str) -> str:
    """Return where pywb shows a record as it was stored: escapes are undone once on the way."""
    target = f"urn:civic-archive:{record.replace('%', '%25')}"
    return f"http://127.0.0.1:{port}/city/2026id_/{target.replace('%', '%25')}"


def test_a_browser_shows_each_whole_record(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    """Every record that is released whole is there; of one with anything withheld nothing is."""
    write(tmp_path / "volume", town(), profile(channels=("wacz",)))
    wacz = tmp_path / "volume" / "data" / "VOL001" / "WACZ" / "VOL001.wacz"
    programs = environment(pytestconfig.cache.mkdir("interop") / "pywb", *PYWB)
    for words in (("init", "city"), ("add", "city", str(wacz), "--unpack-wacz")):
        subprocess.run([programs / "wb-manager", *words], cwd=tmp_path, check=True)
    port = free_port()
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(
        [programs / "wayback", "-b", "127.0.0.1", "-p", str(port)],
        cwd=tmp_path, stdout=log, stderr=log,
    ) as server:  # fmt: skip
        try:
            wait(f"http://127.0.0.1:{port}/city", server)
            addresses = {one.record: address(port, one.record) for one in town()}
            found = shown(pytestconfig, list(addresses.values()))
        finally:
            server.terminate()
    for one in town():
        status, text = found[addresses[one.record]]
        if one.exemptions:
            assert status != 200, text
        else:
            assert (status, text) in {(200, str(version.leaf)) for version in one.versions}
