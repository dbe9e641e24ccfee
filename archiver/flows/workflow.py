"""Documents of the archive's own work, as observations of the workflow stream."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from archiver.capture.settled import Settled
from archiver.flows.documents import DOCUMENT_PARSER
from archiver.formats.parquet import canonical_time
from archiver.ids import new_uuid
from archiver.record import Excerpt, Kind, Observation, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.flows.archive import Archive
    from archiver.registry.accounts import Account

__all__ = ["workflow_document"]


def workflow_document(
    archive: Archive,
    account: Account,
    native_id: str,
    kind: Kind,
    data: bytes,
    row: Mapping[str, str],
) -> Settled:
    """Return a document of the archive's own work, ready to be sealed."""
    observation = Observation(
        platform=account.platform,
        account=account.name,
        stream=Stream.WORKFLOW,
        native_id=native_id,
        kind=kind,
        sensitivity=Sensitivity.PRIVATE,
        captured_at=canonical_time(archive.clock.now()),
        excerpts=(Excerpt("document", data),),
        row={name: value for name, value in row.items() if value},
        parser=DOCUMENT_PARSER,
        context=(("Archive-Clock", "system clock"),),
        content_type="application/json" if _is_json(data) else "text/plain; charset=utf-8",
    )
    return Settled(observations=[(new_uuid(archive.chance), observation)])


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True
