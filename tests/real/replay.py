"""Replaying a WACZ in programs by others, looked at with a real browser."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from tests.real.daemons import free_port
from tests.real.environments import environment, pinned
from tests.real.packages import need, run
from tests.real.test_interop import PYWB, wait

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

__all__ = ["CHROMIUM", "browser_python", "looked_at", "pywb", "replay_web_page"]

CHROMIUM = "/usr/bin/chromium"
LOCK = Path(__file__).parents[2] / "requirements-browser.lock"
REPLAY_WEB_PAGE = "replaywebpage@2.5.3"
LOOK = """
import json, sys, time
from playwright.sync_api import sync_playwright

asked = json.load(sys.stdin)
said = []
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path=asked["chromium"], args=["--no-sandbox", "--lang=en"]
    )
    for url in asked["urls"]:
        page = browser.new_page()
        page.goto(url)
        found, until = "", time.monotonic() + 120
        again = time.monotonic() + 30
        while not found and time.monotonic() < until:
            if time.monotonic() > again:  # a viewer's worker may have begun too late for its page
                page.reload()
                again += 30
            for frame in page.frames:
                try:
                    if frame.query_selector(asked["selector"]):
                        found = frame.inner_text("body")
                except Exception:
                    pass
            page.wait_for_timeout(100)
        said.append(found)
        page.close()
    browser.close()
print(json.dumps(said))
"""
VIEWER = """<!doctype html><script src="/ui.js"></script><replay-web-page source="/{wacz}"
url="{url}" ts="{stamp}" replayBase="/replay/" embed="replayonly"
style="height:900px;width:1200px;display:block"></replay-web-page>"""


def browser_python(config: pytest.Config) -> Path:
    """Return the Python of the browser's own environment, made as its lock file says."""
    need(("chromium",), ("chromium",))
    return pinned(config.cache.mkdir("website") / "browser", LOCK) / "python"


def looked_at(config: pytest.Config, urls: list[str], selector: str) -> list[str]:
    """Return the text of whichever frame of each page shows an element; "" where none does."""
    asked = {"chromium": CHROMIUM, "urls": urls, "selector": selector}
    done = subprocess.run(
        [browser_python(config), "-c", LOOK],
        input=json.dumps(asked), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout)
    return found


@contextmanager
def pywb(config: pytest.Config, folder: Path, wacz: Path) -> Iterator[str]:
    """Yield the address of a collection of pywb that has a WACZ."""
    programs = environment(config.cache.mkdir("interop") / "pywb", *PYWB)
    for words in (("init", "city"), ("add", "city", str(wacz), "--unpack-wacz")):
        subprocess.run([programs / "wb-manager", *words], cwd=folder, check=True)
    port = free_port()
    with (folder / "log").open("wb") as log, subprocess.Popen(
        [programs / "wayback", "-b", "127.0.0.1", "-p", str(port)],
        cwd=folder, stdout=log, stderr=log,
    ) as server:  # fmt: skip
        try:
            wait(f"http://127.0.0.1:{port}/city", server)
            yield f"http://127.0.0.1:{port}/city"
        finally:
            server.terminate()


@contextmanager
def replay_web_page(
    config: pytest.Config, folder: Path, wacz: Path, wanted: list[tuple[str, str]]
) -> Iterator[list[str]]:
    """Yield addresses at which ReplayWeb.page shows pages of a WACZ, by address and moment."""
    if shutil.which("npm") is None:
        need(("npm",), ("npm",))
    cache = config.cache.mkdir("website") / "replaywebpage"
    if not cache.exists():
        made = folder / "npm"
        made.mkdir()
        run("npm", "pack", "--silent", REPLAY_WEB_PAGE, cwd=made)
        with tarfile.open(next(made.glob("*.tgz"))) as packed:
            packed.extractall(made, filter="data")
        (made / "package").rename(cache)
    www = folder / "www"
    (www / "replay").mkdir(parents=True)
    shutil.copy(cache / "ui.js", www)
    shutil.copy(cache / "sw.js", www / "replay")
    shutil.copy(wacz, www / wacz.name)
    for number, (url, stamp) in enumerate(wanted):
        text = VIEWER.format(wacz=wacz.name, url=url, stamp=stamp)
        (www / f"{number}.html").write_text(text, "utf-8")
    handler = partial(_Quiet, directory=str(www))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            base = f"http://127.0.0.1:{server.server_port}"
            yield [f"{base}/{number}.html" for number in range(len(wanted))]
        finally:
            server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""
