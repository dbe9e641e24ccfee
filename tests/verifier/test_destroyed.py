"""What went, asked by `verifier/destroyed.py` of the log alone: by whose authority."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from archiver.flows.compact import seal_controls
from archiver.flows.ledger import read_state
from archiver.flows.verify import verify
from archiver.layout import unit_object_key
from archiver.ledger.deciding import HERE, copy_handle
from archiver.ledger.sets import encode_set
from tests.audit.forge import body, entries_of, relog
from tests.flows.conftest import first_hall, hall
from tests.flows.hall import Hall, comment
from tests.flows.helpers import Quiet
from tests.flows.test_orders import begun, hold, ordered, state_of
from tests.registry.signers import Office, founded
from tests.verifier.histories import History, expected, found, stood_in
from tests.verifier.test_agreement import copied, loaded

if TYPE_CHECKING:
    from archiver.ledger.state import Segment

__all__ = ["first_hall", "hall"]

FOLDER = Path(__file__).parents[2] / "verifier"
SOURCE = (FOLDER / "destroyed.py").read_text(encoding="utf-8")


def judging(source: str = SOURCE) -> Any:  # noqa: ANN401 - a module
    """Return the module that a source makes, with signatures and roots stood in for."""
    made = ModuleType("judging")
    sys.modules[made.__name__] = made  # where dataclasses look
    sys.modules.setdefault("verify", import_module("verifier.verify"))
    exec(compile(source, "destroyed.py", "exec"), made.__dict__)  # noqa: S102 - our own source
    return made


def standing_in(source: str = SOURCE) -> Any:  # noqa: ANN401 - a module
    """Return the module, with signatures and roots stood in for."""
    made = judging(source)
    made.signers, made.root_of = stood_in, lambda _tree, _size: bytes(32)
    return made


def test_it_shares_no_code() -> None:
    """Loading it loads nothing of the package, and nothing but `cryptography` and its neighbour."""
    script = (
        f"import sys; sys.path.insert(0, {str(FOLDER)!r}); import destroyed;"
        "print(*{n.split('.')[0] for n in sys.modules} - set(sys.stdlib_module_names))"
    )
    command = [sys.executable, "-I", "-c", script]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    foreign = {name for name in done.stdout.split() if not name.startswith("_")}
    assert foreign == {"cryptography", "destroyed", "verify"}


def compare(seeds: range) -> Counter[str]:
    """Have both folds read histories; return what came about in them."""
    seen, module = Counter[str](), standing_in()
    for seed in seeds:
        history = History(seed).play()
        theirs, ours = expected(history), found(module, history)
        assert ours == theirs, seed
        seen["unlawful"] += len(theirs["unlawful"])
        seen["void"] += len(theirs["void"])
        for _, begins, going, _, ended in theirs["orders"].values():
            seen.update({"begun": begins, "going": bool(going), ended: 1})
    return seen


def test_both_folds_agree() -> None:
    """Of short histories it says what the archiver's own folds say, entry by entry."""
    seen = compare(range(200))
    assert min(seen["begun"], seen["going"]) > 30
    assert min(seen["done"], seen["halted"]) > 12
    assert min(seen["unlawful"], seen["void"]) > 200


@pytest.mark.soak
def test_both_folds_agree_for_long() -> None:
    """The same of twenty thousand."""
    assert compare(range(1000, 21_000))["done"] > 1000


def test_signatures_are_true_ones() -> None:
    """Who signed counts; with a bit of the signature or of the statement changed, nobody did."""
    module, act = judging(), Office().act("clerk counsel", "grant", person="x", role="hold")
    entry = act.document()
    assert module.signers(entry) == {one.key for one in act.signatures}
    one = entry["signatures"][1]
    other = {**one, "signature": f"{int(one['signature'], 16) ^ 1 << 9:0128x}"}
    named = {**one, "key": f"{one['key'][:26]}+00000000{one['key'][35:]}"}
    free = {**one, "key": entry["signatures"][0]["key"]}
    for changed in (
        {**entry, "signatures": [entry["signatures"][0], other]},
        {**entry, "signatures": [entry["signatures"][0], named]},
        {**entry, "signatures": [free]},
        {**entry, "signatures": []},
        {**entry, "signatures": [one] * 9},
        {**entry, "statement": {**entry["statement"], "role": "purge"}},
    ):
        with pytest.raises(module.UNREADABLE):
            module.signers(changed)


def test_a_role_waits() -> None:
    """What two people grant counts after 72 hours, and not a moment before."""
    module, office = judging(), founded()
    assert office.grant("officer", "hold", "clerk counsel") == ""
    told = module.Fold("archive1", [], [], Path)
    for index, entry in office.controls:
        told.read(index, entry)
    granted = module.moment(office.controls[-1][1]["time"])
    for wait, counts in ((module.WAIT, 1), (module.WAIT - module.timedelta(microseconds=1), 0)):
        assert len(told._people.having({"hold"}, granted + wait)) == counts
    assert told.findings == []


class Gone(NamedTuple):
    """An order that was carried out: its segments, and the entries that began and destroyed."""

    order: str
    segments: list[Segment]
    begin: int
    seal: int


def segments(hall: Hall, order: str) -> list[Segment]:
    """Return the live segments of an order's records: one for each."""
    leaves = state_of(hall, order).leaves
    return [x for x in read_state(hall.archive).segments() if x.leaves and x.leaves[0] in leaves]


def sealing(order: str, going: list[Segment]) -> dict[str, Any]:
    """Return a destroying seal."""
    seal = {"t": "seal", "stage": "destroy", "account": "acct", "order": order}
    return {**seal, "segments": [], "destroys": sorted(one.place for one in going)}


def erased(hall: Hall, going: list[Segment]) -> None:
    """Remove the files of segments."""
    for one in going:
        for suffix in one.objects:
            hall.store.delete(unit_object_key(one.unit, one.name, suffix))


def destroyed(hall: Hall) -> Gone:
    """Have two comments destroyed, as an order lets that happen, and told so."""
    order = ordered(hall, comment(1), comment(2))
    begun(hall, order)
    going = segments(hall, order)
    gone = Gone(order, going, hall.size - 1, hall.size)
    seal_controls(hall.archive, [sealing(order, going)])
    erased(hall, going)
    part = {"t": "done-part", "work": "order", "order": order}
    copy = copy_handle(hall.archive.identity.id, HERE)
    leaves = state_of(hall, order).leaves
    seal_controls(hall.archive, [{**part, "copy": copy, "leaves": leaves}])
    return gone


def both(hall: Hall, folder: Path) -> tuple[list[tuple[str, str]], list[tuple[str, str]], str]:
    """Return what the small verifier finds, and `archiver verify`; and what the small one tells."""
    copied(hall.archive, folder)
    one = loaded().Archive(folder, list(hall.archive.identity.keys))
    one.run()
    theirs = [(x.code, x.where) for x in verify(hall.archive, Quiet(), deep=False).findings]
    return sorted((code, where) for code, where, _ in one.findings), sorted(theirs), str(one.notes)


def test_lawful_destruction_is_none_of_a_finding(hall: Hall, tmp_path: Path) -> None:
    """What an order let go is accounted for: every observation is live, or went by authority."""
    gone = destroyed(hall)
    ours, theirs, told = both(hall, tmp_path / "copy")
    assert ours == theirs == []
    assert "2 observations destroyed, by orders that had authority" in told
    assert f"order {gone.order} under way: 2 of 2" in told
    one = gone.segments[0]
    hall.store.create(unit_object_key(one.unit, one.name, "idx"), b"left behind")
    ours, theirs, _ = both(hall, tmp_path / "copy")
    assert ours == theirs == [("object-unknown", unit_object_key(one.unit, one.name, "idx"))]


def test_what_a_hold_saved_may_not_go(hall: Hall, tmp_path: Path) -> None:
    """After a hold the seal of whoever has the signing key destroys nothing: files are missing."""
    order = ordered(hall, comment(1), comment(2))
    begun(hall, order)
    hold(hall, comment(2))
    going = segments(hall, order)
    seal = {name: one for name, one in sealing(order, going).items() if name != "t"}
    relog(hall.archive, [*entries_of(hall.archive), body("seal", **seal)])
    assert both(hall, tmp_path / "copy")[0] == [("destroyed-unlawfully", f"entry {hall.size - 1}")]
    erased(hall, going)
    ours, theirs, told = both(hall, tmp_path / "copy")
    assert {code for code, _ in ours} == {"destroyed-unlawfully", "object-missing"}
    assert ("destroyed-unlawfully", f"entry {hall.size - 1}") in theirs
    assert "0 observations destroyed" in told


def test_what_began_by_nobody_may_not_go(hall: Hall, tmp_path: Path) -> None:
    """Without the entry that began it, neither the seal nor what is told after it is lawful."""
    gone, entries = destroyed(hall), entries_of(hall.archive)
    entries[gone.begin] = body("access")
    relog(hall.archive, entries)
    ours, _, _ = both(hall, tmp_path / "copy")
    assert {code for code, _ in ours} == {"destroyed-unlawfully", "object-missing"}
    named = [where for code, where in ours if code == "destroyed-unlawfully"]
    assert named == [f"entry {gone.seal}", f"entry {gone.seal + 1}"]


def test_nothing_is_live_and_destroyed(hall: Hall, tmp_path: Path) -> None:
    """A segment that claims what was destroyed is named, whatever its files."""
    gone = destroyed(hall)
    one = {"unit": "u", "segment": "again", "series": "x", "period": "2026-11", "objects": {}}
    again = {**one, "sensitivity": "public", "leaves": gone.segments[0].leaves}
    seal = body("seal", stage="settle", account="acct", batch=9, segments=[again])
    relog(hall.archive, [*entries_of(hall.archive), seal])
    assert ("leaves-twice", "u/u/again") in both(hall, tmp_path / "copy")[0]


@pytest.mark.parametrize("files", [("verify.py",), ("verify.py", "destroyed.py")])
def test_alone_it_takes_the_word_of_the_log(
    hall: Hall, files: tuple[str, ...], tmp_path: Path
) -> None:
    """Without its neighbour the small verifier says whose word it is that records may be gone."""
    destroyed(hall)
    copied(hall.archive, tmp_path / "copy")
    for name in files:
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    command = [sys.executable, "-I", str(tmp_path / "verify.py"), str(tmp_path / "copy")]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stdout
    word = "by orders that had authority" if len(files) > 1 else "by the log's own word"
    assert f"2 observations destroyed, {word}" in done.stdout


def test_orders_are_of_this_log(hall: Hall, tmp_path: Path) -> None:
    """An order that was signed over another history is named, as `archiver verify` names it."""
    ordered(hall, comment(1))
    entries = entries_of(hall.archive)
    entries[2], entries[5] = entries[5], entries[2]
    relog(hall.archive, entries)
    ours, theirs, _ = both(hall, tmp_path / "copy")
    named = [one for one in ours if one[0] == "act-without-authority"]
    assert named == [one for one in theirs if one[0] == "act-without-authority"]
    assert len(named) == 1


def test_sets_are_read_from_their_files(tmp_path: Path) -> None:
    """A set's file counts as it was signed for; one that is gone, or another, tells nothing."""
    module, name = judging(), "01KAGT1EB0E0F4QZB3N5T7R9XW"
    told = module.Fold("archive1", [], [], lambda key: tmp_path / key)
    data = encode_set([[3, 5], [8, 9]], bytes(32), b"070707")
    entry = {"leaves": {"set": name, "sha256": sha256(data).hexdigest()}}
    assert told._leaves(entry) is None
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / name).write_bytes(data)
    assert told._leaves(entry) == [(3, 5), (8, 9)]
    digest = "b9e03c7dee1c98dc55923e1b4b83add0c7223bd1c118c7b642bb50e0536a3e08"
    assert module.covers([(3, 5), (8, 9)]) == digest
    (tmp_path / "sets" / name).write_bytes(data.replace(b"8 9", b"8 8"))
    assert told._leaves(entry) is None
    for form in (b"5 7\n7 9\n", b"01 2\n", b"3 2\n", b"1 2", b"", b"x y\n", b"1 2\n\n"):
        with pytest.raises(module.UNREADABLE):
            module.page(b"%s 070707\n" % (b"0" * 64) + form)


class Mutant(NamedTuple):
    """A planted defect: text that is there once, what takes its place, what history shows it."""

    name: str
    old: str
    new: str
    seed: int


MUTANTS = [
    Mutant(
        "a hold is not asked about",
        "require(not meet(order.leaves, hold.leaves)",
        "require(hold",
        12,
    ),
    Mutant(
        "a hold that was not applied",
        "require(hold.size >= size",
        "require(hold",
        19,
    ),
    Mutant(
        "one approver under two names",
        'others = {*self.having({"approver"}, now, by).values()} - {asks}',
        'others = {*self.having({"approver"}, now, by)}',
        42,
    ),
    Mutant(
        "an order counts at once",
        "return now < self.since or self.refused",
        "return self.refused",
        53,
    ),
    Mutant(
        "a release counts at once",
        'hold.ends.append(max(self._now + WAIT, moment(said["from"])))',
        'hold.ends.append(moment(said["from"]))',
        16,
    ),
    Mutant(
        "a release counts before its day",
        'hold.ends.append(max(self._now + WAIT, moment(said["from"])))',
        "hold.ends.append(self._now + WAIT)",
        4,
    ),
    Mutant(
        "an event takes no release back",
        "hold.ends, hold.told = [], self._now",
        "hold.told = self._now",
        16,
    ),
    Mutant(
        "a second hold of a name",
        "held = [(0, index)] if hold or leaves is None else leaves",
        "held = [(0, index)] if leaves is None else leaves",
        12,
    ),
    Mutant(
        "a hold halts nothing",
        "if order.under_way and meet(order.leaves, held):",
        "if not held:",
        1,
    ),
    Mutant(
        "what outsiders saw before the order",
        'late = {one["sha256"] for one in told if one["size"] > order.index}',
        'late = {one["sha256"] for one in told}',
        39,
    ),
    Mutant(
        "one outsider twice",
        "require(TWO <= len(told) == len(late)",
        "require(TWO <= len(told)",
        39,
    ),
    Mutant(
        "decided on since",
        "later = [leaves for at, leaves in self._touched if at >= size]",
        "later = [[]]",
        369,
    ),
    Mutant(
        "it begins again",
        "require(not order.begun and not order.ended",
        "require(not order.ended",
        24,
    ),
    Mutant(
        "it begins once halted",
        "require(not order.begun and not order.ended",
        "require(not order.begun",
        9,
    ),
    Mutant(
        "a refusal is forgotten",
        "now < self.since or self.refused or",
        "now < self.since or",
        40,
    ),
    Mutant(
        "an answer for the days",
        '{"order-certified": over and lets',
        '{"order-certified": over or lets',
        1,
    ),
    Mutant(
        "an answer adds leaves",
        "(leaves is None or minus(leaves, order.leaves))",
        "leaves is None",
        45,
    ),
    Mutant(
        "the archive's own key decides",
        "by = {key for key in by if half(key) not in self._own}",
        "by = {*by}",
        63,
    ),
    Mutant(
        "a role counts at once",
        "own[role] = now if founding else now + WAIT",
        "own[role] = now",
        466,
    ),
    Mutant(
        "hold and purge in one hand",
        "require(not any({role, other} in APART",
        "require(not any({role} in APART",
        30,
    ),
    Mutant(
        "another set than was signed",
        'return found if inside and covers(found or []) == said["covers"] else None',
        "return found if inside else None",
        54,
    ),
    Mutant(
        "the clock goes back",
        'max(self._now, moment(entry["time"])), entry["t"]',
        'moment(entry["time"]), entry["t"]',
        31,
    ),
    Mutant(
        "destroyed once halted",
        "if not (order and order.under_way and",
        "if not (order and order.begun and",
        80,
    ),
    Mutant(
        "destroyed with others",
        "elif minus(leaves, order.leaves):",
        "elif not order:",
        10,
    ),
    Mutant(
        "destroyed twice",
        'require(all(one.live and one.once for one in old), "what',
        'require(old, "what',
        90,
    ),
    Mutant(
        "destroyed for another account",
        "and meet(order.leaves, own)):",
        "):",
        24,
    ),
    Mutant(
        "told gone what is not",
        "require(not beyond",
        "require(True",
        35,
    ),
    Mutant(
        "done before it is lost",
        'require(not left, "before all',
        'require(True, "before all',
        0,
    ),
    Mutant(
        "a copy that no part names",
        """        self._copies[entry["copy"]] = index
""",
        "",
        1,
    ),
    Mutant(
        "the archive itself is forgotten",
        "copies = {*self._copies} - over | {copy_name(",
        "copies = {*self._copies} - over or {copy_name(",
        54,
    ),
    Mutant(
        "a copy is retired at once",
        "over = {name for name, since in self._retired.items() if since <= self._now}",
        "over = {*self._retired}",
        65,
    ),
    Mutant(
        "a copy that came back stays retired",
        'self._retired.pop(entry["copy"], None)',
        "pass",
        6,
    ),
    Mutant(
        "retired by somebody who had not heard of it again",
        'require(self._copies[name] < int(said["size"]) <= index',
        "require(self._copies[name] >= 0",
        9,
    ),
    Mutant(
        "the archive itself is retired",
        'require(name != copy_name(self._archive, "archive")',
        "require(name",
        242,
    ),
    Mutant(
        "one person retires a copy",
        "retire   retire              2g/-",
        "retire   retire              1g/-",
        2,
    ),
    Mutant(
        "done with old files",
        'require(not left, "superseded',
        'require(True, "superseded',
        71,
    ),
    Mutant(
        "a split drops records",
        "same([one.leaves for one in old], [one.leaves for one in parts])",
        "pass",
        2,
    ),
    Mutant(
        "a split drops exchanges",
        "same([old[0].exchanges], [one.exchanges for one in parts])",
        "pass",
        1,
    ),
    Mutant(
        "verified by nobody",
        "verified verified            1v",
        "verified verified            1m",
        2,
    ),
    Mutant(
        "no counsel is asked",
        "order-extraordinary 1m1c",
        "order-extraordinary 1m  ",
        234,
    ),
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_every_mutant_is_killed(mutant: Mutant) -> None:
    """With a planted defect it says something else than the archiver's own folds."""
    assert SOURCE.count(mutant.old) == 1
    history = History(mutant.seed).play()
    assert found(standing_in(SOURCE.replace(mutant.old, mutant.new)), history) != expected(history)
