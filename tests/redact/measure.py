"""How much detectors find of a labelled corpus, and how often they are wrong, by kind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from archiver.redact.detect import MEDIUM, detect

FOLDER = Path(__file__).parent
NAMES = ("corpus", "hard", "unseen")
"""Files: written before the detectors, after the first ones, after the second ones."""
LABEL = re.compile(r"\[\[([a-z-]+)\|(.*?)\]\]")
PUBLIC = (
    *("630-555-0300", "630-555-0310", "630-555-0320", "630-555-0330", "@city.example"),
    *("475 Main Street", "475 Main St"),
)
"""What the city says of itself."""


@dataclass
class Count:
    """Of one kind: labels that were found, that were missed, and what was found without label."""

    found: int = 0
    missed: int = 0
    wrong: int = 0

    @property
    def recall(self) -> float:
        """Share of the labels that were found."""
        return self.found / max(1, self.found + self.missed)

    @property
    def precision(self) -> float:
        """Share of what was found that has a label."""
        return self.found / max(1, self.found + self.wrong)


def labelled(line: str) -> tuple[str, list[tuple[int, int, str]]]:
    """Return a text without its labels, and where they were."""
    text, places, at = "", [], 0
    for match in LABEL.finditer(line):
        text += line[at : match.start()]
        places.append((len(text), len(text) + len(match[2]), match[1]))
        text += match[2]
        at = match.end()
    return text + line[at:], places


def texts(name: str) -> list[tuple[str, list[tuple[int, int, str]]]]:
    """Return all texts of a file."""
    lines = FOLDER.joinpath(f"{name}.txt").read_text("utf-8").splitlines()
    return [labelled(line) for line in lines if line and not line.startswith("#")]


def measured(name: str) -> tuple[dict[str, Count], list[str]]:
    """Return the counts by kind, and in words what went wrong.

    A label is found where a suggestion of its kind covers three quarters of it at least.
    """
    counts: dict[str, Count] = {}
    told = []
    for text, places in texts(name):
        found = [one for one in detect(text, PUBLIC) if one.confidence >= MEDIUM]
        used = set()
        for start, end, kind in places:
            own = counts.setdefault(kind, Count())
            hits = [
                one
                for one in found
                if one.kind == kind
                if min(end, one.end) - max(start, one.start) >= 0.75 * (end - start)
            ]
            used |= set(hits)
            own.found += bool(hits)
            own.missed += not hits
            told += [] if hits else [f"missed {kind}: {text}"]
        for one in found:
            if one not in used:
                counts.setdefault(one.kind, Count()).wrong += 1
                told.append(f"wrong {one.kind} ({text[one.start : one.end]}): {text}")
    return counts, told


def table(counts: dict[str, Count]) -> str:
    """Return recall and precision by kind, for people."""
    lines = [f"{'kind':12} {'labels':>6} {'recall':>7} {'precision':>9}"]
    for kind, one in sorted(counts.items()):
        labels = one.found + one.missed
        lines.append(f"{kind:12} {labels:6} {one.recall:7.2f} {one.precision:9.2f}")
    every = together(counts)
    lines.append(
        f"{'all':12} {every.found + every.missed:6} {every.recall:7.2f} {every.precision:9.2f}"
    )
    return "\n".join(lines)


def together(counts: dict[str, Count]) -> Count:
    """Return the counts of all kinds as one."""
    every = counts.values()
    return Count(
        *(sum(getattr(one, name) for one in every) for name in ("found", "missed", "wrong"))
    )
