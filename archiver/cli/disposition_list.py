"""The command that lists orders: where each stands, and what it waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from archiver.cli.disposition_execute import MEND
from archiver.cli.options import ArchiveOption, HomeOption, JsonOption, opened
from archiver.cli.output import Output
from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["list_"]

STATES = ("waiting", "held", "ready", "under-way", "halted", "done")


def list_(
    state: Annotated[
        list[str] | None,
        typer.Option("--state", help="Only orders of this state: " + ", ".join(STATES) + "."),
    ] = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """List orders that were approved, where each stands and what it waits for."""
    from archiver.flows.order_list import listed

    output = Output("disposition-list", as_json=as_json)
    unknown = sorted(set(state or ()) - set(STATES))
    if unknown:
        mend = f"states: {', '.join(STATES)}"
        raise UsageError("no such state", where=", ".join(unknown), mend=mend)
    found = [one for one in listed(opened(archive, home)) if not state or one["state"] in state]
    output.table(
        ("order", "state", "series", "versions", "not before"),
        [
            (
                *(one["order"], one["state"], one["series"] or "(no key here)"),
                *(one["versions"], one["waits_until"][:10]),
            )
            for one in found
        ],
    )
    for one in found:
        for told in filter(None, (one["why"], _asked(one["outside"]), *map(_waited, one["waits"]))):
            output.say(f"{one['order'][:8]}  {told}")
    output.result(found)


def _waited(copy: Mapping[str, Any]) -> str:
    """Say which copy an order waits for, and what to do."""
    name = f"{copy['name']}, {copy['place']}" if copy["name"] else copy["copy"]
    if copy["declared"]:
        return f"waits for the copy {name}: archiver disposition execute, once it can be reached"
    return f"waits for the copy {name}, which these settings do not name: {MEND}"


def _asked(outside: Mapping[str, Any] | None) -> str:
    if outside is None:
        return ""
    last = outside["answers"][-1] if outside["answers"] else {"answer": "no answer", "then": ""}
    then = f": {last['then']}" if last["then"] else ""
    told = outside["told"][:10] or "not told"
    return f"{outside['kind']} to {outside['to']}, {told}, {last['answer']}{then}"
