"""The log of what runs for long: lines for people, or one JSON object each for a collector."""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime

__all__ = ["FORM", "log_to_stderr"]

FORM = "ARCHIVER_LOG"
"""Environment: ``json`` has each line of the log be an object; anything else is for people."""

CHATTY = ("uvicorn.error", "httpx", "httpcore")


class _Lines(logging.Formatter):
    """Each entry on one line: when in UTC, how grave, who says it, and what."""

    def format(self, record: logging.LogRecord) -> str:
        """Return an entry; of an exception only its kind and place: its text may quote content."""
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0]:
            told["exception"] = record.exc_info[0].__name__
            told["where"] = f"{record.module}:{record.lineno}"
        return json.dumps(told, ensure_ascii=False)


def log_to_stderr() -> None:
    """Log what this program does, and of libraries what is wrong."""
    handler = logging.StreamHandler()
    plain = logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    handler.setFormatter(_Lines() if os.environ.get(FORM) == "json" else plain)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
