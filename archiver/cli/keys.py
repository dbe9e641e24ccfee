"""Commands about keys: rotate, recipients, drill."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from archiver.cli.files import LARGEST_KEYS, read_small
from archiver.cli.options import (
    ArchiveOption,
    HomeOption,
    JsonOption,
    SignOption,
    opened,
    signing_keys,
)
from archiver.cli.output import Output, Steps
from archiver.errors import UsageError

__all__ = ["app"]

app = typer.Typer(
    help="Keys of encrypted files: new ones, offline recipients, restore drills.",
    no_args_is_help=True,
)
recipients_ = typer.Typer(
    help="Who can restore all keys, offline, if the key store is lost.", no_args_is_help=True
)
app.add_typer(recipients_, name="recipients")


@app.command()
def rotate(
    periods: Annotated[
        list[str] | None, typer.Argument(metavar="[PERIOD]...", help="Default: all periods.")
    ] = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Give periods new keys and wrap their file keys again. No content is rewritten.

    Without PERIOD the credentials of this home get a new key, too. Stopped at any moment,
    everything can be read; run it again to finish.
    """
    from archiver.flows.keys import rotate as rotate_keys

    output = Output("keys-rotate", as_json=as_json)
    with Steps() as steps:
        made = rotate_keys(opened(archive, home), periods or [], steps)
    output.say(f"{made['periods']} periods have new keys; {made['keys']} file keys wrapped again.")
    if made["credentials"]:
        output.say(f"{made['credentials']} credentials of this home lie under a new key.")
    output.say("A copy of the key store from before still opens what it held.")
    output.result(made)


@app.command()
def drill(
    folders: Annotated[
        list[Path], typer.Argument(metavar="DIR...", help="Private keys, a folder a recipient.")
    ],
    sample: Annotated[
        int, typer.Option(min=0, help="Open so many files, drawn at random; 0: all.")
    ] = 0,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Restore all keys from recipients' private keys alone, open files, and record it."""
    from archiver.flows.drill import drill as run
    from archiver.wire import recipient_keys

    output = Output("keys-drill", as_json=as_json)
    here = opened(archive, home)
    made = []
    with Steps() as steps:
        for folder in folders:
            handle, private = recipient_keys(folder)
            made.append(run(here, handle, private, steps, sample=sample))
    output.table(
        ("recipient", "periods", "keys", "files opened", "lost", "not here"),
        [
            (one.recipient, one.periods, one.keys, one.files, len(one.lost), one.elsewhere)
            for one in made
        ],
    )
    if any(one.elsewhere for one in made):
        output.say(
            "Of files not here this key store has no wrap. Another home's key store must have "
            "them, or they are lost: drill there, too.",
            "bold yellow",
        )
    findings = [
        {
            "code": "key-lost",
            "message": f"recipient {one.recipient} can't open this file",
            "where": name,
            "mend": "seal the period's key to the recipient, or give it keys for the period",
        }
        for one in made
        for name in one.lost
    ]
    output.result([asdict(one) for one in made], ok=not findings, findings=findings)
    raise typer.Exit(output.exit_code)


@recipients_.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder, far away.")],
    start: Annotated[str, typer.Option("--from", help="First month, as 2026-11.")],
    months: Annotated[int, typer.Option(min=1, max=120, help="For how many months.")] = 24,
    series: Annotated[
        list[str] | None,
        typer.Option(help="Retention series. Default: unscheduled and intake."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a recipient's keys, one pair for each due period: run it at the recipient's.

    `DIR/public.json` is handed over; the other files never leave the recipient.
    """
    from archiver.wire import create_recipient_keys

    output = Output("keys-recipients-new", as_json=as_json)
    dues = [
        f"{one}/{month}"
        for one in series or ("unscheduled", "intake")
        for month in _months(start, months)
    ]
    public = create_recipient_keys(folder, dues)
    (folder / "public.json").write_text(json.dumps(public, indent=1) + "\n", "utf-8")
    output.say(f"{len(dues)} key pairs in {folder}. Hand over {folder / 'public.json'} alone.")
    output.say("Destroy a period's private key when the period has been destroyed.")
    output.result({"recipient": public["recipient"], "periods": dues})


def _months(start: str, count: int) -> list[str]:
    year, dash, month = start.partition("-")
    if not (dash and year.isdigit() and month.isdigit() and len(start) == len("2026-11")):
        raise UsageError("not a month", where=start, mend="write it as 2026-11")
    first = int(year) * 12 + int(month) - 1
    return [f"{one // 12:04d}-{one % 12 + 1:02d}" for one in range(first, first + count)]


@recipients_.command()
def add(
    public: Annotated[Path, typer.Argument(metavar="FILE", help="The recipient's public.json.")],
    name: Annotated[str, typer.Option(help="Who keeps the private keys.")],
    sign: SignOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Seal keys to an offline recipient. Those who govern must sign; it counts after three days.

    Until two people govern, one signature will do, and it counts at once.
    """
    from archiver.flows.keys import add_recipient

    output = Output("keys-recipients-add", as_json=as_json)
    here = opened(archive, home)
    handle = add_recipient(here, _read(public), name, signing_keys(sign))
    output.say(f"Recipient {handle} ({name}) is registered.")
    output.result({"recipient": handle})


@recipients_.command()
def remove(
    recipient: Annotated[str, typer.Argument(metavar="RECIPIENT", help="The handle.")],
    sign: SignOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Seal keys to a recipient no longer. What it was given once it can still open."""
    from archiver.flows.keys import remove_recipient

    output = Output("keys-recipients-remove", as_json=as_json)
    remove_recipient(opened(archive, home), recipient, signing_keys(sign))
    output.say(f"Recipient {recipient} is removed. Rotate to wrap file keys under new keys.")
    output.result({"recipient": recipient})


@recipients_.command("list")
def list_(archive: ArchiveOption = "", home: HomeOption = "", as_json: JsonOption = False) -> None:
    """List recipients, and to whom the key of each period is sealed."""
    from archiver.flows.keys import listed

    output = Output("keys-recipients-list", as_json=as_json)
    data = listed(opened(archive, home))
    output.table(
        ("recipient", "who", "counts from"),
        [(one["recipient"], one["name"], one["from"][:16]) for one in data["recipients"]],
    )
    output.table(
        ("period", "sealed to"),
        [(one["period"], ", ".join(one["sealed_to"])) for one in data["periods"]],
    )
    output.result(data)


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(read_small(str(path), LARGEST_KEYS))
    except ValueError as error:
        raise UsageError(
            "the public keys can't be read", where=str(path), mend="give the file public.json"
        ) from error
    return document if isinstance(document, dict) else {}
