"""The ``archiver`` command: all groups of commands put together."""

from __future__ import annotations

import os
import sys
import traceback
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archiver import __version__
from archiver.cli import (
    account,
    anchor,
    archive,
    bates,
    capture,
    classify,
    compact,
    connector,
    copy,
    coverage,
    demo,
    diff,
    disposition,
    evidence,
    export,
    hold,
    import_,
    keys,
    lock,
    matter,
    operations,
    person,
    produce,
    records,
    redact,
    reparse,
    replicate,
    report,
    restore,
    retention,
    rulepack,
    schedule,
    tag,
    transfer,
    validate,
    verify,
    webhook,
    witness,
)
from archiver.cli.output import Output
from archiver.cli.telemetry import ended, watched
from archiver.errors import ArchiverError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["app", "command_tree", "main"]

DEBUG = "ARCHIVER_DEBUG"

INTERRUPTED = 130
"""What a shell expects of a command that Ctrl-C ended (128 + SIGINT)."""

app = typer.Typer(
    name="archiver",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(account.app, name="account")
app.add_typer(bates.app, name="bates")
app.add_typer(connector.app, name="connector")
app.add_typer(copy.app, name="copy")
app.add_typer(disposition.app, name="disposition")
app.add_typer(classify.event_app, name="event")
app.add_typer(export.app, name="export")
app.add_typer(hold.app, name="hold")
app.add_typer(keys.app, name="keys")
app.add_typer(matter.app, name="matter")
app.add_typer(person.app, name="person")
app.add_typer(redact.app, name="redact")
app.add_typer(retention.app, name="retention")
app.add_typer(schedule.app, name="schedule")
schedule.app.registered_commands.extend(rulepack.app.registered_commands)
app.add_typer(transfer.app, name="transfer")
app.add_typer(webhook.app, name="webhook")
app.add_typer(witness.app, name="witness")
for group in (
    *(archive, capture, import_, classify, coverage, compact, reparse, records),
    *(verify, evidence, validate, anchor, demo, replicate, restore, lock, report, tag, produce),
    *(diff, operations),
):
    for command in group.app.registered_commands:
        app.registered_commands.append(command)


def _version(asked: bool) -> None:  # noqa: FBT001 - how Typer calls it
    if asked:
        typer.echo(f"archiver {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Capture what a city says and hears, keep it provably, find it, hand it over."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 finding or refused, 2 usage, 3 could not run."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    path, whole = _path(arguments)
    name = "-".join(path) if whole else "archiver"
    output = Output(name, as_json="--json" in arguments)
    try:
        with watched(name):
            code = _run(arguments, output, path)
            ended(code, output.error)
    except ArchiverError as error:  # of what tells of the command
        code = output.failure(error)
    sys.exit(code)


def _run(arguments: Sequence[str], output: Output, path: Sequence[str]) -> int:
    """Run a command and return its exit code; print whatever error it ends with."""
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
    except ArchiverError as error:
        return output.failure(error)
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("interrupted; nothing acknowledged is lost, run the command again\n")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough. What is still buffered goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if hasattr(error, "exit_code"):
            return _wrong_usage(output, error, path)
        if DEBUG in os.environ:
            raise
        return output.failure(_defect(error))
    return code


def _defect(error: Exception) -> ArchiverError:
    """Return an error nobody foresaw, as one that says so. Its text may quote content."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return ArchiverError(
        f"a defect: {type(error).__name__}",
        where=f"{place.name}, line {place.lineno} of {place.filename.rpartition('/')[2]}",
        code="defect",
        mend=f"nothing acknowledged is lost; report it, with the traceback that {DEBUG}=1 shows",
    )


@cache
def command_tree() -> Any:  # noqa: ANN401 - Typer names its type in a private module
    """Return the tree of all commands; to read it out of their signatures takes a while."""
    return typer.main.get_command(app)


def _invoke(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; whatever it raises is ours to handle."""
    command = command_tree()
    try:
        with command.make_context("archiver", list(arguments)) as context:
            command.invoke(context)
    except typer.Exit as left:
        return left.exit_code
    return 0


def _path(arguments: Sequence[str]) -> tuple[list[str], bool]:
    """Return the command that is asked for, word by word, and whether that is all of it."""
    command: object = command_tree()
    path: list[str] = []
    for word in arguments:
        commands = getattr(command, "commands", {})
        if word in commands:
            path.append(word)
            command = commands[word]
        elif not word.startswith("-"):
            break
    return path, not hasattr(command, "commands")


def _wrong_usage(output: Output, error: Exception, path: Sequence[str]) -> int:
    """Print what the parser of the command line says; help stays as it was set."""
    message = getattr(error, "format_message", lambda: str(error))()
    if message.startswith("Usage: "):  # a group of commands without a command
        sys.stderr.write(f"{message}\n")
        return UsageError.exit_code
    mend = " ".join(["archiver", *path, "--help"])
    return output.failure(UsageError(message, mend=f"see `{mend}`"))
