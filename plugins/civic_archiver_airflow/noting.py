"""Noting what happens in Airflow in the archive's home, from whatever process it happens in.

Importing this loads nothing of the archive; the first note does. A note that can't be written
is logged and stops nothing: that it is missing shows in `archiver status`.
"""

from __future__ import annotations

import logging
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archiver.flows.archive import Archive

__all__ = ["note"]

log = logging.getLogger(__name__)


def note(what: str, **members: object) -> bool:
    """Write down that something happened; tell whether that could be done.

    Args:
        what: a kind of `archiver.flows.operations`.
        members: as that has them.
    """
    try:
        from archiver.flows.operations import noted

        noted(_opened(), what, members)
    except Exception:
        log.exception("not noted in the archive's home: %s", what)
        return False
    return True


@cache
def _opened() -> Archive:
    """Open the archive of this process; one that can't be opened is tried again."""
    from archiver.settings import load
    from archiver.wire import open_archive

    return open_archive(load(os.environ, Path.cwd()))
