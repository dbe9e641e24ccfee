"""Credentials in a home: sealed under the key that settings name, and what doctor says of it."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from archiver.errors import KeyStoreError
from archiver.flows import accounts, keys
from archiver.flows.doctor import examine
from archiver.settings import Settings
from archiver.wire import create_archive, open_archive
from tests.edges.store_helpers import memory_folder
from tests.flows.helpers import Quiet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.ports import Check

SECRET = {"user": "clerk", "password": "app-password-sentinel", "hub_secret": "hub-sentinel-01"}
ABOUT = {"name": "blog", "platform": "wordpress", "url": "https://blog.example"}
LOGIN = {name: SECRET[name] for name in ("user", "password")}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory, where there is one: no test waits for a disk."""
    with memory_folder() as path:
        yield path


def checked(archive: Archive) -> Check:
    """Return what doctor says of the credentials in a home."""
    (found,) = [one for one in examine(archive) if one.name.startswith("credentials in this home")]
    return found


def founded(folder: Path, **more: str) -> tuple[Settings, Archive]:
    """Return a new archive that has an account with a credential."""
    settings = Settings(str(folder / "archive"), folder / "home", **more)  # type: ignore[arg-type]  # texts
    archive = create_archive(settings)
    accounts.add(archive, ABOUT, LOGIN)
    return settings, archive


def test_no_file_of_a_home_has_a_credential(folder: Path) -> None:
    """Nor the archive; doctor says that a copy of the whole home has it all the same."""
    _, archive = founded(folder)
    archive.save_credential("blog", SECRET)
    assert archive.credential("blog") == SECRET
    found = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert len(found) > 10
    assert not any(value.encode() in data for value in SECRET.values() for data in found)
    check = checked(archive)
    assert (check.held, check.needed) == (False, False)
    assert "whoever has a copy of the whole home has them" in check.detail


def test_with_a_key_elsewhere_doctor_says_what_that_is_worth(folder: Path) -> None:
    """A key file apart from the home holds; one within it does not, and a missing one fails."""
    key = folder / "given.key"
    key.write_text("ab" * 32)
    key.chmod(0o600)
    settings, archive = founded(folder, credentials_key=str(key))
    check = checked(archive)
    assert check.held
    assert "a copy of the home opens nothing without it" in check.detail
    assert "Whoever runs as its user has them all the same" in check.detail
    key.rename(folder / "home" / "given.key")
    check = checked(archive)
    assert (check.held, check.needed) == (False, True)
    with pytest.raises(KeyStoreError, match="there is no key in the file"):
        open_archive(settings).credential("blog")
    near = Settings(settings.archive, settings.home, credentials_key=str(folder / "home/given.key"))
    assert open_archive(near).credential("blog") == LOGIN
    assert not checked(open_archive(near)).held


def test_rotating_seals_what_an_older_version_left_plain(folder: Path) -> None:
    """All are under a new key then; doctor tells of plain ones before."""
    settings, archive = founded(folder)
    place = settings.home / archive.identity.id / "credentials"
    path = place / f"{sha256(b'old').hexdigest()}.json"
    document = {"account": "old", "credential": {"token": "plain-sentinel"}}
    path.write_text(json.dumps(document))
    path.chmod(0o600)
    assert "1 of an older version are still plain" in checked(archive).detail
    (before,) = place.glob("keys/periods/*/key")
    old = before.read_bytes()
    assert keys.rotate(archive, [], Quiet())["credentials"] == 2
    assert before.read_bytes() != old
    again = open_archive(settings)
    assert again.credential("old") == {"token": "plain-sentinel"}
    assert again.credential("blog") == LOGIN
    assert not path.exists()
    assert "still plain" not in checked(again).detail
