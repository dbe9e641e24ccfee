"""What a collector of telemetry is told of commands: how they went, and nothing they were about.

The collector is a double: it takes what is sent and reads it by OpenTelemetry's published types.
"""

from __future__ import annotations

import gzip
import sys
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.cli.terminal import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CANARY = "canary7f3a9d"


@dataclass
class Collector:
    """What was sent, by path and as bytes; ``url``: where to."""

    url: str = ""
    taken: list[tuple[str, bytes]] = field(default_factory=list)

    def spans(self) -> list[Any]:
        """Return all spans."""
        read = [
            ExportTraceServiceRequest.FromString(data)
            for path, data in self.taken
            if path == "/v1/traces"
        ]
        return [
            span
            for one in read
            for resource in one.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def metrics(self) -> dict[str, list[Any]]:
        """Return the points of all metrics by name."""
        read = [
            ExportMetricsServiceRequest.FromString(data)
            for path, data in self.taken
            if path == "/v1/metrics"
        ]
        found: dict[str, list[Any]] = {}
        for one in read:
            for resource in one.resource_metrics:
                for scope in resource.scope_metrics:
                    for metric in scope.metrics:
                        points = getattr(metric, metric.WhichOneof("data")).data_points
                        found.setdefault(metric.name, []).extend(points)
        return found


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector on a free port of this machine."""
    here = Collector()

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                data = gzip.decompress(data)
            here.taken.append((self.path, data))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Takes) as server:
        here.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        yield here
        server.shutdown()


def attributes(span: Any) -> dict[str, Any]:  # noqa: ANN401 - of generated code
    """Return the attributes of a span."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}


def test_how_commands_went_is_told_and_nothing_they_were_about(
    tmp_path: Path, collector: Collector
) -> None:
    """A span for each, in the trace of whoever started it; counts by account; no argument."""
    environ = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "TRACEPARENT": f"00-{TRACE}-00f067aa0ba902b7-01",
    }
    assert run(tmp_path, "init", **environ).code == 0
    assert run(tmp_path, "status", **environ).code == 0
    assert run(tmp_path, "search", f"{CANARY} or x", **environ).code == 2
    assert run(tmp_path, "show", f"board:{CANARY}:posts:1", **environ).code == 2
    spans = {span.name: attributes(span) for span in collector.spans()}
    assert spans["archiver init"] == {"archiver.command": "init", "process.exit.code": 0}
    assert spans["archiver search"]["process.exit.code"] == 2
    assert spans["archiver search"]["error.type"]
    assert {span.trace_id.hex() for span in collector.spans()} == {TRACE}
    metrics = collector.metrics()
    assert metrics["archiver.ledger.entries"][0].as_int > 0
    took = metrics["archiver.command.duration"]
    assert len(took) == 4
    assert all(one.sum > 0 for one in took)
    sent = b"".join(data for _, data in collector.taken)
    assert CANARY.encode() not in sent
    assert str(tmp_path).encode() not in sent


def test_nobody_listens(tmp_path: Path) -> None:
    """A collector that is away fails no command."""
    away = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_BSP_EXPORT_TIMEOUT": "500"}
    assert run(tmp_path, "init", **away).code == 0


def test_packages_that_are_not_here_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, collector: Collector
) -> None:
    """A command tells who asked for telemetry how to get it, and does nothing."""
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.metrics", None)
    ran = run(tmp_path, "init", "--json", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    assert ran.code == 2
    assert ran.finding["code"] == "telemetry-unavailable"
    assert not (tmp_path / "archive").exists()
    off = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_SDK_DISABLED": "true"}
    assert run(tmp_path, "init", **off).code == 0
    assert collector.taken == []
