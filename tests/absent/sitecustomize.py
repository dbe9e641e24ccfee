"""Read by every Python that a test starts (`tests.conftest`): what only tests need is not there.

pyarrow imports pandas wherever it is, which takes longer than most commands; where the archiver
runs it need not be.
"""

from __future__ import annotations

import sys

ABSENT = "pandas"


class _Absent:
    """A finder of modules that finds one of them nowhere."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name == ABSENT:
            raise ModuleNotFoundError(name=name)


sys.meta_path.insert(0, _Absent)
