"""A process beside this one that does its work apart, and is begun anew when it dies."""

from __future__ import annotations

import logging
import multiprocessing
import signal
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.process import BaseProcess

__all__ = ["Beside", "Ended"]

_PAUSE = 1.0
"""Seconds before a process that died is begun again."""
_PATIENCE = 60.0
"""Seconds in which a process ends what it is about, once it is told to."""

_log = logging.getLogger("archiver.receiver")


class Beside:
    """Runs ``job(*arguments)`` in a process of its own while the context is open.

    ``job`` is a function of a module, and its arguments can be pickled. It ends when `Ended`
    says so: on SIGTERM, or when this process is gone.
    """

    def __init__(self, job: Callable[..., None], *arguments: object) -> None:
        self._job = job
        self._arguments = arguments
        self._over = Event()
        self._process = self._begun()
        self._watch = Thread(target=self._watching, name="beside")

    def __enter__(self) -> Beside:  # noqa: PYI034 - final in practice
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()

    def _begun(self) -> BaseProcess:
        spawn = multiprocessing.get_context("spawn")
        process = spawn.Process(target=self._job, args=self._arguments, name="settler")
        process.start()
        return process

    def _watching(self) -> None:
        while not self._over.is_set():
            self._process.join(0.2)
            if self._process.exitcode is not None and not self._over.wait(_PAUSE):
                code = self._process.exitcode
                _log.warning("the process that settles has ended (%s); begun again", code)
                self._process = self._begun()
        self._process.terminate()
        self._process.join(_PATIENCE)
        if self._process.exitcode is None:
            self._process.kill()


class Ended:
    """Tells a process that it is to end: a signal came, or whoever began it is gone."""

    def __init__(self) -> None:
        self._told = Event()
        self._parent: Any = multiprocessing.parent_process()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._told.set())

    def __call__(self) -> bool:
        """Say whether to end."""
        gone = self._parent is not None and not self._parent.is_alive()
        return self._told.is_set() or gone
