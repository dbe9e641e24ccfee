"""Telling people that they are asked: by whatever notifier the configuration names."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseNotifier
from airflow.sdk.configuration import conf
from airflow.sdk.execution_time.hitl import HITLUser

if TYPE_CHECKING:
    from airflow.sdk import Context

__all__ = ["SECTION", "Notice", "asked_users"]

SECTION = "civic_archiver"


class Notice(BaseNotifier):
    """Has the notifier ``[civic_archiver] notifier`` tell that somebody is asked.

    Without one it does nothing: who is asked stands under *Required Actions*. One that fails is
    logged, and the question stands all the same.
    """

    def notify(self, context: Context) -> None:
        """Tell it."""
        path = conf.get(SECTION, "notifier", fallback="")
        if not path:
            return
        told = conf.get(SECTION, "notifier_arguments", fallback="") or "{}"
        arguments: dict[str, Any] = json.loads(told)
        try:
            module, _, name = path.rpartition(".")
            getattr(import_module(module), name)(**arguments)(context)
        except Exception:
            self.log.exception("nobody could be told by %s", path)


def asked_users(job: str) -> list[HITLUser] | None:
    """Return who may answer in a job: ``[civic_archiver] <job>_answers``.

    Names as Airflow's login knows them, with commas between. None: whoever may in Airflow. To
    answer approves nothing in any case.
    """
    names = conf.get(SECTION, f"{job}_answers", fallback="").split(",")
    users = [name.strip() for name in names if name.strip()]
    return [HITLUser(id=name, name=name) for name in users] or None
