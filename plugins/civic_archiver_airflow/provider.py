"""What Airflow is told about this provider (entry point ``apache_airflow_provider``)."""

from __future__ import annotations

from typing import Any

from civic_archiver_airflow.people_options import SCHEDULES, options

__all__ = ["get_provider_info"]

HOOK = "civic_archiver_airflow.hook.PlatformHook"


def get_provider_info() -> dict[str, Any]:
    """Return the provider's connection type and settings, in Airflow's own schema."""
    return {
        "package-name": "civic-archiver-airflow",
        "name": "Civic Archiver",
        "description": "Captures what cities say and hear, and proves every step.",
        "connection-types": [
            {
                "connection-type": "civic_platform",
                "hook-class-name": HOOK,
                "hook-name": "Civic Archiver: platform credential",
                "ui-field-behaviour": {
                    "hidden-fields": ["host", "port"],
                    "relabeling": {
                        "schema": "Account",
                        "login": "User, handle or client",
                        "password": "Password or token",
                        "extra": "Further fields",
                    },
                    "placeholders": {
                        "schema": "city-blog: its name in the archive",
                        "extra": '{"field": "value"} where the platform needs more than these',
                    },
                },
            }
        ],
        "config": {
            "civic_archiver": {
                "description": "When the archive's DAGs run.",
                "options": {
                    "capture_schedule": _cron("new things are captured", "0 * * * *"),
                    "due_schedule": _cron("accounts are captured that are due", "*/5 * * * *"),
                    "reconcile_schedule": _cron("accounts are looked at again", "40 2 * * *"),
                    "compact_schedule": _cron("small segments are merged", "20 4 * * *"),
                    "replicate_schedule": _cron("copies are brought up to date", "50 4 * * *"),
                    "lock_schedule": _cron("locks are moved on", "20 5 * * *"),
                    "settle_schedule": _cron("what may have been left is looked at", "*/5 * * * *"),
                    "coverage_schedule": _cron("it is told what is missing or late", "15 * * * *"),
                    "hours_schedule": _cron("it is told which hours are there", "40 0 * * *"),
                    "verify_nightly_schedule": _cron("what is new is verified", "20 6 * * *"),
                    "verify_monthly_schedule": _cron("every record is verified", "0 7 1 * *"),
                    "purge_schedule": _cron("orders to destroy are carried on", "50 5 * * *"),
                    "anchor_schedule": _cron("outsiders vouch for the archive", "30 * * * *"),
                    **{f"{job}_schedule": _cron(*told) for job, told in SCHEDULES.items()},
                    **options(),
                },
            }
        },
    }


def _cron(what: str, default: str) -> dict[str, Any]:
    return {
        "description": f"When {what}: a cron expression, in UTC.",
        "version_added": "0.1.0",
        "type": "string",
        "example": default,
        "default": default,
    }
