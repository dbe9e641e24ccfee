"""People from the command line: own keys, two signatures, documents to schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.terminal import run

if TYPE_CHECKING:
    from pathlib import Path

FEED = ("account", "add", "news", "--platform", "feed", "--url", "http://127.0.0.1:9/feed")


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """An archive founded by a clerk, with a counsel, an officer and a requested account."""
    made = run(tmp_path, "init", "--clerk", "R. Alvarez", "--key", "clerk.key", "--json")
    assert made.code == 0
    for name, role in (("counsel", ("--role", "counsel")), ("officer", ())):
        ran = run(tmp_path, "person", "enrol", name, "--key", f"{name}.key", *role, "--json")
        assert ran.document["data"]["roles"] == [*role][1:]
    assert run(tmp_path, *FEED).code == 0
    return tmp_path


def test_a_role_goes_from_signer_to_signer(office: Path) -> None:
    """One begins an act, the other adds a signature, and only then it is sealed."""
    grant = ("person", "role", "officer", "hold", "--sign", "clerk.key")
    assert run(office, *grant, "--json").finding["code"] == "act-refused"
    begun = run(office, *grant, "--out", "act.json", "--json").document["data"]
    assert begun["sealed"] is False
    done = run(office, "person", "role", "--act", "act.json", "--sign", "counsel.key", "--json")
    assert (done.code, len(done.document["data"]["act"]["signatures"])) == (0, 2)
    people = {one["name"]: one for one in run(office, "person", "list", "--json").document["data"]}
    assert [(r["role"], r["counts"]) for r in people["officer"]["roles"]] == [("hold", False)]
    assert "hold (from 20" in run(office, "person", "list").text.replace("\n", " ")


def test_approving_takes_a_key(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A typed name is refused, a key that may not is refused, the clerk's key approves."""
    approve = ("account", "approve", "news", "--json")
    assert run(office, *approve, "--by", "R. Alvarez").finding["code"] == "signature-needed"
    assert run(office, *approve, "--key", "counsel.key").finding["code"] == "act-refused"
    done = run(office, *approve, ARCHIVER_PERSON=str(office / "clerk.key"))
    assert done.document["data"]["decided_by"] == "R. Alvarez"
    monkeypatch.setattr("archiver.flows.asking.TRIES", 1)
    retire = ("account", "retire", "news", "--key", "clerk.key")
    assert run(office, *retire, "--json").finding["code"] == "account-unexplained"
    assert run(office, *retire, "--anyway", "there is no such feed").code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("person", "role", "--json"), "usage"),
        (("person", "role", "officer", "emperor", "--json"), "role-unknown"),
        (("person", "role", "nobody", "hold", "--json"), "person-unknown"),
        (("person", "role", "--act", "absent.json", "--json"), "usage"),
        (("person", "role", "--act", "clerk.key", "--json"), "format"),
        (("person", "enrol", "x", "--key", "act.txt", "--json"), "person-key"),
        (("init", "--clerk", "x", "--json"), "usage"),
    ],
)
def test_wrong_wishes_are_explained(office: Path, arguments: tuple[str, ...], code: str) -> None:
    """Each has a code, and a way to mend it."""
    (office / "act.txt").write_text("no key")
    (office / "act.txt").chmod(0o600)
    assert run(office, *arguments).finding["code"] == code


def test_key_files_are_private_and_never_shown(office: Path) -> None:
    """A key file is 0600, one that others may read is refused, and no output quotes it."""
    path = office / "clerk.key"
    assert path.stat().st_mode & 0o777 == 0o600
    secrets = [line.rsplit("+", 1)[1] for line in path.read_text().splitlines()]
    path.chmod(0o644)
    ran = run(office, "account", "approve", "news", "--key", "clerk.key", "--json")
    assert ran.code != 0
    path.write_text(path.read_text().replace("READING", "WRITING"))
    path.chmod(0o600)
    again = run(office, "account", "approve", "news", "--key", "clerk.key", "--json")
    assert again.finding["code"] == "person-key"
    for secret in secrets:
        assert secret not in json.dumps([ran.document, again.document])
