"""What reads files, with versions. Pure."""

from __future__ import annotations

import sys
from importlib.metadata import version

__all__ = ["OWN", "PDF", "STAMP"]

OWN = "civic-archiver text/1"
"""Our own readers and their version: whoever changes what one of them reads counts it up."""

PDF = f"pypdf {version('pypdf')}"
STAMP = f"{OWN}, {PDF}, Python {sys.version_info.major}.{sys.version_info.minor}"
"""All that decides what is read of a file: a text by another stamp is made anew."""
