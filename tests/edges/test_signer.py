"""The signing key in its file."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from archiver.edges.keys import FileSigner
from archiver.errors import KeyStoreError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

NAME = "example.gov/archive"


def test_signatures_verify_under_the_printed_key(tmp_path: Path) -> None:
    """What a loaded key signs verifies under the verifier key that was made with it."""
    made = FileSigner.create(tmp_path / "home" / "log.key", NAME)
    loaded = FileSigner.load(tmp_path / "home" / "log.key")
    assert loaded.verifier_key == made.verifier_key
    public_key = Ed25519PublicKey.from_public_bytes(
        b64decode(made.verifier_key.split("+", 2)[2])[1:]
    )
    public_key.verify(loaded.sign(b"text\n"), b"text\n")
    with pytest.raises(InvalidSignature):
        public_key.verify(loaded.sign(b"text\n"), b"other\n")


def test_key_file_is_private_and_alone(tmp_path: Path) -> None:
    """The key file is 0600, and nothing else is left beside it."""
    path = tmp_path / "log.key"
    FileSigner.create(path, NAME)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_existing_key_is_never_replaced(tmp_path: Path) -> None:
    """Making a key where one is fails and leaves it."""
    path = tmp_path / "log.key"
    before = FileSigner.create(path, NAME).verifier_key
    with pytest.raises(KeyStoreError, match="already"):
        FileSigner.create(path, NAME)
    assert FileSigner.load(path).verifier_key == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """A key file open to group or world is not used, and the error says chmod."""
    path = tmp_path / "log.key"
    FileSigner.create(path, NAME)
    path.chmod(mode)
    with pytest.raises(KeyStoreError, match="chmod 600"):
        FileSigner.load(path)


def test_missing_key_says_what_to_do(tmp_path: Path) -> None:
    """A missing key file gives an error that says where and how to mend it."""
    with pytest.raises(KeyStoreError, match="archiver init"):
        FileSigner.load(tmp_path / "log.key")


def test_damaged_key_is_refused_and_not_shown(tmp_path: Path) -> None:
    """A changed key file is refused; error and cause hold nothing of it."""
    path = tmp_path / "log.key"
    FileSigner.create(path, NAME)
    secret = path.read_text()[-30:-1]
    for changed in (path.read_bytes()[:-5] + b"\xff\xff\n", path.read_bytes() + b"\n", b""):
        path.write_bytes(changed)
        with pytest.raises(KeyStoreError) as caught:
            FileSigner.load(path)
        assert str(path) in str(caught.value)
        assert secret[:12] not in str(caught.value) + repr(caught.value.__context__)


def test_bad_name_writes_nothing(tmp_path: Path) -> None:
    """A name that notes cannot hold is refused before a file is made."""
    with pytest.raises(UsageError):
        FileSigner.create(tmp_path / "log.key", "two words")
    assert list(tmp_path.iterdir()) == []


def test_repr_shows_the_public_key_only(tmp_path: Path) -> None:
    """The signer prints as its verifier key; the seed is not in it."""
    signer = FileSigner.create(tmp_path / "log.key", NAME)
    assert repr(signer) == f"FileSigner({signer.verifier_key!r})"
    assert (tmp_path / "log.key").read_text().split("+")[-1].strip() not in repr(signer)
