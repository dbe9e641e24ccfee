"""What SoftHSM never does: a token about to lock itself. A stand-in for its flags; no key."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from pkcs11.constants import TokenFlag

from archiver.edges import token
from archiver.edges.pin import read_pin
from archiver.errors import KeyStoreError
from archiver.formats.tokenuri import TokenUri
from archiver.wire import open_person_key

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Flags:
    """A token of which only the flags can be seen."""

    flags: TokenFlag


def test_a_program_never_takes_the_last_try() -> None:
    """With one try left the PIN of a source is not sent; a person who types may."""
    last = Flags(TokenFlag.USER_PIN_COUNT_LOW | TokenFlag.USER_PIN_FINAL_TRY)
    read = lambda source, _: source or "typed"  # noqa: E731 - a double of one line
    with pytest.raises(KeyStoreError, match="one try is left"):
        token._pin(last, TokenUri(token="City", pin_source="env:PIN"), read)  # type: ignore[arg-type]  # a double
    assert token._pin(last, TokenUri(token="City"), read) == "typed"  # type: ignore[arg-type]
    low = Flags(TokenFlag.USER_PIN_COUNT_LOW)
    assert token._pin(low, TokenUri(pin_source="env:PIN"), read) == "env:PIN"  # type: ignore[arg-type]


def test_without_the_library_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the optional part is not installed, the error says how to install it."""
    monkeypatch.delitem(sys.modules, "archiver.edges.token", raising=False)
    monkeypatch.delitem(sys.modules, "archiver.edges.tokenobjects", raising=False)
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(KeyStoreError) as caught:
        open_person_key("pkcs11:object=a?module-path=/usr/lib/p11.so")
    assert (caught.value.code, "[pkcs11]" in caught.value.mend) == ("token-library", True)


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_the_pin_of_a_file_ends_with_its_line(tmp_path: Path, ending: str) -> None:
    """One end of line is no part of the PIN; spaces are."""
    path = tmp_path / "the pin"
    path.write_bytes(f" 12 34 {ending}".encode())
    path.chmod(0o600)
    for source in (str(path), f"file:{tmp_path}/the%20pin"):
        assert read_pin(source, "City") == " 12 34 "
    path.chmod(0o640)
    with pytest.raises(KeyStoreError):
        read_pin(str(path), "City")
