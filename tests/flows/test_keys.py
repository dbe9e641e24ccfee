"""Keys of a real archive: sealed to recipients, rotated, restored, shredded."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from archiver.errors import KeyStoreError, RefusedError, UsageError
from archiver.flows import keys, people
from archiver.flows.documents import seal_documents
from archiver.flows.drill import drill, last_drill
from archiver.flows.ledger import read_state
from archiver.flows.shredding import shred_due, shred_files
from archiver.flows.verify import verify
from archiver.formats import keyfile
from archiver.keyring import Recipient
from archiver.wire import create_person_key, create_recipient_keys, open_person_key, recipient_keys
from tests.flows.conftest import Silent, opened

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive

NAMES = ("state", "county")


@pytest.fixture
def escrowed(copy: Path) -> Path:
    """The captured archive, with two offline recipients of all its periods."""
    archive = opened(copy)
    clerk = create_person_key(copy / "clerk.key")
    people.enrol(archive, clerk, "R. Alvarez", "", ["records-manager"])
    dues = sorted({period.rpartition("/")[0] for period in archive.keys.periods()})
    for name in NAMES:
        public = create_recipient_keys(copy / name, dues)
        keys.add_recipient(archive, public, name, [clerk])
    return copy


def _drill(archive: Archive, folder: Path, name: str, sample: int = 0) -> tuple[int, int]:
    handle, private = recipient_keys(folder / name)
    made = drill(archive, handle, private, Silent(), sample=sample)
    return made.files, len(made.lost)


def test_recipients_alone_open_every_file(escrowed: Path) -> None:
    """A drill with either recipient's keys opens every encrypted file, and is in the ledger."""
    archive = opened(escrowed)
    assert keys.escrow(archive, read_state(archive)) == (len(archive.keys.periods()),) * 2
    files, lost = _drill(archive, escrowed, "state")
    assert files > 20
    assert lost == 0
    entry = last_drill(read_state(archive))
    assert entry is not None
    assert (entry["files"], entry["lost"]) == (files, 0)
    assert verify(archive, Silent(), deep=True).findings == []


def test_the_key_store_is_lost_and_restored(escrowed: Path) -> None:
    """Without a single period key, a recipient's private keys open a drawn sample and all."""
    archive = opened(escrowed)
    _drill(archive, escrowed, "county")  # seals while keys are here
    for path in escrowed.glob("home/*/keystore/periods/*/key"):
        path.unlink()
    handle, private = recipient_keys(escrowed / "county")
    found, lost = archive.keys.recover(
        handle, lambda period, data: _open(private, period, data, handle)
    )
    assert lost == []
    assert len(found) > 20
    with pytest.raises(KeyStoreError):
        archive.keys.key(next(iter(found)))


def _open(private: dict[str, bytes], period: str, data: bytes, handle: str) -> bytes:
    from archiver.formats.sealing import info_of, unseal  # noqa: PLC0415 - used here alone

    return unseal(data, private[period.rpartition("/")[0]], info_of(period, handle))


def test_what_can_not_be_restored_is_named(escrowed: Path) -> None:
    """A recipient that lost a private key loses the files of its period, and they are named."""
    archive = opened(escrowed)
    for path in escrowed.glob("state/intake-*.key"):
        path.unlink()
    files, lost = _drill(archive, escrowed, "state", sample=3)
    assert files == 3
    assert lost > 0
    entry = last_drill(read_state(archive))
    assert entry is not None
    assert entry["lost"] == lost


def test_rotation_rewrites_no_content(escrowed: Path) -> None:
    """Every period has a new key, every stored file its old bytes, and all opens."""
    archive = opened(escrowed)
    before = {p: p.read_bytes() for p in (escrowed / "archive" / "u").rglob("*") if p.is_file()}
    made = keys.rotate(archive, [], Silent())
    assert made["periods"] == len(archive.keys.periods())
    assert made["keys"] > 20
    assert all(path.read_bytes() == data for path, data in before.items())
    assert _drill(archive, escrowed, "state")[1] == 0
    assert verify(opened(escrowed), Silent(), deep=True).findings == []
    with pytest.raises(UsageError):
        keys.rotate(archive, ["unscheduled/1999-01/posts"], Silent())


def test_shredding_lists_what_survives(escrowed: Path) -> None:
    """Keys of a due period are gone; recipients, plain files and stray wraps are named."""
    archive = opened(escrowed)
    due = next(p.rpartition("/")[0] for p in archive.keys.periods() if p.startswith("unsched"))
    stray = next(
        name for name in archive.keys.object_ids()  # type: ignore[attr-defined]  # of the local key store
        if f"unscheduled/{due[-7:]}" in due and _period(archive, name) == due
    )  # fmt: skip
    archive.keys.share([])
    shred = shred_due(archive, due)
    assert (shred.recipients, shred.formerly, shred.kept, shred.periods) == ((), (), (), ())
    assert len(shred.plain) > 3
    assert stray in shred.shredded
    assert shred.wraps == ()
    with pytest.raises(KeyStoreError):
        archive.keys.key(stray)


def _period(archive: Archive, name: str) -> str:
    for one in read_state(archive).segments():
        if name.startswith(f"u/{one.unit}/{one.name}."):
            return f"{one.series}/{one.period}"
    return ""


def test_recipients_of_a_shredded_period_are_named(escrowed: Path) -> None:
    """Whoever can still open a copy of a sealed key stands in the list, by handle."""
    archive = opened(escrowed)
    handles = {recipient_keys(escrowed / name)[0] for name in NAMES}
    due = next(p.rpartition("/")[0] for p in archive.keys.periods() if p.startswith("intake"))
    assert set(shred_due(archive, due).recipients) == handles


def test_shredding_single_files_lists_the_period_key(escrowed: Path) -> None:
    """Its wrap goes; the period's key, who has it and who had it once stand in the list."""
    archive = opened(escrowed)
    clerk = open_person_key(escrowed / "clerk.key")
    removed, kept = (recipient_keys(escrowed / name)[0] for name in NAMES)
    keys.remove_recipient(archive, removed, [clerk])
    name = next(n for n in archive.keys.object_ids() if n.startswith("u/"))  # type: ignore[attr-defined]  # of the local key store
    plain = next(n for n in _stored(escrowed) if n.endswith(".parquet"))
    found = shred_files(archive, {name, plain})
    assert found.shredded == (name,)
    assert (found.wraps, found.plain, found.kept) == ((), (plain,), ())
    assert (found.recipients, found.formerly) == ((kept,), (removed,))
    dues = {_period(archive, one) for one in (name, plain)}
    assert {period.rpartition("/")[0] for period in found.periods} == dues
    with pytest.raises(KeyStoreError):
        archive.keys.key(name)


def _stored(folder: Path) -> list[str]:
    root = folder / "archive"
    return [p.relative_to(root).as_posix() for p in (root / "u").rglob("*") if p.is_file()]


def test_a_wrap_that_came_back_is_named(escrowed: Path) -> None:
    """A key store put together from a backup still opens a file that was shredded: it is named."""
    archive = opened(escrowed)
    due = next(p.rpartition("/")[0] for p in archive.keys.periods() if p.startswith("unsched"))
    (place,) = (escrowed / "home").glob("*/keystore/periods")
    names = archive.keys.object_ids()  # type: ignore[attr-defined]  # of the local key store
    name = next(one for one in names if _period(archive, one) == due)
    key = archive.keys.key(name)
    stray = "elsewhere/2026-01/posts"
    archive.keys.new_key("other", stray)
    wrap = place / keyfile.period_name(stray) / keyfile.object_name(name)
    wrap.write_bytes(keyfile.wrap(key, _period_key(wrap), bytes(12), name, stray))
    wrap.chmod(0o600)
    assert shred_due(archive, due).wraps == (name,)


def _period_key(wrap: Path) -> bytes:
    data = wrap.with_name("key").read_bytes()
    return keyfile.decode_period_key(data, keyfile.period_of(data))


def test_only_who_governs_adds_a_recipient(escrowed: Path) -> None:
    """No signature, or a stranger's, adds nobody; a file that is none is refused."""
    archive = opened(escrowed)
    public = create_recipient_keys(escrowed / "third", ["intake/2026-11"])
    for signers in ([], [create_person_key(escrowed / "stranger.key")]):
        with pytest.raises(RefusedError):
            keys.add_recipient(archive, public, "third", signers)
    with pytest.raises(UsageError):
        keys.add_recipient(archive, {"recipient": "x", "keys": {}}, "third", [])
    for odd in ("00" * 32, "01" + "00" * 31):  # points of small order: sealing to one fails
        with pytest.raises(UsageError):
            keys.add_recipient(archive, {**public, "keys": {"intake/2026-11": odd}}, "third", [])
    (key,) = dict(public)["keys"].values()  # type: ignore[attr-defined]  # as it was made
    for all_of_it in ("*", "*/messages", "intake", "intake/2026-11/messages"):
        with pytest.raises(UsageError):
            keys.add_recipient(archive, {**public, "keys": {all_of_it: key}}, "third", [])
    with pytest.raises(UsageError):
        keys.remove_recipient(archive, "a" * 26, [])


def test_a_changed_document_seals_to_nobody(escrowed: Path) -> None:
    """Public keys that the ledger did not commit to are not sealed to."""
    archive = opened(escrowed)
    state = read_state(archive)
    handle = recipient_keys(escrowed / "state")[0]
    name = f"recipient/{handle}"
    false = {"recipient": handle, "name": "state", "keys": {"*": "ab" * 32}, "salt": "00" * 32}
    seal_documents(archive, {name: false}, [])
    assert Recipient(handle, {"*": "ab" * 32}) not in keys.entitled(archive, read_state(archive))
    assert keys.entitled(archive, read_state(archive)) == keys.entitled(archive, state)


def test_removing_takes_the_seals(escrowed: Path) -> None:
    """Who is removed is sealed to no more, in old periods and new ones."""
    archive = opened(escrowed)
    clerk = create_person_key(escrowed / "second.key")
    people.enrol(archive, clerk, "C. Okafor", "", [])
    handle = recipient_keys(escrowed / "state")[0]
    keys.remove_recipient(archive, handle, [open_person_key(escrowed / "clerk.key")])
    assert all(handle not in handles for handles in archive.keys.sealed().values())
    assert [one["name"] for one in keys.listed(archive)["recipients"]] == ["county"]
    shutil.rmtree(escrowed / "state")
