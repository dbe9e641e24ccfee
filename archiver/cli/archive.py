"""Commands about the archive as a whole: init, doctor, status, rebuild."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from archiver.cli.options import ArchiveOption, HomeOption, JsonOption, opened, settings
from archiver.cli.output import Output, Steps, say_concerns
from archiver.cli.telemetry import measure
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.ports import Check

__all__ = ["app"]

app = typer.Typer()


@app.command()
def init(
    archive: ArchiveOption = "",
    home: HomeOption = "",
    origin: Annotated[
        str, typer.Option(help="Name in checkpoints, such as records.example.gov/archive.")
    ] = "",
    clerk: Annotated[
        str, typer.Option(help="Who manages its records: enrolled as the first person.")
    ] = "",
    key: Annotated[
        str, typer.Option(metavar="FILE|URI", help="The key of --clerk; made if new.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Make a new, empty archive and its signing key; with --clerk, pin its first role keys."""
    from archiver.wire import create_archive

    output = Output("init", as_json=as_json)
    if bool(clerk) != bool(key):
        raise UsageError("--clerk and --key belong together", mend="give both or neither")
    made = create_archive(settings(archive, home), origin)
    if clerk and key:
        _enrol_clerk(made, clerk, key)
        output.say(f"{clerk} is enrolled as records-manager and approver. Key: {key}")
    identity = made.identity
    output.say(f"New archive in {made.store.describe()}")
    output.say(f"  origin      {identity.origin}")
    output.say(f"  public key  {identity.keys[0]}")
    output.say("Give the public key to whoever shall verify this archive without you.")
    output.say("Back up the home's `signer` and `keystore`: without them nobody can sign or read")
    output.say("encrypted streams. Next: archiver account add")
    output.result(
        {
            "archive": identity.id,
            "origin": identity.origin,
            "keys": list(identity.keys),
            "store": made.store.describe(),
        }
    )


def _enrol_clerk(archive: Archive, name: str, key: str) -> None:
    from archiver.flows.people import FIRST_ROLES, enrol
    from archiver.wire import own_person_key

    enrol(archive, own_person_key(key), name, "", FIRST_ROLES)


@app.command()
def doctor(archive: ArchiveOption = "", home: HomeOption = "", as_json: JsonOption = False) -> None:
    """Prove by trying what this store and this home enforce."""
    from archiver.flows.doctor import examine

    output = Output("doctor", as_json=as_json)
    checks = examine(opened(archive, home))
    rows = [(_verdict(check), check.name, check.detail) for check in checks]
    output.table(("", "guarantee", "what was tried"), rows)
    failed = [check for check in checks if check.needed and not check.held]
    limits = [check.name for check in checks if not check.needed and not check.held]
    findings = [
        {
            "code": "guarantee-missing",
            "message": check.name,
            "where": check.detail,
            "mend": "choose a store or a home that gives it, or know what you do without it",
        }
        for check in failed
    ]
    output.say(
        f"{len(failed)} of {len(checks)} guarantees do not hold here."
        if failed
        else f"All {sum(check.needed for check in checks)} guarantees that are needed hold."
    )
    for limit in limits:
        output.say(f"Know of this limit, it does not hold: {limit}.")
    output.result(
        {"checks": [check._asdict() for check in checks]}, ok=not failed, findings=findings
    )
    raise typer.Exit(output.exit_code)


def _verdict(check: Check) -> str:
    """Return in a word whether a guarantee holds."""
    if check.held:
        return "holds"
    if check.needed:
        return "FAILS"
    return "limit" if check.offered else "not offered"


@app.command()
def status(archive: ArchiveOption = "", home: HomeOption = "", as_json: JsonOption = False) -> None:
    """Show what the archive holds and what is waiting."""
    from archiver.flows.status import status as read_status

    output = Output("status", as_json=as_json)
    data = read_status(opened(archive, home))
    _tell(data)
    output.say(f"{data['store']}  ({data['origin']})")
    output.say(f"{data['tree_size']} ledger entries, {data['segments']} segments")
    for account in data["accounts"]:
        output.say(f"\n{account['name']}  {account['platform']}, {account['status']}", "bold")
        output.table(
            ("stream", "observations", "records", "newest read", "read back to", "all read"),
            [
                (stream, held["observations"], held["records"], *_readings(held))
                for stream, held in account["streams"].items()
            ],
        )
        say_concerns(output, account["concerns"])
        for shape, first in account["drift"].items():
            output.say(f"New on the platform since {first[:10]}: {shape}")
        for stream, held in account["streams"].items():
            if held["unknown"]:
                output.say(f"{stream}: when it was last read is {held['unknown']}.")
    _say_noticed(output, data)
    if data["spending"]:
        output.say("\nSpent with platforms that charge, by this home", "bold")
        output.table(
            ("platform", "spent", "of", "at this rate", "period", "until"),
            [_spent(one) for one in data["spending"]],
        )
    output.say("\nTimes are UTC. What came and went between two readings was not seen.")
    output.say("Read back to: what is dated since then was looked at in the latest sweep.")
    if data["waiting_batches"]:
        output.say(f"{data['waiting_batches']} batches wait to be sealed; any capture seals them.")
    output.result(data)


def _tell(data: dict[str, Any]) -> None:
    """Tell a collector of what can be counted."""
    measure("archiver.ledger.entries", data["tree_size"], "{entry}")
    measure("archiver.segments", data["segments"], "{segment}")
    measure("archiver.segments.unreadable", data["unreadable_segments"], "{segment}")
    measure("archiver.batches.waiting", data["waiting_batches"], "{batch}")
    for account in data["accounts"]:
        name = account["name"]
        measure("archiver.account.concerns", len(account["concerns"]), "{concern}", account=name)
        for stream, held in account["streams"].items():
            where = {"account": name, "stream": stream}
            measure("archiver.records", held["records"], "{record}", **where)
            measure("archiver.observations", held["observations"], "{observation}", **where)


def _say_noticed(output: Output, data: dict[str, Any]) -> None:
    """Say what became of records on hold, and which runs nobody saw end."""
    for one in data["held_gone"]:
        told = f"On hold, and {one['kind']} on its platform: {one['record']}"
        output.say(told, "bold red")
    for one in data["unended"]:
        output.say(f"Nobody noted how a run ended: {one}", "bold red")


def _spent(one: dict[str, Any]) -> tuple[str, ...]:
    """Return what was spent with a platform: so far, of what, and what it may come to."""
    limit = f"{one['limit']:g}" if one["limit"] else "no limit set"
    spent, forecast = (f"{one[name]:.2f} {one['unit']}" for name in ("spent", "forecast"))
    return one["platform"], spent, limit, forecast, one["period"], one["ends"][:16]


def _readings(held: dict[str, Any]) -> tuple[str, str, str]:
    """Return when a stream was last read: its newest things, those since a moment, all."""
    if held["unknown"]:
        return ("not known",) * 3
    latest = held["looks"][0] if held["looks"] else {"began": "", "since": ""}
    back = f"{latest['since'][:10]}, {latest['began'][:16]}" if latest["since"] else "-"
    return held["new_since"][:16] or "never", back, held["whole_since"][:16] or "never"


@app.command()
def rebuild(
    archive: ArchiveOption = "", home: HomeOption = "", as_json: JsonOption = False
) -> None:
    """Delete this home's caches and make them again from verified bytes."""
    from archiver.flows.rebuild import rebuild as make_again

    output = Output("rebuild", as_json=as_json)
    with Steps() as steps:
        data = make_again(opened(archive, home), steps)
    parts = ", ".join(f"{count} {name}" for name, count in data.items())
    output.say(f"Rebuilt: {parts}.")
    output.result(data)
