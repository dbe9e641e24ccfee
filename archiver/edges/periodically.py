"""Something done again and again, by a thread of its own."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["periodically"]


@contextmanager
def periodically(seconds: float, act: Callable[[], None]) -> Iterator[None]:
    """Call ``act`` each time so many seconds have passed, while the context is open."""
    over = Event()

    def go_on() -> None:
        while not over.wait(seconds):
            act()

    thread = Thread(target=go_on, name="periodically")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
