"""The command that holds two volumes side by side: diff."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archiver.cli.options import JsonOption
from archiver.cli.output import Output, Steps

if TYPE_CHECKING:
    from archiver.flows.diff import Change, Compared

__all__ = ["app"]

app = typer.Typer()

_MOST_SHOWN = 200
KeyOption = Annotated[
    list[str] | None, typer.Option("--key", help="The archive's verifier key; default: theirs.")
]


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(help="The folder of the earlier volume.")],
    after: Annotated[Path, typer.Argument(help="The folder of the other.")],
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell what a volume changed against an earlier one: documents, redactions, files, numbers.

    Both bags are verified first, and nothing else is read: it needs no archive. `gone` is what the
    other has not, as a supplemental volume has not what came before.
    """
    from archiver.flows.diff import diff as run
    from archiver.wire.volumes import BagFiles

    output = Output("diff", as_json=as_json)
    with Steps() as steps:
        found = run(BagFiles(before), BagFiles(after), key or (), steps)
    _tell(output, found)
    output.result(_document(found))


def _tell(output: Output, found: Compared) -> None:
    rows = [
        (one.what, one.before, one.after, one.record, _details(one))
        for one in found.changes[:_MOST_SHOWN]
    ]
    if rows:
        output.table(("what", "before", "after", "record", "how"), rows)
    more = len(found.changes) - len(rows)
    if more > 0:
        output.say(f"and {more} more: --json has them all")
    counts = ", ".join(f"{found.count(what)} {what}" for what in ("added", "gone", "changed"))
    output.say(
        f"{found.before.name}, {found.before.documents} documents, and {found.after.name}, "
        f"{found.after.documents}: {counts}. Both bags hold; {found.before.proofs} and "
        f"{found.after.proofs} proofs were checked."
    )


def _details(one: Change) -> str:
    return "; ".join(
        " ".join((each.what, each.field, f"(entry {each.leaf})" if each.leaf is not None else ""))
        for each in one.details
    )


def _document(found: Compared) -> dict[str, Any]:
    return {
        "before": asdict(found.before),
        "after": asdict(found.after),
        "counts": {what: found.count(what) for what in ("added", "gone", "changed")},
        "changes": [
            {**one._asdict(), "details": [each._asdict() for each in one.details]}
            for one in found.changes
        ],
    }
