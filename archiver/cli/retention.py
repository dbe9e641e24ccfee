"""Commands about retention: due, explain, plan. They read; nothing goes by them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archiver.cli.files import check_picture, write_over
from archiver.cli.options import ArchiveOption, HomeOption, JsonOption, KeyOption, opened
from archiver.cli.output import Output
from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AsOfOption", "PrivateOption", "app", "say_ending", "say_heading"]

app = typer.Typer(help="What is due under which rule, and why.", no_args_is_help=True)

AsOfOption = Annotated[
    str, typer.Option(metavar="DAY", help="Day of the city, as 2026-11-20. Default: today.")
]
PrivateOption = Annotated[bool, typer.Option(help="Look into encrypted streams too.")]
SupposeOption = Annotated[
    list[str] | None,
    typer.Option(metavar="SCHEDULE", help="As if it were adopted and confirmed; a dry run."),
]


@app.command()
def due(  # noqa: PLR0913, PLR0917 - each is an option of the command
    as_of: AsOfOption = "",
    state: Annotated[
        list[str] | None,
        typer.Option(help="List records of this state: eligible, awaiting-event, unscheduled …"),
    ] = None,
    private: PrivateOption = False,
    suppose: SupposeOption = None,
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Tell which records are due on a day, which would be, and what everything else waits for.

    Only rows that a local authority adopted and confirmed let a record go; of all others it is
    said what would be due. Nothing is destroyed by this command.
    """
    from archiver.flows.retention import LISTED, evaluation
    from archiver.flows.retention import due as run

    output = Output("retention-due", as_json=as_json)
    here = opened(archive, home, key)
    found = evaluation(here, as_of, private=private, suppose=suppose or ())
    told = run(found, state or LISTED)
    say_heading(output, told)
    _tables(output, told)
    say_ending(output, told, private=private)
    output.result(told)


@app.command()
def explain(  # noqa: PLR0913, PLR0917 - each is an option of the command
    record: Annotated[str, typer.Argument(help="Record id, as `search` prints it.")],
    as_of: AsOfOption = "",
    private: PrivateOption = False,
    suppose: SupposeOption = None,
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Tell of one record which rule governs it, since when its clock runs, and what blocks it."""
    from archiver.flows.retention import evaluation
    from archiver.flows.retention import explain as run

    output = Output("retention-explain", as_json=as_json)
    here = opened(archive, home, key)
    told = run(evaluation(here, as_of, private=private, suppose=suppose or ()), record)
    output.say(f"{record}  {told['state']}", "bold")
    output.say(f"  on {told['as_of']} ({told['zone']}), locked until: {told['locked_until']}")
    for number, step in enumerate(told["trace"], 1):
        cited = f"  [{step['citation']}]" if step["citation"] else ""
        output.say(f"  {number}. {step['text']}{cited}")
    output.result(told)


@app.command()
def plan(  # noqa: PLR0913, PLR0917 - each is an option of the command
    as_of: AsOfOption = "",
    until: Annotated[
        str, typer.Option(metavar="DAY", help="End of the forecast. Default: ten years on.")
    ] = "",
    picture: Annotated[
        str, typer.Option(metavar="FILE.svg", help="Draw the forecast into a file.")
    ] = "",
    private: PrivateOption = False,
    suppose: SupposeOption = None,
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Tell how many records fall due when; with --suppose, also what an adoption would change."""
    from archiver.flows.forecast import plan as run
    from archiver.flows.forecast_picture import picture as drawn
    from archiver.flows.retention import evaluation, reconsidered

    output = Output("retention-plan", as_json=as_json)
    check_picture(picture)
    here = opened(archive, home, key)
    plain = evaluation(here, as_of, private=private)
    found = reconsidered(here, plain, suppose) if suppose else plain
    told = run(found, _end(until, found.engine.as_of), before=plain if suppose else None)
    say_heading(output, told)
    output.table(
        ("falls due", "series", "then", "records", ""),
        [
            (
                *(one["span"], one["series"], one["then"], one["records"]),
                "" if one["in_force"] else "would be: the row is not in force",
            )
            for one in told["forecast"]
        ],
    )
    for one in told["changes"]:
        old, new = (_standing(one, way) for way in ("from", "to"))
        output.say(f"{one['records']} records: {old} → {new}")
    if picture:
        write_over(picture, drawn(told))
        output.say(f"The forecast is in {picture}.")
    say_ending(output, told, private=private)
    output.result(told)


def _tables(output: Output, told: Mapping[str, Any]) -> None:
    """Print groups, the records of some states, and what is to be done."""
    output.table(
        ("state", "series", "then", "records", "not before", "in the way"),
        [
            (
                *(one["state"], one["series"], one["then"], one["records"]),
                *(_span(one["first"], one["last"]), ", ".join(one["blockers"])),
            )
            for one in told["groups"]
        ],
    )
    if told["records"]:
        output.say("")
        output.table(
            ("record", "state", "series", "then", "not before", "locked until"),
            [
                (
                    *(one["record"], one["state"], one["series"], one["then"]),
                    *(one["not_before"] or "", one["locked_until"]),
                )
                for one in told["records"]
            ],
        )
    for task in told["tasks"]:
        count = task["records"]
        output.say(f"To do, {task['series']}: {task['what']} ({count} records wait for it).")


def _standing(one: Mapping[str, Any], way: str) -> str:
    names = [one[f"{way}_{what}"] for what in ("state", "series")]
    blockers = one[f"{way}_blockers"]
    return " ".join([*filter(None, names), *([f"({blockers})"] if blockers else [])])


def _end(text: str, first: date) -> date:
    if not text:
        return date(first.year + 10, 12, 31)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("not a day", where=text, mend="write it as 2036-12-31") from error


def say_heading(output: Output, told: Mapping[str, Any], title: str = "") -> None:
    """Print what a document is about: the day, its zone, and where."""
    where = told["jurisdiction"] or "no jurisdiction: write one into [retention] of archiver.toml"
    what = f"{title}, as of" if title else "As of"
    output.say(f"{what} {told['as_of']} ({told['zone']}; {where})", "bold")


def _span(first: str | None, last: str | None) -> str:
    if first is None or last is None:
        return ""
    return first if first == last else f"{first} … {last}"


def say_ending(output: Output, told: Mapping[str, Any], *, private: bool) -> None:
    """Print what was not asked, and what is to be done about it."""
    for one in told["unfit_packs"]:
        output.say(f"A schedule that the archive keeps does not fit and is not asked: {one}")
    if told["not_asked"]:
        skipped = ", ".join(f"{n} {name}" for name, n in sorted(told["not_asked"].items()))
        mend = "Give --key of somebody who may." if private else "Add --private to ask them."
        output.say(f"Not asked, so kept (observations): {skipped}. {mend}")
