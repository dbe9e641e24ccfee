"""Sequencers that meet crashes, poison, forgeries and late retries: one linear history."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.edges.memory import Fault, Killed, MemoryStore
from archiver.errors import ArchiverError, IntegrityError, RefusedError, StoreError
from archiver.flows.ledger import read_state
from archiver.flows.sequence import ATTEMPTS, sequence
from archiver.flows.signing import SIGNED
from archiver.flows.submit import recover, submit
from archiver.layout import (
    CHECKPOINT,
    HEAD,
    STAGING,
    bundle_key,
    pending_key,
    refused_key,
    staging_key,
    tile_key,
)
from archiver.ledger.batch import Batch
from archiver.ledger.checkpoint import open_checkpoint
from archiver.ledger.head import Bundle, Head
from archiver.ledger.tree import Frontier, leaf_hash
from tests.flows.helpers import (
    IDENTITY,
    ORIGIN,
    Worker,
    assert_clean,
    check_whole,
    codes,
    founded,
    leave,
    named,
    open_archive,
    rows,
    signed,
    small,
    take_in,
)
from tests.ledger.note_signer import MemorySigner
from tests.ledger.seals import TIME, batch

if TYPE_CHECKING:
    from pathlib import Path


X = named("X")
REPEAT = {
    "t": "repeat",
    "account": "acct",
    "counts": {},
    "began": TIME,
    "ended": True,
    "time": TIME,
}
GOOD_X = Batch(X, (), (REPEAT,)).encode()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where a home may be made."""
    return tmp_path / "home"


@pytest.fixture
def store(home: Path) -> MemoryStore:
    """The store of a new archive."""
    return founded(home)


def test_two_ways_to_one_head(store: MemoryStore, home: Path) -> None:
    """A sequencer that died after staging does not stand in the way of a slower way there."""
    archive = open_archive(store, home)
    leave(archive, small(1))
    leave(archive, small(2))
    store.faults = lambda op, key: Fault.KILL_BEFORE if (op, key) == ("swap", HEAD) else None
    with pytest.raises(Killed):
        sequence(archive)
    both = [one.key for one in store.list(STAGING)]
    store.faults = lambda _op, _key: None
    hidden = store.get(pending_key(named("B0002")))
    store.delete(pending_key(named("B0002")))
    assert sequence(archive) == 1
    store.create(pending_key(named("B0002")), hidden)
    assert sequence(archive) == 1
    assert len(both) == 2
    assert len(list(store.list(STAGING))) == 1
    assert codes(archive) == []


def test_a_refusal_waits_for_what_it_rests_on(store: MemoryStore, home: Path) -> None:
    """A batch is refused because of another one only once that one is in the log."""
    archive = open_archive(store, home)
    take_in(archive, 1)
    first, second = (batch(named(name), batch=1, exchanges=[[1, 2]]) for name in "AB")
    leave(archive, first)
    leave(archive, second)
    store.faults = lambda op, key: Fault.KILL_BEFORE if (op, key) == ("swap", HEAD) else None
    with pytest.raises(Killed):
        sequence(archive)
    store.faults = lambda _op, _key: None
    assert store.load(refused_key(named("B"))) is None
    assert sequence(archive) == 1
    assert b"admitted for this stage before" in store.get(refused_key(named("B")))
    assert store.load(pending_key(named("B"))) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        GOOD_X,
        signed(GOOD_X)[:-1],
        signed(GOOD_X) + b"\n",
        signed(GOOD_X).replace(b"acct", b"bcct"),
        signed(GOOD_X, MemorySigner(ORIGIN, "stranger")),
        signed(b"[]"),
        signed(b" " + GOOD_X),
        signed(GOOD_X.replace(b'"batch"', b'"batch":"twice","batch"')),
        signed(GOOD_X.replace(X.encode(), named("Y").encode())),
        signed(GOOD_X.replace(b'"%b"' % X.encode(), b'["X"]')),
        signed(GOOD_X.replace(b'ments":"', b'ments":"ab')),
        signed(GOOD_X.replace(b'ments":"', b'ments":"' + b"00" * 32)),
        signed(GOOD_X.replace(b'"counts":{}', b'"counts":{},"note":"Jane Doe 555-0142"')),
        signed(GOOD_X.replace(b'"counts":{}', b'"counts":{"Jane Doe":{}}')),
        signed(GOOD_X.replace(b'"acct"', b'"Jane Doe"')),
        signed(GOOD_X.replace(b'"repeat"', b'"order"')),
        signed(GOOD_X.replace(b'"repeat"', b'"role"')),
        signed(GOOD_X.replace(b'"repeat"', b'"seal"')),
        signed(GOOD_X.replace(b'"repeat"', b'["repeat"]')),
        signed(GOOD_X.replace(b'"counts":{}', b'"counts":1e400')),
        signed(GOOD_X.replace(b'"counts":{}', b'"counts":99999999999999999999')),
        signed(GOOD_X.replace(b'"acct"', b'"\\ud800"')),
        signed(GOOD_X.replace(b'"acct"', b'"' + b"n" * 66_000 + b'"')),
        signed(b"[" * 100_000),
    ],
)
def test_poison_is_refused(store: MemoryStore, home: Path, data: bytes) -> None:
    """A batch malformed or not signed is refused with its reason, and stops nobody else's."""
    archive = open_archive(store, home)
    store.create(pending_key(X), data)
    leave(archive, small(1))
    assert sequence(archive) == 1
    assert store.load(pending_key(X)) is None
    assert store.get(refused_key(X))
    assert codes(archive) == []


def test_the_poison_is_in_what_was_changed(store: MemoryStore, home: Path) -> None:
    """The batch that the poisoned ones were made of is admitted."""
    store.create(pending_key(X), signed(GOOD_X))
    assert sequence(open_archive(store, home)) == 1


def test_what_is_no_batch_by_name_is_left(store: MemoryStore, home: Path) -> None:
    """An object of another name than a batch's is neither read nor removed; verify names it."""
    archive = open_archive(store, home)
    keys = ["log/checkpoints/x", "log/pending/jane-doe", "log/refused/x", "log/staging/9999-x"]
    for key in keys:
        store.create(key, b"x")
    assert sequence(archive) == 0
    assert codes(archive) == [("object-unknown", key) for key in keys]


def test_a_refused_batch_is_taken_back(store: MemoryStore, home: Path) -> None:
    """Objects, key, journal and marker of a refused batch go; the reason is told."""
    archive = open_archive(store, home)
    submit(archive, "acct", batch(named("0"), batch=1, exchanges=[]), {})
    key = "u/u/sA.warc.gz.c256"
    archive.keys.new_key(key, "unscheduled/2026-11")
    with pytest.raises(RefusedError, match="batch 1 of the account came when 2 was due") as caught:
        submit(archive, "acct", batch(named("A"), batch=1, exchanges=[]), {key: b"content"})
    assert caught.value.code == "seal-refused"
    assert_clean(archive)
    assert store.load(key) is None
    assert archive.keys.object_ids() == ()  # type: ignore[attr-defined]  # of the local key store


def test_what_came_too_early_waits_with_its_objects(store: MemoryStore, home: Path) -> None:
    """A batch refused for what may yet change keeps its objects, and is handed in again."""
    archive = open_archive(store, home)
    key = "u/u/sA.idx"
    with pytest.raises(RefusedError, match="batch 2 of the account came when 1 was due"):
        submit(archive, "acct", batch(named("A"), batch=2, exchanges=[]), {key: b"content"})
    recover(archive, "acct")  # still too early
    assert store.get(key) == b"content"
    leave(archive, batch(named("0"), batch=1, exchanges=[]))
    recover(archive, "acct")
    assert store.get(key) == b"content"
    assert read_state(archive).sealed >= {named("0"), named("A")}
    assert list(archive.home.names("journal/acct/")) == []


@pytest.mark.parametrize("times", [1, 2, 4])
def test_a_batch_read_in_part_is_not_refused(store: MemoryStore, home: Path, times: int) -> None:
    """Answers that broke off unnoticed, at the same place too, lose no batch and no object."""
    archive = open_archive(store, home)
    one, cut = "u/u/sA.idx", 0

    def faults(op: str, key: str) -> Fault | None:
        nonlocal cut
        if (op, key) != ("get", pending_key(named("A"))) or cut == times:
            return None
        cut += 1
        return Fault.SHORT

    store.faults = faults
    submit(archive, "acct", batch(named("A"), batch=1, exchanges=[]), {one: b"content"})
    assert store.get(one) == b"content"
    assert store.load(refused_key(named("A"))) is None
    assert named("A") in read_state(archive).sealed


def test_a_stale_listing_hides_no_batch_that_was_handed_in(store: MemoryStore, home: Path) -> None:
    """Whoever hands a batch in does not depend on finding it in a listing."""
    archive = open_archive(store, home)
    store.faults = lambda op, _key: Fault.STALE_LIST if op == "list" else None
    submit(archive, "acct", small(1), {})
    store.faults = lambda _op, _key: None
    assert_clean(archive)


def test_a_forged_refusal_takes_nothing_back(store: MemoryStore, home: Path) -> None:
    """A marker in the bucket can't make a worker remove objects that the ledger has."""
    archive = open_archive(store, home)
    store.create(refused_key(named("A")), b"says who?")
    key = "u/u/sA.idx"
    submit(archive, "acct", batch(named("A"), batch=1, exchanges=[]), {key: b"content"})
    assert store.get(key) == b"content"
    assert store.load(refused_key(named("A"))) is None
    assert named("A") in read_state(archive).sealed


def test_only_the_head_of_now_refuses(store: MemoryStore, home: Path, tmp_path: Path) -> None:
    """What came too early for a head that another has since replaced is not refused for it."""
    archive, other = open_archive(store, home), open_archive(store, tmp_path / "other")
    settling = batch("Z" * 26, batch=1, exchanges=[[1, 2]])

    def overtake(op: str, key: str) -> None:
        if (op, key) == ("get", pending_key(settling.id)):
            store.faults = lambda _op, _key: None
            take_in(other, 1)

    leave(archive, settling)
    store.faults = overtake
    assert sequence(archive) == 0
    assert settling.id in read_state(archive).sealed
    assert store.load(refused_key(settling.id)) is None


def test_nothing_is_done_where_nothing_is_left(store: MemoryStore, home: Path) -> None:
    """A step reads back nothing that it wrote; with nothing pending, nothing is written."""
    archive = open_archive(store, home)
    done: list[tuple[str, str]] = []
    store.faults = lambda op, key: done.append((op, key))
    submit(archive, "acct", small(1), {})
    assert [key for op, key in done if op == "get"] == [
        *(pending_key(small(1).id), bundle_key(0, 1), tile_key(0, 0, 1)),
        tile_key(0, 0, 2),  # to prove that the new head extends the old one
    ]
    done.clear()
    assert sequence(archive) == 0
    assert {op for op, _ in done} == {"load", "list"}


@pytest.mark.parametrize("key", [tile_key(0, 0, 1), bundle_key(0, 1), STAGING])
@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER])
def test_the_next_collects_what_a_dead_one_left(
    store: MemoryStore, home: Path, key: str, fault: Fault
) -> None:
    """Whoever dies between two deletions leaves the staging that leads to the others."""
    archive = open_archive(store, home)
    leave(archive, small(1))
    store.faults = lambda op, at: fault if op == "delete" and at.startswith(key) else None
    with pytest.raises(Killed):
        sequence(archive)
    store.faults = lambda _op, _key: None
    assert sequence(open_archive(store, home, "next")) == 0
    assert len(list(store.list(STAGING))) == 1
    assert {one.key for one in store.list("log/tile/")} == {tile_key(0, 0, 2), bundle_key(0, 2)}


def test_a_late_retry_doubles_nothing(store: MemoryStore, home: Path) -> None:
    """A batch that is handed in again after it was sealed is removed, not appended."""
    archive = open_archive(store, home)
    submit(archive, "acct", small(1), {})
    leave(archive, small(1))
    assert sequence(archive) == 0
    assert read_state(archive).size == 2
    assert_clean(archive)


def test_a_lost_or_rolled_back_head_is_made_again(store: MemoryStore, home: Path) -> None:
    """Without its head, or with an older one, the log goes on from its checkpoint."""
    archive = open_archive(store, home)
    older = store.get(HEAD)
    older_bundle = store.get(Head.decode(older).staging)
    submit(archive, "acct", small(1), {})
    for data in (None, older):
        for key in [HEAD, *(one.key for one in store.list(STAGING))]:
            store.delete(key)
        if data is not None:
            store.create(HEAD, data)
            store.create(Head.decode(data).staging, older_bundle)
        assert sequence(archive) == 0
        assert_clean(archive)
    submit(archive, "acct", small(2), {})
    assert [body["id"] for _, body in read_state(archive).controls[1:]] == [
        named("B0001"),
        named("B0002"),
    ]
    assert_clean(archive)


def test_a_lost_head_goes_on_where_it_was(store: MemoryStore, home: Path) -> None:
    """A head lost after its tiles were written comes back as it was, whatever else is pending."""
    archive = open_archive(store, home)
    leave(archive, small(2))
    store.faults = lambda op, key: Fault.KILL_BEFORE if (op, key) == ("swap", CHECKPOINT) else None
    with pytest.raises(Killed):
        sequence(archive)
    store.faults = lambda _op, _key: None
    store.delete(HEAD)
    archive.home.remove(SIGNED)  # killed before that
    leave(archive, small(1))  # comes first by its name
    assert sequence(open_archive(store, home, "next")) == 1
    named_in_order = [body["id"] for _, body in read_state(archive).controls[1:]]
    assert named_in_order == [named("B0002"), named("B0001")]
    assert_clean(archive)


@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER])
def test_what_was_signed_is_never_contradicted(
    store: MemoryStore, home: Path, fault: Fault
) -> None:
    """A head signed and then lost, with its bundle and all else, is published all the same."""
    archive = open_archive(store, home)
    leave(archive, small(2))
    store.faults = lambda op, key: fault if (op, key) == ("swap", CHECKPOINT) else None
    with pytest.raises(Killed):
        sequence(archive)
    store.faults = lambda _op, _key: None
    for key in (HEAD, *(one.key for one in store.list(STAGING))):
        store.delete(key)
    leave(archive, small(1))
    assert sequence(open_archive(store, home, "next")) == 1
    assert_clean(archive)


def test_a_signer_refuses_what_contradicts_its_own_word(store: MemoryStore, home: Path) -> None:
    """What this home has signed and the bucket has lost stops it, whoever took it away."""
    archive = open_archive(store, home)
    older = dict(store._objects)
    leave(archive, small(2))
    store.faults = lambda op, key: Fault.KILL_BEFORE if (op, key) == ("swap", CHECKPOINT) else None
    with pytest.raises(Killed):
        sequence(archive)
    back = MemoryStore()
    for key, data in older.items():
        back.create(key, data)
    leave(open_archive(back, home), small(1))
    with pytest.raises(ArchiverError):
        sequence(open_archive(back, home, "next"))
    assert open_checkpoint(back.get(CHECKPOINT), IDENTITY.keys).size == 1


def test_another_key_publishes_nothing(store: MemoryStore, home: Path, tmp_path: Path) -> None:
    """A home with another archive's key in place stops; what waits is signed by the next one."""
    archive = open_archive(store, home)
    leave(archive, small(1))
    before = store.get(CHECKPOINT)
    wrong = replace(open_archive(store, tmp_path / "mixed"), signer=MemorySigner(ORIGIN, "other"))
    with pytest.raises(IntegrityError):
        sequence(wrong)
    assert store.get(CHECKPOINT) == before
    sequence(archive)
    assert read_state(archive).size == 2
    assert codes(archive) == []


def test_a_false_head_is_not_signed(store: MemoryStore, home: Path) -> None:
    """Who can write the bucket gets nothing signed, whatever head and bundle say."""
    archive = open_archive(store, home)
    before = store.get(CHECKPOINT)
    tree = read_state(archive).frontier
    founding, good = Frontier.empty(), signed(small(1).encode())
    added = [leaf_hash(one) for one in small(1).entries(1)]
    after, other = tree.extend(added), tree.extend([leaf_hash(b"\x01" + bytes(32))])
    stranger = signed(small(1).encode(), MemorySigner(ORIGIN, "stranger"))
    role = {"t": "role", "role": "purge-officer", "keys": ["x"], "time": TIME}
    false = [
        (Bundle(founding, [good]), founding.extend(added)),  # of the signed size
        (Bundle(tree, [stranger]), after),
        (Bundle(tree, [good]), other),
        (Bundle(tree, [good, good]), after),
        (Bundle(tree, []), after),
        (Bundle(other, [good]), other.extend(added)),
        (Bundle(founding, [good]), after),  # the true head, by another way
        (Bundle(other, [good]), after),
        (Bundle(tree, [b"no batch"]), after),
        (Bundle(tree, [signed(Batch(X, (), (role,)).encode())]), after),
    ]
    for bundle, to in false:
        head = bundle.head(to)
        store.delete(HEAD)
        store.create(HEAD, head.encode())
        store.create(head.staging, bundle.encode())
        with pytest.raises(IntegrityError) as caught:
            sequence(archive)
        assert caught.value.code == "ledger-fork"
        assert store.get(CHECKPOINT) == before
        assert read_state(archive).size == 1


def test_a_head_without_its_staging_is_not_skipped(store: MemoryStore, home: Path) -> None:
    """A head that was never published and whose bundle is gone is an error, not an empty step."""
    archive = open_archive(store, home)
    leave(archive, small(1))
    store.faults = lambda op, key: Fault.KILL_AFTER if (op, key) == ("swap", HEAD) else None
    with pytest.raises(Killed):
        sequence(archive)
    store.faults = lambda _op, _key: None
    store.delete(Head.decode(store.get(HEAD)).staging)
    with pytest.raises(StoreError):
        sequence(archive)


def test_changed_tiles_stop_the_signer(store: MemoryStore, home: Path) -> None:
    """Where a stored tile is not what the log says, nothing is signed."""
    archive = open_archive(store, home)
    signed = store.get(CHECKPOINT)
    store.create(bundle_key(0, 2), b"\x00\x01x")
    with pytest.raises(IntegrityError) as caught:
        submit(archive, "acct", small(1), {})
    assert caught.value.code == "ledger-fork"
    assert store.get(CHECKPOINT) == signed


def test_lost_races_end(store: MemoryStore, home: Path) -> None:
    """A sequencer that never wins the head gives up and says so."""
    archive = open_archive(store, home)
    leave(archive, small(1))
    races = 0

    def faults(op: str, key: str) -> None:
        nonlocal races
        if (op, key) == ("swap", HEAD):
            races += 1
            head = Head.decode(store._objects[HEAD])
            spelling = staging_key(head.size, f"{races:064x}")
            store._objects[spelling] = store._objects[head.staging]
            store._objects[HEAD] = Head(head.size, head.root, spelling).encode()

    store.faults = faults
    with pytest.raises(StoreError, match="again and again"):
        sequence(archive)
    assert races == ATTEMPTS


def test_the_daily_checkpoint_is_the_first_of_its_day(store: MemoryStore, home: Path) -> None:
    """One checkpoint a day is kept for ever: the first."""
    first = store.get("log/checkpoints/2026-11-20")
    submit(open_archive(store, home), "acct", small(1), {})
    assert store.get("log/checkpoints/2026-11-20") == first
    assert open_checkpoint(first, IDENTITY.keys).size == 1


def test_many_entries_at_once(store: MemoryStore, home: Path) -> None:
    """A bundle over several tiles leaves full tiles, and one partial tile of each level."""
    archive = open_archive(store, home)
    submit(archive, "acct", batch(named("A"), 700, batch=1, exchanges=[]), {})
    submit(archive, "acct", small(1), {})
    found = {one.key for one in store.list("log/tile/")}
    assert found == {
        *(tile_key(0, 0), tile_key(0, 1), tile_key(0, 2, 703 - 512), tile_key(1, 0, 2)),
        *(bundle_key(0), bundle_key(1), bundle_key(2, 703 - 512)),
    }
    assert codes(archive) == []


def test_the_whole_worker(store: MemoryStore, home: Path) -> None:
    """Without faults a worker's batches are all there, and a second run adds nothing."""
    Worker(open_archive(store, home, "1"), 3).run()
    Worker(open_archive(store, home, "2"), 3).run()
    fresh = open_archive(store, home, "3")
    check_whole(fresh, 3, {})
    assert len(rows(fresh)) == 6
    assert json.loads(store.get(HEAD))["size"] == 11
