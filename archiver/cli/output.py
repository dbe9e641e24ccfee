"""What every command prints: for people a table or words, for programs one JSON document.

With ``--json`` stdout is exactly one document ``{schema, ok, data, findings}``; progress
and messages go to stderr. Text from platforms is shown with its control characters
escaped, so that a record can't drive the reader's terminal.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from archiver.errors import ArchiverError

__all__ = ["Output", "Steps", "safe", "say_concerns"]


def safe(text: object) -> str:
    """Return text that can't drive a terminal: controls and direction marks are escaped."""
    return "".join(c if c.isprintable() or c == "\n" else _escaped(c) for c in str(text))


def _escaped(character: str) -> str:
    """Return a character as JSON escapes it: beyond U+FFFF as a pair of surrogates."""
    return json.dumps(character)[1:-1]


class _Console(Console):
    """A console that leaves a closed pipe to `archiver.cli.main`: Rich would exit with 1."""

    def on_broken_pipe(self) -> None:
        """Pass on the error that Rich is handling."""
        raise  # noqa: PLE0704 - called from its handler of BrokenPipeError


class Output:
    """Prints one command's result. ``exit_code`` is what the process should end with.

    ``error``: the code of the error it ended with, if any.
    """

    def __init__(self, command: str, *, as_json: bool) -> None:
        self._command = command
        self._json = as_json
        self._console = _Console(highlight=False, soft_wrap=True)
        self._errors = _Console(stderr=True, highlight=False, soft_wrap=True)
        self.exit_code = 0
        self.error = ""

    def result(
        self, data: object, *, ok: bool = True, findings: Sequence[dict[str, Any]] = ()
    ) -> None:
        """Print the result document, if JSON was asked for; note whether all is well."""
        if not ok:
            self.exit_code = 1
        if self._json:
            document = {
                "schema": f"civic-archive/cli/{self._command}/1",
                "ok": ok,
                "data": data,
                "findings": list(findings),
            }
            sys.stdout.write(safe(json.dumps(document, ensure_ascii=False, indent=2)) + "\n")

    def say(self, text: str, style: str = "") -> None:
        """Print a line for people."""
        if not self._json:
            self._console.print(Text(safe(text), style=style))

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print a table for people."""
        if self._json:
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in headings:
            table.add_column(heading, overflow="fold")
        for row in rows:
            table.add_row(*(Text(safe(cell)) for cell in row))
        self._console.print(table, soft_wrap=False)

    def failure(self, error: ArchiverError) -> int:
        """Print an error: what, where, how to mend it. Returns the exit code."""
        self.error = error.code
        finding = {
            "code": error.code,
            "message": error.message,
            "where": error.where,
            "mend": error.mend,
        }
        if self._json:
            self.result(None, ok=False, findings=[finding])
            return error.exit_code
        self._errors.print(Text(f"error [{error.code}]: {safe(error.message)}", style="bold red"))
        for label, text in (("where", error.where), ("to mend", error.mend)):
            if text:  # a second line, such as a sign under a place, stands under the first
                lines = safe(text).replace("\n", "\n" + " " * (len(label) + 4))
                self._errors.print(Text(f"  {label}: {lines}"))
        return error.exit_code


class Steps:
    """A progress bar on stderr, where stderr is a terminal (`archiver.ports.Progress`)."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None)

    def __enter__(self) -> Steps:  # noqa: PYI034 - final in practice
        """Show the bar."""
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        self._bar.stop()

    def step(self, done: int, total: int | None, what: str) -> None:
        """Report that ``done`` of ``total`` units are finished."""
        self._bar.update(self._task, completed=done, total=total, description=safe(what))


def say_concerns(output: Output, concerns: list[dict[str, str]]) -> None:
    """Print what a person should see to about an account, with what to do."""
    for one in concerns:
        since = f"{one['at'][:10]}: " if "at" in one else ""
        output.say(f"{one['where']}: {since}{one['message']}; {one['mend']}", "yellow")
