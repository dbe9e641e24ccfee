"""What is said of importers and of closed platforms on the page of connectors (Markdown). Pure."""

from __future__ import annotations

from archiver.capture.importers import CLOSED, IMPORTERS

__all__ = ["imported"]

_INTRODUCTION = """
## Imports

What exports of each platform give, by [`archiver import`](../imports.md). Each was proved on
synthetic files that were built to the layout its source publishes (`tests/imports/`), never on
an export that a platform made; ids that an export names are those that capture uses.

| format | accounts of | stream | limit | says | proved by |
| --- | --- | --- | --- | --- | --- |
"""
_CLOSED = """
## Platforms of exports alone

An account of one of these is registered and approved like any other. Nothing is asked of it.

| platform | name | address, as an example | formats |
| --- | --- | --- | --- |
"""


def imported() -> str:
    """Return the sections, each table sorted by what stands first in it."""
    rows = [
        f"| `{name}` | {', '.join(one.platforms) or 'any platform'} | `{cell.stream}` "
        f"| {cell.limit} | {cell.citation} | {cell.proved_by} |\n"
        for name, one in sorted(IMPORTERS.items())
        for cell in one.cells
    ]
    closed = [
        f"| {one.title} | `{name}` | `{one.address_form}` | {_formats(name)} |\n"
        for name, one in sorted(CLOSED.items())
    ]
    return "".join([_INTRODUCTION, *rows, _CLOSED, *closed])


def _formats(platform: str) -> str:
    fit = [name for name, one in IMPORTERS.items() if platform in one.platforms]
    return ", ".join(f"`{one}`" for one in sorted(fit)) or "those for any platform"
