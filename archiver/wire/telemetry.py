"""What is told to a collector of each command: for the command line, which knows no edges."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING

from archiver.edges.telemetry import switched_on, telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.edges.telemetry import Telemetry

__all__ = ["ended", "measure", "watched"]

_now: ContextVar[Telemetry | None] = ContextVar("telemetry", default=None)


@contextmanager
def watched(command: str) -> Iterator[None]:
    """Have a command told of, where the environment names a collector. Raises `UsageError`."""
    with telemetry(command) if switched_on() else nullcontext() as here:
        before = _now.set(here)
        try:
            yield
        finally:
            _now.reset(before)


def measure(name: str, value: float, unit: str, **labels: str) -> None:
    """Tell a number as it is now, if anybody listens: no text of records, no person."""
    here = _now.get()
    if here is not None:
        here.measure(name, value, unit, **labels)


def ended(code: int, error: str = "") -> None:
    """Tell how the command ended: its exit code, and the code of its error."""
    here = _now.get()
    if here is not None:
        here.ended(code, error)
