"""Platform credentials in their files."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.edges.keys import CredentialStore
from archiver.errors import KeyStoreError, UsageError

SECRET = "s3cret-sentinel-7741"


def test_credential_comes_back(tmp_path: Path) -> None:
    """What was saved for an account is loaded for it, the newest of two."""
    store = CredentialStore(tmp_path / "credentials")
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
    store = CredentialStore(tmp_path / "credentials")
    store.save(account, {"token": SECRET})
    assert store.load(account) == {"token": SECRET}
    (path,) = (tmp_path / "credentials").glob("*.json")
    assert len(path.name) == 69
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [tmp_path / "credentials"]


def test_references_are_resolved_at_each_load(tmp_path: Path) -> None:
    """An env: value is looked up whenever it is loaded, and the secret is in no file."""
    environ = {"CITY_TOKEN": SECRET}
    store = CredentialStore(tmp_path, environ)
    store.save("city", {"token": "env:CITY_TOKEN"})
    assert store.load("city") == {"token": SECRET}
    environ["CITY_TOKEN"] = "next"
    assert store.load("city") == {"token": "next"}
    assert not any(SECRET.encode() in path.read_bytes() for path in tmp_path.glob("*.json"))


def test_process_environment_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a mapping of its own, a store looks references up in the environment."""
    monkeypatch.setenv("CITY_TOKEN", SECRET)
    store = CredentialStore(tmp_path)
    store.save("city", {"token": "env:CITY_TOKEN"})
    assert store.load("city") == {"token": SECRET}


def test_unset_variable_is_named(tmp_path: Path) -> None:
    """A reference to a variable that is not set gives an error that names it."""
    store = CredentialStore(tmp_path, {})
    store.save("city", {"token": "env:CITY_TOKEN"})
    with pytest.raises(KeyStoreError, match="set CITY_TOKEN"):
        store.load("city")


@pytest.mark.parametrize("value", ["env:", "env:" + SECRET, "env:A B", "env:Ä"])
def test_secret_that_looks_like_a_reference_is_refused_unquoted(tmp_path: Path, value: str) -> None:
    """A value after env: that names no variable is refused, and is not shown."""
    with pytest.raises(UsageError) as caught:
        CredentialStore(tmp_path).save("city", {"token": value})
    assert SECRET not in str(caught.value)
    assert list(tmp_path.glob("*.json")) == []


def test_unknown_account_says_what_to_do(tmp_path: Path) -> None:
    """An account without credential gives an error that says how to give one."""
    with pytest.raises(KeyStoreError, match="archiver account add"):
        CredentialStore(tmp_path).load("city")


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
    store = CredentialStore(tmp_path)
    store.save("city", {"token": SECRET})
    next(tmp_path.glob("*.json")).write_bytes(damage)
    with pytest.raises(KeyStoreError, match="damaged") as caught:
        store.load("city")
    assert caught.value.__context__ is None
    assert SECRET not in str(caught.value)


def test_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """A credential file open to others is not used."""
    store = CredentialStore(tmp_path)
    store.save("city", {"token": SECRET})
    next(tmp_path.glob("*.json")).chmod(0o640)
    with pytest.raises(KeyStoreError, match="chmod 600"):
        store.load("city")


def test_values_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """Numbers for texts, and an account without a name, are refused."""
    store = CredentialStore(tmp_path)
    with pytest.raises(UsageError):
        store.save("city", {"port": 7})  # type: ignore[dict-item]  # the mistake under test
    with pytest.raises(UsageError):
        store.save("", {})


def test_store_shows_no_secret(tmp_path: Path) -> None:
    """Neither repr nor pickle of the store holds a credential it has loaded."""
    store = CredentialStore(tmp_path, {"CITY_TOKEN": SECRET})
    store.save("city", {"token": "env:CITY_TOKEN", "password": SECRET})
    store.load("city")
    assert SECRET not in repr(store)
    assert SECRET.encode() not in pickle.dumps(CredentialStore(tmp_path, {}))


def test_what_a_platform_replaced_is_kept_in_place_of_the_old(tmp_path: Path) -> None:
    """A value that stands in the file itself is written over: the old one is good for nothing."""
    store = CredentialStore(tmp_path)
    store.save("city", {"client_id": "app", "refresh_token": "first-token"})
    used = store.load("city")
    assert store.keep("city", used, {"refresh_token": "second-token"}) == ()
    assert store.load("city") == {"client_id": "app", "refresh_token": "second-token"}
    (path,) = tmp_path.glob("*.json")
    assert b"first-token" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_comes_from_a_variable_is_kept_here_until_it_is_set_anew(tmp_path: Path) -> None:
    """The first time it is said; the variable counts again once somebody sets it to another."""
    environ = {"TOKEN": "first-token"}
    store = CredentialStore(tmp_path, environ)
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
    (path,) = tmp_path.glob("*.json")
    assert not any(old in path.read_bytes() for old in (b"first", b"second", b"third", b"by-hand"))


def test_a_credential_given_anew_counts(tmp_path: Path) -> None:
    """What a person saves is newer than all that was replaced before."""
    store = CredentialStore(tmp_path, {"TOKEN": "first-token"})
    store.save("city", {"refresh_token": "env:TOKEN"})
    store.keep("city", store.load("city"), {"refresh_token": "second-token"})
    store.save("city", {"refresh_token": "env:TOKEN"})
    assert store.load("city") == {"refresh_token": "first-token"}


def test_a_credential_from_elsewhere_is_kept_beside_none(tmp_path: Path) -> None:
    """Where another program has the credential, the newest of each field is here."""
    store = CredentialStore(tmp_path)
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
    store = CredentialStore(tmp_path)
    store.save("city", {"token": SECRET})
    (path,) = tmp_path.glob("*.json")
    damaged = b'{"account": "city", "credential": {}, "replaced": %b}' % replaced
    path.write_bytes(damaged)
    with pytest.raises(KeyStoreError, match="damaged"):
        store.load("city")
    with pytest.raises(KeyStoreError, match="damaged"):
        store.keep("city", {"token": SECRET}, {"token": "next"})
    assert path.read_bytes() == damaged


KILLED = """
import os, signal, sys
from pathlib import Path
from archiver.edges.credentials import CredentialStore

left = iter(range(int(sys.argv[2])))

def on_event(event, _):
    if event in {"open", "os.rename", "os.remove"} and next(left, None) is None:
        os.kill(os.getpid(), signal.SIGKILL)

store = CredentialStore(Path(sys.argv[1]))
used = store.load("city")
sys.addaudithook(on_event)
store.keep("city", used, {"refresh_token": "second-token"})
"""


def test_killed_before_any_file_operation_one_whole_credential_is_there(tmp_path: Path) -> None:
    """The old or the new one, never half of it, and the store goes on."""
    seen = []
    for stop in range(20):
        store = CredentialStore(tmp_path / str(stop))
        store.save("city", {"refresh_token": "first-token"})
        script = [sys.executable, "-B", "-c", KILLED, str(tmp_path / str(stop)), str(stop)]
        done = subprocess.run(script, check=False, cwd=Path(__file__).parents[2])
        seen.append(CredentialStore(tmp_path / str(stop)).load("city")["refresh_token"])
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
        store.keep("city", store.load("city"), {"refresh_token": "third-token"})
        assert store.load("city") == {"refresh_token": "third-token"}
    assert seen[0] == "first-token"
    assert seen[-1] == "second-token"
    assert seen == sorted(seen)
    assert len(seen) > 3
