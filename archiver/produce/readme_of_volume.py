"""The page that comes with a volume: what is in it, how to open it, how to verify it. Pure.

The same is told twice: as HTML that asks for nothing from elsewhere, and as plain text. Names of
files come from the volume; what they are is known here by their place and ending.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from html import escape
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.produce.exemption import Exemption

__all__ = ["Volume", "readme_html", "readme_text"]

_WIDTH = 88


@dataclass(frozen=True, slots=True)
class Volume:
    """What a page is about.

    ``origin``: whose records, as the log names it. ``made``: canonical time. ``files``: paths in
    the bag's ``data`` folder. ``exemptions``: those that signs in the texts name. ``key``: the
    archive's public key. ``draft``: it is not final.
    """

    name: str
    origin: str
    made: str
    files: Sequence[str]
    exemptions: Sequence[Exemption] = ()
    key: str = ""
    draft: bool = False
    legend: Mapping[str, str] = field(default_factory=dict)


class _Part(NamedTuple):
    """A heading, paragraphs, a table (with its headings) and commands, in that order."""

    heading: str
    lines: Sequence[str] = ()
    headings: tuple[str, ...] = ()
    rows: Sequence[tuple[str, ...]] = ()
    commands: Sequence[str] = ()


_KINDS = (
    ("CERTIFICATE-902.*", "The certificate for a court", "PDF viewer; the .json has all of it"),
    ("*/README.*", "This page", "browser or text editor"),
    ("CUSTODY.*", "Who had the records, from capture to this volume", "PDF viewer; spreadsheet"),
    ("HITREPORT.*", "What was searched, and what each term found", "spreadsheet, text editor"),
    ("EXEMPTIONS.*", "What is withheld, why and by whom, a row for each place", "spreadsheet"),
    ("PRIVILEGE.*", "What is withheld as privileged, without what it says", "spreadsheet"),
    ("GAPS.*", "Times in which something may be missing, and why", "spreadsheet"),
    ("CONSERVATION.*", "What became of everything that was captured", "spreadsheet, text editor"),
    ("check.py", "The program that verifies all this", "Python 3.11 or later, cryptography"),
    ("shown.py", "A part of check.py: how what is proven may be shown", "check.py"),
    ("held.py", "A part of check.py: what files show, held against proofs", "check.py"),
    ("PROOFS/*", "Proofs that a record stands in the archive's log", "verify.py, below"),
    ("verify.py", "The program that verifies proofs", "Python 3.11 or later, cryptography"),
    ("checkpoint", "The signed head of the log", "text editor"),
    ("archive.json", "The archive's name and public keys", "text editor"),
    ("*.dat", "Load file: a line for each document", "review platform"),
    ("*.opt", "Load file of page images", "review platform"),
    ("*.rsmf", "Conversations as short messages", "review platform, e-mail program"),
    ("*.eml", "Messages", "e-mail program"),
    ("*TEXT/*", "The text of each document", "text editor"),
    ("*IMAGES/*", "Pages as pictures", "picture viewer"),
    ("*NATIVES/*", "Photographs, videos and other files as they came", "their own program"),
    ("*.pdf", "Documents as pages", "PDF viewer"),
    ("*.wacz", "Web pages as they were captured", "a viewer for WACZ"),
    ("*.warc.gz", "Records as they are stored", "any program for WARC"),
    ("*.parquet", "Rows of all records", "any program for Parquet"),
    ("*.csv", "Rows of all records", "spreadsheet: import every column as text"),
)
"""Pattern of a path, what it is, and what opens it; the first that fits counts."""

_OTHER = "Other files"
_PROVEN = (
    "A proof leads from what a record says to the signed head of the archive's log. Whoever "
    "changed a word, a time or a name after it was sealed could not make one."
)
_ASK = (
    "KEY is the archive's public key. Ask the city for it in another way than with this folder: "
    "whoever changed the folder would have changed the key in it."
)
_LEGEND = {
    "present": "as it was seen first, or seen again unchanged",
    "edited": "its content had changed",
    "hidden, held, removed": "the platform showed it to its owner only",
    "absent": "a complete listing did not show it any more",
    "deleted": "two complete listings did not show it, and the platform said there is none",
    "restored": "it was there again",
}


def readme_html(volume: Volume) -> bytes:
    """Return the page as HTML: no script, nothing loaded, whatever names it shows."""
    body = "".join(map(_html, _parts(volume)))
    title = _safe(_title(volume))
    page = (
        "<!DOCTYPE html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n"
    )
    return page.encode("utf-8", "backslashreplace")


def readme_text(volume: Volume) -> bytes:
    """Return the page as plain text (UTF-8, LF)."""
    parts = "\n".join(map(_text, _parts(volume)))
    title = _printable(_title(volume))
    return f"{title}\n{'=' * len(title)}\n\n{parts}".encode("utf-8", "backslashreplace")


_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;"
    "color:#1b1f23;background:#fff}table{border-collapse:collapse;margin:1rem 0}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem 1rem .3rem 0;"
    "border-bottom:1px solid #6b7680}pre{background:#f2f4f6;padding:.8rem;overflow-x:auto}"
)


def _title(volume: Volume) -> str:
    return f"{'DRAFT: ' if volume.draft else ''}Records of {volume.origin}, {volume.name}"


def _parts(volume: Volume) -> Iterator[_Part]:
    made = f"Made {volume.made[:10]} {volume.made[11:16]} UTC."
    about = (
        "This folder has public records from social platforms as they were captured, and all that "
        f"it takes to read and verify them without a network. {made}"
    )
    draft = "This is a draft. It is not what was asked for in its final form."
    yield _Part("What this is", [about, *([draft] if volume.draft else [])])
    rows = list(_rows(volume))
    yield _Part("What is in it", headings=("File", "What it is", "What opens it"), rows=rows)
    yield from _verifying(volume)
    kinds = list({**_LEGEND, **volume.legend}.items())
    told = "A record may be there several times, once for each time it was seen another."
    yield _Part("What the words mean", [told], ("Kind", "What was seen"), kinds)
    if volume.exemptions:
        signs = [(f"[{one.code}]", one.title, one.citation) for one in volume.exemptions]
        why = "Each sign stands where something was taken out. The exemption log has the reasons."
        yield _Part("What was withheld", [why], ("Sign", "Exemption", "Where it stands"), signs)


def _verifying(volume: Volume) -> Iterator[_Part]:
    proofs = sorted(one for one in volume.files if fnmatchcase(one, "PROOFS/*.json"))
    whole = (
        "Turn the network off first if you like: nothing here needs it. The first two commands "
        "ask whether every file is the one that was handed over; `OK` after each name says so. "
        "Give them in the folder that has this one in it."
    )
    files = ["sha256sum -c manifest-sha256.txt", "sha256sum -c tagmanifest-sha256.txt"]
    yield _Part("Is it what was sent?", [whole], commands=files)
    if "verify.py" not in volume.files:
        return
    words = [_PROVEN, _ASK]
    words += [f"The key that came with it: {volume.key}"] if volume.key else []
    name = proofs[0] if proofs else "PROOFS/NUMBER.json"
    commands = [f"python3 verify.py {name} --key KEY"]
    if "check.py" in volume.files:
        commands.insert(0, "python3 check.py --key KEY")
    yield _Part("Is it what was captured?", words, commands=commands)
    none = (
        "That these are all records there are, and that nothing came later. Times in which "
        "something may be missing are in the gap report."
    )
    yield _Part("What this does not show", [none])


def _rows(volume: Volume) -> Iterator[tuple[str, ...]]:
    """Yield a row for each kind of file that is there, in the order of kinds."""
    found: dict[int, list[str]] = {}
    for name in sorted(volume.files):
        own = (at for at, kind in enumerate(_KINDS) if _fits(name, kind[0]))
        found.setdefault(next(own, len(_KINDS)), []).append(name)
    for at in sorted(found):
        names = found[at]
        what, how = _KINDS[at][1:] if at < len(_KINDS) else (_OTHER, "")
        shown = names[0] if len(names) == 1 else f"{names[0]} … {names[-1]} ({len(names)} files)"
        yield shown, what, how


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern) or fnmatchcase(f"/{name}", pattern)


def _html(part: _Part) -> str:
    lines = "".join(f"<p>{_safe(line)}</p>\n" for line in part.lines)
    commands = "\n".join(map(_safe, part.commands))
    code = f"<pre><code>{commands}</code></pre>\n" if commands else ""
    return f"<h2>{_safe(part.heading)}</h2>\n{lines}{_table(part)}{code}"


def _table(part: _Part) -> str:
    if not part.rows:
        return ""
    heads = "".join(f'<th scope="col">{_safe(one)}</th>' for one in part.headings)
    rows = "".join(
        f"<tr>{''.join(f'<td>{_safe(cell)}</td>' for cell in row)}</tr>\n" for row in part.rows
    )
    return f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"


def _text(part: _Part) -> str:
    lines = [_printable(part.heading), "-" * len(part.heading), ""]
    for line in part.lines:
        lines += [*textwrap.wrap(_printable(line), _WIDTH), ""]
    for row in part.rows:
        first, *rest = map(_printable, row)
        lines.append(first)
        lines += [f"    {cell}" for cell in rest if cell]
    lines += [f"    {command}" for command in part.commands]
    return "\n".join(lines).rstrip() + "\n"


def _printable(text: str) -> str:
    """Return a text in which nothing moves what stands beside it."""
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)


def _safe(text: str) -> str:
    return escape(_printable(text))
