"""A folder that is put before all others, so that programs find less than is installed."""

from __future__ import annotations

import os

__all__ = ["present"]


def present() -> dict[str, str]:
    """Return the environment in which a program finds all that is installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
