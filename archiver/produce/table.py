"""The versions of documents as rows of one table: what sheets, CSV and Parquet have. Pure.

One row for each version, with the numbers of its document. Where something is withheld the sign
of the profile stands in its place, and ``withheld`` names the columns and the codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.columns import FIELDS
from archiver.produce.document import Gap
from archiver.produce.shown import Shown, codes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.produce.document import Version
    from archiver.produce.placed import Placed
    from archiver.produce.profile import Profile

__all__ = ["COLUMNS", "rows_of"]

_OWN = (
    "first_bates", "last_bates", "record_id", "family", "parent", "thread", "platform", "account",
    "stream", "custodian", "title_of_document", "state_now", "review_tags", "leaf",
    "observation_id", "kind", "captured_at",
)  # fmt: skip
COLUMNS = (*_OWN, *(one.name for one in FIELDS), "withheld", "natives")
"""Names of all columns, in order."""


def rows_of(placed: Placed, profile: Profile) -> Iterator[dict[str, str]]:
    """Yield a row for each version of a document; what is not there is no member of it."""
    document = placed.document
    own = {
        "first_bates": placed.first,
        "last_bates": placed.last,
        "record_id": document.record,
        "family": document.family,
        "parent": document.parent,
        "thread": document.thread,
        "platform": document.platform,
        "account": document.account,
        "stream": document.stream,
        "custodian": document.custodian,
        "title_of_document": document.title,
        "state_now": document.state,
        "review_tags": "; ".join(document.tags),
        "natives": "; ".join(one.path for one in placed.natives),
    }
    for version in document.versions:
        shown = Shown(version, profile)
        row = own | {
            "leaf": str(version.leaf),
            "observation_id": version.observation,
            "kind": version.kind,
            "captured_at": version.captured_at,
            "withheld": "; ".join(_withheld(version)),
        }
        row |= {one.name: shown.field(one.name) for one in FIELDS}
        yield {name: value for name, value in row.items() if value}


def _withheld(version: Version) -> Iterator[str]:
    for name, text in version.fields.items():
        found = {code for part in text if isinstance(part, Gap) for code in part.exemptions}
        if any(isinstance(part, Gap) for part in text):
            yield f"{name} in part ({codes(tuple(sorted(found)))})"
    for name, exemptions in version.closed.items():
        yield f"{name} ({codes(exemptions)})"
