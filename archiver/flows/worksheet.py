"""What goes to an authority outside, as a worksheet: fields to copy, never the official form. Pure.

It has what the order's document says and nothing else; what the archive does not know is left
open to be filled in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.retention.disposal import TRANSFER

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MARK", "worksheet"]

MARK = "WORKSHEET, NOT THE OFFICIAL FORM"
_OPEN = "(to be filled in)"
_BY_HAND = (
    "Office or department",
    "County",
    "Contact: name, address, telephone, e-mail",
    "Signature",
)


def worksheet(order: str, document: Mapping[str, Any]) -> str:
    """Return the worksheet of an order, as Markdown.

    Args:
        order: its handle.
        document: the order's own, with ``outside``: who is asked.
    """
    asked, counts, dates = document["outside"], document["counts"], document["dates"]
    fields = {
        "To": asked["to"],
        "What it is": TRANSFER if document.get("then") == TRANSFER else asked["kind"],
        "By": asked["citation"],
        "Order": order,
        "Schedule and item (application and item number)": document["series"],
        "Record series title": document["title"],
        "Citation": document["citation"],
        "Inclusive dates": f"{dates['first']} to {dates['last']}",
        "Volume": f"{counts['bytes']} bytes, {counts['records']} records",
        "Format": "born digital",
        "May be disposed of not before": f"{asked['days']} days after it was sent and recorded",
        **dict.fromkeys(_BY_HAND, _OPEN),
    }
    rows = "".join(f"| {name} | {_cell(value)} |\n" for name, value in fields.items())
    told = (
        f"Its fields were not held against the form of the authority. How far the text of the "
        f"law was read: {asked['confidence']}."
    )
    return f"# {MARK}\n\n{told}\n\n| field | value |\n|---|---|\n{rows}"


def _cell(value: object) -> str:
    """Return a value that stays in its cell, whatever it says."""
    return " ".join(str(value).replace("|", "\\|").split())
