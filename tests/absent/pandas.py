"""In the place of pandas, as where the archiver runs: it does not need it (`tests.conftest`)."""

from __future__ import annotations

raise ImportError("pandas is not installed where the archiver runs")
