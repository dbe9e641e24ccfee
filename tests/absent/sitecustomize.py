"""Read by every Python that a test starts (`tests.conftest`): what only tests need is not there.

pyarrow imports pandas and numpy wherever they are, which takes longer than most commands; where
the archiver runs they need not be.
"""

from __future__ import annotations

import sys
from typing import Any

absent: dict[str, Any] = dict.fromkeys(("numpy", "pandas"))
sys.modules.update(absent)  # None: not there
