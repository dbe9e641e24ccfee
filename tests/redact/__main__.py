"""Prints recall and precision of the detectors: ``python -m tests.redact``."""

from __future__ import annotations

from tests.redact.measure import NAMES, measured, table

if __name__ == "__main__":
    for name in NAMES:
        counts, told = measured(name)
        print(f"{name}.txt", table(counts), *told, "", sep="\n")
