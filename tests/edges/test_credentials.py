"""Platform credentials in their files."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from archiver.edges.chance import SystemRandomness
from archiver.edges.credentials import CredentialStore
from archiver.edges.keks import FILE, MASTER, ChosenKeks, FileKeks, HomeKeks
from archiver.edges.sealedfiles import SealedFiles
from archiver.errors import KeyStoreError, UsageError
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from archiver.keyring import Keks

SECRET = "s3cret-sentinel-7741"
CHANCE = SystemRandomness()
NEVER: dict[str, str] = {}


def files(
    folder: Path, chosen: str = MASTER, key: Path | None = None, *, beside: str = "keks"
) -> SealedFiles:
    """Return sealed files in a folder, with the key of all in a home beside it, or in a file."""
    keepers: dict[str, Callable[[], Keks]] = {
        MASTER: lambda: HomeKeks(folder.parent / f"{folder.name}-{beside}", CHANCE)
    }
    if key is not None:
        keepers[FILE] = lambda: FileKeks(key, CHANCE)
    return SealedFiles(folder, "archive-1", ChosenKeks(keepers, chosen), CHANCE)


def stored(folder: Path, environ: dict[str, str] | None = None) -> CredentialStore:
    """Return the credentials in a folder."""
    return CredentialStore(files(folder), NEVER if environ is None else environ)


def plain(folder: Path, name: str = "city") -> bytes:
    """Return what an account's file says, opened."""
    return files(folder).read(sha256(name.encode()).hexdigest()) or b""


def rewrite(folder: Path, data: bytes) -> None:
    """Have an account's file say something else."""
    held = files(folder)
    with held.writing():
        held.write(sha256(b"city").hexdigest(), data)


def test_credential_comes_back(tmp_path: Path) -> None:
    """What was saved for an account is loaded for it, the newest of two."""
    store = stored(tmp_path / "credentials")
    store.save("city", {"user": "clerk", "password": "old"})
    store.save("city", {"user": "clerk", "password": SECRET})
    store.save("county", {})
    assert store.load("city") == {"user": "clerk", "password": SECRET}
    assert store.load("county") == {}


@pytest.mark.parametrize(
    "account", ["../../etc/passwd", "/abs", "a/b", "ÅÄÖ 市", "x" * 5000, "\ud800"]
)
def test_no_account_name_reaches_a_path(tmp_path: Path, account: str) -> None:
    """Any account name gives one file inside the directory, 0600, named by its hash alone."""
    store = stored(tmp_path / "credentials")
    store.save(account, {"token": SECRET})
    assert store.load(account) == {"token": SECRET}
    (path,) = (tmp_path / "credentials").glob("*.sealed")
    assert len(path.name) == 71
    assert path.stat().st_mode & 0o777 == 0o600
    assert {one.name for one in tmp_path.iterdir()} == {"credentials", "credentials-keks"}


def test_references_are_resolved_at_each_load(tmp_path: Path) -> None:
    """An env: value is looked up whenever it is loaded, and the secret is in no file."""
    environ = {"CITY_TOKEN": SECRET}
    store = stored(tmp_path, environ)
    store.save("city", {"token": "env:CITY_TOKEN"})
    assert store.load("city") == {"token": SECRET}
    environ["CITY_TOKEN"] = "next"
    assert store.load("city") == {"token": "next"}
    assert SECRET.encode() not in plain(tmp_path)


def test_process_environment_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a mapping of its own, a store looks references up in the environment."""
    monkeypatch.setenv("CITY_TOKEN", SECRET)
    store = CredentialStore(files(tmp_path))
    store.save("city", {"token": "env:CITY_TOKEN"})
    assert store.load("city") == {"token": SECRET}


def test_unset_variable_is_named(tmp_path: Path) -> None:
    """A reference to a variable that is not set gives an error that names it."""
    store = stored(tmp_path, {})
    store.save("city", {"token": "env:CITY_TOKEN"})
    with pytest.raises(KeyStoreError, match="set CITY_TOKEN"):
        store.load("city")


@pytest.mark.parametrize("value", ["env:", "env:" + SECRET, "env:A B", "env:Ä"])
def test_secret_that_looks_like_a_reference_is_refused_unquoted(tmp_path: Path, value: str) -> None:
    """A value after env: that names no variable is refused, and is not shown."""
    with pytest.raises(UsageError) as caught:
        stored(tmp_path).save("city", {"token": value})
    assert SECRET not in str(caught.value)
    assert list(tmp_path.glob("*.sealed")) == []


def test_unknown_account_says_what_to_do(tmp_path: Path) -> None:
    """An account without credential gives an error that says how to give one."""
    with pytest.raises(KeyStoreError, match="archiver account add"):
        stored(tmp_path).load("city")


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"\xff" + SECRET.encode(),
        b'{"account": "city", "credential": "' + SECRET.encode(),
        b"[]",
        b'{"account": "other", "credential": {}}',
        b'{"account": "city", "credential": {"token": 7}}',
    ],
)
def test_damaged_file_is_refused_and_not_shown(tmp_path: Path, damage: bytes) -> None:
    """A damaged file is an error from which nothing of the file can be had."""
    store = stored(tmp_path)
    rewrite(tmp_path, damage)
    with pytest.raises(KeyStoreError, match="damaged") as caught:
        store.load("city")
    assert caught.value.__context__ is None
    assert SECRET not in str(caught.value)


def test_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """A credential file open to others is not used."""
    store = stored(tmp_path)
    store.save("city", {"token": SECRET})
    next(tmp_path.glob("*.sealed")).chmod(0o640)
    with pytest.raises(KeyStoreError, match="chmod 600"):
        store.load("city")


def test_values_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """Numbers for texts, and an account without a name, are refused."""
    store = stored(tmp_path)
    with pytest.raises(UsageError):
        store.save("city", {"port": 7})  # type: ignore[dict-item]  # the mistake under test
    with pytest.raises(UsageError):
        store.save("", {})


def test_store_shows_no_secret(tmp_path: Path) -> None:
    """The repr of the store holds no credential that it has loaded."""
    store = stored(tmp_path, {"CITY_TOKEN": SECRET})
    store.save("city", {"token": "env:CITY_TOKEN", "password": SECRET})
    store.load("city")
    assert SECRET not in repr(store)


def test_what_a_platform_replaced_is_kept_in_place_of_the_old(tmp_path: Path) -> None:
    """A value that stands in the file itself is written over: the old one is good for nothing."""
    store = stored(tmp_path)
    store.save("city", {"client_id": "app", "refresh_token": "first-token"})
    used = store.load("city")
    assert store.keep("city", used, {"refresh_token": "second-token"}) == ()
    assert store.load("city") == {"client_id": "app", "refresh_token": "second-token"}
    assert b"first-token" not in plain(tmp_path)
    (path,) = tmp_path.glob("*.sealed")
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_comes_from_a_variable_is_kept_here_until_it_is_set_anew(tmp_path: Path) -> None:
    """The first time it is said; the variable counts again once somebody sets it to another."""
    environ = {"TOKEN": "first-token"}
    store = stored(tmp_path, environ)
    store.save("city", {"refresh_token": "env:TOKEN"})
    used = store.load("city")
    assert store.keep("city", used, {"refresh_token": "second-token"}) == ("refresh_token",)
    used = store.load("city")
    assert used == {"refresh_token": "second-token"}
    assert store.keep("city", used, {"refresh_token": "third-token"}) == ()
    assert store.load("city") == {"refresh_token": "third-token"}
    environ["TOKEN"] = "by-hand-token"
    assert store.load("city") == {"refresh_token": "by-hand-token"}
    used = store.load("city")
    assert store.keep("city", used, {"refresh_token": "fourth-token"}) == ("refresh_token",)
    assert store.load("city") == {"refresh_token": "fourth-token"}
    kept = plain(tmp_path)
    assert not any(old in kept for old in (b"first", b"second", b"third", b"by-hand"))


def test_a_credential_given_anew_counts(tmp_path: Path) -> None:
    """What a person saves is newer than all that was replaced before."""
    store = stored(tmp_path, {"TOKEN": "first-token"})
    store.save("city", {"refresh_token": "env:TOKEN"})
    store.keep("city", store.load("city"), {"refresh_token": "second-token"})
    store.save("city", {"refresh_token": "env:TOKEN"})
    assert store.load("city") == {"refresh_token": "first-token"}


def test_a_credential_from_elsewhere_is_kept_beside_none(tmp_path: Path) -> None:
    """Where another program has the credential, the newest of each field is here."""
    store = stored(tmp_path)
    given = {"user": "clerk", "refresh_token": "first-token"}
    assert store.newest("city", given) == given
    assert store.keep("city", given, {"refresh_token": "second-token"}) == ("refresh_token",)
    newest = store.newest("city", given)
    assert newest == {"user": "clerk", "refresh_token": "second-token"}
    assert store.keep("city", newest, {"refresh_token": "third-token"}) == ()
    assert store.newest("city", given)["refresh_token"] == "third-token"
    assert store.newest("city", {**given, "refresh_token": "anew"})["refresh_token"] == "anew"
    assert store.keep("city", newest, {"access_token": "one-more"}) == ("access_token",)
    assert store.newest("city", given)["access_token"] == "one-more"


@pytest.mark.parametrize(
    "replaced", [b"[]", b'{"token": {"of": "x"}}', b'{"token": 7}', b'{"token": {"of": 1}}']
)
def test_damaged_replacements_are_refused(tmp_path: Path, replaced: bytes) -> None:
    """Half a credential logs nobody in: it is told, and nothing is written over it."""
    store = stored(tmp_path)
    damaged = b'{"account": "city", "credential": {}, "replaced": %b}' % replaced
    rewrite(tmp_path, damaged)
    with pytest.raises(KeyStoreError, match="damaged"):
        store.load("city")
    with pytest.raises(KeyStoreError, match="damaged"):
        store.keep("city", {"token": SECRET}, {"token": "next"})
    assert plain(tmp_path) == damaged


EVENTS = {"open", "os.rename", "os.remove", "os.link", "os.mkdir"}


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory, where there is one: no test waits for a disk."""
    with memory_folder() as path:
        yield path


def killed(act: Callable[[], object], stop: int) -> bool:
    """Do something in a child that dies before file operation ``stop``; tell whether it did."""
    child = os.fork()
    if child == 0:
        left = iter(range(stop))

        def on_event(event: str, _: object) -> None:
            if event in EVENTS and next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(on_event)
        act()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) in {0, -signal.SIGKILL}
    return status != 0


def legacy(folder: Path) -> Path:
    """Leave an account's credential as an older version did, in a plain file."""
    folder.mkdir(mode=0o700)
    path = folder / f"{sha256(b'city').hexdigest()}.json"
    document = {"account": "city", "credential": {"refresh_token": "first-token"}, "replaced": {}}
    path.write_text(json.dumps(document))
    path.chmod(0o600)
    return path


def test_killed_before_any_file_operation_one_whole_credential_is_there(memory: Path) -> None:
    """The old or the new one, never half of it, and the store goes on; no key is left over."""
    seen = []
    for stop in range(200):
        folder = memory / str(stop)
        store = stored(folder)
        store.save("city", {"refresh_token": "first-token"})
        used = store.load("city")
        died = killed(lambda: store.keep("city", used, {"refresh_token": "second-token"}), stop)  # noqa: B023 - done at once
        store = stored(folder)
        seen.append(store.load("city")["refresh_token"])
        store.keep("city", store.load("city"), {"refresh_token": "third-token"})
        assert stored(folder).load("city") == {"refresh_token": "third-token"}
        assert len(list((folder / "keys" / "periods").glob("*/*"))) == 2
        shutil.rmtree(folder)
        if not died:
            break
    assert seen[0] == "first-token"
    assert seen[-1] == "second-token"
    assert seen == sorted(seen)
    assert len(seen) > 10


def test_a_plain_file_is_sealed_when_it_is_read(memory: Path) -> None:
    """Whoever stops in it leaves one whole credential, plain or sealed; then it is sealed."""
    for stop in range(200):
        folder = memory / str(stop)
        legacy(folder)
        died = killed(lambda: stored(folder).load("city"), stop)  # noqa: B023 - done at once
        assert stored(folder).load("city") == {"refresh_token": "first-token"}
        left = [path for path in folder.rglob("*") if path.is_file()]
        assert not any(b"first-token" in path.read_bytes() for path in left)
        assert not list(folder.glob("*.json"))
        shutil.rmtree(folder)
        if not died:
            break
    assert stop > 10


def test_a_plain_file_that_others_may_read_is_not_taken_in(tmp_path: Path) -> None:
    """Who had access to it is asked first."""
    path = legacy(tmp_path / "credentials")
    path.chmod(0o644)
    with pytest.raises(KeyStoreError, match="chmod 600"):
        stored(tmp_path / "credentials").load("city")
    assert path.exists()


def test_rotating_loses_nothing_wherever_it_is_killed(memory: Path) -> None:
    """Every credential opens under the old key or the next one; a second rotation finishes."""
    for stop in range(200):
        folder = memory / str(stop)
        store = stored(folder)
        for name in ("city", "county"):
            store.save(name, {"token": f"{SECRET}-{name}"})
        died = killed(files(folder).rotate, stop)
        for name in ("city", "county"):
            assert stored(folder).load(name) == {"token": f"{SECRET}-{name}"}
        assert files(folder).rotate() == 2
        assert stored(folder).load("city") == {"token": f"{SECRET}-city"}
        shutil.rmtree(folder)
        if not died:
            break
    assert stop > 10


def test_who_reads_while_others_write_and_rotate_has_it_whole(memory: Path) -> None:
    """Each reading is one of the values that were there."""
    folder = memory / "credentials"
    stored(folder).save("city", {"token": "token-0"})

    def write() -> None:
        for number in range(15):
            stored(folder).save("city", {"token": f"token-{number}"})
            files(folder).rotate()

    with ThreadPoolExecutor(1) as pool:
        writing, seen = pool.submit(write), set()
        while not writing.done():
            seen.add(stored(folder).load("city")["token"])
        writing.result()
    assert seen <= {f"token-{number}" for number in range(15)}
    assert len(seen) > 1


def test_one_changed_bit_or_another_place_opens_nothing(tmp_path: Path) -> None:
    """Neither a changed file nor that of another account is taken for an account's own."""
    store = stored(tmp_path)
    store.save("city", {"token": SECRET})
    store.save("county", {"token": "another-secret"})
    path, other = (files(tmp_path).path(sha256(n).hexdigest()) for n in (b"city", b"county"))
    good = path.read_bytes()
    for spoilt in (
        *(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :] for at in range(0, len(good), 9)),
        good[:-1], other.read_bytes(), b"",
    ):  # fmt: skip
        path.write_bytes(spoilt)
        with pytest.raises(KeyStoreError) as caught:
            store.load("city")
        assert SECRET not in str(caught.value)


def test_an_older_copy_of_a_file_opens_no_more(tmp_path: Path) -> None:
    """Its key went when the file was written anew."""
    store = stored(tmp_path)
    store.save("city", {"token": SECRET})
    path = files(tmp_path).path(sha256(b"city").hexdigest())
    old = path.read_bytes()
    store.save("city", {"token": "next-secret"})
    path.write_bytes(old)
    with pytest.raises(KeyStoreError, match="no key for this object"):
        store.load("city")


@pytest.mark.parametrize("form", ["raw", "hex"])
def test_with_a_key_file_a_copy_of_the_home_opens_nothing(tmp_path: Path, form: str) -> None:
    """What the home's key sealed is put under the file's, and the home's opens no copy of it."""
    home, key = tmp_path / "home", tmp_path / "given.key"
    home.mkdir()
    folder = home / "credentials"
    stored(folder).save("city", {"token": SECRET})
    key.write_bytes(bytes(range(32)) if form == "raw" else bytes(range(32)).hex().encode() + b"\n")
    key.chmod(0o440)
    for _ in range(2):
        store = CredentialStore(files(folder, FILE, key), {})
        assert store.load("city") == {"token": SECRET}
    with pytest.raises(KeyStoreError, match=r"another keeper \(file\)"):
        stored(folder).load("city")
    with pytest.raises(KeyStoreError, match="another keeper"):
        stored(folder).save("county", {"token": SECRET})
    key.chmod(0o444)
    with pytest.raises(KeyStoreError, match="open to others"):
        CredentialStore(files(folder, FILE, key)).load("city")
    key.chmod(0o600)
    key.write_bytes(bytes(31))
    with pytest.raises(KeyStoreError, match="there is no key in the file"):
        CredentialStore(files(folder, FILE, key)).load("city")
    key.write_bytes(bytes(32))
    with pytest.raises(KeyStoreError, match="does not open"):
        CredentialStore(files(folder, FILE, key)).load("city")


def test_a_lost_key_is_told_and_can_be_begun_anew(tmp_path: Path) -> None:
    """The error says what to move away; then credentials can be given again."""
    folder = tmp_path / "credentials"
    stored(folder).save("city", {"token": SECRET})
    lost = CredentialStore(files(folder, beside="others"), {})
    with pytest.raises(KeyStoreError, match=r"move .*keys away and give the credentials anew"):
        lost.load("city")
    (folder / "keys").rename(tmp_path / "away")
    lost = CredentialStore(files(folder, beside="others"), {})
    lost.save("city", {"token": "given-anew"})
    assert lost.load("city") == {"token": "given-anew"}
