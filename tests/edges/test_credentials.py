"""Platform credentials in their files."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from archiver.edges.keys import CredentialStore
from archiver.errors import KeyStoreError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

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
