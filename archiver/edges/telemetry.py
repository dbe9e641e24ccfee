"""What an OpenTelemetry collector is told: which command ran, how long, and how it ended.

Nothing of what was asked, answered or stored: no argument, text, address or person is in it.
A collector that is away costs a command a few seconds and never fails it. What is switched on,
and where it is sent, the variables say that every OpenTelemetry SDK reads (``OTEL_*``,
OpenTelemetry specification, "Environment Variable Specification").
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver import __version__
from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DURATION", "Telemetry", "telemetry"]

DURATION = "archiver.command.duration"
PATIENCE = 5
"""Seconds that a collector has to take what a command tells, at its end."""


class Telemetry(NamedTuple):
    """Where one command tells of itself: ``span``, its run; ``meter``, what makes gauges."""

    span: Any
    meter: Any

    def measure(self, name: str, value: float, unit: str, **labels: str) -> None:
        """Tell a number as it is now. ``unit`` as UCUM has it, ``{entry}`` for what is counted."""
        self.meter.create_gauge(name, unit=unit).set(value, labels)

    def ended(self, code: int, error: str) -> None:
        """Tell how the command ended: its exit code, and the code of its error or ""."""
        self.span.set_attribute("process.exit.code", code)
        if error:
            self.span.set_attribute("error.type", error)


@contextmanager
def telemetry(command: str) -> Iterator[Telemetry]:
    """Tell the collector of a command while it runs, as ``archiver COMMAND``.

    The run is part of the trace that ``TRACEPARENT`` names (W3C Trace Context), where a program
    that starts this one sets it. Raises `UsageError` where the packages are not installed.
    """
    _require_installed()
    from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
    from opentelemetry.trace.propagation import tracecontext

    named = os.environ.get("OTEL_SERVICE_NAME", "civic-archiver")
    resource = Resource.create({SERVICE_NAME: named, SERVICE_VERSION: __version__})
    traces, metrics = _traces(resource), _metrics(resource)
    tracer, meter = traces.get_tracer("archiver"), metrics.get_meter("archiver")
    given = {"traceparent": os.environ.get("TRACEPARENT", "")}
    parent = tracecontext.TraceContextTextMapPropagator().extract(given)
    name, labels = f"archiver {command}", {"archiver.command": command}
    began = time.monotonic()
    try:
        with tracer.start_as_current_span(
            name, parent, attributes=labels, record_exception=False, set_status_on_exception=False
        ) as span:
            yield Telemetry(span, meter)
    finally:
        took = meter.create_histogram(DURATION, unit="s")
        took.record(time.monotonic() - began, labels)
        metrics.shutdown(PATIENCE * 1000)
        traces.shutdown()


def _require_installed() -> None:
    """Raise `UsageError` where what sends is not installed: it is an optional part."""
    try:
        import opentelemetry.exporter.otlp.proto.http
        import opentelemetry.sdk.metrics  # noqa: F401 - asked for
    except ModuleNotFoundError as error:
        raise UsageError(
            "the environment names a collector, but OpenTelemetry is not installed",
            where=str(error.name),
            code="telemetry-unavailable",
            mend="pip install 'civic-archiver[telemetry]', or set OTEL_SDK_DISABLED=true",
        ) from error


def _traces(resource: Any) -> Any:  # noqa: ANN401 - of an optional package
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    traces = TracerProvider(resource=resource, shutdown_on_exit=False)
    traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=PATIENCE)))
    return traces


def _metrics(resource: Any) -> Any:  # noqa: ANN401 - likewise
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    reader = PeriodicExportingMetricReader(OTLPMetricExporter(timeout=PATIENCE))
    return MeterProvider((reader,), resource=resource, shutdown_on_exit=False)
