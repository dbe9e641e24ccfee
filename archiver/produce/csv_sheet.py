"""Rows as CSV (RFC 4180) that no spreadsheet takes for formulas. Pure.

A cell that a spreadsheet would run gets an apostrophe before it, which spreadsheets take for "this
is text"; the last column says which cells got one, so that the exact text can be had again. UTF-8
with a byte order mark, by which they know the encoding; U+0000, which many stop at, is U+FFFD.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["QUOTED", "write_csv"]

QUOTED = "apostrophe_added"
_RUN = re.compile(r"\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
"""What begins a formula or a command, also after space, and in the wide letters of Asia."""


def write_csv(names: Sequence[str], rows: Iterable[Mapping[str, str]]) -> Iterator[bytes]:
    """Yield the lines of a file: the names, then the rows; `QUOTED` is added."""
    yield "\ufeff".encode() + _line([*names, QUOTED])
    for row in rows:
        cells, changed = [], []
        for name in names:
            value = row.get(name, "").replace("\x00", "\N{REPLACEMENT CHARACTER}")
            runs = _RUN.match(value) is not None
            cells.append(f"'{value}" if runs else value)
            changed += [name] if runs else []
        yield _line([*cells, " ".join(changed)])


def _line(cells: Iterable[str]) -> bytes:
    quoted = ('"' + one.replace('"', '""') + '"' if one else "" for one in cells)
    return (",".join(quoted) + "\r\n").encode("utf-8", "replace")
