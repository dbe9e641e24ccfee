"""New keys for periods, recipients who restore everything, readers who open what is theirs."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from archiver.edges.chance import SystemRandomness
from archiver.edges.keks import HomeKeks
from archiver.edges.keys import LocalKeyStore
from archiver.edges.perioddir import PeriodDirectory
from archiver.edges.personkey import PersonKeyFile
from archiver.edges.privatedir import PrivateDirectory
from archiver.errors import KeyStoreError
from archiver.formats import keyfile
from archiver.formats.sealing import info_of, new_pair, unseal
from archiver.keyring import Recipient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PERIOD, OTHER = "unscheduled/2026-11/messages", "unscheduled/2026-11/subscribers"
STATE, COUNTY = "a" * 26, "b" * 26
OBJECTS = ("one", "two", "three")


class Escrow:
    """Two recipients: what they give away, and what they keep."""

    def __init__(self) -> None:
        self.private: dict[str, bytes] = {}
        self.recipients: list[Recipient] = []
        for handle in (STATE, COUNTY):
            self.private[handle], public = new_pair()
            self.recipients.append(Recipient(handle, {"unscheduled/2026-11": public.hex()}))

    def opener(self, handle: str) -> Callable[[str, bytes], bytes]:
        """Return what opens sealed period keys with one recipient's private key alone."""
        return lambda period, data: unseal(data, self.private[handle], info_of(period, handle))


@pytest.fixture
def escrow() -> Escrow:
    """Two recipients of all streams of a due period."""
    return Escrow()


def open_store(home: Path, escrow: Escrow | None = None) -> LocalKeyStore:
    """Open a store whose new periods are sealed to the recipients."""
    found = escrow.recipients if escrow else []
    return LocalKeyStore(home / "keys", SystemRandomness(), recipients=lambda: found)


def fill(store: LocalKeyStore) -> dict[str, bytes]:
    """Make some keys; return them by object."""
    return {name: store.new_key(name, PERIOD) for name in OBJECTS}


def directory(home: Path, period: str = PERIOD) -> Path:
    """Return where a period lies."""
    return home / "keys" / "periods" / keyfile.period_name(period)


def test_a_new_key_changes_no_file_key(tmp_path: Path, escrow: Escrow) -> None:
    """After a rotation each object has its key, wrapped under another period key."""
    store = open_store(tmp_path, escrow)
    keys = fill(store)
    before = {path.name: path.read_bytes() for path in directory(tmp_path).iterdir()}
    assert store.rotate(PERIOD) == 3
    after = {path.name: path.read_bytes() for path in directory(tmp_path).iterdir()}
    assert before.keys() == after.keys()
    assert all(before[name] != after[name] for name in before)
    assert {name: open_store(tmp_path).key(name) for name in OBJECTS} == keys


@pytest.mark.parametrize("times", [1, 2])
def test_a_reader_is_overtaken_between_wrap_and_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """A key is read right also where its period is rotated after its wrap was read."""
    store, other = open_store(tmp_path), open_store(tmp_path)
    keys, read = fill(store), PeriodDirectory.keys
    left = [PERIOD] * times

    def overtaken(one: PeriodDirectory, period: str) -> list[bytes]:
        coming = left.copy()
        left.clear()  # a rotation reads the keys itself
        for name in coming:
            other.rotate(name)
        return read(one, period)

    monkeypatch.setattr(PeriodDirectory, "keys", overtaken)
    assert store.key("one") == keys["one"]
    assert not left


def test_what_no_key_opens_is_told(tmp_path: Path) -> None:
    """A wrap that is damaged, and stays as it is, is no wrap that a rotation made."""
    store = open_store(tmp_path)
    fill(store)
    path = directory(tmp_path) / keyfile.object_name("one")
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(KeyStoreError):
        store.key("one")


def test_the_old_key_opens_no_new_wrap(tmp_path: Path) -> None:
    """Who has stolen a period's key opens nothing that is wrapped after the rotation."""
    store = open_store(tmp_path)
    fill(store)
    stolen = keyfile.decode_period_key((directory(tmp_path) / "key").read_bytes(), PERIOD)
    store.rotate(PERIOD)
    for name in OBJECTS:
        wrap = (directory(tmp_path) / keyfile.object_name(name)).read_bytes()
        with pytest.raises(KeyStoreError):
            keyfile.open_wrap(wrap, stolen, name, PERIOD)


def test_the_old_key_is_gone(tmp_path: Path, escrow: Escrow) -> None:
    """Its bytes, and those of what it was sealed to, are overwritten and stand nowhere."""
    store = open_store(tmp_path, escrow)
    fill(store)
    names = ("key", f"to-{STATE}", f"to-{COUNTY}")
    paths = [directory(tmp_path) / name for name in names]
    secret = keyfile.decode_period_key(paths[0].read_bytes(), PERIOD)
    before = [path.read_bytes() for path in paths]
    with ExitStack() as opened:
        files = [opened.enter_context(path.open("rb")) for path in paths]
        store.rotate(PERIOD)
        left = [file.read() for file in files]
    assert all(not any(one) for one in left)  # a rename over it would leave the old blocks
    stored = b"".join(p.read_bytes() for p in (tmp_path / "keys").rglob("*") if p.is_file())
    assert all(one not in stored for one in (secret, *before))


class StoppedError(Exception):
    """The process was killed here."""


def stopping(monkeypatch: pytest.MonkeyPatch, after: int) -> Iterator[int]:
    """Let ``after`` changes of files happen, then stop at the next."""
    count = 0

    def guarded(real: Callable[..., object]) -> Callable[..., object]:
        def change(*arguments: object, **named: object) -> object:
            nonlocal count
            if count == after:
                raise StoppedError
            count += 1
            return real(*arguments, **named)

        return change

    for owner, names in ((PrivateDirectory, ("create", "replace", "shred")), (Path, ("replace",))):
        for name in names:
            monkeypatch.setattr(owner, name, guarded(getattr(owner, name)))
    yield count


def test_who_is_removed_while_a_rotation_is_stopped_stays_so(
    tmp_path: Path, escrow: Escrow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever it stopped: finished later, the new key is sealed to nobody who was removed."""
    left = Escrow()
    left.recipients = [escrow.recipients[1]]
    for after in range(0, 24, 3):
        for told in (True, False):  # before it is finished, or by finishing it
            home = tmp_path / f"{after}-{told}"
            keys = fill(open_store(home, escrow))
            with monkeypatch.context() as patch:
                next(stopping(patch, after))
                with suppress(StoppedError):
                    open_store(home, escrow).rotate(PERIOD)
            store = open_store(home, left)
            if told:
                store.share(left.recipients)
            store.rotate(PERIOD)
            assert [store.sealed()[PERIOD], list(directory(home).glob("*.next"))] == [[COUNTY], []]
            assert store.recover(COUNTY, escrow.opener(COUNTY)) == (keys, [])
            assert store.recover(STATE, escrow.opener(STATE))[0] == {}


def test_stopped_anywhere_nothing_is_lost(
    tmp_path: Path, escrow: Escrow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every change of a file: all keys can be read, restored, and the rotation finished."""
    stops = 0
    for after in range(60):
        home = tmp_path / str(after)
        keys = fill(open_store(home, escrow))
        with monkeypatch.context() as patch:
            next(stopping(patch, after))
            try:
                open_store(home, escrow).rotate(PERIOD)
            except StoppedError:
                stops += 1
        store = open_store(home, escrow)
        assert {name: store.key(name) for name in OBJECTS} == keys
        for handle in (STATE, COUNTY):
            assert store.recover(handle, escrow.opener(handle)) == (keys, [])
        made = store.new_key("late", PERIOD)
        store.rotate(PERIOD)
        assert {name: store.key(name) for name in (*OBJECTS, "late")} == {**keys, "late": made}
        assert store.recover(STATE, escrow.opener(STATE)) == ({**keys, "late": made}, [])
        assert not list(directory(home).glob("*.next"))
    assert 10 < stops < 59


def test_recipients_alone_restore_everything(tmp_path: Path, escrow: Escrow) -> None:
    """With the period keys gone, either recipient's private key gives back every file key."""
    store = open_store(tmp_path, escrow)
    keys = {**fill(store), "four": store.new_key("four", OTHER)}
    for period in (PERIOD, OTHER):
        (directory(tmp_path, period) / "key").unlink()
    for handle in (STATE, COUNTY):
        assert store.recover(handle, escrow.opener(handle)) == (keys, [])
    with pytest.raises(KeyStoreError):
        store.key("one")


def test_what_a_recipient_lacks_is_named(tmp_path: Path, escrow: Escrow) -> None:
    """A period not sealed to a recipient is lost to it, object by object."""
    store = open_store(tmp_path, escrow)
    fill(store)
    store.new_key("later", "unscheduled/2026-12/messages")
    keys, lost = store.recover(STATE, escrow.opener(STATE))
    assert (sorted(keys), lost) == (sorted(OBJECTS), ["later"])
    _, all_lost = store.recover(STATE, escrow.opener(COUNTY))
    assert sorted(all_lost) == sorted((*OBJECTS, "later"))


def test_sharing_follows_the_list(tmp_path: Path, escrow: Escrow) -> None:
    """Who is added gets the keys of old periods too; who is removed has none here any more."""
    store = open_store(tmp_path)
    keys = fill(store)
    assert store.sealed() == {PERIOD: []}
    store.share(escrow.recipients)
    assert store.sealed() == {PERIOD: [STATE, COUNTY]}
    assert store.recover(COUNTY, escrow.opener(COUNTY)) == (keys, [])
    store.share(escrow.recipients[:1])
    assert store.sealed() == {PERIOD: [STATE]}
    assert store.recover(COUNTY, escrow.opener(COUNTY)) == ({}, sorted(OBJECTS, key=_name))


def _name(object_id: str) -> str:
    return keyfile.object_name(object_id)


def test_shredding_a_due_period_says_what_survives(tmp_path: Path, escrow: Escrow) -> None:
    """All streams of the period go, and the recipients whose private keys must go too are named."""
    store = open_store(tmp_path, escrow)
    fill(store)
    store.new_key("four", OTHER)
    store.new_key("kept", "unscheduled/2026-12/messages")
    done = store.shred_due("unscheduled/2026-11")
    assert sorted(done.objects) == sorted((*OBJECTS, "four"))
    assert sorted(done.periods) == [PERIOD, OTHER]
    assert done.recipients == (STATE, COUNTY)
    assert store.object_ids() == ("kept",)
    assert store.shred_due("unscheduled/2026-11").objects == ()


def test_what_nothing_is_wrapped_under_ends(tmp_path: Path, escrow: Escrow) -> None:
    """The keys of the streams that are named, and what sealed them once there is none."""
    chance, due = SystemRandomness(), "unscheduled/2026-11"
    keks = HomeKeks(tmp_path / "keks", chance)
    store = LocalKeyStore(tmp_path / "keys", chance, keks, lambda: escrow.recipients)
    master = tmp_path / "keks" / keyfile.period_name(due)
    fill(store)
    store.new_key("four", OTHER)
    assert store.end_empty(due, ["messages", "subscribers"]).periods == ()
    for name in (*OBJECTS, "four"):
        store.shred(name)
    done = store.end_empty(due, ["messages"])
    assert (done.periods, done.recipients) == ((PERIOD,), tuple(escrow.private))
    assert (store.periods(), master.exists()) == ((OTHER,), True)
    assert store.end_empty(due, ["messages", "subscribers"]).periods == (OTHER,)
    assert (store.periods(), master.exists()) == ((), False)
    assert store.new_key("late", PERIOD) == store.key("late")


def test_a_reader_opens_the_own_streams_alone(tmp_path: Path) -> None:
    """In a shared folder a reader has what was sealed to the reader's key, and nothing else."""
    chance = SystemRandomness()
    person = PersonKeyFile.create(tmp_path / "reader.key", "c" * 26)
    reader = Recipient(person.handle, {"*/messages": person.reading})
    keks = HomeKeks(tmp_path / "home" / "keks", chance)
    shared = tmp_path / "shared"
    store = LocalKeyStore(shared, chance, keks, lambda: [reader])
    mine, other = store.new_key("mine", PERIOD), store.new_key("other", OTHER)
    theirs = LocalKeyStore(shared, chance, HomeKeks(tmp_path / "away" / "keks", chance), (), person)  # type: ignore[arg-type]  # asked for nothing
    assert theirs.key("mine") == mine
    with pytest.raises(KeyStoreError):
        theirs.key("other")
    stranger = PersonKeyFile.create(tmp_path / "stranger.key", "d" * 26)
    away = HomeKeks(tmp_path / "away" / "keks", chance)
    for who in (None, stranger):
        with pytest.raises(KeyStoreError):
            LocalKeyStore(shared, chance, away, tuple, who).key("mine")
    assert (store.key("mine"), store.key("other")) == (mine, other)


def test_a_shared_folder_holds_no_key(tmp_path: Path) -> None:
    """Whoever copies a shared folder has no byte of a period's key or a due period's."""
    chance = SystemRandomness()
    keks = HomeKeks(tmp_path / "keks", chance)
    store = LocalKeyStore(tmp_path / "shared", chance, keks)
    store.new_key("one", PERIOD)
    (path,) = (tmp_path / "shared" / "periods").iterdir()
    period_key = keks.open(PERIOD, (path / "key").read_bytes())
    stored = b"".join(p.read_bytes() for p in (tmp_path / "shared").rglob("*") if p.is_file())
    assert period_key not in stored
    (due,) = (p for p in (tmp_path / "keks").iterdir() if len(p.name) == 64)
    assert keyfile.decode_period_key(due.read_bytes(), "unscheduled/2026-11") not in stored
    store.rotate(PERIOD)
    assert store.key("one")
    store.shred_due("unscheduled/2026-11")
    assert not due.exists()


@pytest.mark.parametrize("place", range(0, 150, 7))
def test_a_changed_sealed_key_opens_nothing(tmp_path: Path, place: int) -> None:
    """Any changed byte of a period key that the home sealed is refused, with the file's name."""
    chance = SystemRandomness()
    store = LocalKeyStore(tmp_path / "s", chance, HomeKeks(tmp_path / "k", chance))
    store.new_key("one", PERIOD)
    (folder,) = (tmp_path / "s" / "periods").iterdir()
    data = bytearray((folder / "key").read_bytes())
    data[place % len(data)] ^= 1
    (folder / "key").write_bytes(data)
    with pytest.raises(KeyStoreError) as caught:
        store.key("one")
    assert caught.value.where


def test_an_unknown_period_is_not_rotated(tmp_path: Path) -> None:
    """A period without a key gets none by rotation."""
    with pytest.raises(KeyStoreError):
        open_store(tmp_path).rotate(PERIOD)
