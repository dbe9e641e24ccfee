"""What is told to a collector of each command; nothing of it is loaded where there is none."""

from __future__ import annotations

import os
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.wire.telemetry import Telemetry

__all__ = ["ended", "measure", "watched"]

ENDPOINTS = tuple(f"OTEL_EXPORTER_OTLP_{part}ENDPOINT" for part in ("", "TRACES_", "METRICS_"))

_now: ContextVar[Telemetry | None] = ContextVar("telemetry", default=None)


@contextmanager
def watched(command: str) -> Iterator[None]:
    """Have a command told of, where the environment names a collector. Raises `UsageError`."""
    off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if off or not any(os.environ.get(name) for name in ENDPOINTS):
        yield
        return
    from archiver.wire.telemetry import telemetry

    with telemetry(command) as here:
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
