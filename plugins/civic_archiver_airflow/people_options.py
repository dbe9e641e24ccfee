"""Settings of the DAGs that ask people, report, and look after the archive. Imports nothing."""

from __future__ import annotations

from typing import Any

__all__ = ["SCHEDULES", "options"]

SCHEDULES = {
    "holds": ("holds are reconciled with what came since", "35 3 * * *"),
    "retention": ("people are asked about what is due", "30 6 1 * *"),
    "monitoring": ("the week's reports are written", "0 6 * * 1"),
    "holdings": ("the month's reports are written", "15 6 1 * *"),
    "drill": ("every copy is restored on trial", "0 7 2 * *"),
    "operations": ("what was noted of runs and interventions is sealed", "45 * * * *"),
}
"""Job -> what happens then, and its cron expression."""

_TEXTS = {
    "retention_answers": "Who may answer in the DAG retention: logins, with commas between. "
    "Nobody approves anything by answering.",
    "export_answers": "Who may answer in the DAG export: logins, with commas between. "
    "Nobody approves anything by answering.",
    "notifier": "The class of a notifier that tells people that they are asked.",
    "notifier_arguments": "Its arguments, as a JSON object.",
    "reports": "A folder for reports; empty: reports in the archive's home.",
    "scratch": "A folder with room for a restored copy; empty: that of temporary files.",
}


def options() -> dict[str, dict[str, Any]]:
    """Return the settings in Airflow's own schema, but for the schedules."""
    found = {name: _option(text, "string", "") for name, text in _TEXTS.items()}
    seconds = "Seconds after which a task that waits for signatures looks again."
    return found | {"look_again": _option(seconds, "float", "600")}


def _option(text: str, kind: str, default: str) -> dict[str, Any]:
    return {
        "description": text,
        "version_added": "0.1.0",
        "type": kind,
        "example": None,
        "default": default,
    }
