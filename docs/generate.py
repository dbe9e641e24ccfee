"""Write the pages of docs/reference/ from the code, or check that they are up to date.

Run ``python docs/generate.py`` to write them, with ``--check`` to compare only: it
then exits 1 and names the pages that no longer say what the code says.
"""

from __future__ import annotations

import argparse
import inspect
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.errors import ArchiverError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REFERENCE = Path(__file__).resolve().parent / "reference"
NOTE = "<!-- Written by docs/generate.py from the code: change that, then run it again. -->\n\n"
COMMAND_LINE = "archiver.cli.main"


def _tree(error: type[ArchiverError]) -> Iterator[type[ArchiverError]]:
    """Yield an error class and all below it, each before its children."""
    yield error
    for child in sorted(error.__subclasses__(), key=lambda each: each.__name__):
        yield from _tree(child)


def errors() -> str:
    """Return the page of error codes, as Markdown."""
    rows = [
        f"| `{each.code}` | {each.exit_code} | `{each.__name__}` "
        f"| {(inspect.getdoc(each) or '').splitlines()[0]} |"
        for each in _tree(ArchiverError)
        if each.__module__ == ArchiverError.__module__
    ]
    head = [
        "# Errors",
        "",
        "Every error says what happened, where, and how to mend it. Scripts may rely on its",
        "code (in `--json`) and on the exit status.",
        "",
        "| code | exit | class | meaning |",
        "|---|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def commands() -> str:
    """Return the page of commands and options, as Markdown (written by Typer itself)."""
    done = subprocess.run(
        [sys.executable, "-m", "typer", COMMAND_LINE, "utils", "docs", "--name", "archiver"],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.rstrip() + "\n"


def pages() -> dict[str, Callable[[], str]]:
    """Return each page's name and what writes it."""
    found = {"errors.md": errors}
    if find_spec(COMMAND_LINE):
        found["commands.md"] = commands
    return found


def stale(texts: dict[str, str]) -> list[str]:
    """Return the names of pages that are missing, differ, or should not be there."""
    differ = [
        name
        for name, text in texts.items()
        if not (REFERENCE / name).is_file()
        or (REFERENCE / name).read_text(encoding="utf-8") != text
    ]
    return differ + [path.name for path in REFERENCE.glob("*.md") if path.name not in texts]


def main() -> int:
    """Write or check all pages; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    only_check = parser.parse_args().check
    texts = {name: NOTE + write() for name, write in pages().items()}
    old = stale(texts)
    if only_check and old:
        print(f"docs/reference is out of date: {', '.join(old)}. To mend: python docs/generate.py")
        return 1
    REFERENCE.mkdir(exist_ok=True)
    for name in old if not only_check else ():
        if name in texts:
            (REFERENCE / name).write_text(texts[name], encoding="utf-8")
        else:
            (REFERENCE / name).unlink()
    print(f"docs/reference: {len(texts)} pages, {len(old)} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
