"""An operator changes what was kept; an auditor finds it offline, with published roots alone.

The operator has bucket and signing key. The auditor has the archive's public key, the keys of
a witness (a policy), and what that witness showed last; a home that has seen nothing, and no
network. There are no certificates of destruction yet: what stands for one here is what an
outsider certified (a cosigned checkpoint) and what two people signed (an act in the ledger).
"""

from __future__ import annotations

import json
import shutil
import socket
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NoReturn

import httpx
import pytest

from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.layout import ANCHORS, TILES
from archiver.ledger.tiles import encode_bundle, parse_bundle
from archiver.settings import Settings
from archiver.wire import open_archive
from tests.audit import damage
from tests.audit.forge import entries_of, put, relog, written
from tests.cli.terminal import run
from tests.outsiders import witness_at
from tests.verifier.test_agreement import loaded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archiver.flows.archive import Archive

BUNDLES = f"{TILES}entries/"
SETTINGS = '[[anchors.witness]]\nurl = "{url}"\nkeys = {keys}\n'


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive whose clerk approved an account by signature, captured, and cosigned."""
    folder = tmp_path_factory.mktemp("published")
    with CityServer(City()) as server:
        made = run(folder, "init", "--clerk", "R. Alvarez", "--key", "clerk.key", "--json")
        (key,) = made.document["data"]["keys"]
        counsel = ("person", "enrol", "counsel", "--key", "counsel.key", "--role", "counsel")
        feed = ("account", "add", "news", "--platform", "feed", "--url", f"{server.url}/feed/")
        approve = ("account", "approve", "news", "--key", "clerk.key")
        with witness_at(folder / "witness", [key]) as witness:
            keys = json.dumps(witness.keys)
            (folder / "archiver.toml").write_text(SETTINGS.format(url=witness.url, keys=keys))
            for words in (counsel, feed, approve, ("capture",)):
                assert run(folder, *words).code == 0
            origin = sha256(key.split("+")[0].encode()).hexdigest()
            shown = httpx.get(f"{witness.url}{origin}/checkpoint", trust_env=False)
    (folder / "root").write_bytes(shown.content)
    (folder / "key").write_text(key)
    policy = f"log {key}\nwitness county {witness.keys[0]}\nquorum county\n"
    (folder / "policy").write_text(policy)
    (folder / "archiver.toml").unlink()
    return folder


@pytest.fixture
def operator(published: Path, tmp_path: Path) -> Archive:
    """The operator's archive and home: a copy, to do with as the operator likes."""
    for name in ("archive", "home"):
        shutil.copytree(published / name, tmp_path / name)
    return open_archive(Settings(str(tmp_path / "archive"), tmp_path / "home"))


def _refuse(*_: object, **__: object) -> NoReturn:
    raise OSError("there is no network")


def audited(published: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> list[set[str]]:
    """Return what `archiver verify` finds, since the published root too, and what verify.py does.

    As code and place. Without a network: no socket can be made.
    """
    known = [str(published / name) for name in ("policy", "root")]
    ours = ("verify", "--json", "--jobs", "1", "--policy", known[0])
    auditor = {"ARCHIVER_HOME": str(folder / "auditor")}
    with pytest.MonkeyPatch.context() as offline:
        offline.setattr(socket, "socket", _refuse)
        offline.setattr(socket, "getaddrinfo", _refuse)
        whole = run(folder, *ours, "--deep", **auditor)
        since = run(folder, *ours, "--since", known[1], **auditor)
        words = [str(folder / "archive"), "--key", (published / "key").read_text()]
        status = loaded().main([*words, "--policy", known[0], "--since", known[1], "--json"])
    theirs: dict[str, Any] = json.loads(capsys.readouterr().out)
    found = [one.document["findings"] for one in (whole, since)] + [theirs["findings"]]
    codes = [{f"{one['code']} {one['where']}" for one in each} for each in found]
    assert [whole.code, since.code, status] == [int(bool(each)) for each in codes]
    return codes


def test_what_was_published_is_whole(
    published: Path, operator: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is found in an archive as it was when its root was published."""
    assert operator.identity.origin in (published / "root").read_text()
    assert audited(published, tmp_path, capsys) == [set(), set(), set()]


def a_record(archive: Archive) -> str:
    """Edit a retained record in its file."""
    key = damage.key_of(archive, "warc.gz")
    damage.flip(archive, key)
    return f"object-changed {key}"


def an_entry(archive: Archive) -> str:
    """Edit the log entry of a record."""
    key = damage.first(archive, BUNDLES)
    entries = parse_bundle(archive.store.get(key))
    at = next(n for n, one in enumerate(entries) if one[:1] == b"\x01")
    entries[at] = b"\x01" + bytes(32)
    put(archive, key, encode_bundle(entries))
    return f"log-entries {key}"


def a_certificate(archive: Archive) -> str:
    """Edit what the witness certified."""
    key = damage.first(archive, ANCHORS)
    damage.flip(archive, key)
    return f"anchor-changed {key}"


def the_last_ten(archive: Archive) -> str:
    """Delete the last ten entries from the last bundle."""
    key = [one.key for one in archive.store.list(BUNDLES)][-1]
    put(archive, key, encode_bundle(parse_bundle(archive.store.get(key))[:-10]))
    return f"log-entries {key}"


@pytest.mark.parametrize("edit", [a_record, an_entry, a_certificate, the_last_ten])
def test_an_edit_is_named(
    edit: Callable[[Archive], str],
    published: Path,
    operator: Archive,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Both verifiers name the object that was edited, and nothing else."""
    named = edit(operator)
    whole, _, theirs = audited(published, tmp_path, capsys)
    assert whole == theirs == {named}


def act_of(archive: Archive) -> int:
    """Return the place of the last act that people signed."""
    every = entries_of(archive)
    acts = [n for n, one in enumerate(every) if one[:1] == b"\x02" and b'"act"' in one]
    return acts[-1]


def approval_rewritten(archive: Archive) -> None:
    """Let a signed act name another moment, and write the log anew."""
    every, at = entries_of(archive), act_of(archive)
    every[at] = written(every[at], lambda one: one.update(time="2026-01-01T00:00:00.000000Z"))
    relog(archive, every)


def entry_rewritten(archive: Archive) -> None:
    """Let an observation be of something else, and write the log anew."""
    every = entries_of(archive)
    at = next(n for n, one in enumerate(every) if one[:1] == b"\x01")
    relog(archive, [*every[:at], b"\x01" + bytes(32), *every[at + 1 :]])


REWRITTEN: dict[str, Callable[[Archive], object]] = {
    "record": damage.block,
    "entry": entry_rewritten,
    "approval": approval_rewritten,
    "last ten": lambda archive: relog(archive, entries_of(archive)[:-10]),
}


@pytest.mark.parametrize("rewrite", REWRITTEN.values(), ids=REWRITTEN)
def test_a_log_written_anew_is_found_by_the_published_root(
    rewrite: Callable[[Archive], object],
    published: Path,
    operator: Archive,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Signed again with the archive's own key, head, tiles and days agree: the root does not."""
    rewrite(operator)
    whole, since, theirs = audited(published, tmp_path, capsys)
    outside = ("anchor-quorum ", "anchor-false ")
    assert any(one.startswith(outside) for one in whole), whole
    assert "log-history log/checkpoint" in since
    assert "log-history log/checkpoint" in theirs
