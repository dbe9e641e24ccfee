"""Commands about holds: place, apply, release, list, event, notice, ack."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from archiver.cli.deciding import (
    AccountOption,
    ActOption,
    OutOption,
    PrivateOption,
    QueryOption,
    RecordsArgument,
    SinceOption,
    StreamOption,
    UntilOption,
    conclude,
    day_of,
    keys_of,
    query_of,
    read_draft,
)
from archiver.cli.options import (
    ArchiveOption,
    HomeOption,
    JsonOption,
    KeyOption,
    SignOption,
    opened,
)
from archiver.cli.output import Output, Steps
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.flows.holds import Placed

__all__ = ["app"]

app = typer.Typer(help="Holds: what may not be destroyed, whatever is due.", no_args_is_help=True)

HoldArgument = Annotated[str, typer.Argument(metavar="HOLD", help="As `hold list` shows it.")]
Kind = Literal["litigation", "audit", "investigation", "administrative", "foia"]
DateOption = Annotated[str, typer.Option("--date", help="Day, as 2026-11-20.")]
FutureOption = Annotated[
    bool, typer.Option("--future", help="What query or custodian find later, too.")
]
ConfinedOption = Annotated[
    bool, typer.Option("--confined", help="Of a request: by somebody committed or incarcerated.")
]
SnapshotOption = Annotated[bool, typer.Option(help="Capture the accounts in scope again, now.")]
LAWS = "schemas/holds"


@app.command()
def place(  # noqa: PLR0913, PLR0917 - each is an option of the command
    records: RecordsArgument = None,
    kind: Annotated[Kind, typer.Option(help="Why.")] = "litigation",
    matter: Annotated[str, typer.Option(help="The case, audit or request.")] = "",
    query: QueryOption = "",
    account: AccountOption = "",
    stream: StreamOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    private: PrivateOption = False,
    custodian: Annotated[str, typer.Option(help="All accounts of this custodian.")] = "",
    future: FutureOption = False,
    law: Annotated[str, typer.Option(help="Of a request: the law, such as us-wi.")] = "",
    received: Annotated[str, typer.Option(help="Of a request: the day it came.")] = "",
    confined: ConfinedOption = False,
    snapshot: SnapshotOption = True,
    sign: SignOption = None,
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Place a hold: one person with the role hold, or counsel, signs, and it counts at once.

    What is held stays held until the hold is released, with all its versions and whatever of it
    is captured later. Prints the orders to destroy that it halts.
    """
    from archiver.flows.holds import Scope
    from archiver.flows.holds import place as run

    output = Output("hold-place", as_json=as_json)
    here = opened(archive, home, key)
    scope = Scope(
        records=tuple(records or ()),
        query=query_of(query, account, stream, since, until),
        private=private,
        custodian=custodian,
        future=future,
    )
    told = {"kind": kind, "matter": matter, **_request(kind, law, received, confined=confined)}
    with Steps() as steps:
        made = run(here, scope, told, keys_of(sign, archive, home), steps, snapshot=snapshot)
    _say(output, made)
    data = asdict(made) | {"in_flight": [one._asdict() for one in made.in_flight]}
    output.result(data)


def _say(output: Output, made: Placed) -> None:
    output.say(f"Hold {made.hold}: {made.records} records by id or query, {made.leaves} versions,")
    output.say(f"and the {made.exchanges} exchanges in intake that may show them.")
    for name, count in made.not_searched.items():
        if name != "workflow":
            told = f"Not searched: {count} of {name}. The query does not hold them."
            output.say(told, "yellow")
    for one in made.in_flight:
        state = "was under way and is halted" if one.begun else "has not begun, and will not"
        output.say(f"Order {one.order} {state}: {one.saved} saved, {one.gone} gone.", "bold red")
    for name, why in made.captured.items():
        output.say(f"Snapshot of {name}: {why or 'done'}", "yellow" if why else "")


def _request(kind: str, law: str, received: str, *, confined: bool) -> dict[str, Any]:
    """Return what a hold of a request has besides; nothing for another."""
    if kind != "foia":
        if law or received or confined:
            raise UsageError(
                "--law, --received and --confined are of a request", mend="--kind foia"
            )
        return {}
    known = sorted(
        one.name.removesuffix(".json") for one in files("archiver").joinpath(LAWS).iterdir()
    )
    if law not in known:
        raise UsageError("under which law?", where=law, mend=f"--law {' or '.join(known)}")
    text = files("archiver").joinpath(f"{LAWS}/{law}.json").read_text("utf-8")
    day = day_of(received, "--received").isoformat()
    return {"law": json.loads(text), "received": day, "confined": confined}


@app.command("apply")
def apply_(
    sign: SignOption = None,
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Take into each hold what its scope finds by now. No order begins before that was done."""
    from archiver.flows.holds import apply_holds

    output = Output("hold-apply", as_json=as_json)
    here = opened(archive, home, key)
    made = apply_holds(here, keys_of(sign, archive, home))
    for one in made:
        told = "can't be read in this home" if one.unread else f"{one.leaves} versions taken in"
        output.say(f"{one.hold}: {told}", "yellow" if one.unread else "")
    output.say(f"{sum(not one.unread for one in made)} holds applied.")
    output.result([one._asdict() for one in made])


@app.command()
def release(  # noqa: PLR0913, PLR0917 - each is an option of the command
    hold: Annotated[str, typer.Argument(metavar="[HOLD]", help="As `hold list` shows it.")] = "",
    reason: Annotated[str, typer.Option(help="Why it ends.")] = "",
    sign: SignOption = None,
    act: ActOption = None,
    out: OutOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Release a hold: two people sign, and it counts after three days.

    The hold of a request is never released before its law lets it.
    """
    from archiver.flows.hold_acts import release as run

    output = Output("hold-release", as_json=as_json)
    here = opened(archive, home)
    if (act is None) != bool(hold):
        raise UsageError("give HOLD, or --act FILE", mend="archiver hold release --help")
    made = read_draft(act, "release") if act else run(here, hold, reason)
    conclude(output, here, made, keys_of(sign, archive, home), out)


@app.command("event")
def event_(  # noqa: PLR0913, PLR0917 - each is an option of the command
    hold: Annotated[str, typer.Argument(metavar="[HOLD]", help="As `hold list` shows it.")] = "",
    event: Annotated[
        str,
        typer.Argument(
            metavar="[EVENT]",
            help="received, granted, partial, denied, review-filed, suit-filed, order or "
            "appeal-over.",
        ),
    ] = "",
    date: DateOption = "",
    evidence: Annotated[str, typer.Option(help="What shows it.")] = "",
    sign: SignOption = None,
    act: ActOption = None,
    out: OutOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Record what happened to a request that a hold is for.

    An answer, an order and the end of an appeal take two signatures and wait; what keeps the
    request open takes one. Each takes back a release that does not count yet.
    """
    from archiver.flows.hold_acts import happened

    output = Output("hold-event", as_json=as_json)
    here = opened(archive, home)
    if (act is None) != bool(hold and event):
        raise UsageError("give HOLD and EVENT, or --act FILE", mend="archiver hold event --help")
    if act:
        made = read_draft(act, "hold-event")
    else:
        made = happened(here, hold, event, day_of(date, "--date"), evidence)
    conclude(output, here, made, keys_of(sign, archive, home), out)


@app.command("notice")
def notice_(  # noqa: PLR0913, PLR0917 - each is an option of the command
    hold: HoldArgument,
    to: Annotated[str, typer.Option(help="Who was told.")],
    date: DateOption,
    how: Annotated[str, typer.Option(help="How, as by letter.")] = "",
    sign: SignOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Record that somebody was told of a hold."""
    from archiver.flows.hold_acts import notice

    here = opened(archive, home)
    made = notice(here, hold, to, day_of(date, "--date"), how)
    output = Output("hold-notice", as_json=as_json)
    conclude(output, here, made, keys_of(sign, archive, home), None)


@app.command("ack")
def ack_(  # noqa: PLR0913, PLR0917 - each is an option of the command
    hold: HoldArgument,
    by: Annotated[str, typer.Option("--from", help="Who confirmed.")],
    date: DateOption,
    how: Annotated[str, typer.Option(help="How, as by e-mail.")] = "",
    sign: SignOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Record that somebody confirmed to know of a hold."""
    from archiver.flows.hold_acts import acknowledge

    here = opened(archive, home)
    made = acknowledge(here, hold, by, day_of(date, "--date"), how)
    output = Output("hold-ack", as_json=as_json)
    conclude(output, here, made, keys_of(sign, archive, home), None)


@app.command("list")
def list_(archive: ArchiveOption = "", home: HomeOption = "", as_json: JsonOption = False) -> None:
    """List all holds that there ever were, and what happened to each."""
    from archiver.flows.hold_acts import listed

    output = Output("hold-list", as_json=as_json)
    found = listed(opened(archive, home))
    output.table(
        ("hold", "kind", "matter", "stands", "versions", "entries behind", "released", "law"),
        [
            (
                *(one["hold"], one["kind"] or "(no key here)", one["matter"]),
                *("yes" if one["stands"] else "no", one["leaves"], one["behind"]),
                *(one["released"][:16], one["why"]),
            )
            for one in found
        ],
    )
    for one in found:
        for what in one["events"]:
            output.say(f"{one['hold'][:8]}  {what['day']}  {what['event']}  {what['evidence']}")
        for what in one["notices"]:
            output.say(f"{one['hold'][:8]}  {what['day']}  told {what['to']}  {what['how']}")
        for what in one["acknowledged"]:
            output.say(f"{one['hold'][:8]}  {what['day']}  confirmed by {what['by']}")
    output.result(found)
