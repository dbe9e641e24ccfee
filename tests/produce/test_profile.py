"""Profiles: those that come along are right, and what is wrong with one is said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

from archiver.edges.profiles import profile_bytes, shipped_profiles
from archiver.errors import UsageError
from archiver.produce.document import Gap
from archiver.produce.load_file import FIELDS, fields_of
from archiver.produce.profile import CHANNELS, rank, read_profile
from tests.produce.town import SIGN, at, document, version
from tests.produce.writing import profile

if TYPE_CHECKING:
    from pathlib import Path


def schema(repo_root: Path) -> Any:  # noqa: ANN401 - any JSON value
    """Return the schema of profiles."""
    return json.loads((repo_root / "schemas/profiles.json").read_text())


def test_shipped_profiles_follow_the_schema(repo_root: Path) -> None:
    """Each is read, is called as its file, and is what the schema says."""
    assert len(shipped_profiles()) >= 3
    for name in shipped_profiles():
        jsonschema.validate(yaml.safe_load(profile_bytes(name)), schema(repo_root))
        assert read_profile(name, profile_bytes(name)).name == name
    items = schema(repo_root)["properties"]["channels"]["items"]["enum"]
    assert tuple(items) == CHANNELS


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"schema": "x"}, "schema"),
        ({"channels": ["fax"]}, "channels"),
        ({"channels": ["pdf", "pdf"]}, "twice"),
        ({"channels": ["images"]}, "add pdf"),
        ({"zone": "Mars/Olympus"}, "no such time zone"),
        ({"zone": "../../etc/passwd"}, "no such time zone"),
        ({"bates": {"prefix": "abc"}}, "no prefix"),
        ({"sign": " "}, "sign"),
        ({"sign": "{codes.__class__}"}, "sign"),
        ({"sign": "{0}"}, "sign"),
        ({"sign": "{codes!r:>9999999}"}, "sign"),
        ({"sign": "{"}, "sign"),
        ({"order": ["nothing"]}, "order"),
        ({"folder": 0}, "folder"),
        ({"legend": "a\nb"}, "legend"),
        ({"extra": 1}, "extra"),
    ],
)
def test_what_is_wrong_is_said(changes: dict[str, Any], why: str) -> None:
    """No half of a wrong profile is used."""
    given = yaml.safe_load(profile_bytes("litigation")) | changes
    with pytest.raises(UsageError, match=why):
        read_profile("own.yaml", yaml.safe_dump(given).encode())


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    """A path is read where no profile has that name."""
    own = tmp_path / "own.yaml"
    own.write_bytes(profile_bytes("foia"))
    assert profile_bytes(str(own)) == profile_bytes("foia")
    with pytest.raises(UsageError, match="no such profile"):
        profile_bytes("../foia")


def test_fields_of_load_files() -> None:
    """A profile picks fields in its order; the numbers are always there."""
    assert fields_of(profile()) == tuple(FIELDS)
    assert fields_of(profile(load=("STATE", "LASTBATES"))) == ("FIRSTBATES", "LASTBATES", "STATE")
    with pytest.raises(UsageError, match="NOPE"):
        fields_of(profile(load=("NOPE",)))


def test_the_order_tells_nothing_withheld() -> None:
    """Records stand by the fields of the profile; a withheld one counts as empty."""
    how = profile(order=("author_name", "created_at"))
    hidden = version(5, "present", {"author_name": ("Ann ", Gap(1, SIGN)), "created_at": at(1)}, 1)
    ranks = [rank(one, how)[:2] for one in (document(1), document(2, versions=(hidden,)))]
    assert ranks == [("Person 1", at(1)), ("", at(1))]
