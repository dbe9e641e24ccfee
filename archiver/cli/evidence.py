"""Commands about evidence: prove, check."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archiver.cli.certificate import certified
from archiver.cli.files import LARGEST_KEY, LARGEST_POLICY, read_small, write_new
from archiver.cli.options import (
    ArchiveOption,
    HomeOption,
    JsonOption,
    KeyOption,
    opened,
)
from archiver.cli.output import Output
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.flows.prove import Checked

__all__ = ["app"]

app = typer.Typer()

LARGEST_PROOF = 32 * 1024 * 1024
KEY_FORM = re.compile(r"[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+")
"""``name+hash+base64`` of C2SP signed-note."""
LINE_END = "\n"
CONTINUED = "\n      | "
"""Starts each further line of a value: it can't pass for a line of ours."""


@app.command()
def prove(  # noqa: PLR0913, PLR0917 - each is an option of the command
    record: Annotated[str, typer.Argument(help="Record id, as `search` prints it.")],
    field: Annotated[list[str] | None, typer.Option(help="Open only these fields.")] = None,
    withhold: Annotated[
        list[str] | None, typer.Option(help="Text to keep closed, however it is spelt.")
    ] = None,
    observation: Annotated[str, typer.Option(help="UUID of one observation.")] = "",
    out: Annotated[str, typer.Option("--out", help="New file to write; default: stdout.")] = "",
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Write a proof that a record, or parts of it, is in the archive's ledger."""
    from archiver.flows.prove import prove as make

    output = Output("prove", as_json=as_json)
    proof = make(
        opened(archive, home, key),
        record,
        fields=field or (),
        withhold=withhold or (),
        observation=observation,
    )
    if out:
        write_new(Path(out), (json.dumps(proof, ensure_ascii=False, indent=1) + "\n").encode())
        output.say(f"Proof in {out}. Anybody can check it: archiver check {out} --key KEY")
    else:
        output.say(json.dumps(proof, indent=1))
    output.result({"proof": proof, "file": out})


@app.command()
def check(
    file: Annotated[
        str, typer.Argument(help="What `prove` or `disposition certificate` wrote (JSON).")
    ],
    key: Annotated[
        list[str] | None, typer.Option(help="The archive's public key, or a file that holds it.")
    ] = None,
    policy: Annotated[
        str, typer.Option("--policy", help="File: which witnesses must have cosigned.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Check a proof, or a certificate, offline: with nothing but the archive's public key."""
    from archiver.flows.certifying import is_certificate
    from archiver.flows.prove import check_proof
    from archiver.flows.vouch import vouchers

    output = Output("check", as_json=as_json)
    data = read_small(file, LARGEST_PROOF)
    keys = [_key(text) for text in key or []]
    if not keys:
        raise UsageError(
            "whose archive? A proof says nothing without the archive's public key",
            mend="--key KEY, as `archiver init` printed it and the city published it",
        )
    if is_certificate(data):
        told = certified(output, data, keys)
    else:
        checked = check_proof(data, keys)
        _tell(output, checked)
        told = asdict(checked)
    vouched = vouchers(data, read_small(policy, LARGEST_POLICY)) if policy else []
    for one in vouched:
        moment = datetime.fromtimestamp(one.time, UTC).isoformat()
        output.say(f"  cosigned by {one.name} at {moment}")
    if not vouched:
        output.say("  No independent witness was looked for: --policy says whose is wanted.")
    witnesses = [one._asdict() for one in vouched]
    output.result({**told, "witnesses": witnesses})


def _tell(output: Output, checked: Checked) -> None:
    """Say what a proof shows. Whatever comes from the record is indented, line by line."""
    output.say("The proof holds.", "bold green")
    output.say(f"  ledger entry {checked.index} of {checked.tree_size} in {checked.origin}")
    for value, what in (
        (checked.record, "which record this is"),
        (checked.kind, "the state it was seen in"),
        (checked.captured_at, "when it was seen"),
    ):
        if not value:
            output.say(f"  NOT proven: {what}; its header line is closed", "bold yellow")
    if not checked.fields and not checked.context and not checked.excerpts:
        output.say("  NOT proven: anything but that the entry is there", "bold yellow")
    for line in checked.context:
        output.say(f"  | {line}")
    for name, value in checked.fields.items():
        output.say(f"  {name}: {value.replace(LINE_END, CONTINUED)}")
    output.say(
        f"  withheld: {checked.withheld_words} words in opened fields, "
        f"{_number(checked.withheld_fields)} whole fields, "
        f"{_number(checked.withheld_lines)} header lines"
    )
    output.say("  Later observations of the same record may be in the archive.")


def _number(closed: int | None) -> str:
    return "all" if closed is None else str(closed)


def _key(text: str) -> str:
    """Return a public key, given as such or as the name of the file that holds it."""
    if KEY_FORM.fullmatch(text):
        return text
    return read_small(text, LARGEST_KEY).decode("utf-8", "replace").strip()
