"""The ``archiver`` command: all groups of commands put together."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from archiver.cli import account, archive, capture, connector, demo, evidence, records
from archiver.cli.output import Output
from archiver.errors import ArchiverError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["app", "main"]

app = typer.Typer(
    name="archiver",
    help="Capture what a city says and hears, keep it provably, find it, hand it over.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(account.app, name="account")
app.add_typer(connector.app, name="connector")
for group in (archive, capture, records, evidence, demo):
    for command in group.app.registered_commands:
        app.registered_commands.append(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 finding or refused, 2 usage, 3 could not run."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    name = next((part for part in arguments if not part.startswith("-")), "archiver")
    output = Output(name, as_json="--json" in arguments)
    command = typer.main.get_command(app)
    try:
        code = command.main(args=list(arguments), prog_name="archiver", standalone_mode=False)
    except ArchiverError as error:
        output.failure(error)
        code = output.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; nothing acknowledged is lost, run the command again\n")
        code = 130
    except BrokenPipeError:
        sys.stderr.close()
        code = 3
    except Exception as error:
        if not hasattr(error, "exit_code"):
            raise
        message = getattr(error, "format_message", lambda: "interrupted")()
        output.failure(UsageError(message, mend=f"archiver {name} --help"))
        code = output.exit_code
    sys.exit(code or 0)
