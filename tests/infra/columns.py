"""Writes the columns of Athena's tables: ``python -m tests.infra.columns``."""

from __future__ import annotations

import json
from pathlib import Path

from archiver.columns import columns_of
from archiver.record import Stream

PLACE = Path(__file__).parents[2] / "infra/terraform/modules/query/columns.json"
_TYPES = {"timestamp": "timestamp", "string": "string", "text": "string", "json": "string"}


def columns() -> str:
    """Return the columns of each stream's table as Glue has them, as JSON."""
    made = {
        stream.value: [
            {"name": one.name, "type": _TYPES[one.type], "comment": f"{one.home}, field {one.id}"}
            for one in columns_of(stream)
        ]
        for stream in Stream
    }
    return json.dumps(made, indent=1) + "\n"


if __name__ == "__main__":
    PLACE.write_text(columns(), "utf-8")
