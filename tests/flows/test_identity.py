"""The identity of an archive comes from its bucket, so from anybody: what it may name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from archiver.errors import FormatError, IntegrityError
from archiver.flows import identity
from archiver.settings import Settings
from archiver.wire import create_archive, open_archive
from tests.ledger.note_signer import MemorySigner

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["{victim}", "../victim", "..", "", "a/b", "A", "a" * 65, 7])
def test_an_id_leads_to_no_other_folder(tmp_path: Path, name: str | int) -> None:
    """Opening a stranger's archive writes nothing outside of the home, whatever it calls itself."""
    create_archive(Settings(str(tmp_path / "archive"), tmp_path / "home"))
    victim = tmp_path / "victim"
    victim.mkdir(mode=0o700)
    path = tmp_path / "archive" / "archive.json"
    document = json.loads(path.read_text())
    document["archive"] = name.format(victim=victim) if isinstance(name, str) else name
    path.write_text(json.dumps(document, indent=1) + "\n")
    with pytest.raises(FormatError):
        identity.decode(path.read_bytes())
    with pytest.raises(FormatError):
        open_archive(Settings(str(tmp_path / "archive"), tmp_path / "other"))
    assert list(victim.iterdir()) == []
    assert not (tmp_path / "other").exists()


def test_another_identity_is_not_taken(tmp_path: Path) -> None:
    """A home keeps the identity it saw first: whoever holds the bucket changes no key in it."""
    where = Settings(str(tmp_path / "archive"), tmp_path / "home")
    create_archive(where)
    path = tmp_path / "archive" / "archive.json"
    document = json.loads(path.read_text())
    stranger = MemorySigner(document["origin"], "stranger").verifier_key
    path.write_text(json.dumps({**document, "keys": [stranger]}, indent=1) + "\n")
    with pytest.raises(IntegrityError) as caught:
        open_archive(where)
    assert caught.value.code == "archive-json"
