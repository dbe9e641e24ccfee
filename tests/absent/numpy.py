"""In the place of numpy, as where the archiver runs: it does not need it (`tests.conftest`)."""

from __future__ import annotations

raise ImportError("numpy is not installed where the archiver runs")
