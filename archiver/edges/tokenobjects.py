"""Tokens and the key pairs in them, found by PKCS #11 URI; what modules say, in our words.

PKCS #11 v2.40 and v3.0, by python-pkcs11. Curves are known by their parameters, which
modules write as a name or as an object identifier (RFC 8410 §3); for the key type of
X25519 they do not agree, so it is not looked at.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11 import exceptions as said
from pkcs11.constants import TokenFlag

from archiver.errors import KeyStoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pkcs11 import Session, Token

    from archiver.formats.tokenuri import TokenUri

__all__ = [
    "ED25519",
    "X25519",
    "Curve",
    "Pair",
    "explained",
    "find_token",
    "make_pair",
    "missing",
    "private_key",
    "public_pairs",
]

POINT_SIZE = 32
POINT_FORMS = (b"", b"\x04\x20", b"\x03\x21\x00")
"""What stands before a public key: nothing, or it is an OCTET STRING or BIT STRING."""
GONE = (
    *(said.DeviceRemoved, said.TokenNotPresent, said.SessionHandleInvalid, said.SessionClosed),
    *(said.ObjectHandleInvalid, said.KeyHandleInvalid, said.DeviceError, said.GeneralError),
    said.FunctionFailed,
)


class Curve(NamedTuple):
    """A curve: its name, its parameters in DER in both forms, and what its keys may do."""

    name: str
    parameters: tuple[bytes, bytes]
    use: MechanismFlag


ED25519 = Curve(
    "Ed25519",
    (b"\x13\x0cedwards25519", bytes.fromhex("06032b6570")),
    MechanismFlag.SIGN | MechanismFlag.VERIFY,
)
X25519 = Curve("X25519", (b"\x13\x0acurve25519", bytes.fromhex("06032b656e")), MechanismFlag.DERIVE)


class Pair(NamedTuple):
    """A key pair in a token: its CKA_ID and label, and the 32 bytes of its public key."""

    id: bytes
    label: str
    point: bytes


@contextmanager
def explained(uri: TokenUri) -> Iterator[None]:
    """Turn what a module says into `KeyStoreError`; of the PIN nothing is quoted."""
    try:
        yield
    except (said.PinIncorrect, said.PinInvalid, said.PinLenRange) as error:
        raise KeyStoreError(
            "the token refused the PIN, and counts how often it does before it locks itself",
            where=str(uri),
            mend="make sure of the PIN before another try",
            code="token-pin",
        ) from error
    except said.PinLocked as error:
        raise _locked(uri) from error
    except GONE as error:
        raise KeyStoreError(
            f"the token was taken out, or does not answer ({type(error).__name__})",
            where=str(uri),
            mend="put it in and run the command again: what was not sealed did not happen",
            code="token-gone",
        ) from error
    except pkcs11.PKCS11Error as error:
        raise KeyStoreError(
            f"the token did not do it: {type(error).__name__}",
            where=str(uri),
            mend="look this name up in PKCS #11 (CKR_…) and in the token's manual",
            code="token",
        ) from error


def _locked(uri: TokenUri) -> KeyStoreError:
    return KeyStoreError(
        "the token has locked its PIN after too many wrong ones",
        where=str(uri),
        mend="unlock it as its security officer; without that its keys are lost",
        code="token-pin",
    )


def find_token(uri: TokenUri) -> Token:
    """Return the token that a URI names. Raises `KeyStoreError`, `pkcs11.PKCS11Error`."""
    if not Path(uri.module).is_file():
        raise _no_module(uri, "there is no such file")
    try:
        library = pkcs11.lib(uri.module)
    except pkcs11.PKCS11Error as error:
        raise _no_module(uri, "it is no PKCS #11 module, or does not start") from error
    wanted = (
        ("label", uri.token),
        ("manufacturer_id", uri.manufacturer),
        ("model", uri.model),
        ("serial", uri.serial.encode()),
    )
    tokens = [slot.get_token() for slot in library.get_slots(token_present=True)]
    found = [t for t in tokens if all(getattr(t, n) == v for n, v in wanted if v)]
    if len(found) != 1:
        raise KeyStoreError(
            "several tokens answer to this name" if found else "there is no such token",
            where=str(uri),
            mend="put it in, and name it by token=LABEL and serial=: `pkcs11-tool --list-slots`",
            code="token-ambiguous" if found else "token-missing",
        )
    if TokenFlag.USER_PIN_LOCKED in found[0].flags:
        raise _locked(uri)
    return found[0]


def _no_module(uri: TokenUri, why: str) -> KeyStoreError:
    return KeyStoreError(
        f"the PKCS #11 module cannot be used: {why}",
        where=uri.module,
        mend="install the token's software and correct module-path",
        code="token-module",
    )


def public_pairs(session: Session, uri: TokenUri) -> dict[str, Pair]:
    """Return by curve the key pairs that a URI names, as their public keys tell them.

    Raises `KeyStoreError` where keys of other kinds alone, or two of one kind, have the name.
    """
    found: dict[str, Pair] = {}
    others = set()
    for one in _objects(session, ObjectClass.PUBLIC_KEY, uri.object, uri.id):
        curve = _curve(one)
        if curve is None:
            others.add(one.key_type.name)
        elif curve.name in found:
            raise KeyStoreError(
                f"several {curve.name} keys in the token have this name",
                where=str(uri),
                mend="name one by its id, as id=%01: `pkcs11-tool --list-objects`",
                code="token-key-ambiguous",
            )
        else:
            found[curve.name] = Pair(one.id, one.label, _point(one, uri))
    if others and ED25519.name not in found:
        raise KeyStoreError(
            f"acts are signed with Ed25519, and this is a key of another kind ({min(others)})",
            where=str(uri),
            mend="make an Ed25519 key in the token under another name",
            code="token-key-type",
        )
    return found


def missing(uri: TokenUri) -> KeyStoreError:
    """Return the error for a token that has no signing key of that name."""
    return KeyStoreError(
        "the token shows no Ed25519 public key of this name",
        where=str(uri),
        mend="`archiver person enrol` makes one; or: pkcs11-tool --module MODULE --login "
        "--keypairgen --key-type EC:edwards25519 --label LABEL",
        code="token-key-missing",
    )


def private_key(session: Session, pair: Pair, curve: Curve, uri: TokenUri) -> Any:  # noqa: ANN401 - what it can do is known at run time
    """Return the private key of a pair, once somebody has logged in. Raises `KeyStoreError`."""
    objects = _objects(session, ObjectClass.PRIVATE_KEY, pair.label, pair.id)
    found = [one for one in objects if _curve(one) == curve]
    if not found:
        raise KeyStoreError(
            "the token does not show the private key: it was taken out, or lacks half of the pair",
            where=str(uri),
            mend="put it in and run the command again; else: `pkcs11-tool --login --list-objects`",
            code="token-gone",
        )
    if len(found) > 1:
        raise KeyStoreError(
            f"the token has {len(found)} private {curve.name} keys for one public one",
            where=str(uri),
            mend="a pair has one label and one id: `pkcs11-tool --login --list-objects`",
            code="token-key-ambiguous",
        )
    return found[0]


def make_pair(session: Session, curve: Curve, label: str, key_id: bytes) -> None:
    """Make a key pair whose private key never leaves the token. Raises `pkcs11.PKCS11Error`."""
    parameters = session.create_domain_parameters(
        KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: curve.parameters[0]}, local=True
    )
    parameters.generate_keypair(
        mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
        store=True,
        label=label,
        id=key_id,
        capabilities=curve.use,
        private_template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
    )


def _objects(session: Session, kind: ObjectClass, label: str, key_id: bytes) -> Sequence[Any]:
    wanted: dict[Attribute, Any] = {Attribute.CLASS: kind}
    if label:
        wanted[Attribute.LABEL] = label
    if key_id:
        wanted[Attribute.ID] = key_id
    return list(session.get_objects(wanted))


def _curve(key: Any) -> Curve | None:  # noqa: ANN401 - see `private_key`
    try:
        parameters = key[Attribute.EC_PARAMS]
    except said.AttributeTypeInvalid:  # no elliptic curve at all, as RSA
        return None
    return next((one for one in (ED25519, X25519) if parameters in one.parameters), None)


def _point(key: Any, uri: TokenUri) -> bytes:  # noqa: ANN401 - see `private_key`
    """Return the bytes of a public key. Raises `KeyStoreError` for an odd one."""
    stated = key[Attribute.EC_POINT]
    if stated[:-POINT_SIZE] not in POINT_FORMS or len(stated) < POINT_SIZE:
        raise KeyStoreError(
            "the token gives a public key in an unknown form",
            where=str(uri),
            mend="update the token's module",
            code="token",
        )
    return bytes(stated[-POINT_SIZE:])
