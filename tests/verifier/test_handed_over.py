"""What was handed over, asked by `verifier/destroyed.py` of the log alone: who approved it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from archiver.ledger.deciding import check_decision
from archiver.ledger.whereabouts import private_leaves
from archiver.produce.matters import fold_matters
from archiver.registry.deciding import fold_decisions
from archiver.registry.people import Registry, fold
from tests.flows.conftest import first_hall, hall
from tests.flows.test_matters import forged, message, opened
from tests.registry.signers import ARCHIVE, handle
from tests.verifier.histories import OTHER, OWN, History, resolve, verifies
from tests.verifier.test_destroyed import SOURCE, both, standing_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.flows.hall import Hall

__all__ = ["first_hall", "hall"]

STEPS = (
    *("open", "tag", "tag", "bates", "bates", "approve", "approve", "volume", "volume", "volume"),
    *("close", "again", "people", "wait"),
)


class Handed(History):
    """A log of matters that a seed makes: in the right order mostly, some of it by the wrong."""

    def play(self) -> Handed:
        """Seal private leaves, open a matter, then do much in it and in others."""
        leaves = [[self.size, self.size + 3]]
        self.size += 3
        self.private = {*range(*leaves[0])}
        self.seal("settle", "b", [self.segment("P", leaves, "private")], batch=5)
        self.asked = [self.some()]
        if self.chance.random() < 0.5:  # who asks may approve what others ask for
            self.role("foia", "grant", ("clerk", "counsel"), role="approver")
            self.now += timedelta(hours=80)
        self.open()
        for _ in range(self.chance.randint(8, 40)):
            getattr(self, self.chance.choice(STEPS))()
        return self

    def some(self) -> set[int]:
        """Return a few leaves, some of them private."""
        public = super().some()
        few = {*self.chance.sample(sorted(self.private), self.chance.randint(1, 2))}
        return public | few if self.chance.random() < 0.5 else public

    def case(self) -> str:
        """Return the handle of a matter, or of none."""
        return handle(f"m{self.chance.choice((0, 0, 0, 0, 1, 2) if self.odd(0.5) else (0,))}")

    def by(self) -> tuple[str, ...]:
        """Return who signs: mostly somebody who may."""
        return (self.chance.choice(("foia", "clerk", "counsel", "holder")),)

    def open(self) -> None:
        """Open a matter."""
        self.act("matter", "open-matter", self.by(), matter=self.case(), subject=OTHER)

    def close(self) -> None:
        """Close one, seldom."""
        if self.chance.random() < 0.15:
            self.act("matter", "close-matter", self.by(), matter=self.case(), subject=OTHER)

    def tag(self) -> None:
        """Tag records."""
        more = {"matter": self.case(), "subject": OTHER}
        self.with_set("matter", "tag", self.by(), self.some(), **more)

    def bates(self) -> None:
        """Reserve numbers."""
        series = handle(f"s{self.chance.randint(0, 1)}")
        known = [
            int(one["statement"]["last"])
            for one in self.said
            if one["statement"].get("series") == series
        ]
        first = max(known, default=0) + self.chance.choice((1, 1, 1, 1, 0, 2) if known else (1, 7))
        last = first + self.chance.choice((0, 5, 5, -1 if first > 1 else 0))
        more = {"first": str(max(first, 1)), "last": str(max(last, 1)), "series": series}
        self.act("matter", "bates", self.by(), matter=self.case(), subject=OTHER, **more)

    def approve(self) -> None:
        """Approve an export of private leaves."""
        asks = self.by()[0]
        also = self.chance.choice(("anna", "bert", "twin", "anna", "holder", asks))
        leaves = self.some() & self.private or {min(self.private)}
        self.asked.append(leaves)
        more = {"matter": self.case(), "requester": handle(asks), "subject": OTHER}
        self.with_set("export", "export-approve", (asks, also), leaves, **more)

    def volume(self) -> None:
        """Hand something over, in the place of something or not, or ask it back."""
        act = self.chance.choice(("export", "export", "export", "export-replacing", "claw-back"))
        matter = self.case()
        known = sum(
            one["t"] == "export" and one["statement"]["matter"] == matter
            and one["statement"]["act"] != "export-approve"
            for one in self.said
        )  # fmt: skip
        leaves = super().some() | (self.chance.choice(self.asked) if self.odd(9) else set[int]())
        more = {"matter": matter, "subject": OTHER, "volume": str(self.number + 1)}
        if act != "export":
            more["of"] = str(self.chance.randint(1, max(1, self.number)))
        if self.odd(1):
            more["volume"] = str(known + 1)
        self.with_set("export", act, self.by(), leaves, **more)

    @property
    def number(self) -> int:
        """How many volumes the first matter has."""
        return len(folded(self).matters.get(handle("m0"), _NONE).volumes)


class _None:
    volumes: tuple[Any, ...] = ()


_NONE: Any = _None()


def folded(history: History) -> Any:  # noqa: ANN401 - with what was refused before
    """Return matters as the archiver's own folds have them."""
    registry = fold(Registry(ARCHIVE), history.controls, verifies)
    acts = fold_decisions(registry, history.controls, verifies, OWN, check_decision)
    found = fold_matters(resolve, private_leaves(history.state), acts.made)
    found.refused = [*registry.refused, *acts.refused, *found.refused]
    return found


def compare(seeds: range, source: str = SOURCE) -> Counter[str]:
    """Have both folds read histories; return what came about in them."""
    seen, module = Counter[str](), standing_in(source)
    for seed in seeds:
        history = Handed(seed).play()
        ours, theirs = folded(history), module.Fold(ARCHIVE, OWN, [[b""] * history.size], None)
        for at, body in history.controls:
            theirs.read(at, body)
        refused = {one.entry for one in ours.refused if not one.idle}
        assert {int(where[6:]) for _, where, _ in theirs.findings} == refused, seed
        assert theirs.numbers == ours.series, seed
        assert {name: (one.over, one.volumes) for name, one in theirs.matters.items()} == {
            name: (one.closed is not None, [x.act for x in one.volumes])
            for name, one in ours.matters.items()
        }, seed
        for case in ours.matters.values():
            seen.update({"approved": len(case.approvals), "closed": case.closed is not None})
            seen.update({"pages": len(case.pages)} | {one.act: 0 for one in case.volumes})
            for one in case.volumes:
                private = any(a in history.private for a, _ in one.leaves)
                seen.update([one.act, f"{one.act} private"] if private else [one.act])
        seen.update(one.why for one in ours.refused)
    return seen


def test_both_folds_agree() -> None:
    """Of short histories it says what the archiver's own folds say, entry by entry."""
    seen = compare(range(150))
    for what in ("approved", "closed", "pages", "export", "export-replacing", "claw-back"):
        assert seen[what] > 5, (what, seen)
    assert seen["export private"] > 5
    for why in ("approved", "closed", "next of the matter", "last number", "did not request it"):
        assert sum(n for what, n in seen.items() if why in what) > 5, (why, seen)


MUTANTS = {
    "nobody has to approve": ("require(back or not private or", "require(True or"),
    "who asks approves": ("- {asks}", "- {0}"),
    "volumes are not numbered": (
        'require(int(said["volume"]) == len(matter.volumes) + 1,',
        "require(True,",
    ),
    "numbers are given twice": ("self.numbers.get(series, first - 1) == first - 1", "True"),
    "a closed matter is open": ("require(not matter.over or", "require(True or"),
    "any roles do": ('self.having({"approver"}, now', 'self.having({"approver", "hold"}, now'),
    "a matter opens twice": ('require(said["matter"] not in self.matters,', "require(True,"),
    "what hands nothing over is replaced": ('!= "claw-back", "of what', '!= "x", "of what'),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_every_mutant_is_killed(name: str) -> None:
    """A planted defect makes the two disagree."""
    old, new = MUTANTS[name]
    assert SOURCE.count(old) == 1
    with pytest.raises(AssertionError):
        compare(range(150), SOURCE.replace(old, new))


def test_both_name_a_private_export_that_nobody_approved(
    hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where whoever has the signing key seals it."""
    name = opened(hall)
    for module in ("custody", "submit"):
        monkeypatch.setattr(f"archiver.flows.{module}.declined", lambda *_: "")
    forged(hall, "export", name, message(1), volume="1")
    ours, theirs, _ = both(hall, tmp_path / "copy")
    assert ours == theirs
    assert [code for code, _ in ours] == ["act-without-authority"]
