"""Keys of due periods in AWS KMS, against moto's server: Amazon's own runs nowhere else.

Where another double runs (`tests.real.test_kms`), against that.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from moto.server import ThreadedMotoServer

from archiver.edges.chance import SystemRandomness
from archiver.edges.credentials import CredentialStore
from archiver.edges.keks import ChosenKeks
from archiver.edges.keys import LocalKeyStore
from archiver.edges.kms import MASTER, KmsKeks, connect
from archiver.edges.sealedfiles import SealedFiles
from archiver.errors import KeyStoreError
from archiver.formats import keyfile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PERIOD, OTHER = "unscheduled/2026-11/messages", "unscheduled/2026-11/subscribers"
DUE = "unscheduled/2026-11"
OTHER_KMS = "ARCHIVER_TEST_KMS"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of a KMS: moto's, or the one that the environment names."""
    if OTHER_KMS in os.environ:
        yield os.environ[OTHER_KMS]
        return
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "stand-in")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "stand-in")


@pytest.fixture
def keks(endpoint: str, request: pytest.FixtureRequest) -> KmsKeks:
    """Keys of an archive of this test's own."""
    name = "".join(c for c in request.node.name if c.isalnum())
    return connect(name, endpoint, "us-east-1")


def store_in(folder: Path, keks: KmsKeks) -> LocalKeyStore:
    """Return a key store whose periods KMS seals."""
    return LocalKeyStore(folder / "keys", SystemRandomness(), keks)


def test_file_keys_come_back_through_kms(tmp_path: Path, keks: KmsKeks) -> None:
    """Another process gets the same keys, and the folder holds none of them."""
    store = store_in(tmp_path, keks)
    one, two = store.new_key("one", PERIOD), store.new_key("two", OTHER)
    again = store_in(tmp_path, KmsKeks(keks._client, keks._archive))
    assert (again.key("one"), again.key("two")) == (one, two)
    assert again.periods() == (PERIOD, OTHER)
    stored = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert all(keks.open(p, f) not in stored for p, f in sealed(tmp_path))


def sealed(folder: Path) -> list[tuple[str, bytes]]:
    """Return period and file of each sealed key."""
    files = [path.read_bytes() for path in folder.glob("keys/periods/*/key")]
    return [(keyfile.period_of(data), data) for data in files]


def test_a_due_period_has_one_key_of_its_own(tmp_path: Path, keks: KmsKeks) -> None:
    """Streams of one due period share a KMS key; another due period has another."""
    store = store_in(tmp_path, keks)
    for name, period in (("1", PERIOD), ("2", OTHER), ("3", "intake/2026-11/intake")):
        store.new_key(name, period)
    names = [one["AliasName"] for one in keks._client.list_aliases(Limit=100)["Aliases"]]
    own = [name for name in names if keks._archive in name]
    assert len(own) == 2
    assert not any("unscheduled" in name for name in own)


def test_a_sealed_key_opens_in_its_place_alone(keks: KmsKeks) -> None:
    """Neither under another period, nor for another archive, nor with a changed byte."""
    data = keks.seal(PERIOD, bytes(32))
    assert keks.open(PERIOD, data) == bytes(32)
    moved = keyfile.encode_sealed(OTHER, *keyfile.open_sealed(data)[1:])
    foreign = KmsKeks(keks._client, "another")
    for period, one, broken in (
        (OTHER, keks, data),
        (OTHER, keks, moved),
        (PERIOD, foreign, data),
        (PERIOD, keks, data[:-1] + bytes([data[-1] ^ 1])),
        (PERIOD, keks, data.replace(b"aws-kms", b"aws-kmz")),
    ):
        with pytest.raises(KeyStoreError):
            one.open(period, broken)


def test_rotation_under_kms(tmp_path: Path, keks: KmsKeks) -> None:
    """A new period key, sealed by the same KMS key; file keys stay."""
    store = store_in(tmp_path, keks)
    key = store.new_key("one", PERIOD)
    before = sealed(tmp_path)
    assert store.rotate(PERIOD) == 1
    assert sealed(tmp_path) != before
    assert store.key("one") == key


def test_destroying_is_ordered_once_and_says_until_when(tmp_path: Path, keks: KmsKeks) -> None:
    """The due period's KMS key awaits its end, and until when is said."""
    store = store_in(tmp_path, keks)
    store.new_key("one", PERIOD)
    done = store.shred_due(DUE)
    assert done.objects == ("one",)
    assert "can be called back until 20" in done.survives[0]
    assert store.shred_due(DUE).survives == done.survives
    # KMS opens nothing with such a key; moto does: that it is refused is tried on another double.
    about = keks._client.describe_key(KeyId=keks._alias(DUE))["KeyMetadata"]
    assert about["KeyState"] == "PendingDeletion"
    assert keks.destroy("unscheduled/1999-01") == ""


def test_two_that_begin_at_once_use_one_key(keks: KmsKeks) -> None:
    """Who comes second to make a due period's key uses the first one's."""
    keks._make(DUE)
    keks._make(DUE)
    assert keks.open(PERIOD, keks.seal(PERIOD, bytes(32))) == bytes(32)


def test_no_answer_is_an_error_without_secrets() -> None:
    """Where nobody listens, the error says so and quotes no credential."""
    with pytest.raises(KeyStoreError) as caught:
        connect("x", "http://127.0.0.1:9", "us-east-1").seal(PERIOD, bytes(32))
    assert "stand-in" not in str(caught.value)


def test_credentials_under_kms_need_it_once_in_a_process(tmp_path: Path, keks: KmsKeks) -> None:
    """A token that a platform has just replaced is kept even where KMS answers no more."""
    chance = SystemRandomness()

    def stored(keeper: KmsKeks) -> CredentialStore:
        chosen = ChosenKeks({MASTER: lambda: keeper}, MASTER)
        files = SealedFiles(tmp_path / "credentials", keks._archive, chosen, chance)
        return CredentialStore(files, {})

    store = stored(keks)
    store.save("city", {"refresh_token": "first-token"})
    store = stored(KmsKeks(keks._client, keks._archive))
    used = store.load("city")
    silent = connect(keks._archive, "http://127.0.0.1:9", "us-east-1")
    keeper = store._files._keks._keeper(MASTER)
    assert isinstance(keeper, KmsKeks)
    keeper._client = silent._client
    store.keep("city", used, {"refresh_token": "second-token"})
    assert stored(keks).load("city") == {"refresh_token": "second-token"}
