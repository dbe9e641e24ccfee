"""The key store in a bucket: without locks, whoever acts in between and wherever one dies."""

from __future__ import annotations

import random
import threading
from base64 import b64encode
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import pytest

from archiver.edges.memory import Fault, Killed
from archiver.edges.personkey import PersonKeyFile
from archiver.errors import ArchiverError, KeyStoreError, UsageError
from archiver.formats import keyfile
from archiver.formats.perioddoc import pending
from archiver.formats.sealing import info_of, new_pair, unseal
from archiver.keyring import Recipient, Shredded
from tests.edges.keybucket import MemoryBucket, Moments, store_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from archiver.edges.bucketkeys import BucketKeyStore

DUE = "unscheduled/2026-11"
PERIOD, OTHER, LATER = f"{DUE}/messages", f"{DUE}/subscribers", "unscheduled/2026-12/messages"
OBJECTS = ("one", "two", "three")
MOST = 60
"""No act here takes so many operations."""


@pytest.fixture
def bucket() -> MemoryBucket:
    """An empty bucket."""
    return MemoryBucket()


def fill(store: BucketKeyStore, period: str = PERIOD) -> dict[str, bytes]:
    """Make some keys; return them by object."""
    return {name: store.new_key(name, period) for name in OBJECTS}


@contextmanager
def allowed(*reasons: str) -> Iterator[None]:
    """Let an act be refused for one of these reasons, and for no other."""
    try:
        yield
    except KeyStoreError as error:
        if not any(reason in error.message for reason in reasons):
            raise


def read(store: BucketKeyStore, names: tuple[str, ...] = OBJECTS) -> dict[str, bytes]:
    """Return keys by object."""
    return {name: store.key(name) for name in names}


def test_keys_are_random_kept_and_shared(bucket: MemoryBucket, tmp_path: Path) -> None:
    """Every home that has what seals gets the same keys; nothing in the bucket is one of them."""
    keys = fill(store_in(bucket, tmp_path))
    again = store_in(bucket, tmp_path)
    assert len(set(keys.values())) == 3
    assert read(again) == keys == fill(again)
    assert not any(key in bucket.bytes() for key in keys.values())
    assert again.periods() == (PERIOD,)
    assert not any("one" in key or "2026" in key for key in bucket.names())
    assert again.sealed() == {PERIOD: []}


def test_one_object_has_one_period(bucket: MemoryBucket, tmp_path: Path) -> None:
    """A second period is refused, an unknown object has no key, impossible names are none."""
    store = store_in(bucket, tmp_path)
    store.new_key("one", PERIOD)
    with pytest.raises(KeyStoreError, match="due in another period"):
        store.new_key("one", OTHER)
    with pytest.raises(KeyStoreError, match="there is no key"):
        store.key("two")
    before = bucket.names()
    for name, period in (("", PERIOD), ("x", ""), ("x" * 65_536, PERIOD)):
        with pytest.raises(UsageError):
            store.new_key(name, period)
    assert bucket.names() == before


@pytest.mark.parametrize("prefix", ["periods/", "wraps/"])
def test_no_changed_bit_is_another_key(bucket: MemoryBucket, tmp_path: Path, prefix: str) -> None:
    """Each bit of a wrap and of a period's document: an error with its place, or the same key."""
    store = store_in(bucket, tmp_path)
    key = store.new_key("one", PERIOD)
    (name,) = (one for one in bucket.names() if one.startswith(prefix))
    data = bucket.get(name)
    refused = 0
    for bit in range(len(data) * 8):
        bucket.swap(name, _flipped(data, bit), _version(bucket, name))
        try:
            same = store.key("one") == key
        except KeyStoreError as error:
            refused += bool(error.where)
        else:
            assert same
    assert refused > len(data) * 7  # some bits of base64 and JSON mean nothing


def _flipped(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data) ^ 1 << bit).to_bytes(len(data))


def _version(bucket: MemoryBucket, name: str) -> str:
    found = bucket.load(name)
    assert found is not None
    return found.version


def test_a_wrap_in_anothers_place_is_refused(bucket: MemoryBucket, tmp_path: Path) -> None:
    """A wrap that was moved opens for no other object and in no other period."""
    store = store_in(bucket, tmp_path)
    store.new_key("one", PERIOD)
    store.new_key("two", PERIOD)
    first, second = (one for one in bucket.names() if one.startswith("wraps/"))
    moved = bucket.get(second)
    bucket.swap(first, moved, _version(bucket, first))
    with pytest.raises(KeyStoreError, match="under the name of another"):
        read(store, ("one", "two"))


# ── Others in between ────────────────────────────────────────────────────────────────────


def _acts(other: BucketKeyStore) -> dict[str, Callable[[], object]]:
    return {
        "rotate": lambda: other.rotate(PERIOD),
        "twice": lambda: (other.rotate(PERIOD), other.rotate(PERIOD)),
        "ask": lambda: other.new_key("late", PERIOD),
        "first": lambda: other.new_key("other", PERIOD),
        "shred": lambda: other.shred_due(DUE),
        "share": lambda: other.share([Recipient("b" * 26, {"*": new_pair()[1].hex()})]),
    }


@pytest.mark.parametrize("act", _acts(None))  # type: ignore[arg-type]  # only its names
@pytest.mark.parametrize("filled", [True, False])
def test_a_writer_is_overtaken_at_every_operation(
    tmp_path: Path, act: str, *, filled: bool
) -> None:
    """Whatever others do before any operation of a writer, the key it was given can be read."""
    came = 0
    for at in range(MOST):
        bucket = MemoryBucket()
        store, other = store_in(bucket, tmp_path), store_in(bucket, tmp_path)
        if filled:
            fill(other)
        bucket.faults = moments = Moments(at, partial(_tolerant, _acts(other)[act]))
        key = None
        with allowed(*(["is gone", "has not the key"] if act == "shred" else [])):
            key = store.new_key("late", PERIOD)
        came, last = came + moments.came, not moments.came
        moments.came = True
        if key is not None:
            assert store_in(bucket, tmp_path).key("late") == key
            assert other.new_key("late", PERIOD) == key
        if last:
            break
    assert came >= 4


def _keep(made: list[object], act: Callable[[], object]) -> None:
    made.append(act())


def _tolerant(act: Callable[[], object]) -> None:
    """Do what may be refused: there is nothing to rotate yet."""
    with allowed("is gone"):
        act()


@pytest.mark.parametrize("act", _acts(None))  # type: ignore[arg-type]  # only its names
def test_a_rotation_is_overtaken_at_every_operation(tmp_path: Path, act: str) -> None:
    """Whatever others do before any operation of a rotation, every key that is kept opens."""
    came = 0
    for at in range(MOST):
        bucket = MemoryBucket()
        store, other = store_in(bucket, tmp_path), store_in(bucket, tmp_path)
        keys = fill(other)
        made: list[object] = []
        acts = _acts(other)
        bucket.faults = moments = Moments(at, partial(_keep, made, acts[act]))
        with allowed(*(["is gone", "has not the key"] if act == "shred" else [])):
            store.rotate(PERIOD)
        came, last = came + moments.came, not moments.came
        moments.came = True
        if act == "shred" and not last:
            assert not [one for one in bucket.names() if one.startswith("wraps/")]
        else:
            assert read(store_in(bucket, tmp_path)) == keys
        if act == "ask" and not last:
            assert store.key("late") == made[0]
        if last:
            break
    assert came >= 10


def test_a_shredding_is_overtaken_at_every_operation(tmp_path: Path) -> None:
    """A key made meanwhile is shredded, and told, only with the period key that it was under."""
    told = []
    for at in range(MOST):
        bucket = MemoryBucket()
        store, other = store_in(bucket, tmp_path), store_in(bucket, tmp_path)
        store.new_key("one", PERIOD)
        store.shred("one")
        made: list[object] = []
        act = partial(other.new_key, "late", PERIOD)
        bucket.faults = moments = Moments(at, partial(_keep, made, act))
        done = store.shred_period(PERIOD)
        last, moments.came = not moments.came, True
        if last:
            break
        told.append(done.objects)
        if done.objects:
            assert other.periods() == ()
        else:
            assert other.key("late") == made[0]
    assert ("late",) in told
    assert () in told


@pytest.mark.parametrize("act", ["rotate", "twice"])
def test_a_reader_is_overtaken_at_every_operation(tmp_path: Path, act: str) -> None:
    """A key is read right also where its period is rotated between two of the reads."""
    for at in range(MOST):
        bucket = MemoryBucket()
        store, other = store_in(bucket, tmp_path), store_in(bucket, tmp_path)
        keys = fill(other)
        bucket.faults = moments = Moments(at, _acts(other)[act])
        assert store.key("one") == keys["one"]
        if not moments.came:
            break
    assert at >= 3


def test_two_who_ask_with_different_periods(tmp_path: Path) -> None:
    """At every operation: at most one gets a key, and whoever gets one can read it."""
    for at in range(MOST):
        bucket = MemoryBucket()
        store, other = store_in(bucket, tmp_path), store_in(bucket, tmp_path)
        given: list[bytes] = []

        def ask(one: BucketKeyStore, period: str, given: list[bytes] = given) -> None:
            with allowed("another period"):
                given.append(one.new_key("late", period))

        bucket.faults = moments = Moments(at, partial(ask, other, OTHER))
        ask(store, PERIOD)
        last, moments.came = not moments.came, True
        assert len(given) == 1
        assert store.key("late") == given[0]
        if last:
            break


def test_holders_of_two_periods(bucket: MemoryBucket, tmp_path: Path) -> None:
    """A written wrap stands beside a holder of who was refused; two holders refuse everybody."""
    store = store_in(bucket, tmp_path)
    key = store.new_key("one", PERIOD)
    stray = keyfile.object_name("one"), keyfile.period_name(OTHER)
    bucket.create("/".join(("wraps", *stray)), pending("one", OTHER, bytes(16)))
    assert store.new_key("one", PERIOD) == store.key("one") == key
    for period in (PERIOD, OTHER):
        name = "/".join(("wraps", keyfile.object_name("two"), keyfile.period_name(period)))
        bucket.create(name, pending("two", period, bytes(16)))
    for object_id, period in (("one", OTHER), ("two", OTHER), ("two", PERIOD)):
        with pytest.raises(KeyStoreError, match="due in another period"):
            store.new_key(object_id, period)
    assert store.rotate(PERIOD) == 1
    assert store.shred("two") == Shredded(objects=("two",))
    assert len(store.new_key("two", OTHER)) == 32


# ── Dying ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.LOST])
def test_stopped_anywhere_nothing_is_lost(tmp_path: Path, fault: Fault) -> None:
    """At every operation of making and rotating: what was given opens, the next one finishes."""
    stops = 0
    for at in range(MOST):
        bucket = MemoryBucket()
        keys = fill(store_in(bucket, tmp_path))
        bucket.faults = moments = Moments(at, fault)
        store = store_in(bucket, tmp_path)
        try:
            keys["late"] = store.new_key("late", PERIOD)
            store.rotate(PERIOD)
            keys["new"] = store.new_key("new", OTHER)
        except (Killed, ArchiverError):
            stops += 1
        moments.came = True
        again = store_in(bucket, tmp_path)
        assert read(again, tuple(keys)) == keys
        late = again.new_key("late", PERIOD)
        again.rotate(PERIOD)
        assert read(again) == {name: keys[name] for name in OBJECTS}
        assert again.key("late") == late
        if stops == at:
            break
    assert 20 < stops < MOST


@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER])
def test_shredding_is_finished_by_the_next(tmp_path: Path, fault: Fault) -> None:
    """Stopped at any operation, a second shredding leaves nothing of the period, and all else."""
    stops = 0
    for at in range(MOST):
        bucket = MemoryBucket()
        keys = fill(store_in(bucket, tmp_path))
        kept = store_in(bucket, tmp_path).new_key("kept", LATER)
        bucket.faults = moments = Moments(at, fault)
        try:
            store_in(bucket, tmp_path).shred_due(DUE)
        except Killed:
            stops += 1
        moments.came = True
        again = store_in(bucket, tmp_path)
        again.shred_due(DUE)
        assert again.key("kept") == kept
        assert len(bucket.names()) == 2
        assert again.shred_due(DUE) == Shredded()
        assert not any(key in bucket.bytes() for key in keys.values())
        if stops == at:
            break
    assert 15 < stops < MOST


def test_a_lost_document_is_not_replaced(bucket: MemoryBucket, tmp_path: Path) -> None:
    """Where wraps lack their period's key no new one is made; shredding the period mends it."""
    store = store_in(bucket, tmp_path)
    store.new_key("one", PERIOD)
    (document,) = (one for one in bucket.names() if one.startswith("periods/"))
    bucket.delete(document)
    acts: list[Callable[[], object]] = [
        lambda: store.key("one"),
        lambda: store.new_key("two", PERIOD),
        lambda: store.rotate(PERIOD),
    ]
    for act in acts:
        with pytest.raises(KeyStoreError, match="is gone"):
            act()
    assert store.shred_due(DUE) == Shredded(objects=("one",))
    assert len(store.new_key("two", PERIOD)) == 32


# ── Forgetting ───────────────────────────────────────────────────────────────────────────


def test_a_bucket_that_keeps_versions_takes_no_key(tmp_path: Path) -> None:
    """It is refused before anything is written, in making and in rotating."""
    bucket = MemoryBucket(versioned=True)
    store = store_in(bucket, tmp_path)
    for act in (lambda: store.new_key("one", PERIOD), lambda: store.rotate(PERIOD)):
        with pytest.raises(KeyStoreError) as caught:
            act()
        assert caught.value.code == "keystore-versions"
    assert bucket.names() == []


def test_shredding_says_what_a_bucket_keeps(tmp_path: Path) -> None:
    """Where versions were switched on later, every one that stays is named."""
    bucket = MemoryBucket()
    store = store_in(bucket, tmp_path)
    fill(store)
    bucket._older = []  # somebody switches versions on
    done = store.shred("one")
    assert (done.objects, len(done.survives)) == (("one",), 1)
    assert "version 0 of wraps/" in done.survives[0]
    due = store.shred_due(DUE)
    assert sorted(due.objects) == ["three", "two"]
    assert sum("of periods/" in one for one in due.survives) == 1
    assert sum("of wraps/" in one for one in due.survives) == 2


def test_shred_takes_one_key(bucket: MemoryBucket, tmp_path: Path) -> None:
    """A shredded object has no key, its neighbours have; asked again it gets another."""
    store = store_in(bucket, tmp_path)
    keys = fill(store)
    assert store.shred("one") == Shredded(objects=("one",))
    assert store.shred("one") == Shredded()
    with pytest.raises(KeyStoreError):
        store.key("one")
    assert store.key("two") == keys["two"]
    assert store.new_key("one", PERIOD) != keys["one"]


# ── Recipients and readers ───────────────────────────────────────────────────────────────


def test_recipients_alone_restore_everything(bucket: MemoryBucket, tmp_path: Path) -> None:
    """With what seals gone, a private key gives back every file key, before and after rotations."""
    private, public = new_pair()
    handle = "a" * 26
    mine = [Recipient(handle, {DUE: public.hex()})]
    store = store_in(bucket, tmp_path, recipients=lambda: mine)
    keys = {**fill(store), "four": store.new_key("four", OTHER)}
    stray = store.new_key("five", LATER)
    assert store.sealed() == {PERIOD: [handle], OTHER: [handle], LATER: []}

    def opened(period: str, data: bytes) -> bytes:
        return unseal(data, private, info_of(period, handle))

    lost = store_in(bucket, tmp_path / "away")
    assert lost.recover(handle, opened) == (keys, ["five"])
    store.rotate(PERIOD)
    assert lost.recover(handle, opened) == (keys, ["five"])
    store.share([])
    assert store.sealed() == {PERIOD: [], OTHER: [], LATER: []}
    assert lost.recover(handle, opened)[0] == {}
    store.share([Recipient(handle, {"*": public.hex()})])
    assert lost.recover(handle, opened) == ({**keys, "five": stray}, [])
    assert store.shred_due(DUE).recipients == (handle,)


def test_a_stopped_rotation_seals_to_nobody_removed(bucket: MemoryBucket, tmp_path: Path) -> None:
    """Who was removed between two attempts at a rotation has the next key no more."""
    gone, stays = (Recipient(name * 26, {"*": new_pair()[1].hex()}) for name in "ab")
    store = store_in(bucket, tmp_path, recipients=lambda: [gone, stays])
    fill(store)
    bucket.faults = moments = Moments(8, Fault.KILL_BEFORE)
    with pytest.raises(Killed):
        store.rotate(PERIOD)
    moments.came = True
    found = store._periods.load(keyfile.period_name(PERIOD))
    assert found is not None
    assert [sorted(one.sealed) for one in found.document.keys] == [["a" * 26, "b" * 26]] * 2
    again = store_in(bucket, tmp_path, recipients=lambda: [stays])
    again.rotate(PERIOD)
    assert again.sealed() == {PERIOD: ["b" * 26]}


def test_a_reader_opens_the_own_streams_alone(bucket: MemoryBucket, tmp_path: Path) -> None:
    """A home with a reader's key alone reads its stream, and makes no key that others lack."""
    person = PersonKeyFile.create(tmp_path / "reader.key", "c" * 26)
    reader = Recipient(person.handle, {"*/messages": person.reading})
    store = store_in(bucket, tmp_path, recipients=lambda: [reader])
    mine = store.new_key("mine", PERIOD)
    store.new_key("other", OTHER)
    theirs = store_in(bucket, tmp_path / "away", person=person)
    assert theirs.key("mine") == mine
    acts: list[Callable[[], object]] = [
        lambda: theirs.key("other"),
        lambda: theirs.new_key("more", PERIOD),
    ]
    for act in acts:
        with pytest.raises(KeyStoreError, match="has not the key of the due period"):
            act()
    store.rotate(PERIOD)
    assert theirs.key("mine") == mine


def test_the_old_key_opens_no_new_wrap(bucket: MemoryBucket, tmp_path: Path) -> None:
    """Whoever has stolen a period's key opens nothing that is wrapped after the rotation."""
    store = store_in(bucket, tmp_path)
    keys = fill(store)
    found = store._periods.load(keyfile.period_name(PERIOD))
    assert found is not None
    (stolen,) = store._periods.keys(found.document)
    assert store.rotate(PERIOD) == 3
    for key in (one for one in bucket.names() if one.startswith("wraps/")):
        data = bucket.get(key)
        with pytest.raises(KeyStoreError):
            keyfile.open_wrap(data, stolen, *keyfile.wrapped_names(data))
    assert read(store) == keys


def test_the_old_key_is_gone(bucket: MemoryBucket, tmp_path: Path) -> None:
    """After a rotation no object has the old key, as it was kept or as it was sealed to anybody."""
    gets = [Recipient(name * 26, {"*": new_pair()[1].hex()}) for name in "ab"]
    store = store_in(bucket, tmp_path, recipients=lambda: gets)
    fill(store)
    found = store._periods.load(keyfile.period_name(PERIOD))
    assert found is not None
    (old,) = found.document.keys
    store.rotate(PERIOD)
    left = store._periods.load(keyfile.period_name(PERIOD))
    assert left is not None
    (new,) = left.document.keys
    assert new.file != old.file
    assert new.sealed.keys() == old.sealed.keys()
    kept = [old.file, *old.sealed.values(), *store._periods.keys(found.document)]
    spelled = {how(one) for one in kept for how in (bytes, b64encode)}
    stored = [bucket.get(name) for name in bucket.names()]
    assert not any(one in data for one in spelled for data in stored)


def test_many_at_once(bucket: MemoryBucket, tmp_path: Path) -> None:
    """Writers of the same objects and rotations, all at once: one key an object, all readable."""
    given: list[dict[str, bytes]] = []

    def write(seed: int) -> None:
        store = store_in(bucket, tmp_path)
        names = [f"object-{number}" for number in range(25)]
        random.Random(seed).shuffle(names)
        given.append({name: store.new_key(name, PERIOD) for name in names})

    def rotate() -> None:
        store = store_in(bucket, tmp_path)
        for _ in range(6):
            store.rotate(PERIOD)

    store_in(bucket, tmp_path).new_key("first", PERIOD)
    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(3)]
    threads += [threading.Thread(target=rotate) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(given) == 3
    assert given[0] == given[1] == given[2]
    assert read(store_in(bucket, tmp_path), tuple(given[0])) == given[0]


# ── The end of what is empty ─────────────────────────────────────────────────────────────


def test_a_period_ends_once_nothing_is_wrapped(bucket: MemoryBucket, tmp_path: Path) -> None:
    """Of the streams that are named, and not before; it can be made anew."""
    store = store_in(bucket, tmp_path)
    store.new_key("one", PERIOD)
    store.new_key("two", OTHER)
    assert store.end_empty(DUE, ["messages", "subscribers"]) == Shredded()
    store.shred("one")
    store.shred("two")
    assert store.end_empty(DUE, ["messages"]).periods == (PERIOD,)
    assert store.periods() == (OTHER,)
    assert store.end_empty(DUE, ["messages", "subscribers"]).periods == (OTHER,)
    assert store.new_key("late", PERIOD) == store.key("late")


def test_who_seals_while_a_period_ends_loses_nothing(tmp_path: Path) -> None:
    """At every operation of it: what was given opens, before and after."""
    for at in range(MOST):
        bucket = MemoryBucket()
        store, other = store_in(bucket, tmp_path), store_in(bucket, tmp_path)
        fill(store)
        for name in OBJECTS:
            store.shred(name)
        made: list[bytes] = []

        def seal(other: BucketKeyStore = other, made: list[bytes] = made) -> None:
            made.append(other.new_key("late", PERIOD))

        bucket.faults = moments = Moments(at, seal)
        store.end_empty(DUE, ["messages"])
        if not moments.came:
            break
        assert other.key("late") == made[0]
        assert store.periods() == (PERIOD,)
    assert at >= 4


def test_whoever_seals_loses_nothing_to_an_end(tmp_path: Path) -> None:
    """The same the other way round: a period ends at every operation of who makes a key."""
    for at in range(MOST):
        bucket = MemoryBucket()
        store, other = store_in(bucket, tmp_path), store_in(bucket, tmp_path)
        store.new_key("one", PERIOD)
        store.shred("one")
        bucket.faults = moments = Moments(at, partial(other.end_empty, DUE, ["messages"]))
        key = store.new_key("late", PERIOD)
        if not moments.came:
            break
        assert other.key("late") == key
    assert at >= 4
