"""Defects planted in the seal protocol, each of which the simulation must find.

A mutant is a change of the real source: `planted` compiles a module with some lines replaced
and gives its functions the changed code, so that whoever has imported them runs it.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, NamedTuple

from tests.sim.episode import Episode
from tests.sim.scheduler import Weather

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

__all__ = ["MUTANTS", "Mutant", "planted"]

FLOWS = "archiver.flows"
SEQUENCE, PUBLISH, SIGNING = f"{FLOWS}.sequence", f"{FLOWS}.publish", f"{FLOWS}.signing"
SUBMIT, LEDGER, CACHE = f"{FLOWS}.submit", f"{FLOWS}.ledger", f"{FLOWS}.ledger_cache"
COMPACT, VERIFIED, COPYING = f"{FLOWS}.compact", f"{FLOWS}.verified", f"{FLOWS}.copying"
COMPACTED, ROWS, COPY = (
    f"{FLOWS}.verify_compacted",
    f"{FLOWS}.rows",
    "archiver.formats.segment_copy",
)
COMPACTION = "archiver.ledger.compaction"
STATE, LOG, S3PUT = "archiver.ledger.state", "archiver.ledger.log", "archiver.edges.s3put"


class Edit(NamedTuple):
    """In a module, text that is there once, and what takes its place."""

    module: str
    old: str
    new: str


class Mutant(NamedTuple):
    """A planted defect, the seed that must find it, and in what cast and weather."""

    name: str
    seed: int
    edits: tuple[Edit, ...]
    cast: str = ""
    weather: Weather | None = None
    bucket: bool | None = None

    def play(self) -> None:
        """Run the seed. Raises `Violation`."""
        Episode(self.seed, cast=self.cast, weather=self.weather, bucket=self.bucket).run()


LOST = Weather(kill=0.06, lost_head=0.03, burst=0.7)
GONE = Weather(kill=0.1, lost_head=0.1, burst=0.7)
CALM = Weather(burst=0.95)
CUT = Weather(short=0.1, burst=0.3)
HOME, TWO = "compacting at home", "compacting"


MUTANTS = (
    Mutant("signs before the head is swapped", 3, (
        Edit(SEQUENCE, "    archive.home.write(STAGED, head.encode())\n",
             "    archive.home.write(STAGED, head.encode())\n"
             "    from archiver.ledger.checkpoint import Checkpoint as C\n"
             "    archive.signer.sign(C(archive.identity.origin, head.size, head.root).body())\n"),
    )),
    Mutant("appends what is sealed already", 0, (
        Edit(SEQUENCE, "if name in state.sealed:", "if False:"),
        Edit(STATE, "if batch.id in self.sealed:", "if False:"),
        Edit(STATE, 'if ranges.overlap(stages[body["stage"]], numbers):', "if False:"),
        Edit(STATE, 'return "" if goes_on else "exchange numbers go back"', 'return ""'),
        Edit(STATE, 'if body["batch"] < expected else ""', 'if False else ""'),
    )),
    Mutant("does not write down what it signs", 63, (
        Edit(SIGNING, "    archive.home.write(SIGNED, new.body())\n", ""),
    ), "one home", LOST),
    Mutant("does not publish again what it has signed", 11, (
        Edit(SIGNING, "    own = signed_here(archive)\n    if own is None or",
             "    own = signed_here(archive)\n    if True or own is None or"),
    ), "one home", GONE),
    Mutant("writes down what it signs after publishing it", 94, (
        Edit(SIGNING, "    archive.home.write(SIGNED, new.body())\n", ""),
        Edit(SIGNING, "        trust_checkpoint(archive, note)\n",
             "        archive.home.write(SIGNED, new.body())\n"
             "        trust_checkpoint(archive, note)\n"),
    ), "one home", LOST),
    Mutant("swaps the checkpoint downward", 2, (
        Edit(SIGNING, "current.size >= new.size:", "False:"),
        Edit(SIGNING, "                prove_consistent(archive, older, new)\n",
             "                pass\n"),
    )),
    Mutant("replaces whatever checkpoint is there", 2, (
        Edit(SIGNING, "swap(CHECKPOINT, note, None if stored is None else stored.version)",
             "swap(CHECKPOINT, note, getattr(archive.store.load(CHECKPOINT), 'version', None))"),
    )),
    Mutant("replaces whatever head is there", 3, (
        Edit(SEQUENCE, "    return head, archive.store.swap(HEAD, head.encode(), version)\n\n\n"
             "def _gather",
             "    now = archive.store.load(HEAD)\n"
             "    return head, archive.store.swap(HEAD, head.encode(), now and now.version)\n\n\n"
             "def _gather"),
    )),
    Mutant("makes a lost head from a listing", 0, (
        Edit(SEQUENCE, "    read = LogReader(archive.store, signed.size).hashes()\n"
             "    bundle = Bundle(Frontier.at(signed.size, read), [])\n"
             "    require(bundle.frontier.root() == signed.root, "
             '"the tiles do not lead to the checkpoint")\n',
             "    keys = [one.key for one in archive.store.list('log/tile/entries/')]\n"
             "    size = max(256 * int(key.split('/')[3].partition('.')[0])\n"
             "        + (int(key.rpartition('/')[2]) if '.p/' in key else 256) for key in keys)\n"
             "    read = LogReader(archive.store, size).hashes()\n"
             "    bundle = Bundle(Frontier.at(size, read), [])\n"),
        Edit(SEQUENCE, "    head = _interrupted(archive, signed)\n", "    head = None\n"),
    ), "one home", LOST),
    Mutant("lets all processes of a home sequence at once", 5, (
        Edit(SEQUENCE, 'with archive.home.alone("sequence"):', "if True:"),
    ), "one home", LOST),
    Mutant("goes on from a head that is not published", 1, (
        Edit(SEQUENCE, "        finish(archive, head)\n    return head, version\n",
             "    return head, version\n"),
    )),
    Mutant("depends on finding a batch in a listing", 20, (
        Edit(SEQUENCE, " | {wanted}", ""),
    )),
    Mutant("removes a pending batch once it is in the head", 0, (
        Edit(SEQUENCE, "            finish(archive, head, step)\n",
             "            for one in archive.store.list(PENDING):\n"
             "                archive.store.delete(one.key)\n"
             "            finish(archive, head, step)\n"),
    )),
    Mutant("removes a refused batch before it says why", 5, (
        Edit(SEQUENCE, "    with suppress(AlreadyExistsError):\n"
             "        archive.store.create(refused_key(name), why.encode())\n"
             "    archive.store.delete(pending_key(name))\n",
             "    archive.store.delete(pending_key(name))\n"
             "    with suppress(AlreadyExistsError):\n"
             "        archive.store.create(refused_key(name), why.encode())\n"),
    )),
    Mutant("takes objects back for what a marker says", 30, (
        Edit(SUBMIT, "    if why:\n", "    if why or archive.store.load(refused_key(name)):\n"),
        Edit(SEQUENCE, "if archive.store.get(pending_key(name)) != data or sizes - {len(data)}:",
             "if False:"),
    ), "crowd", CUT, bucket=False),
    Mutant("publishes before the tiles are there", 0, (
        Edit(PUBLISH, "        _write_tiles(archive, step.bundle.frontier, step.entries)\n", ""),
        Edit(PUBLISH, "        remember(archive, step.state)\n",
             "        _write_tiles(archive, step.bundle.frontier, step.entries)\n"
             "        remember(archive, step.state)\n"),
    )),
    Mutant("admits a staged batch without those before it", 1, (
        Edit(PUBLISH, "refusal = admit(state, data", "refusal = admit(state.copy(), data"),
    )),
    Mutant("collects staging that is still needed", 2, (
        Edit(PUBLISH, "int(size) <= head.size:", "int(size) <= head.size + 9:"),
    )),
    Mutant("collects the tiles of the signed log", 0, (
        Edit(PUBLISH, "sorted(written - kept)", "sorted(written)"),
    )),
    Mutant("trusts the batches of its own step without the log being there", 0, (
        Edit(PUBLISH, "own if own and _begins(own, signed) else", "own if own else"),
        Edit(PUBLISH, "    if signed is None or signed.size < head.size:\n", "    if True:\n"),
    )),
    Mutant("stores objects without a journal", 2, (
        Edit(SUBMIT, '        _Journal(account, batch.id, list(objects), "").write(archive)\n',
             "        pass\n"),
    )),
    Mutant("hands in before the journal says so", 20, (
        Edit(SUBMIT, "    journal.write(archive)\n    _hand_in(archive, journal)\n",
             "    _hand_in(archive, journal)\n"),
    )),
    Mutant("hands in before the objects are stored", 1, (
        Edit(SUBMIT, "    for key, data in objects.items():\n        _create(archive, key, data)\n"
             "    journal =", "    journal ="),
        Edit(SUBMIT, "    journal.write(archive)\n    _hand_in(archive, journal)\n",
             "    journal.write(archive)\n"
             "    archive.store.create(pending_key(batch.id), journal.batch.encode())\n"
             "    for key, data in objects.items():\n        _create(archive, key, data)\n"
             "    _hand_in(archive, journal)\n"),
    )),
    Mutant("takes every unfinished batch back", 20, (
        Edit(SUBMIT, "        elif not journal.batch:\n", "        elif True:\n"),
    )),
    Mutant("says a batch is sealed once it is handed in", 0, (
        Edit(SUBMIT, "    sequence(archive, name)\n    state = read_state(archive)\n",
             "    state = read_state(archive)\n    state.sealed.add(name)\n"),
    )),
    Mutant("forgets the larger checkpoint it has seen", 2, (
        Edit(LEDGER, "        if seen is None or open_checkpoint(note, archive.identity.keys)"
             ".size > seen.size:\n", "        if True:\n"),
    ), "one home", CALM),
    Mutant("reads the state out of a damaged cache", 2, (
        Edit(CACHE, " if kept[:_DIGEST] == _digest(first, data) else None", " if data else None"),
    )),
    Mutant("admits an exchange number twice", 10, (
        Edit(STATE, 'if ranges.overlap(stages[body["stage"]], numbers):', "if False:"),
        Edit(STATE, 'return "" if goes_on else "exchange numbers go back"', 'return ""'),
    )),
    Mutant("does not look for what took a tile's place", 2, (
        Edit(LOG, "wider + 1, self._width_now(level, number)", "wider + 1, 0"),
    )),
    Mutant("takes another's write for its own", 19, (
        Edit(S3PUT, "    if head.write_id != body.write_id:\n        return None\n"
             "    return _confirmed(requests, key, body, head.version)\n",
             "    return head.version\n"),
    ), "crowd", Weather(error=0.1, burst=0.3), bucket=True),
    Mutant("removes what nobody has verified", 0, (
        Edit(VERIFIED, "for segment, seal in retired if seal in found.seals]",
             "for segment, seal in retired]"),
    ), HOME, CALM),
    Mutant("removes what superseded, not what was superseded", 0, (
        Edit(COMPACT, "    for segment, seal in settled.released:\n",
             "    for segment, seal in ((x, x.seal) for x in state.segments() if x.supersedes):\n"),
    ), HOME, CALM),
    Mutant("says gone what it has not removed", 0, (
        Edit(COMPACT, "if archive.store.erase(name))", "if not name)"),
        Edit(COMPACT, "left = locked | {one.key for one in archive.store.list(UNITS)}",
             "left = locked"),
    ), HOME, CALM),
    Mutant("removes all but one file of a segment", 0, (
        Edit(COMPACT, "if archive.store.erase(name))",
             "if not name.endswith('idx') and archive.store.erase(name))"),
        Edit(COMPACT, "left = locked | {one.key for one in archive.store.list(UNITS)}",
             "left = locked"),
    ), HOME, CALM),
    Mutant("supersedes a segment twice", 0, (
        Edit(COMPACTION, "        if place in superseded:\n", "        if False:\n"),
    ), TWO, CALM),
    Mutant("lets a segment have fewer leaves than it supersedes", 0, (
        Edit(COMPACTION, ', [one["leaves"] for one in old]):',
             ', [one["leaves"] for one in made]):'),
        Edit(COPYING, '    sealable.segment["leaves"] = ranges.from_numbers(made.leaves)\n',
             '    sealable.segment["leaves"] = ranges.from_numbers(made.leaves[1:])\n'),
    ), HOME, CALM),
    Mutant("compacts into other bytes than it seals", 0, (
        Edit(COMPACT, "        submit(archive, LANE, batch, sealable.objects)\n",
             "        other = {key: data + b'x' for key, data in sealable.objects.items()}\n"
             "        submit(archive, LANE, batch, other)\n"),
    ), HOME, CALM),
    Mutant("compacts into other records", 0, (
        Edit(COPY, "yield _Record(leaf, first + row, member)",
             "yield _Record(leaf, first + row, warc.member(warc_reading.inflate_member(member)"
             ".replace(b'Archive-Salt: ', b'Archive-Salt: 0')))"),
    ), HOME, CALM),
    Mutant("compacts into other rows", 0, (
        Edit(COPY, "[one.row for one in records]", "[one.row for one in records[::-1]]"),
    ), HOME, CALM),
    Mutant("answers from what was superseded as well", 0, (
        Edit(STATE, "for one in self._every() if one.place not in taken)",
             "for one in self._every())"),
    ), HOME, CALM),
    Mutant("reads merged segments in the order of their seals", 0, (
        Edit(ROWS, "key=lambda one: one[:2]", "key=lambda one: 0"),
    ), HOME, CALM),
    Mutant("lets all processes of a home compact at once", 9, (
        Edit(COMPACT, "    with archive.home.alone(LANE):\n", "    if True:\n"),
    ), HOME, CALM),
)  # fmt: skip


def _codes(tree: ModuleType | type, module: str) -> Iterator[tuple[str, FunctionType]]:
    """Yield name and function of all that a module or class defines."""
    for name, value in vars(tree).items():
        found = value.__func__ if isinstance(value, classmethod | staticmethod) else value
        if isinstance(found, property):
            found = found.fget
        if isinstance(found, FunctionType) and found.__module__ == module:
            yield name, found
        elif isinstance(found, type) and found.__module__ == module:
            yield from ((f"{name}.{inner}", one) for inner, one in _codes(found, module))


def _changed(edits: tuple[Edit, ...], module: ModuleType) -> dict[str, CodeType]:
    """Return the code of all functions of a module's changed source, by name."""
    source = inspect.getsource(module)
    for edit in edits:
        assert source.count(edit.old) == 1, (edit.old, source.count(edit.old))
        source = source.replace(edit.old, edit.new)
    compiled = compile(ast.parse(source), module.__file__ or "", "exec")
    found: dict[str, CodeType] = {}
    _collect(compiled, "", found)
    return found


def _collect(code: CodeType, prefix: str, found: dict[str, CodeType]) -> None:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found[prefix + constant.co_name] = constant
            _collect(constant, f"{prefix}{constant.co_name}.", found)


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """Have a mutant's code in place of the real one."""
    kept: list[tuple[FunctionType, CodeType]] = []
    try:
        for name in {edit.module for edit in mutant.edits}:
            module = importlib.import_module(name)
            mine = tuple(edit for edit in mutant.edits if edit.module == name)
            codes = _changed(mine, module)
            for called, function in _codes(module, name):
                real = inspect.unwrap(function)
                if called in codes and codes[called] != real.__code__:
                    kept.append((real, real.__code__))
                    real.__code__ = codes[called]
        yield
    finally:
        for function, code in kept:
            function.__code__ = code
