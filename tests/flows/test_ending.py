"""Due periods under which nothing is left: their own keys end, and what nobody may lose stays."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from archiver.edges.keys import LocalKeyStore
from archiver.edges.memory import Killed
from archiver.flows.custody import custody_of
from archiver.flows.ending import end_empty, ended
from archiver.flows.executing import carry_on, execute
from archiver.flows.ledger import read_state
from archiver.formats.keyfile import due_of
from archiver.formats.sealing import info_of, new_pair, unseal
from archiver.keyring import Recipient
from archiver.retention.report import Report, Surviving, report_name
from tests.flows.helpers import Quiet
from tests.flows.test_orders import begun, ordered

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.keyring import Shredded
    from tests.flows.hall import Hall

QUIET = Quiet()
RECIPIENT = "r" * 26
WRAPS = "[0-9a-f]" * 64


@pytest.fixture
def private() -> tuple[bytes, bytes]:
    """An offline recipient's key pair."""
    return new_pair()


@pytest.fixture
def hall(first_hall: Hall, tmp_path: Path, private: tuple[bytes, bytes]) -> Hall:
    """A copy of a hall whose private messages are to go, and all its keys sealed to somebody."""
    made, (_, public) = first_hall.copy(tmp_path), private
    keys = made.archive.keys
    keys.share([Recipient(RECIPIENT, {due_of(one): public.hex() for one in keys.periods()})])
    shutil.copytree(tmp_path / "home" / "keystore", tmp_path / "backup")
    name = ordered(made, *(f"stand-in:city:messages:{one}" for one in range(1, 4)))
    begun(made, name)
    assert execute(made.archive, name, made.of("purger"), QUIET).state == "done"
    return made


def messages(hall: Hall) -> str:
    """Return the period that the messages were sealed in, as the backup has it."""
    old = LocalKeyStore(hall.folder / "backup", hall.archive.chance)
    (found,) = (one for one in old.periods() if one.endswith("/messages"))
    return found


def recovered(hall: Hall, private: bytes, to: Path, which: str) -> set[str]:
    """Return what an offline key opens of today's key store and files of the backup."""
    shutil.copytree(hall.folder / "home" / "keystore", to)
    for old in (hall.folder / "backup").glob(f"periods/*/{which}"):
        new = to / old.relative_to(hall.folder / "backup")
        new.parent.mkdir(mode=0o700, exist_ok=True)
        if not new.exists():
            shutil.copy(old, new)
    found, _ = LocalKeyStore(to, hall.archive.chance).recover(
        RECIPIENT, lambda period, data: unseal(data, private, info_of(period, RECIPIENT))
    )
    return {one for one in found if one not in set(hall.archive.keys.object_ids())}  # type: ignore[attr-defined]


def test_what_nothing_is_left_of_ends(
    hall: Hall, private: tuple[bytes, bytes], tmp_path: Path
) -> None:
    """Not in its own month; then old wraps and an offline key open nothing, and that is told."""
    archive, period, (secret, _) = hall.archive, messages(hall), private
    end_empty(archive, read_state(archive))
    assert period in archive.keys.periods()
    assert recovered(hall, secret, tmp_path / "still", WRAPS)
    hall.later(40)
    assert carry_on(archive, QUIET) == {}
    assert period not in archive.keys.periods()
    assert any(due_of(one) == due_of(period) for one in archive.keys.periods()), "the others stay"
    assert recovered(hall, secret, tmp_path / "wraps", WRAPS) == set()
    assert recovered(hall, secret, tmp_path / "sealed", "[!k]*"), "all of a backup still does"
    periods, words = ended(archive, [due_of(period)])
    assert periods == {period: [RECIPIENT]}
    assert period in words[0]
    archive.keys.new_key("units/u/late.warc.gz.c256", period)
    end_empty(archive, read_state(archive))
    assert period in archive.keys.periods(), "somebody may just be sealing"
    assert ended(archive, [due_of(period)])[0] == {}


def test_the_report_tells_who_had_the_key(hall: Hall) -> None:
    """Once the order is looked at again: that it ended, and whose copies of it still open."""
    (name,) = custody_of(hall.archive, read_state(hall.archive)).orders
    told = report(hall, name)
    assert messages(hall) in told.periods
    assert told.kept == ()
    hall.later(40)
    execute(hall.archive, name, None, QUIET)
    told = report(hall, name)
    assert messages(hall) not in told.periods
    assert told.recipients == (RECIPIENT,)
    assert told.kept == (f"any copy of the key of {messages(hall)}, which ended here",)


def report(hall: Hall, name: str) -> Surviving:
    """Return what an order's report says still opens something."""
    return Report.decode(hall.archive.home.read(report_name(name)) or b"").survivors


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_the_end_it_goes_on(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    """Before the key goes or after it: the next run ends it, and knows who had it."""
    hall.later(40)
    real = LocalKeyStore.end_empty

    def killed(store: LocalKeyStore, due: str, streams: frozenset[str]) -> Shredded:
        if after:
            real(store, due, streams)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(LocalKeyStore, "end_empty", killed)
        with pytest.raises(Killed):
            end_empty(hall.archive, read_state(hall.archive))
    end_empty(hall.archive, read_state(hall.archive))
    assert messages(hall) not in hall.archive.keys.periods()
    assert ended(hall.archive, [due_of(messages(hall))])[0] == {messages(hall): [RECIPIENT]}
