"""Write what is derived from the code, or check that it is up to date.

That is every page of docs/reference/ and three schemas. With ``--check`` it compares only: it
then exits 1 and names the files that no longer say what the code says.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import archiver
from archiver.capture.importers.page import imported
from archiver.capture.named import page as named
from archiver.capture.platforms import CONNECTORS
from archiver.capture.standing import needed
from archiver.capture.watching import watched
from archiver.cli.main import command_tree
from archiver.columns import CONTEXT, FIELDS, columns_of
from archiver.errors import ArchiverError
from archiver.flows.standing import needs_of
from archiver.produce.certificate_902 import Certificate902
from archiver.record import Stream
from archiver.retention.certificate import Certificate
from archiver.retention.closed import schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archiver.capture.connector import Capability, Connector

ROOT = Path(__file__).resolve().parent.parent
REFERENCE, FINDINGS = ROOT / "docs" / "reference", ROOT / "schemas" / "findings.json"
NOTE = "<!-- Written by docs/generate.py from the code: change that, then run it again. -->\n\n"


# ── Errors and findings ──────────────────────────────────────────────────────────────────


def _tree(error: type[ArchiverError]) -> Iterator[type[ArchiverError]]:
    """Yield an error class and all below it, each before its children."""
    yield error
    for child in sorted(error.__subclasses__(), key=lambda each: each.__name__):
        yield from _tree(child)


def _classes() -> list[type[ArchiverError]]:
    return [each for each in _tree(ArchiverError) if each.__module__ == ArchiverError.__module__]


def _particular() -> Iterator[tuple[str, str, str]]:
    """Yield (code, class, message) of every error raised with a code of its own."""
    names = {each.__name__ for each in _classes()}
    for path in sorted(Path(archiver.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in names:
                continue
            for word in node.keywords:
                if word.arg == "code" and isinstance(word.value, ast.Constant):
                    yield str(word.value.value), ast.unparse(node.func), _message(node)


def _message(call: ast.Call) -> str:
    """Return what a call says first; ``…`` stands for what only the moment knows."""
    first = call.args[0] if call.args else None
    parts = first.values if isinstance(first, ast.JoinedStr) else [first]
    return "".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in parts)


def errors() -> str:
    """Return the page of error codes, as Markdown."""
    rows = [
        f"| `{each.code}` | {each.exit_code} | `{each.__name__}` "
        f"| {(inspect.getdoc(each) or '').splitlines()[0]} |"
        for each in _classes()
    ]
    exits = {each.__name__: each.exit_code for each in _classes()}
    special = [
        f"| `{code}` | {exits[name]} | `{name}` | {message} |"
        for code, name, message in sorted(set(_particular()))
    ]
    text = """# Errors

Every error says what happened, where, and how to mend it. Scripts may rely on its
code (in `--json`) and on the exit status: 0 done, also with nothing found; 1 a finding,
or a refused act; 2 wrong usage; 3 it could not run.

| code | exit | class | meaning |
|---|---|---|---|
{rows}

## Codes of particular cases

| code | exit | class | says |
|---|---|---|---|
{special}
"""
    return text.format(rows="\n".join(rows), special="\n".join(special))


def findings() -> str:
    """Return the page of what `archiver verify` can find, as Markdown."""
    known: dict[str, dict[str, Any]] = json.loads(FINDINGS.read_text("utf-8"))
    rows = [
        f"| `{code}` | {one['title']} | {one['mend']} | {'yes' if one.get('covered') else ''} |"
        for code, one in known.items()
    ]
    text = """# Findings

What `archiver verify` says about stored data that is not as it must be. It goes on after
each one, and changes nothing. With `--json` each has `code where expected found title mend`.
Those with a *yes* are found by `verifier/verify.py` as well, for the same damage.

| code | meaning | to mend | both |
|---|---|---|---|
{rows}
"""
    return text.format(rows="\n".join(rows))


# ── Commands ─────────────────────────────────────────────────────────────────────────────


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - Typer's own
    """Yield every command with the words that call it."""
    for name, child in getattr(command, "commands", {}).items():
        yield f"{path} {name}", child
        yield from _commands(child, f"{path} {name}")


def _parameter(one: Any) -> str:  # noqa: ANN401 - Typer's own
    if one.param_type_name == "argument":
        name = one.metavar or one.name.upper()
    else:
        value = "" if one.is_flag else f" {one.metavar or 'TEXT'}"
        name = ", ".join(one.opts) + value
    several = " Several are possible." if one.multiple or one.nargs == -1 else ""
    default = f" Default: `{one.default}`." if one.default and not one.multiple else ""
    return f"| `{name}` | {one.help or ''}{several}{default} |"


def commands() -> str:
    """Return the page of commands and options, as Markdown."""
    parts = [
        """# Commands

`--archive` and `--home` may also be set as `ARCHIVER_ARCHIVE` and `ARCHIVER_HOME`, or as
`archive` and `home` in an `archiver.toml` in the current folder; the nearest word counts.
`sweep_days` there, or `ARCHIVER_SWEEP_DAYS`, says after how many days
`capture --mode reconcile` reads everything, whatever its age (28 unless set; 1: every night).
`person`, or `ARCHIVER_PERSON`, is the key file of whoever gives the commands. `keystore`, or
`ARCHIVER_KEYSTORE`, is a folder in which several homes keep wrapped file keys, and `kms`, or
`ARCHIVER_KMS`, set to `aws`, has AWS KMS seal the keys of periods. Set both before anything
is encrypted. `credentials_key`, or `ARCHIVER_CREDENTIALS_KEY`, names a file with the key that
seals the credentials of this home ([key store](../formats/keystore.md#credentials)).
With `--json`, standard output is exactly one document `{schema, ok, data, findings}`;
`schemas/cli/` has a JSON Schema for each. Exit statuses: [errors](errors.md).
"""
    ]
    for path, command in _commands(command_tree(), "archiver"):
        parts.append(f"## {path}\n\n{inspect.cleandoc(command.help or '')}\n")
        rows = [_parameter(one) for one in command.params if one.name != "help"]
        if rows:
            parts.append("| parameter | meaning |\n|---|---|\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


# ── Connectors ───────────────────────────────────────────────────────────────────────────


def _table(headings: tuple[str, ...], rows: Iterable[Iterable[str]]) -> str:
    """Return a table as Markdown."""
    lines = [headings, ("---",) * len(headings), *rows]
    return "".join(
        f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |\n" for row in lines
    )


def _overview() -> str:
    """Return who gives what, in one table: a verdict, and in italics what is not proved."""
    rows = []
    for stream in Stream:
        cells = {
            name: one
            for name, connector in CONNECTORS.items()
            for one in connector.capabilities
            if one.stream == stream
        }
        if cells:
            rows.append([f"`{stream}`", *(_verdict(cells[name]) for name in CONNECTORS)])
    return _table(("stream", *CONNECTORS), rows)


def _verdict(cell: Capability) -> str:
    sure = {"real server", "forbidden"} & {cell.proved_by, cell.verdict}
    return cell.verdict if sure else f"*{cell.verdict}*"


def connectors() -> str:
    """Return the page of what each platform gives, and what law and terms say, as Markdown."""
    parts = [
        """# Connectors

What each platform lets an account's owner obtain, who says so, and what proved it; then what
its terms and the law say of capturing it, as far as we know, which is no legal advice.
`archiver connector matrix` prints the same, with installed connectors of other packages.
[How to write one](../connectors.md).

In italics: not proved on a real server, but on a stand-in of ours or by documentation alone.

""",
        _overview(),
    ]
    pages = [*map(_connector, CONNECTORS.values()), imported(), named()]
    return "".join([*parts, *pages])


def _connector(one: Connector) -> str:
    """Return the section of one platform."""
    fields = ", ".join(f"`{field}`" for field in one.credential_fields) or "none"
    cells = [
        (f"`{cell.stream}`", cell.verdict, cell.limit, cell.citation, cell.proved_by)
        for cell in one.capabilities
    ]
    notes = [(n.subject, n.says, n.citation, n.confidence, n.read_on) for n in one.legal]
    about = f"Address: `{one.address_form}`. Credential: {fields}. Parser: `{one.parser}`."
    given = _table(("stream", "verdict", "limit", "says", "proved by"), cells)
    told = _table(("subject", "what it means", "from", "confidence", "read on"), notes)
    more = f"{needed(needs_of(one))}\n\n{watched(getattr(one, 'watch', None))}"
    return f"\n## {one.title} (`{one.platform}`)\n\n{about}\n\n{more}\n\n{given}\n{told}"


# ── Rows ─────────────────────────────────────────────────────────────────────────────────


def rows() -> str:
    """Return the schema of rows as JSON: every column, and which stream has which."""
    document = {
        "schema": "civic-archive/rows/1",
        "columns": [column._asdict() for column in (*CONTEXT, *FIELDS)],
        "streams": {stream: [column.name for column in columns_of(stream)] for stream in Stream},
    }
    return json.dumps(document, indent=1) + "\n"


# ── Writing and checking ─────────────────────────────────────────────────────────────────


def texts() -> dict[Path, str]:
    """Return every derived file and what it should say."""
    pages = {
        "commands.md": commands,
        "connectors.md": connectors,
        "errors.md": errors,
        "findings.md": findings,
    }
    found = {REFERENCE / name: NOTE + write() for name, write in pages.items()}
    schemas = {"rows": rows(), "certificate-of-destruction": schema(Certificate)}
    schemas["certificate-902"] = schema(Certificate902)
    return {**found, **{ROOT / "schemas" / f"{name}.json": text for name, text in schemas.items()}}


def stale(wanted: dict[Path, str]) -> list[Path]:
    """Return files that are missing, differ, or should not be there."""
    differ = [
        path
        for path, text in wanted.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    return differ + [path for path in REFERENCE.glob("*.md") if path not in wanted]


def main() -> int:
    """Write or check all files; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    only_check = parser.parse_args().check
    wanted = texts()
    old = stale(wanted)
    if only_check and old:
        names = ", ".join(path.relative_to(ROOT).as_posix() for path in old)
        print(f"out of date: {names}. To mend: python docs/generate.py")
        return 1
    REFERENCE.mkdir(exist_ok=True)
    for path in old if not only_check else ():
        if path in wanted:
            path.write_text(wanted[path], encoding="utf-8")
        else:
            path.unlink()
    print(f"{len(wanted)} derived files, {len(old)} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
