"""The command that carries out orders to destroy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from archiver.cli.deciding import keys_of
from archiver.cli.options import ArchiveOption, HomeOption, JsonOption, SignOption, opened
from archiver.cli.output import Output, Steps
from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.executing import Executed
    from archiver.retention.report import CopyReport

__all__ = ["execute"]

MEND = (
    "name it in archiver.toml, and run it again; where it is no more, two people say so: "
    "archiver copy retire"
)


def execute(
    order: Annotated[str, typer.Argument(metavar="ORDER", help="As `disposition list` shows it.")],
    private: Annotated[
        bool, typer.Option("--private", help="Evaluate encrypted streams again too.")
    ] = False,
    sign: SignOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Carry out an order, as far as it can be done now; run it again to go on.

    Who purges signs the beginning and the end. Without a key it goes on with what has begun. What
    is split has to be signed by a verifier before anything goes: `archiver compact --verify`.
    """
    from archiver.flows.executing import execute as run

    output = Output("disposition-execute", as_json=as_json)
    here = opened(archive, home)
    keys = keys_of(sign, archive, home)
    if len(keys) > 1:
        raise UsageError("one person carries out an order", mend="give --sign once")
    with Steps() as steps:
        made = run(here, order, keys[0] if keys else None, steps, private=private)
    erased = made.purged.erased
    copies = erased.copies if erased else ()
    output.table(
        ("copy", "where", "erased files", "kept by its store", "looked at"),
        [(one.name, one.place, one.removed, one.locked, one.checked_at) for one in copies],
    )
    findings = list(_findings(made))
    for line in _lines(made):
        output.say(line)
    for one in findings:
        output.say(f"{one['where']}: {one['message']}", "bold red")
    output.result(_data(made), ok=not findings, findings=findings)
    raise typer.Exit(output.exit_code)


def _data(made: Executed) -> dict[str, Any]:
    order, purged, erased = made.order, made.purged, made.purged.erased
    counts = {name: getattr(purged, name) for name in ("split", "waiting", "destroyed", "locked")}
    return {
        "order": order.handle,
        "state": made.state,
        **counts,
        "gone": made.gone,
        "saved": made.saved,
        "why": order.why,
        "copies": [_copy(one) for one in (erased.copies if erased else ())],
        "waits": [{"copy": handle, **one._asdict()} for handle, one in made.waits.items()],
    }


def _copy(one: CopyReport) -> dict[str, Any]:
    named = {"name": one.name, "copy": one.handle, "place": one.place}
    return {**named, "removed": one.removed, "locked": one.locked, "checked_at": one.checked_at}


def _lines(made: Executed) -> Iterator[str]:
    order, purged = made.order, made.purged
    yield f"Order {order.handle}: {made.state}."
    yield f"  {made.gone} versions destroyed, {made.saved} not."
    if purged.split:
        yield f"  {purged.split} segments were split into what goes and what stays."
    if purged.waiting:
        yield f"  {purged.waiting} wait for a verifier: archiver compact --verify --key FILE"
    if purged.unsealed and purged.unsealed.erased:
        yield f"  {len(purged.unsealed.erased)} files that no seal names had some of it: erased."
    if purged.overtaken:
        yield "  Others were quicker, or hold more now: run it again."
    copies = purged.erased.copies if purged.erased else ()
    locked = purged.locked + sum(one.locked for one in copies)
    if locked:
        yield f"  {locked} files are locked by a store yet: run it again when the locks are over."


def _findings(made: Executed) -> Iterator[dict[str, str]]:
    """Yield what halted an order, what it does not have, and copies nobody could look at."""
    if made.state == "halted":
        yield {
            "code": "order-halted",
            "message": f"halted by {made.order.why}: what is not destroyed is saved",
            "where": made.order.handle,
            "mend": "see `archiver hold list`; what is left has to be proposed anew",
        }
    if made.purged.newer:
        yield {
            "code": "captured-since",
            "message": f"{made.purged.newer} versions were captured since: they stay",
            "where": made.order.handle,
            "mend": "propose them anew",
        }
    for why, files in _unsealed(made):
        yield {
            "code": "files-unsealed",
            "message": f"{len(files)} files that no seal names {why}, and may have some of it",
            "where": ", ".join(files[:5]),
            "mend": "capture in the home that left them; if it is lost, erase them in the store",
        }
    for name, why in (made.purged.erased.failed if made.purged.erased else {}).items():
        yield {
            "code": "copy-not-cleared",
            "message": why,
            "where": name,
            "mend": "bring the copy back, and run it again: until then the order is not done",
        }
    for handle, one in made.waits.items():
        if not one.declared:
            yield {
                "code": "copy-not-asked",
                "message": "the ledger tells of a copy that these settings do not name",
                "where": f"{one.name}, {one.place}" if one.name else handle,
                "mend": MEND,
            }


def _unsealed(made: Executed) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield why nobody can tell of files that no seal names, and which."""
    found = made.purged.unsealed
    told = (
        (("may be sealed yet", found.open), ("can't be read here", found.unread)) if found else ()
    )
    yield from ((why, files) for why, files in told if files)
