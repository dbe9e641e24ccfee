"""Run by the Python of the browser's own environment: shows pages, asks its parent for all parts.

It imports nothing of the archive, and nothing of the archive imports it. Lines of JSON go over
standard input and output: it is told a page to show, asks for each part, is given it, and says
at the end what it saw. The browser has no way out of its own: its proxy is a closed port, no name
is resolved, and where the system allows it stands in a network of its own that leads nowhere.
"""

from __future__ import annotations

import base64
import json
import sys
from typing import Any

ARGUMENTS = [
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--dns-prefetch-disable",
    "--no-first-run",
    "--no-pings",
    "--lang=en-US",
]
WIDTH, HEIGHT, TALLEST = 1280, 1024, 16_000
"""Pixels of the window, and of the tallest page that is pictured whole."""
QUIET, LOADED = 500, 40_000
"""Milliseconds: to wait for what scripts do after a page was loaded, and for that."""
READ = """() => ({
  title: document.title,
  text: document.body ? document.body.innerText : "",
  dom: document.documentElement ? document.documentElement.outerHTML : "",
  height: document.documentElement ? document.documentElement.scrollHeight : 0,
})"""


def say(message: dict[str, Any]) -> None:
    """Write one line to the parent."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def told() -> dict[str, Any]:
    """Return the parent's next line; end where it has ended."""
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)
    found: dict[str, Any] = json.loads(line)
    return found


class Parts:
    """Gives the browser what its parent gives; ``refused`` has the rest.

    ``url``: of the page, which stays: where its scripts lead the window on is not followed.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self.refused: list[str] = []

    def give(self, route: Any) -> None:  # noqa: ANN401 - of a library that is not here
        """Answer one request of the page."""
        wanted = route.request
        if self._leads_away(wanted):
            self.refuse(wanted.url)
            route.abort("aborted")  # any other word would put an error page in the page's place
            return
        say({"want": {"method": wanted.method, "url": wanted.url, "kind": wanted.resource_type}})
        part = told()
        if part["status"]:
            headers = dict(part["headers"])
            body = base64.b64decode(part["body"])
            route.fulfill(status=part["status"], headers=headers, body=body)
        else:
            self.refuse(wanted.url)
            route.abort("addressunreachable")

    def _leads_away(self, wanted: Any) -> bool:  # noqa: ANN401 - likewise
        if not wanted.is_navigation_request() or wanted.url.partition("#")[0] == self._url:
            return False
        try:
            return wanted.frame.parent_frame is None
        except Exception:  # noqa: BLE001 - the library's own: a window that is only being opened
            return True

    def refuse(self, url: str) -> None:
        """Note what the page asked for in vain."""
        if len(self.refused) < 1000:  # noqa: PLR2004 - enough to tell what a page is like
            self.refused.append(url[:2000])

    def close(self, socket: Any) -> None:  # noqa: ANN401 - likewise
        """Close a WebSocket before it is one."""
        self.refuse(socket.url)
        socket.close(code=1011, reason="not here")


def whole(page: Any) -> bool:  # noqa: ANN401 - likewise
    """Wait until all parts of a page are there; tell whether they came in time."""
    try:
        page.wait_for_load_state("load", timeout=LOADED)
    except Exception as error:
        if type(error).__name__ != "TimeoutError":  # the library's own, which has no name here
            raise
        return False
    return True


def show(browser: Any, url: str) -> dict[str, Any]:  # noqa: ANN401 - likewise
    """Return what a page shows."""
    parts = Parts(url)
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, service_workers="block",
        accept_downloads=False, java_script_enabled=True, permissions=[], timezone_id="UTC",
    )  # fmt: skip
    try:
        context.route("**/*", parts.give)
        context.route_web_socket("**/*", parts.close)
        page = context.new_page()
        context.on("page", lambda other: other.close())
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.goto(url, wait_until="commit", timeout=LOADED)
        loaded = whole(page)
        page.wait_for_timeout(QUIET)
        if not page.url.startswith(("http:", "https:")):
            return {}  # the browser's own error page
        found: dict[str, Any] = page.evaluate(READ)
        height = min(max(int(found.pop("height")), HEIGHT), TALLEST)
        page.set_viewport_size({"width": WIDTH, "height": height})
        png = page.screenshot(animations="disabled", caret="hide", type="png")
        found |= {"loaded": loaded, "refused": parts.refused, "png": base64.b64encode(png).decode()}
        return found
    finally:
        context.close()


def main() -> None:
    """Show pages until the parent has no more."""
    from playwright import sync_api  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415 - in that environment alone

    setting = told()
    more = ["--no-sandbox"] if setting["root"] else []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=setting["chromium"], args=[*ARGUMENTS, *more], chromium_sandbox=not more
        )
        say({"ready": f"Chromium {browser.version}"})
        while True:
            asked = told()
            try:
                found = show(browser, asked["show"])
                say({"done": found} if found else {"failed": "there was no page to show"})
            except sync_api.Error as error:
                say({"failed": str(error).splitlines()[0][:500]})


if __name__ == "__main__":
    main()
