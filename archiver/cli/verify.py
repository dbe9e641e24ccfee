"""The command that checks everything stored."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archiver.cli.files import LARGEST_KEY, LARGEST_POLICY, read_small
from archiver.cli.options import ArchiveOption, HomeOption, JsonOption, settings
from archiver.cli.output import Output, Steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from archiver.flows.verify import VerifyReport

__all__ = ["app", "explained", "tell_findings"]

app = typer.Typer()


@app.command()
def verify(  # noqa: PLR0913, PLR0917 - each is an option of the command
    deep: Annotated[bool, typer.Option("--deep", help="Every record, not only files.")] = False,
    policy: Annotated[
        str, typer.Option("--policy", help="File: which witnesses must have cosigned.")
    ] = "",
    since: Annotated[
        str,
        typer.Option(
            metavar="CHECKPOINT",
            help="Only what came after this: a file with a checkpoint up to which all was "
            "verified, or `last` for what this home found whole.",
        ),
    ] = "",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where an interrupted verification stopped.")
    ] = False,
    jobs: Annotated[
        int, typer.Option(min=0, max=256, help="Processes that share the work; 0: one a processor.")
    ] = 0,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Check everything stored against the ledger. Writes nothing into the archive."""
    from archiver.flows.verify import verify as run
    from archiver.flows.verify_memory import since_checkpoint
    from archiver.wire import open_to_verify, verifying_workers

    output = Output("verify", as_json=as_json)
    found = settings(archive, home)
    one = open_to_verify(found)
    note = read_small(since, LARGEST_KEY) if since not in ("", "last") else since.encode()
    start = since_checkpoint(one, note, deep=deep) if since else None
    with Steps() as steps, verifying_workers(found, jobs) as workers:
        wanted = read_small(policy, LARGEST_POLICY) if policy else None
        report = run(
            one, steps, deep=deep, since=start, resume=resume, workers=workers, policy=wanted
        )
    findings = [{**finding._asdict(), **explained(finding.code)} for finding in report.findings]
    tell_findings(output, findings)
    for line in _limits(report):
        output.say(line)
    _tell_anchors(output, report)
    output.say(
        f"{len(findings)} findings." if findings else f"No finding. Head: {report.root}",
        "bold red" if findings else "bold green",
    )
    data = {name: value for name, value in asdict(report).items() if name != "findings"}
    output.result(data, ok=not findings, findings=findings)
    raise typer.Exit(output.exit_code)


def tell_findings(output: Output, findings: Sequence[dict[str, Any]]) -> None:
    """Say what is wrong, and what to do about it."""
    for finding in findings:
        output.say(f"{finding['code']}: {finding.get('title', '')}", "bold red")
        output.say(f"    where: {finding['where']}")
        output.say(f"    expected: {finding['expected']}")
        output.say(f"    found: {finding['found']}")
        output.say(f"    to mend: {finding.get('mend', '')}")


def _tell_anchors(output: Output, report: VerifyReport) -> None:
    """Say what outsiders vouch for, and who does not."""
    output.say(
        f"Cosigned by a quorum: {report.cosigned} entries. Time-stamps verified: "
        f"{report.timestamps}. Witnesses heard: {report.witnesses}."
    )
    if report.unpinned:
        output.say(f"{report.unpinned} time-stamps not verified: no certificate is pinned here.")
    if not report.independent:
        output.say("No independent witness: none of another named operator on another host.")


def _limits(report: VerifyReport) -> Iterator[str]:
    """Yield how much was looked at, and what was not, in words."""
    yield (
        f"{report.entries} ledger entries, {report.segments} segments, {report.objects} files"
        + (
            f", {report.records} records ({report.rederived} rows derived again)"
            if report.deep
            else ""
        )
    )
    if report.since:
        yield f"Only what came after entry {report.since}: all before was verified earlier."
    if report.resumed:
        yield f"{report.resumed} seals were found whole before the verification was interrupted."
    if report.unreadable:
        yield f"{report.unreadable} encrypted files not looked into: no key in this home."
    if report.lost:
        yield f"{report.lost} ledger entries can't be read: what only they name is not judged."
    if not report.versions:
        yield "The store does not say which older versions it keeps: they were not looked for."
    if not report.anchored:
        yield "Nothing outside this archive was compared: this home had seen no checkpoint."
    if not report.deep:
        yield "Files and ledger only; --deep checks every record in them."


@cache
def _explanations() -> dict[str, dict[str, Any]]:
    from importlib.resources import files

    text = files("archiver").joinpath("schemas/findings.json").read_text("utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found


def explained(code: str) -> dict[str, str]:
    """Return title and mend of a finding's code."""
    known = _explanations().get(code, {})
    return {name: known[name] for name in ("title", "mend") if name in known}
