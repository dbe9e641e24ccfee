"""The browser: a process in an environment of its own, spoken to over pipes (ADR 0190)."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from datetime import UTC
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

from archiver.browsing import Wanted
from archiver.errors import CaptureError
from archiver.record import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archiver.browsing import Part
    from archiver.edges.spool import Spool
    from archiver.ports import Clock
    from archiver.record import Request

__all__ = ["BrowserProcess"]

_DRIVER = Path(__file__).with_name("browser_driver.py")
_START, _PAGE = 60.0, 120.0
"""Seconds until the browser must have started, and until a page must be shown."""
_LONGEST = 192 << 20
"""Bytes of one line of its answers: a page, its picture, or what it wants."""
_NOTHING = ("unshare", "--net", "--"), ("unshare", "--user", "--map-current-user", "--net", "--")
"""Ways to start a program in a network of its own (unshare(1)): as root, or as anybody."""


class BrowserProcess:
    """Shows pages (`archiver.browsing.Browser`). A process is started for the first one.

    Args:
        python: the interpreter of the environment that has Playwright.
        chromium: the browser's own program.
        spool: where exchanges go.
        clock: tells when a page was shown.
    """

    def __init__(self, python: str, chromium: str, spool: Spool, clock: Clock) -> None:
        self._python = python
        self._chromium = chromium
        self._spool = spool
        self._clock = clock
        self._process: subprocess.Popen[bytes] | None = None
        self._read = b""
        self._name = ""
        self._shown: tuple[str, dict[str, Any]] = ("", {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the browser and all that it started."""
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def show(
        self, request: Request, purpose: Mapping[str, str], fetch: Callable[[Wanted], Part]
    ) -> Exchange:
        """Return what it made of a page; see `archiver.browsing.Browser`."""
        url = request.url.partition("#")[0]
        began = self._clock.now()
        if self._shown[0] != url or request.rendered == "dom":
            self._shown = url, self._page(url, fetch)
        found = self._shown[1]
        if request.rendered == "png":
            kind, body = "image/png", base64.b64decode(found["png"])
        else:
            told = {name: found[name] for name in ("title", "text", "dom", "loaded", "refused")}
            kind = "application/json"
            body = json.dumps({"browser": self._name, **told}, ensure_ascii=False).encode(
                "utf-8", "backslashreplace"
            )
        asked = f"GET {url} HTTP/1.1\r\nHost: browser.invalid\r\nAccept: {kind}\r\n\r\n"
        head = (
            f"HTTP/1.1 200 OK\r\nServer: {self._name}\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return self._spool.append(
            Exchange(
                lane="",
                number=0,
                url=url,
                captured_at=began.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                request=asked.encode(),
                response=head.encode() + body,
                purpose={**purpose, "rendered": request.rendered},
                clock_source="system clock",
            ),
            (),
        )

    def _page(self, url: str, fetch: Callable[[Wanted], Part]) -> dict[str, Any]:
        """Have a page shown, and give the browser each part of it."""
        until = monotonic() + _PAGE
        try:
            self._start()
            self._say({"show": url})
            while True:
                told = self._told(until)
                if "want" in told:
                    self._say(_packed(fetch(Wanted(**told["want"]))))
                elif "done" in told:
                    done: dict[str, Any] = told["done"]
                    return done
                else:
                    raise _failed(url, str(told.get("failed", "it said something else")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            self.close()
            raise _failed(url, f"{type(error).__name__}: {error}") from error

    def _start(self) -> None:
        if self._process is not None:
            return
        self._read = b""
        self._process = subprocess.Popen(  # noqa: S603 - no shell; programs that settings name
            [*_apart(), self._python, "-I", str(_DRIVER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath, "HOME": "/nonexistent", "LANG": "C.UTF-8"},
            start_new_session=True,
        )
        self._say({"chromium": self._chromium, "root": os.geteuid() == 0})
        self._name = str(self._told(monotonic() + _START)["ready"])

    def _say(self, message: Mapping[str, object]) -> None:
        pipe = self._process.stdin if self._process else None
        if pipe is None:
            raise OSError("it has ended")
        pipe.write(json.dumps(message).encode() + b"\n")
        pipe.flush()

    def _told(self, until: float) -> dict[str, Any]:
        """Return its next line. Raises `OSError` where none comes in time."""
        pipe = self._process.stdout if self._process else None
        if pipe is None:
            raise OSError("it has ended")
        pieces = [self._read]
        size = len(self._read)
        with DefaultSelector() as selector:
            selector.register(pipe, EVENT_READ)
            while b"\n" not in pieces[-1]:
                if size > _LONGEST:
                    raise OSError("it says too much")
                if not selector.select(max(until - monotonic(), 0)):
                    raise OSError("it takes too long")
                pieces.append(os.read(pipe.fileno(), 1 << 20))
                size += len(pieces[-1])
                if not pieces[-1]:
                    raise OSError("it has ended")
        line, _, self._read = b"".join(pieces).partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found


def _apart() -> tuple[str, ...]:
    """Return what starts a program in a network of its own, nothing where none can be made."""
    if shutil.which("unshare") is None:
        return ()
    for way in _NOTHING:
        tried = subprocess.run([*way, "true"], capture_output=True, check=False)  # noqa: S603 - fixed words
        if tried.returncode == 0:
            return way
    return ()


def _packed(part: Part) -> dict[str, object]:
    body = base64.b64encode(part.body).decode()
    return {"status": part.status, "headers": part.headers, "body": body}


def _failed(url: str, why: str) -> CaptureError:
    return CaptureError(
        f"the browser did not show it: {why}",
        where=url,
        mend="see docs/platforms/website.md for what a browser needs",
        code="capture-browser",
    )
