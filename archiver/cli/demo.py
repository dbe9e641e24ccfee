"""The command that shows everything at once, on an invented city."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archiver.cli.capture import counts_table
from archiver.cli.options import JsonOption
from archiver.cli.output import Output, Steps
from archiver.cli.records import print_hits, show_history

if TYPE_CHECKING:
    from archiver.demo.story import Story

__all__ = ["app"]

app = typer.Typer()

SHOWN_HITS = 3


@app.command()
def demo(
    folder: Annotated[
        str, typer.Option("--dir", help="Where archive, keys and proof go.")
    ] = "demo",
    as_json: JsonOption = False,
) -> None:
    """Capture an invented city, change it, capture again, search, prove. Needs no network."""
    from archiver.demo.story import tell

    output = Output("demo", as_json=as_json)
    with Steps() as steps:
        story = tell(Path(folder), steps, lambda text: output.say(f"• {text}", "bold cyan"))
    ok = _show(output, story)
    output.result(_data(story), ok=ok)
    raise typer.Exit(output.exit_code)


def _show(output: Output, story: Story) -> bool:
    """Print what the demo did. Returns whether everything held."""
    for title, reports in story.captures:
        output.say(f"\n{title}", "bold")
        counts_table(output, reports)
    verified, found, checked = story.verified, story.found, story.checked
    if verified is None or found is None or checked is None:
        return False
    output.say("\nverify --deep", "bold")
    output.say(
        f"  {verified.entries} ledger entries, {verified.objects} files, "
        f"{verified.records} records checked, {len(verified.findings)} findings"
    )
    output.say(f'\nsearch "Ferry Street" in comments: {len(found.hits)} records', "bold")
    print_hits(output, found.hits[:SHOWN_HITS])
    for kind, record, history in story.histories:
        output.say(f"\na comment that was {kind}: {record}", "bold")
        show_history(output, history)
    output.say("\nproof with the phone number withheld", "bold")
    output.say(f"  {checked.fields['text']}")
    output.say(
        f"  holds: ledger entry {checked.index} of {checked.tree_size}; "
        f"{checked.withheld_words} word withheld, and nobody can guess it from the proof"
    )
    _next_steps(output, story)
    return not verified.findings


def _next_steps(output: Output, story: Story) -> None:
    folder = story.folder
    output.say(f"\nDone in {story.seconds:.0f} s. In {folder}:", "bold green")
    output.say(f"  {folder}/archive         the archive: plain WARC and Parquet, encrypted units")
    output.say(f"  {folder}/home            its keys, credentials and caches: never in the archive")
    output.say(f"  {folder}/clerk.key       the clerk's own key, which elsewhere nobody else has")
    output.say(f"  {folder}/proof.json      one comment, provable by anybody")
    output.say(f"  {folder}/public-key.txt  all they need for it")
    output.say("Try next:")
    place = (
        f"ARCHIVER_ARCHIVE={folder}/archive ARCHIVER_HOME={folder}/home"
        f" ARCHIVER_PERSON={folder}/clerk.key"
    )
    for command in (
        "search culvert --private",
        "search --state deleted",
        f"show '{story.histories[0][1]}' --history",
        "verify --deep",
    ):
        output.say(f"  {place} archiver {command}")
    output.say(f"  archiver check {folder}/proof.json --key {folder}/public-key.txt")


def _data(story: Story) -> dict[str, object]:
    return {
        "folder": str(story.folder),
        "key": story.key,
        "captures": [
            {"title": title, "reports": [asdict(report) for report in reports]}
            for title, reports in story.captures
        ],
        "records_verified": story.verified.records if story.verified else 0,
        "findings": len(story.verified.findings) if story.verified else 0,
        "hits": len(story.found.hits) if story.found else 0,
        "histories": [
            {"what": kind, "record": record, "observations": len(history)}
            for kind, record, history in story.histories
        ],
        "proof": str(story.proof),
        "withheld_words": story.checked.withheld_words if story.checked else 0,
        "seconds": round(story.seconds, 1),
    }
