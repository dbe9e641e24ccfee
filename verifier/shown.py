"""What a volume may show of a record, by its proofs: `held.py` beside it holds files against that.

What a proof opens is shown word for word, with the sign of a redaction where it opens nothing.
Numbers, custodians, tags and codes are what the archive says: no proof is of them.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

BODY = ("title", "text", "summary", "caption", "alt_text")
APART = {*BODY, "markup", "volatile", "listed", "extra"}
AUTHOR = ("author_name", "name", "handle", "author_id")
TIME = re.compile(r"\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{6})? [+-]\d{4}")
WHERE = r"(?:Provided in native format: \S+|Not part of this production)"
NATIVE = rf"{WHERE} \([^\n]*, \d+ bytes(?:, parts of it taken out)?\)"
FILE = re.compile(f"(?:\n(?:File withheld under [^\n]*|{NATIVE}))+")
LONGEST = 80  # characters of a sign that the index cuts off


class Many(NamedTuple):
    """A pattern, so many times or more."""

    pattern: re.Pattern[str]
    least: int = 0


class Moment(NamedTuple):
    """A canonical time, as people of some zone read it."""

    time: str


class Either(NamedTuple):
    """One of these."""

    ways: list[list[Any]]


def ends(items: Sequence[Any], text: str, starts: set[int], *, cut: bool = False) -> set[int]:
    """Return where items may end in a text that begin at one of some places.

    ``cut``: the text may end amid them, which is -1.
    """
    for item in items:
        found = {-1} & starts
        for at in starts - {-1}:
            if isinstance(item, str):
                found |= {at + len(item)} if text.startswith(item, at) else set()
                found |= {-1} if cut and item.startswith(text[at:]) else set()
            elif isinstance(item, Moment):
                match = TIME.match(text, at)
                found |= {match.end()} if match and same(match[0], item.time) else set()
                found |= {at + len(item.time)} if text.startswith(item.time, at) else set()
            elif isinstance(item, Either):
                for way in item.ways:
                    found |= ends(way, text, {at}, cut=cut)
            else:
                count, end = 0, {at}
                while end:
                    found |= end if count >= item.least else set()
                    count += 1
                    matches = (item.pattern.match(text, one) for one in end)
                    end = {one.end() for one in matches if one and one.end() > one.start()}
                left = text[at:]
                found |= {-1} if cut and len(left) < LONGEST and "\n" not in left else set()
        starts = found
    return starts


def same(shown: str, time: str) -> bool:
    """Tell whether a time in a zone is a canonical one."""
    try:
        return datetime.fromisoformat(shown.replace(" ", "T", 1).replace(" ", "")) == (
            datetime.fromisoformat(time)
        )
    except ValueError:
        return False


class Version(NamedTuple):
    """What a proof opens of one version; ``fields``: texts, and numbers of words left out."""

    kind: str
    time: str
    observation: str
    fields: dict[str, list[str | int]]
    closed: int | None  # how many fields; None: of a very large one the proof opens none


def version_of(proof: dict[str, Any]) -> Version:
    """Return what a checked proof opens."""
    lines = dict(one["text"].partition(": ")[::2] for one in proof["context"]["opened"])
    tree = proof["fields"]
    fields = {one["name"]: list(parts(one)) for one in tree.get("opened", [])}
    return Version(
        lines["Archive-Kind"],
        lines["WARC-Date"],
        lines["WARC-Record-ID"][len("<urn:uuid:") : -1],
        fields,
        tree["count"] - len(fields) if "count" in tree else None,
    )


def parts(one: dict[str, Any]) -> Iterator[str | int]:
    """Yield the text of an opened field, and how many words are left out between."""
    place, text = 0, ""
    count = one["tokens"]["count"] if "tokens" in one else 0
    for each in [*(one["tokens"]["opened"] if count else [one]), {"place": count, "text": ""}]:
        if count and each["place"] > place:
            yield from ([text] if text else [])
            yield each["place"] - place
            text = ""
        place = each["place"] + 1
        text += each["text"] if "text" in each else verify.unbase64(each["base64"]).decode()
    yield from ([text] if text else [])


class Record:
    """One record: its versions as proven, oldest first."""

    def __init__(self, name: str, leaves: list[int], versions: list[Version]) -> None:
        self.name, self.leaves, self.versions = name, leaves, versions
        self.platform, self.account, self.stream, _ = name.split(":", 3)
        filled = [one for one in versions if one.fields]
        self.latest = (filled or versions)[-1]
        self.closed = any(one.closed for one in versions)
        told = [one.kind for one in versions if one.kind not in {"edited", "extended"}]
        self.state = {"restored": "present"}.get(
            (told or ["unknown"])[-1], (told or ["unknown"])[-1]
        )
        said = [
            one.fields[name][0]
            for one in reversed(versions)
            for name in BODY
            if one.fields.get(name)
        ]
        first = next((one for one in said if isinstance(one, str) and one.strip()), "")
        self.title = " ".join(first.split())[:80]
        self.subject = self.title or f"{self.stream}: {name}"
        made = (one.fields.get("created_at", []) for one in versions)
        dates = ["".join(map(str, one)) for one in made if one and isinstance(one[0], str)]
        self.made = dates[0] if dates else versions[0].time


class Shown:
    """Says how what is proven may be shown.

    ``sign``: that of the profile. ``codes`` and ``names``: of exemptions and of fields that the
    exemption log has.
    """

    def __init__(self, sign: str, codes: list[str], names: list[str]) -> None:
        one, name = (f"(?:{'|'.join(map(re.escape, own)) or '(?!)'})" for own in (codes, names))
        self.codes = f"{one}(?:; {one})*"
        sign = re.escape(sign).replace(r"\{codes\}", self.codes).replace(r"\{words\}", r"\d*")
        self.sign, self.signs = re.compile(sign), re.compile(f"{sign} ")
        self.line = re.compile(f"\n{name}: {sign}")
        self.before, self.after = re.compile(f"{sign}\n\n"), re.compile(f"\n\n{sign}")

    def value(self, version: Version, name: str, spell: Callable[[str], str] = str) -> list[Any]:
        """Return what a field may be shown as: without the space at its end."""
        found = list(version.fields.get(name, []))
        if found and isinstance(found[-1], str):
            found[-1] = found[-1].rstrip(" ")
            found = found if found[-1] else found[:-1]
        items = [spell(one) if isinstance(one, str) else Many(self.signs, 1) for one in found]
        if found and isinstance(found[-1], int):
            items[-1:] = [Many(self.signs), Many(self.sign, 1)]
        return items

    def fits(
        self, said: str, version: Version, name: str, spell: Callable[[str], str] = str
    ) -> bool:
        """Tell whether a field is shown as it is proven; one that is not opened has the sign."""
        if name not in version.fields:
            return not said or bool(version.closed and self.sign.fullmatch(said))
        return len(said) in ends(self.value(version, name, spell), said, {0})

    def author(self, one: Record, spell: Callable[[str], str] = str) -> list[list[Any]]:
        """Return the ways in which an author may be shown."""
        names = [name for name in AUTHOR if self.value(one.latest, name)]
        own = [self.value(one.latest, names[0], spell)] if names else []
        return own + [[Many(self.sign, 1)]] * bool(one.latest.closed) + [[]] * (not names)

    def body(self, version: Version, spell: Callable[[str], str] = str) -> list[list[Any]]:
        """Return the ways in which what somebody wrote may be shown."""
        told = [self.value(version, name, spell) for name in BODY]
        told = [one for one in told if one]
        closed = bool(version.closed)
        items: list[Any] = [Many(self.before)] * closed
        for at, one in enumerate(told):
            items += [*(["\n\n"] if at else []), *one, *[Many(self.after)] * closed]
        none = [[], [Many(self.sign, 1), Many(self.after)]] if closed else [[]]
        return [items] if told else none

    def furthest(self, items: list[Any], said: str) -> int:
        """Return about where a text ceases to be what was proven."""
        at = {0}
        for item in items:
            more = ends([item], said, at)
            if not more:
                part = item if isinstance(item, str) else ""
                start = max(at)
                while part and said[start : start + 1] == part[:1]:
                    start, part = start + 1, part[1:]
                return said.rfind(" ", 0, start) + 1
            at = more
        return max(at)

    def document(self, one: Record, number: str) -> list[Any]:
        """Return all that the text of a document may say."""
        free, made = (
            re.compile(f"\n{name}: [^\n]+") for name in ("Custodian", "(?:Answers|Thread|Tags)")
        )
        items: list[Any] = [f"{number}\n{one.subject}\n\nRecord: {one.name}\n"]
        items += [f"Account: {one.account} ({one.platform})", Many(free)]
        items += [Either([["\nAuthor: ", *way] if way else [] for way in self.author(one)])]
        items += [Either([["\nCreated: "], ["\nCaptured: "]]), Moment(one.made)]
        items += [
            f"\nState: {one.state}",
            Many(made),
            Many(re.compile(f"\nWithheld under: {self.codes}")),
        ]
        for at, (leaf, version) in enumerate(zip(one.leaves, one.versions, strict=True), 1):
            items += [f"\n\nVersion {at} of {len(one.versions)}: {version.kind}\ncaptured_at: "]
            items += [Moment(version.time), f"\nentry of the ledger: {leaf}"]
            closed = [Many(self.line)] * bool(version.closed)
            items += closed
            for name in version.fields:
                if name not in APART:
                    items += [f"\n{name}: ", *self.value(version, name), *closed]
            items += [Either([["\n\n", *way] if way else [] for way in self.body(version)])]
        return [*items, Either([["\n", Many(FILE, 1)], []]), "\n"]
