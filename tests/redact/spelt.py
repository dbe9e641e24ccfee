"""Spellings in which a text may stand somewhere: coded, spaced, in another case."""

from __future__ import annotations

import html
import json
from urllib.parse import quote

__all__ = ["spellings"]


def spellings(text: str) -> set[str]:
    """Return a text as URLs, HTML, JSON and people spell it."""
    escaped = "".join(f"\\u{ord(one):04x}" for one in text)
    return {
        text,
        text.upper(),
        text.casefold(),
        quote(text),
        "".join(f"%{one:02X}" for one in text.encode()),
        html.escape(text),
        "".join(f"&#{ord(one)};" for one in text),
        "".join(f"&#x{ord(one):x};" for one in text),
        json.dumps(text)[1:-1],
        escaped,
        json.dumps(escaped)[1:-1],
        text.replace("-", "\N{NON-BREAKING HYPHEN}"),
        text.replace("-", "."),
        text.replace(" ", "\N{NO-BREAK SPACE}"),
        text.replace(" ", "<b> </b>"),
    }
