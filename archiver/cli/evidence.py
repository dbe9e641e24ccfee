"""Commands about evidence: verify, prove, check."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archiver.cli.options import (
    ArchiveOption,
    HomeOption,
    JsonOption,
    KeyOption,
    opened,
    settings,
)
from archiver.cli.output import Output, Steps
from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.prove import Checked
    from archiver.flows.verify import VerifyReport

__all__ = ["app"]

app = typer.Typer()

LARGEST_PROOF = 64 * 1024 * 1024
LARGEST_KEY = 64 * 1024
KEY_FORM = re.compile(r"[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+")
"""``name+hash+base64`` of C2SP signed-note."""
LINE_END = "\n"
CONTINUED = "\n      | "
"""Starts each further line of a value: it can't pass for a line of ours."""


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
        int, typer.Option(min=0, help="Processes that share the work; 0: one a processor.")
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
    note = _read(since, LARGEST_KEY) if since not in ("", "last") else since.encode()
    start = since_checkpoint(one, note, deep=deep) if since else None
    with Steps() as steps, verifying_workers(found, jobs) as workers:
        wanted = _read(policy, LARGEST_KEY * 4) if policy else None
        report = run(
            one, steps, deep=deep, since=start, resume=resume, workers=workers, policy=wanted
        )
    findings = [{**finding._asdict(), **_explained(finding.code)} for finding in report.findings]
    for finding in findings:
        output.say(f"{finding['code']}: {finding.get('title', '')}", "bold red")
        output.say(f"    where: {finding['where']}")
        output.say(f"    expected: {finding['expected']}")
        output.say(f"    found: {finding['found']}")
        output.say(f"    to mend: {finding.get('mend', '')}")
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


def _explained(code: str) -> dict[str, str]:
    """Return title and mend of a finding's code."""
    known = _explanations().get(code, {})
    return {name: known[name] for name in ("title", "mend") if name in known}


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
        _write(Path(out), (json.dumps(proof, ensure_ascii=False, indent=1) + "\n").encode())
        output.say(f"Proof in {out}. Anybody can check it: archiver check {out} --key KEY")
    else:
        output.say(json.dumps(proof, indent=1))
    output.result({"proof": proof, "file": out})


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all. What stands there already is never overwritten."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        if path.exists() and not path.is_file():  # a pipe, a terminal
            path.write_bytes(data)
            return
        try:
            with beside.open("xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            path.open("xb").close()  # whoever comes second fails; not all disks have links
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except FileExistsError as error:
        _refuse_another(path, data, error)
    except OSError as error:
        raise UsageError(
            f"can't write: {error.strerror}",
            where=str(path),
            mend="give --out a file in a folder that you may write to",
        ) from error


def _refuse_another(path: Path, data: bytes, error: FileExistsError) -> None:
    """Raise `UsageError` unless the file that is there says the same."""
    if not (path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data):
        raise UsageError(
            "there is another file of that name already, and it stays as it is",
            where=str(path),
            code="file-exists",
            mend="give --out another name, or take the file away",
        ) from error


@app.command()
def check(
    file: Annotated[str, typer.Argument(help="A proof written by `archiver prove`.")],
    key: Annotated[
        list[str] | None, typer.Option(help="The archive's public key, or a file that holds it.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check a proof offline, with nothing but the archive's public key."""
    from archiver.flows.prove import check_proof

    output = Output("check", as_json=as_json)
    data = _read(file, LARGEST_PROOF)
    keys = [_key(text) for text in key or []]
    if not keys:
        raise UsageError(
            "whose archive? A proof says nothing without the archive's public key",
            mend="--key KEY, as `archiver init` printed it and the city published it",
        )
    checked = check_proof(data, keys)
    _tell(output, checked)
    output.result(asdict(checked))


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


def _read(file: str, limit: int) -> bytes:
    """Return a file of at most ``limit`` bytes; one without an end is not read to it."""
    try:
        with Path(file).open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        mend = "give a file that is there, and that you may read"
        raise UsageError(f"can't read: {error.strerror}", where=file, mend=mend) from error
    if len(data) > limit:
        raise UsageError("far too large", where=file, mend=f"at most {limit} bytes")
    return data


def _key(text: str) -> str:
    """Return a public key, given as such or as the name of the file that holds it."""
    if KEY_FORM.fullmatch(text):
        return text
    return _read(text, LARGEST_KEY).decode("utf-8", "replace").strip()
