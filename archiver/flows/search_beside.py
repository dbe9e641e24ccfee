"""The index is made beside the seal, so that the search after it need not wait for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.errors import ArchiverError
from archiver.flows.ledger import read_state
from archiver.flows.rows import catalog
from archiver.flows.search_shelves import index_all

if TYPE_CHECKING:
    from archiver.flows.archive import Archive

__all__ = ["index_beside"]


def index_beside(archive: Archive, since: int) -> str:
    """Index what was sealed by entries of the log from ``since`` on.

    Return why that could not be done, empty where it was. It is a cache: what is sealed is sealed,
    and a search makes what is lacking. So nothing that goes wrong here may end who sealed.
    """
    try:
        index_all(archive, catalog(archive, read_state(archive)), since)
    except ArchiverError as error:
        return error.message
    except Exception as error:  # noqa: BLE001 - it is told, and comes up again in the next search
        return f"{type(error).__name__}: {error}"
    return ""
