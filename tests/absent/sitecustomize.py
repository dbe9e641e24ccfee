"""Read by every Python that a test starts (`tests.conftest`): what only tests need is not there.

pyarrow imports pandas wherever it is, which takes longer than most commands; where the archiver
runs it need not be.
"""

from __future__ import annotations

import sys
from typing import Any

absent: dict[str, Any] = {"pandas": None}
sys.modules.update(absent)  # None: not there
