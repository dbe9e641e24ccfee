"""Private keys of a recipient: a file a due period, private, of one recipient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.edges import recipientkeys
from archiver.errors import KeyStoreError
from archiver.formats.sealing import info_of, seal, unseal

if TYPE_CHECKING:
    from pathlib import Path

DUES = ("intake/2026-11", "unscheduled/2026-11")
HANDLE = "a" * 26


def test_what_was_made_opens_what_is_sealed(tmp_path: Path) -> None:
    """Each public key seals what the private key of the same due period opens, no other."""
    public = recipientkeys.create(tmp_path / "r", HANDLE, DUES)
    handle, private = recipientkeys.load(tmp_path / "r")
    assert (handle, public["recipient"], set(private)) == (HANDLE, HANDLE, set(DUES))
    keys = public["keys"]
    assert isinstance(keys, dict)
    info = info_of("intake/2026-11/intake", HANDLE)
    sealed = seal(bytes(32), bytes.fromhex(keys[DUES[0]]), info)
    assert unseal(sealed, private[DUES[0]], info) == bytes(32)
    with pytest.raises(KeyStoreError):
        unseal(sealed, private[DUES[1]], info)


def test_files_are_private_and_kept(tmp_path: Path) -> None:
    """Files are 0600, one that others may read is refused, none is written over."""
    recipientkeys.create(tmp_path / "r", HANDLE, DUES)
    files = sorted((tmp_path / "r").iterdir())
    assert [path.stat().st_mode & 0o777 for path in files] == [0o600, 0o600]
    with pytest.raises(KeyStoreError):
        recipientkeys.create(tmp_path / "r", HANDLE, DUES)
    files[0].chmod(0o644)
    with pytest.raises(KeyStoreError):
        recipientkeys.load(tmp_path / "r")


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"recipient":"a","due":"d","private":"00"}', "\0"]
)
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    """What is no private key is said to be none, and is not quoted."""
    recipientkeys.create(tmp_path / "r", HANDLE, DUES[:1])
    (path,) = (tmp_path / "r").iterdir()
    path.write_text(text)
    with pytest.raises(KeyStoreError):
        recipientkeys.load(tmp_path / "r")


def test_two_recipients_in_one_folder_are_refused(tmp_path: Path) -> None:
    """A folder is one recipient's; an empty one is nobody's."""
    recipientkeys.create(tmp_path / "r", HANDLE, DUES[:1])
    recipientkeys.create(tmp_path / "r", "b" * 26, DUES[1:])
    (tmp_path / "none").mkdir()
    for folder in ("r", "none"):
        with pytest.raises(KeyStoreError):
            recipientkeys.load(tmp_path / folder)
