"""Keys of due periods in a second double of AWS KMS: MiniStack, which moto knows nothing of.

It is no real KMS either, but it keeps to what Amazon says of a key's state, as moto does
not: a key that awaits its end seals and opens nothing. It does not encrypt in earnest, and
so opens a changed ciphertext, which moto refuses; each tells what the other leaves open.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from archiver.edges.chance import SystemRandomness
from archiver.edges.keys import LocalKeyStore
from archiver.edges.kms import connect
from archiver.errors import KeyStoreError
from tests.edges.test_kms import DUE, OTHER_KMS, PERIOD
from tests.real.daemons import Daemons, free_port
from tests.real.environments import environment
from tests.real.servers import Server, answers

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.real, pytest.mark.more]

PACKAGE = "ministack==1.5.33"
ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class MiniStack(Server):
    """A stand-in for AWS on a port of its own; ``url`` is its address."""

    folder: Path
    tools: Path
    url: str = ""
    _daemons: Daemons | None = None

    def _start(self) -> None:
        programs = environment(self.tools / "ministack", PACKAGE)
        (self.folder / "logs").mkdir(parents=True)
        self._daemons = daemons = Daemons(self.folder / "logs")
        port = free_port()
        daemons.start("ministack", programs / "ministack", env={"GATEWAY_PORT": str(port)})
        self.url = f"http://127.0.0.1:{port}"
        daemons.wait("MiniStack", lambda: answers(f"{self.url}/_ministack/health"))


@pytest.fixture(scope="module")
def kms(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[MiniStack]:
    """Run one for all tests here."""
    folder, tools = tmp_path_factory.mktemp("kms"), pytestconfig.cache.mkdir("interop")
    with MiniStack(folder / "ministack", tools) as server:
        yield server


def test_what_holds_on_one_double_holds_on_another(kms: MiniStack) -> None:
    """The tests that speak to moto pass when they speak to MiniStack, but for changed bytes."""
    chosen = ("-k", "not in_its_place_alone")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/edges/test_kms.py", *chosen, "-q"],
        cwd=ROOT,
        env={**os.environ, OTHER_KMS: kms.url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    assert " passed" in done.stdout


def test_a_key_that_awaits_its_end_opens_nothing(
    kms: MiniStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy of the key store from before its shredding is worth nothing from then on."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "stand-in")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "stand-in")
    keks = connect("archive", kms.url, "us-east-1")
    store = LocalKeyStore(tmp_path / "keys", SystemRandomness(), keks)
    store.new_key("one", PERIOD)
    (copy,) = [path.read_bytes() for path in (tmp_path / "keys").glob("periods/*/key")]
    store.shred_period(PERIOD)
    assert connect("archive", kms.url, "us-east-1").open(PERIOD, copy)
    assert store.new_key("two", PERIOD) == store.key("two")
    assert "can be called back until" in store.shred_due(DUE).survives[0]
    with pytest.raises(KeyStoreError) as caught:
        connect("archive", kms.url, "us-east-1").open(PERIOD, copy)
    assert "KMSInvalidStateException" in caught.value.message
