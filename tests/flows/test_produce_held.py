"""`check.py` of a volume holds what its files show against its proofs: one word is found."""

from __future__ import annotations

import json
import random
import shutil
import sys
from functools import partial
from hashlib import file_digest
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from archiver.flows.marking import Wanted
from tests.flows.test_marking import decide, office  # noqa: F401 - a fixture
from tests.flows.test_produce import RECORD, how, made
from tests.flows.test_produce import checked as checked_with
from tests.flows.test_redacting import NAME, PHONE, ROW, seal
from tests.produce.town import HOSTILE
from tests.produce.writing import profile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.flows.hall import Hall

CHANNELS = ("dat", "text", "csv", "jsonl", "html", "proofs")
FILES = ("TEXT/*/*.txt", "DATA/*.dat", "DATA/*.csv", "DATA/*.jsonl", "HTML/*.html")
TEXTS = (
    HOSTILE,
    "ends with a space ",
    f"{PHONE} begins, ends with {PHONE}",
    f"twice {PHONE} {PHONE} {NAME} in a row, [7(1)(b)] is typed",
    "\n\nVersion 1 of 1: present\nentry of the ledger: 1\n\n",
    f"{'long ' * 450}{PHONE} end",
    f"{'x ' * 998}{PHONE} is where the index cuts",
)


@pytest.fixture
def volume(office: Hall, tmp_path: Path) -> Path:  # noqa: F811 - a fixture
    """A volume of hostile and of redacted texts."""
    for number, text in enumerate(TEXTS):
        row = ROW | {"text": text, "created_at": f"2026-11-1{number}T08:00:00.250000Z"}
        name = seal(office.archive, f"5{number}", [row, {"text": f"Changed {text}", "state": "x"}])
        for find in (PHONE, NAME)[: 1 + text.count(NAME)]:
            if find in text:
                decide(office, Wanted(name, "7(1)(b)", "a private number", find=find))
    closed = seal(office.archive, "60", [{"text": "to be closed", "author_name": "A. Person"}])
    decide(office, Wanted(closed, "7(1)(c)", "a name", field="author_name"))
    decide(office, Wanted(RECORD, "7(1)(b)", "a private text", field="text"))
    forms = profile("data", channels=CHANNELS, zone="America/Chicago")
    made(office, tmp_path / "vol", ways=how(profile=forms))
    assert checked_with(tmp_path / "vol", office.archive.identity.keys[0]).startswith("0 ")
    return tmp_path / "vol"


def checked(folder: Path) -> str:
    """Have the volume's program verify it, with the key that came along."""
    key = json.loads((folder / "data" / "archive.json").read_bytes())["keys"][0]
    return checked_with(folder, key)


def rebagged(folder: Path) -> None:
    """List the files of a bag as they are now, as somebody would who changed one."""
    files = sorted(one for one in (folder / "data").rglob("*") if one.is_file())
    tags = ("bagit.txt", "bag-info.txt", "manifest-sha256.txt", "manifest-sha512.txt")
    for kind in ("sha256", "sha512"):
        _list(folder, f"manifest-{kind}.txt", kind, files)
    for kind in ("sha256", "sha512"):
        _list(folder, f"tagmanifest-{kind}.txt", kind, [folder / one for one in tags])


def _list(folder: Path, name: str, kind: str, files: list[Path]) -> None:
    lines = []
    for path in files:
        with path.open("rb") as file:
            digest = file_digest(file, kind).hexdigest()
        lines.append(f"{digest}  {path.relative_to(folder).as_posix()}\n")
    (folder / name).write_text("".join(lines), "ascii")


def test_one_changed_word_is_found_and_named(volume: Path) -> None:
    """Though whoever changed it wrote all manifests anew; nothing of ours is installed there."""
    for pattern in FILES:
        path = next(
            one
            for one in sorted((volume / "data" / "VOL001").glob(pattern))
            if b"culvert" in one.read_bytes()
        )
        whole = path.read_bytes()
        path.write_bytes(whole.replace(b"culvert", b"bridge", 1))
        rebagged(volume)
        told = checked(volume)
        path.write_bytes(whole)
        assert told.startswith("1 ")
        assert path.relative_to(volume / "data").as_posix() in told
    assert not list(held(volume).wrong())
    path.write_bytes(whole.replace(b"culvert", b"bridge", 1))
    shutil.rmtree(volume / "data" / "PROOFS")
    rebagged(volume)
    assert checked(volume).startswith("0 ")  # with nothing to hold it against


def held(volume: Path) -> Any:  # noqa: ANN401 - of a module that is a script's
    """Return what holds the files of a volume against its proofs, which are taken as checked."""
    root = str(Path(__file__).parents[2] / "verifier")
    sys.path.insert(0, root)
    try:
        module, verify = import_module("held"), import_module("verify")
    finally:
        sys.path.remove(root)
    made = module.Held(volume / "data", volume / "data" / "VOL001")
    for path in sorted((volume / "data" / "PROOFS").rglob("*.json")):
        made.add(int(path.stem), path, verify.loads(path.read_bytes()))
    return made


def _spoilt(data: bytes, chance: random.Random) -> Iterator[bytes]:
    """Yield a file with one letter changed, in a hundred places."""
    letters = [at for at, one in enumerate(data) if chr(one).isalpha() and one < 128]
    for at in chance.sample(letters, min(100, len(letters))):
        yield (
            data[:at]
            + bytes([data[at] ^ 1 if chr(data[at] ^ 1).isalpha() else 0x65])
            + data[at + 1 :]
        )


def test_any_changed_letter_of_a_text_is_found(volume: Path) -> None:
    """In a hundred places of each text; only what no proof is of (a code) may change unseen."""
    one, chance = held(volume), random.Random(7)
    assert not list(one.wrong())
    assert one.texts == len(list(volume.glob("data/VOL001/TEXT/*/*.txt")))
    unseen = set()
    for path in sorted(volume.glob("data/VOL001/TEXT/*/*.txt"))[-5:]:
        whole = path.read_bytes()
        look = partial(one.text, path)
        for spoilt in _spoilt(whole, chance):
            path.write_bytes(spoilt)
            try:
                found = list(look())
            except ValueError:
                continue
            if not found:
                codes = (one.decode().replace("(c)", "(b)").split("\n") for one in (whole, spoilt))
                unseen |= {
                    old.partition(":")[0] for old, new in zip(*codes, strict=True) if old != new
                }
        path.write_bytes(whole)
    assert unseen <= {"Custodian", "Tags", "Withheld under"}
