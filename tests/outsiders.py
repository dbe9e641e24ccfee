"""Outsiders for the tests, as real as can be: witnesses over HTTP, `openssl ts` authorities."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, NoReturn

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from archiver.flows.anchoring import AuthorityAt, WitnessAt
from archiver.wire import create_witness, open_witness, witness_server
from tests.edges.servers import Server, response

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from archiver.edges.witness_http import WitnessServer

__all__ = ["OpensslAuthority", "keys_of", "served", "witness_at"]

CONFIG = """
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
signer_cert = {folder}/signer.pem
certs = {folder}/chain.pem
signer_key = {folder}/signer.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.32473.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def keys_of(folder: Path, name: str, logs: Sequence[str]) -> tuple[str, ...]:
    """Make a witness in a folder, if there is none; return its public keys."""
    if not (folder / "keys").exists():
        create_witness(folder, name, logs)
    return tuple(one.verifier_key for one in open_witness(folder).signers)


def refuse_to_fail(error: Exception) -> NoReturn:
    """Raise what a witness reports: in these tests none fails."""
    raise error


@contextmanager
def served(folder: Path) -> Iterator[WitnessServer]:
    """Serve the witness in a folder over HTTP."""
    with witness_server(open_witness(folder), "127.0.0.1", 0, refuse_to_fail) as server:
        yield server


@contextmanager
def witness_at(
    folder: Path, logs: Sequence[str], name: str = "witness.example/w1", operator: str = ""
) -> Iterator[WitnessAt]:
    """Serve a witness that knows the logs; yield what an archive's settings say of it."""
    keys = keys_of(folder, name, logs)
    with served(folder) as server:
        yield WitnessAt(server.url, keys, operator)


class OpensslAuthority:
    """A time-stamp authority that is `openssl ts` behind a small HTTP server.

    Its certificates run from an hour ago for ``days``, the one that issued its own for
    ``issuing`` if that is given. ``broken`` True: it answers 503.
    """

    def __init__(
        self, folder: Path, days: float = 1000, name: str = "authority", issuing: float = 0
    ) -> None:
        if shutil.which("openssl") is None:
            pytest.skip("the openssl program is not installed")
        folder.mkdir(parents=True)
        self._folder = folder
        self._lock = Lock()
        self.broken = False
        self.asked = 0
        self.pem = _certificates(folder, days, name, issuing or days + 1)
        (folder / "serial").write_text("01\n")
        (folder / "ts.cnf").write_text(CONFIG.format(folder=folder))

    @contextmanager
    def at(self) -> Iterator[AuthorityAt]:
        """Serve it; yield what an archive's settings say of it."""
        with Server(self._answer) as server:
            yield AuthorityAt(f"{server.url}/tsr", self.pem)

    def _answer(self, _: socket.socket, request: bytes) -> bytes:
        self.asked += 1
        if self.broken:
            return response(b"later\n", status="503 Service Unavailable")
        return response(self.reply(request.partition(b"\r\n\r\n")[2]))

    def reply(self, query: bytes) -> bytes:
        """Return what `openssl ts -reply` makes of a query."""
        with self._lock:
            (self._folder / "query").write_bytes(query)
            self.openssl(
                "ts", "-reply", "-config", "ts.cnf", "-queryfile", "query", "-out", "reply"
            )
            return (self._folder / "reply").read_bytes()

    def openssl(self, *arguments: str) -> str:
        """Run openssl in the authority's folder; return what it says."""
        done = subprocess.run(
            ["openssl", *arguments], cwd=self._folder, capture_output=True, text=True, check=True
        )
        return done.stdout


def _certificates(folder: Path, days: float, name: str, issuing: float) -> bytes:
    """Write root, intermediate and signer; return root and intermediate in PEM."""
    root_key, root = _issued(f"{name} root", days + 1, None)
    middle_key, middle = _issued(f"{name} issuing", issuing, (root_key, root))
    key, signer = _issued(f"{name} signer", days, (middle_key, middle), stamps=True)
    pem = [one.public_bytes(serialization.Encoding.PEM) for one in (root, middle, signer)]
    (folder / "signer.pem").write_bytes(pem[2])
    (folder / "chain.pem").write_bytes(pem[1] + pem[0])
    (folder / "signer.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem[0] + pem[1]


def _issued(
    name: str,
    days: float,
    issuer: tuple[ec.EllipticCurvePrivateKey, x509.Certificate] | None,
    *,
    stamps: bool = False,
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[1].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=not stamps, path_length=None), critical=True)
    )
    if stamps:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    return key, builder.sign(issuer[0] if issuer else key, hashes.SHA256())
