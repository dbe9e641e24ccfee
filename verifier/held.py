"""Hold the files of a volume against its proofs: texts, load file, sheet, lines, index.

`check.py` runs it, with the standard library alone. Pages and images are pictures of the texts.
What no proof is of (numbers, custodians, tags, codes of exemptions) is not judged.
"""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from functools import lru_cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import verify
from shown import Either, Moment, Record, Shown, ends, same, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OWN = {"first_bates", "last_bates", "record_id", "family", "parent", "thread", "platform",
       "account", "stream", "custodian", "title_of_document", "state_now", "review_tags", "leaf",
       "observation_id", "kind", "captured_at", "withheld", "natives",
       "apostrophe_added"}  # fmt: skip
ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Held:
    """Holds the files of a volume against proofs: `add` all that hold, then ask what is `wrong`.

    ``large``: versions of which the proof opens no field, being very large; their words are not
    judged. ``texts``: how many were held.
    """

    def __init__(self, data: Path, volume: Path) -> None:
        self.data, self.folder = data, volume
        told = verify.loads((volume / "DATA" / "volume.json").read_bytes())
        log = verify.loads((data / "EXEMPTIONS.json").read_bytes())
        codes = {one for row in log["rows"] for one in row["exemptions"].split("; ")}
        names = {row["field"] for row in log["rows"] if row["field"]}
        self.shown = Shown(told["profile"]["sign"], sorted(codes), sorted(names))
        self.paths: dict[int, Path] = {}
        self.of: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self.numbers: dict[str, str] = {}
        self.large = self.texts = 0
        self.record = lru_cache(64)(self._record)

    def add(self, leaf: int, path: Path, proof: dict[str, Any]) -> None:
        """Take in a proof that holds."""
        lines = dict(one["text"].partition(": ")[::2] for one in proof["context"]["opened"])
        self.paths[leaf] = path
        self.of[lines["Archive-Record"]].append((lines["WARC-Date"], leaf))
        self.large += "count" not in proof["fields"]

    def _record(self, name: str) -> Record:
        leaves = [leaf for _, leaf in sorted(self.of.get(name, []))]
        verify.require(leaves, f"no proof is of {name}")
        read = (verify.read(self.paths[one], verify.MAX_PROOF) for one in leaves)
        return Record(name, leaves, [version_of(verify.loads(one)) for one in read])

    def wrong(self) -> Iterator[str]:
        """Yield what the volume shows otherwise than its proofs."""
        for pattern, check in (
            ("DATA/*.jsonl", self.lines),
            ("DATA/*.csv", self.sheet),
            ("DATA/*.dat", self.load),
            ("TEXT/*/*.txt", self.text),
            ("HTML/*.html", self.index),
        ):
            for path in sorted(self.folder.glob(pattern)):
                name = path.relative_to(self.data).as_posix()
                try:
                    yield from (f"{name}: {what}" for what in check(path))
                except (csv.Error, *verify.UNREADABLE) as error:
                    yield f"{name}: it says otherwise than the proofs: {error!r}"

    def numbered(self, number: str, name: str) -> Iterator[str]:
        """Yield what is wrong where a number is that of another record elsewhere."""
        if self.numbers.setdefault(number, name) != name:
            yield f"{number}: another record has this number elsewhere"

    def text(self, path: Path) -> Iterator[str]:
        """Hold the text of a document against its proofs."""
        said = path.read_bytes().decode()
        mark, _, name = [*said.split("\n", 4), "", "", ""][3].partition(": ")
        verify.require(mark == "Record", "it does not say of which record it is")
        yield from self.numbered(path.stem, name)
        one = self.record(name)
        if all(version.closed is not None for version in one.versions):
            self.texts += 1
            document = self.shown.document(one, path.stem)
            if len(said) not in ends(document, said, {0}):
                at = self.shown.furthest(document, said)
                yield f"{name}: otherwise than proven, from {said[at : at + 60]!r} on"

    def lines(self, path: Path) -> Iterator[str]:
        """Hold the lines of JSON against the proofs."""
        with path.open("rb") as file:
            for line in file:
                told = json.loads(line)
                one = self.record(told["record"])
                yield from self.numbered(told["first_bates"], one.name)
                own = {"platform": one.platform, "account": one.account, "stream": one.stream,
                       "state": one.state, "title": one.title}  # fmt: skip
                yield from (f"{one.name}: {at}" for at in own if told[at] != own[at])
                if [each["leaf"] for each in told["versions"]] != one.leaves:
                    yield f"{one.name}: other versions than are proven"
                    continue
                for each, version in zip(told["versions"], one.versions, strict=True):
                    said = each["kind"], each["captured_at"], each["observation"]
                    if said != (version.kind, version.time, version.observation):
                        yield f"{one.name}: version {each['leaf']} is another"
                    fields = {at: joined(value) for at, value in each["fields"].items()}
                    proven = {at: value for at, value in version.fields.items() if value}
                    if version.closed is not None:
                        names = sorted({*fields, *proven})
                        wrong = [at for at in names if fields.get(at) != proven.get(at)]
                        wrong += sorted(each["closed"].keys() & proven.keys())
                        yield from (f"{one.name}: {at} of version {each['leaf']}" for at in wrong)

    def sheet(self, path: Path) -> Iterator[str]:
        """Hold the rows of a CSV against the proofs."""
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file, strict=True):
                for name in row["apostrophe_added"].split():
                    verify.require(row[name][:1] == "'", f"{name}: no apostrophe")
                    row[name] = row[name][1:]
                one, leaf = self.record(row["record_id"]), int(row["leaf"])
                verify.require(leaf in one.leaves, f"{one.name}: no proof of {leaf}")
                yield from self.numbered(row["first_bates"], one.name)
                version = one.versions[one.leaves.index(leaf)]
                own = {"platform": one.platform, "account": one.account, "stream": one.stream,
                       "kind": version.kind, "captured_at": version.time,
                       "observation_id": version.observation, "state_now": one.state,
                       "title_of_document": one.title.replace("\0", "\ufffd")}  # fmt: skip
                wrong = [name for name in own if row[name] != own[name]]
                if version.closed is not None:
                    wrong += [
                        name
                        for name in row.keys() - OWN
                        if not self.shown.fits(row[name], version, name, in_sheet)
                    ]
                yield from (f"{one.name}: {name} of version {leaf}" for name in sorted(wrong))

    def load(self, path: Path) -> Iterator[str]:
        """Hold the lines of a load file against the proofs."""
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file, delimiter="\x14", quotechar="þ", strict=True):
                one = self.record(row["RECORDID"])
                yield from self.numbered(row["FIRSTBATES"], one.name)
                own = {"PLATFORM": one.platform, "ACCOUNT": one.account, "STREAM": one.stream,
                       "STATE": one.state, "VERSIONS": str(len(one.versions)),
                       "SUBJECT": in_load(one.title),
                       "LEAVES": "; ".join(map(str, one.leaves))}  # fmt: skip
                wrong = [name for name in own if row.get(name, own[name]) != own[name]]
                if one.latest.closed is not None:
                    wrong += self.loaded(row, one)
                yield from (f"{one.name}: {name}" for name in wrong)

    def loaded(self, row: dict[str, str], one: Record) -> Iterator[str]:
        """Yield the fields of a load file that say otherwise than the latest version."""
        shown, author = self.shown, row.get("FROM")
        ways = shown.author(one, in_load)
        if author is not None and len(author) not in ends([Either(ways)], author, {0}):
            yield "FROM"
        for name, column in (("URL", "url"), ("FILE_NAME", "file_name")):
            values = [shown.fits(row.get(name, ""), each, column, in_load) for each in one.versions]
            if name in row and not any(values):
                yield name
        parts = [row.get(name, "") for name in ("DATE_SENT", "TIME_SENT", "TIME_ZONE")]
        if all(parts):
            month, day, year = parts[0].split("/")
            if not same(f"{year}-{month}-{day} {parts[1]} {parts[2]}", seconds(one.made)):
                yield "DATE_SENT"

    def index(self, path: Path) -> Iterator[str]:
        """Hold a page of the index against the proofs."""
        page = Page()
        page.feed(path.read_bytes().decode())
        page.close()
        for row in page.rows:
            leaves = [int(one) for one in re.findall(r"/PROOFS/\d+/(\d+)\.json", row["links"])]
            verify.require(leaves, f"{row['number']}: no link to a proof")
            told = verify.loads(verify.read(self.paths[leaves[0]], verify.MAX_PROOF))
            lines = dict(each["text"].partition(": ")[::2] for each in told["context"]["opened"])
            one = self.record(lines["Archive-Record"])
            yield from self.numbered(row["number"].split(" to ")[0], one.name)
            yield from (f"{one.name}: {what}" for what in self.listed(row, leaves, one))

    def listed(self, row: dict[str, str], leaves: list[int], one: Record) -> Iterator[str]:
        """Yield what a row of the index says otherwise than the proofs."""
        if sorted(leaves) != sorted(one.leaves):
            yield "it links other proofs"
        if row["state"] != one.state or row["at"] != one.made:
            yield "state or date"
        when = [Moment(one.made), Either([[], [" (captured)"]])]
        if len(row["date"]) not in ends(when, row["date"], {0}):
            yield "date"
        if one.latest.closed is None:
            return
        author, shown = row["author"], self.shown
        if len(author) not in ends([Either(shown.author(one, in_page))], author, {0}):
            yield "author"
        said, cut = row["said"], row["said"].endswith("…")
        items = [f"{in_page(one.title)}\n", Either(shown.body(one.latest, in_page))]
        found = ends(items, said, {0})
        if len(said) not in found and not (cut and -1 in ends(items, said[:-1], {0}, cut=True)):
            yield f"what it says, {said[:60]!r}"


def joined(value: str | list[Any]) -> list[str | int]:
    """Return a text of a line of JSON as a proof has it: gaps in a row are one."""
    found: list[str | int] = []
    for one in [value] if isinstance(value, str) else value:
        part = one if isinstance(one, str) else int(one["words"])
        last = found[-1] if found else ""
        if isinstance(part, int) and isinstance(last, int):
            found[-1] = last + part
        else:
            found.append(part)
    return [one for one in found if one != ""]


def seconds(time: str) -> str:
    """Return a canonical time without parts of a second, which load files have not."""
    return re.sub(r"\.\d+", "", time)


def in_sheet(text: str) -> str:
    """Return a text as a CSV has it."""
    return text.replace("\0", "\ufffd")


def in_load(text: str) -> str:
    """Return a text as a load file has it."""
    text = re.sub(
        "[\0-\x08\x0b\x0c\x0e-\x1f]", "\ufffd", text.replace("þ", "th").replace("®", "(R)")
    )
    return re.sub("\r\n|\r|\n", "®", text)


def in_page(text: str) -> str:
    """Return a text as the index has it."""
    return TURNS.sub(lambda one: f"{{U+{ord(one[0]):04X}}}", ODD.sub("\ufffd", text))


class Page(HTMLParser):
    """Reads the rows of a page of the index."""

    CELLS = ("date", "author", "said", "state", "withheld", "files")

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[dict[str, str]] = []
        self.cell = ""
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a row or a cell."""
        told = {name: value or "" for name, value in attrs}
        if tag in {"tbody", "caption"}:
            self.inside = tag == "tbody"
        elif tag == "tr" and self.inside:
            self.rows.append(dict.fromkeys((*self.CELLS, "number", "links", "at"), ""))
            self.cell = ""
        elif tag in {"th", "td"} and self.inside:
            place = self.CELLS.index(self.cell) + 1 if self.cell in self.CELLS else 0
            self.cell = "number" if tag == "th" else self.CELLS[place]
        elif tag == "a" and self.inside:
            self.rows[-1]["links"] += f" {told['href']}"
        elif tag == "time" and self.inside:
            self.rows[-1]["at"] = told["datetime"]

    def handle_endtag(self, tag: str) -> None:
        """End the table."""
        self.inside = self.inside and tag != "tbody"

    def handle_data(self, data: str) -> None:
        """Take in what a cell says."""
        if self.inside and self.cell:
            self.rows[-1][self.cell] += data
