"""A witness's folder and its server, against clients that mean no good."""

from __future__ import annotations

import re
import socket
import stat
from hashlib import sha256
from typing import TYPE_CHECKING

import httpx
import pytest

from archiver.edges.witness import FileCosigner, WitnessFolder
from archiver.edges.witness_http import Limits, WitnessServer
from archiver.errors import KeyStoreError, UsageError
from archiver.formats.cosignerkey import (
    COSIGNER_TYPES,
    cosigner_key,
    decode_cosigner,
    encode_cosigner,
)
from archiver.ledger.cosignature import cosignatures
from archiver.ledger.witness import SIZE_TYPE
from archiver.wire import open_witness, witness_server
from tests.doubles import SeededRandomness
from tests.ledger.cosigner import cosigners
from tests.ledger.test_witness import FORK, LOG, ORIGIN, asked
from tests.outsiders import keys_of, refuse_to_fail, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "witness.example/w1"


def made(folder: Path) -> WitnessFolder:
    """Make a witness that knows one log."""
    return WitnessFolder.create(folder, NAME, [LOG.verifier_key], SeededRandomness())


def test_keys_are_private_and_come_back(tmp_path: Path) -> None:
    """Key files are 0600 in a folder of 0700, and give the same public keys again."""
    folder = made(tmp_path / "w")
    first = [one.verifier_key for one in folder.signers()]
    assert [one.verifier_key for one in WitnessFolder(tmp_path / "w").signers()] == first
    assert stat.S_IMODE((tmp_path / "w").stat().st_mode) == 0o700
    for path in (tmp_path / "w").iterdir():
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert folder.logs() == [LOG.verifier_key]
    (tmp_path / "w" / "logs").write_text(f"# one\n\n  {LOG.verifier_key}  \n")
    assert folder.logs() == [LOG.verifier_key]


def test_a_second_init_changes_nothing(tmp_path: Path) -> None:
    """There is one witness in a folder, and its keys stay."""
    keys = (made(tmp_path / "w"), (tmp_path / "w" / "keys").read_bytes())[1]
    with pytest.raises(UsageError):
        made(tmp_path / "w")
    assert (tmp_path / "w" / "keys").read_bytes() == keys


def test_keys_that_are_open_missing_or_changed(tmp_path: Path) -> None:
    """Such keys are not used, and no error quotes them."""
    path = tmp_path / "w" / "keys"
    folder = made(tmp_path / "w")
    secret = path.read_text()
    path.chmod(0o644)
    with pytest.raises(KeyStoreError):
        folder.signers()
    path.chmod(0o600)
    for text in (secret[:-3] + "AA\n", "", "x", secret.replace("w1", "w2")):
        path.write_text(text)
        with pytest.raises(KeyStoreError) as refused:
            folder.signers()
        assert secret.split("+")[-1].strip() not in str(refused.value)
    path.unlink()
    with pytest.raises(KeyStoreError):
        folder.signers()


@pytest.mark.parametrize("key", cosigners(NAME), ids=["Ed25519", "ML-DSA-44"])
def test_a_key_as_text(key: FileCosigner) -> None:
    """Private keys come back from text; a changed letter is noticed."""
    private = COSIGNER_TYPES[0x04 if len(key.verifier_key) < 200 else 0x06](bytes(range(32)))
    text = encode_cosigner(NAME, private)
    name, again = decode_cosigner(text)
    assert cosigner_key(name, again) == cosigner_key(NAME, private)
    for place in range(len(text)):
        with pytest.raises(KeyStoreError):
            decode_cosigner(text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :])
    assert "PRIVATE" not in repr(FileCosigner(NAME, private))


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n", "\u00e9" * 128])
def test_names_that_are_none(tmp_path: Path, name: str) -> None:
    """A name that no cosignature could bear is refused before anything is written."""
    with pytest.raises(UsageError):
        WitnessFolder.create(tmp_path / "w", name, [], SeededRandomness())
    assert not (tmp_path / "w" / "keys").exists()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WitnessServer]:
    """A witness over HTTP."""
    keys_of(tmp_path / "w", NAME, [LOG.verifier_key])
    with served(tmp_path / "w") as running:
        yield running


def test_the_protocol_over_http(server: WitnessServer, tmp_path: Path) -> None:
    """Statuses, types and bodies are those of the specification, over one open connection."""
    keys = keys_of(tmp_path / "w", NAME, [])
    place = f"{sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        assert client.get(place).status_code == 404
        good = client.post("add-checkpoint", content=asked(0, 12).encode())
        assert good.status_code == 200
        assert len(cosignatures(asked(0, 12).note + good.content, keys)) == 2
        stale = client.post("add-checkpoint", content=asked(0, 20).encode())
        assert (stale.status_code, stale.text) == (409, "12\n")
        assert stale.headers["content-type"] == SIZE_TYPE
        fork = client.post("add-checkpoint", content=asked(12, 20, FORK).encode())
        assert fork.status_code == 422
        assert client.post("add-checkpoint", content=b"x").status_code == 400
        assert client.post("elsewhere", content=b"x").status_code == 404
        assert client.get("elsewhere").status_code == 404
        shown = client.get(f"any/prefix/{place}")
        assert shown.content == asked(0, 12).note + good.content


def test_a_witness_that_can_not_write_says_so(tmp_path: Path) -> None:
    """Its operator is told what and where, the client gets 500; once mended, all goes on."""
    folder, told = tmp_path / "w", list[Exception]()
    keys_of(folder, NAME, [LOG.verifier_key])
    with witness_server(open_witness(folder), "127.0.0.1", 0, told.append) as server:
        url = f"{server.url}add-checkpoint"
        assert httpx.post(url, content=asked(0, 5).encode(), trust_env=False).status_code == 200
        (folder / "tmp").rmdir()
        (folder / "tmp").write_text("in the way")
        answer = httpx.post(url, content=asked(5, 12).encode(), trust_env=False)
        assert (answer.status_code, str(tmp_path) in answer.text) == (500, False)
        (error,) = told
        assert isinstance(error, KeyStoreError)
        assert str(folder) in error.where
        assert "free space" in error.mend
        (folder / "tmp").unlink()
        (folder / "tmp").mkdir(mode=0o700)
        assert httpx.post(url, content=asked(5, 12).encode(), trust_env=False).status_code == 200


HOSTILE = {
    "no length": b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\n\r\n",
    "chunked": b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    b"Content-Length: 5\r\n\r\n0\r\n\r\n",
    "huge": b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n",
    "negative": b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "method": b"DELETE / HTTP/1.1\r\nHost: x\r\n\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n",
    "long line": b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_requests(server: WitnessServer, name: str) -> None:
    """Such a request is answered with an error, and the next client is served."""
    port = int(server.url.rstrip("/").rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(HOSTILE[name])
        answer = connection.recv(65_536)
    assert re.search(rb"HTTP/1.1 [45]\d\d |Error code: [45]\d\d", answer)
    assert httpx.get(f"{server.url}elsewhere", trust_env=False).status_code == 404


def test_a_client_that_stops_half_way(server: WitnessServer) -> None:
    """A body that never comes is no request; nothing is cosigned."""
    port = int(server.url.rstrip("/").rpartition(":")[2])
    body = asked(0, 12).encode()
    head = f"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head.encode() + body[:-1])
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100) == b""
    place = f"{sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
    assert httpx.get(f"{server.url}{place}", trust_env=False).status_code == 404


def test_more_connections_than_it_bears() -> None:
    """Beyond its limit connections are closed at once; a silent one gives its place back."""

    def nothing(_: object) -> tuple[int, bytes, str]:
        return 404, b"", "text/plain"

    limits = Limits(body=100, silence=0.2, connections=1)
    with WitnessServer(("127.0.0.1", 0), nothing, nothing, limits, refuse_to_fail) as server:
        port = int(server.url.rstrip("/").rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as silent:
            silent.sendall(b"G")
            with socket.create_connection(("127.0.0.1", port), timeout=10) as second:
                assert second.recv(10) == b""
            assert silent.recv(10) == b""
        assert httpx.get(f"{server.url}x", trust_env=False).status_code == 404
