"""Where a command tells a collector of itself: for the command line, which knows no edges."""

from archiver.edges.telemetry import Telemetry, telemetry

__all__ = ["Telemetry", "telemetry"]
