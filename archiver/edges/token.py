"""A person's own keys in a token (PKCS #11): it signs and opens, and never gives them out.

The token holds an Ed25519 key pair and, for whoever reads private streams, an X25519 one
beside it. Public halves are read without a PIN; the PIN is asked for at the first
signature, sent once, and not kept. A wrong one counts in the token, so it is never tried
twice, and the last try before the token locks is left to a person.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

import pkcs11
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pkcs11 import KDF, Attribute, KeyType, Mechanism
from pkcs11.constants import TokenFlag
from pkcs11.exceptions import UserAlreadyLoggedIn

from archiver.edges.pin import read_pin
from archiver.edges.tokenobjects import (
    ED25519,
    X25519,
    explained,
    find_token,
    make_pair,
    missing,
    private_key,
    public_pairs,
)
from archiver.errors import KeyStoreError, UsageError
from archiver.formats import sealing
from archiver.formats.notekey import verifier_key
from archiver.formats.tokenuri import parse
from archiver.ids import handle_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pkcs11 import Session, Token

    from archiver.edges.tokenobjects import Pair
    from archiver.formats.tokenuri import TokenUri

__all__ = ["PersonToken", "create_named", "open_named"]

HANDLE_TAG = b"civic-archive/token-handle/v1\n"
ID_BYTES = 8
SECRET_BITS = 256


class PersonToken:
    """A person's keys in a token (`archiver.keyring.PersonKey`).

    Args:
        uri: which key in which token.
        read_pin: returns the PIN from the source and for the token named ("": ask a person).

    Raises:
        KeyStoreError: no module, token or key answers to the URI, several do, or it is not
            an Ed25519 key; each with a code of its own.
    """

    def __init__(self, uri: TokenUri, read_pin: Callable[[str, str], str]) -> None:
        self._uri = uri
        self._read_pin = read_pin
        self._session: Session | None = None
        with explained(uri), find_token(uri).open() as session:
            pairs = public_pairs(session, uri)
        if ED25519.name not in pairs:
            raise missing(uri)
        self._signing = pairs[ED25519.name]
        self._reading = pairs.get(X25519.name)

    @classmethod
    def create(cls, uri: TokenUri, read_pin: Callable[[str, str], str]) -> PersonToken:
        """Make a person's keys in a token, as far as they are missing, and return them.

        A token that knows no X25519 gets a signing key alone. The signing key comes last: cut
        short, this is simply done again. Raises `KeyStoreError`; `UsageError` without a label.
        """
        if not uri.object:
            raise UsageError(
                "a new key in a token needs a label",
                where=str(uri),
                mend="add object=LABEL to its name",
                code="token-uri",
            )
        with explained(uri):
            session = _login(uri, read_pin, write=True)
            pairs = public_pairs(session, uri)
            key_id = next((one.id for one in pairs.values()), uri.id or os.urandom(ID_BYTES))
            if X25519.name not in pairs:
                with suppress(pkcs11.PKCS11Error):  # whoever makes it sees `reading` empty
                    make_pair(session, X25519, uri.object, key_id)
            if ED25519.name not in pairs:
                make_pair(session, ED25519, uri.object, key_id)
        made = cls(uri, read_pin)
        made._session = session
        return made

    def __repr__(self) -> str:
        """Return the public key."""
        return f"PersonToken({self.verifier_key!r})"

    @property
    def handle(self) -> str:
        """A name made of the public key, so that the token need not keep one."""
        return handle_of(sha256(HANDLE_TAG + self._signing.point).digest()[:16])

    @property
    def verifier_key(self) -> str:
        """The public signing key in signed-note form."""
        return verifier_key(self.handle, self._signing.point)

    @property
    def reading(self) -> str:
        """The public reading key (X25519) in hexadecimal; empty where the token has none."""
        return self._reading.point.hex() if self._reading else ""

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of ``message``. Raises `KeyStoreError`."""
        with self._logged_in() as session:
            key = private_key(session, self._signing, ED25519, self._uri)
            made = bytes(key.sign(message, mechanism=Mechanism.EDDSA))
        try:
            Ed25519PublicKey.from_public_bytes(self._signing.point).verify(made, message)
        except (InvalidSignature, ValueError) as error:
            raise KeyStoreError(
                "the token signed with another key than its public key tells of",
                where=str(self._uri),
                mend="a public key object may be wrong: `pkcs11-tool --list-objects`",
                code="token",
            ) from error
        return made

    def unseal(self, sealed: bytes, info: bytes) -> bytes:
        """Return what was sealed to the reading key. Raises `KeyStoreError`."""
        reading = self._reading
        if reading is None:
            raise KeyStoreError(
                "the token has no reading key (X25519)",
                where=str(self._uri),
                mend="read with the key that was enrolled for it",
                code="token-key-missing",
            )
        return sealing.unseal_by(partial(self._exchange, reading), reading.point, sealed, info)

    def _exchange(self, reading: Pair, other: bytes) -> bytes:
        """Return the point that the reading key shares with a public key (RFC 7748)."""
        with self._logged_in() as session:
            shared = private_key(session, reading, X25519, self._uri).derive_key(
                KeyType.GENERIC_SECRET,
                SECRET_BITS,
                mechanism=Mechanism.ECDH1_DERIVE,
                mechanism_param=(KDF.NULL, None, other),
                template={
                    Attribute.TOKEN: False,
                    Attribute.SENSITIVE: False,
                    Attribute.EXTRACTABLE: True,
                },
            )
            return bytes(shared[Attribute.VALUE])

    @contextmanager
    def _logged_in(self) -> Iterator[Session]:
        """Yield the session in which the PIN was given; after any trouble a new one is needed."""
        try:
            with explained(self._uri):
                if self._session is None:
                    self._session = _login(self._uri, self._read_pin)
                yield self._session
        except KeyStoreError:
            self._session = None
            raise


def open_named(name: str) -> PersonToken:
    """Return the keys that a URI names. Raises as `PersonToken`; `UsageError` for an odd URI."""
    return PersonToken(parse(name), read_pin)


def create_named(name: str) -> PersonToken:
    """Make the keys that a URI names, as far as they are missing. Raises likewise."""
    return PersonToken.create(parse(name), read_pin)


def _login(uri: TokenUri, read_pin: Callable[[str, str], str], *, write: bool = False) -> Session:
    """Open a session and give the PIN, once."""
    token = find_token(uri)
    try:
        return token.open(rw=write, user_pin=_pin(token, uri, read_pin))
    except UserAlreadyLoggedIn:  # by another key of the same token, in this process
        return token.open(rw=write)


def _pin(token: Token, uri: TokenUri, read_pin: Callable[[str, str], str]) -> str:
    if TokenFlag.USER_PIN_FINAL_TRY in token.flags and uri.pin_source:
        raise KeyStoreError(
            "one try is left before the token locks itself, and a program won't take it",
            where=str(uri),
            mend="leave out pin-source and type the PIN",
            code="token-pin",
        )
    return read_pin(uri.pin_source, uri.token or str(uri))
