"""Who verified what superseded other segments: a fold over ``verified`` entries. Pure.

Nothing superseded goes before somebody in the role of the verifier has read what took its
place, every record of it, and signed that with a key of their own. The act names the
superseding seal and its leaf hash, which covers the digests of the new files.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.errors import FormatError
from archiver.registry.acts import Act, canonical
from archiver.registry.people import Refused, Registry, fold
from archiver.registry.roles import Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from archiver.registry.acts import Verifies

__all__ = ["VERIFIED", "VERIFYING", "Verifications", "refusal", "seal_hash", "verifications"]

VERIFIED = "verified"
VERIFYING = frozenset((Role.VERIFIER,))
_INDEX = re.compile("0|[1-9][0-9]{0,18}")
_CONTROL = b"\x00\x02"  # RFC 6962 leaf prefix, first byte of a control entry


class Verifications(NamedTuple):
    """Superseding seals that count as verified, by index, and the acts that do not count."""

    seals: frozenset[int]
    refused: list[Refused]


def seal_hash(body: Mapping[str, Any]) -> str:
    """Return the leaf hash (hex) of a control entry, by which an act names it."""
    return sha256(_CONTROL + canonical(dict(body))).hexdigest()


def refusal(
    registry: Registry,
    when: tuple[int, datetime],
    act: Act,
    seals: Mapping[int, Mapping[str, Any]],
    verifies: Verifies,
    keys: Iterable[str],
) -> str:
    """Return why an act of verifying would not count, or "".

    Args:
        registry: people and roles.
        when: the entry it would be, and the ledger's time there.
        act: the act.
        seals: superseding seals before it, by index.
        verifies: tells whether a key made a signature.
        keys: the archive's own verifier keys: whoever has only these is no second role.
    """
    statement = act.statement
    if (statement["act"], statement["archive"]) != (VERIFIED, registry.archive):
        return "it is no verification in this archive"
    index = str(statement.get("seal"))
    seal = seals.get(int(index)) if _INDEX.fullmatch(index) else None
    if seal is None or seal_hash(seal) != statement.get("entry"):
        return "it names no superseding seal that is there"
    own = {_raw(key) for key in keys}
    signers = {key for key in act.signers(verifies) if _raw(key) not in own}
    if not registry.who(signers, VERIFYING, *when):
        return "nobody signed it who holds the role of the verifier"
    return ""


def verifications(
    archive: str,
    controls: Sequence[tuple[int, Mapping[str, Any]]],
    void: Collection[int],
    verifies: Verifies,
    keys: Sequence[str],
) -> Verifications:
    """Return which superseding seals count as verified.

    Args:
        archive: the archive's id.
        controls: control entries with their indexes, in order.
        void: indexes of superseding seals that count for nothing.
        verifies: tells whether a key made a signature.
        keys: the archive's own verifier keys.
    """
    registry = fold(Registry(archive), controls, verifies)
    seals: dict[int, Mapping[str, Any]] = {}
    found, used, refused = set[int](), set[str](), list[Refused]()
    for index, body in controls:
        if body["t"] == "seal" and body["stage"] == "compact" and index not in void:
            seals[index] = body
        if body["t"] != VERIFIED:
            continue
        try:
            act = Act.of({name: body.get(name) for name in ("statement", "signatures")})
        except FormatError as error:
            refused.append(Refused(index, error.message))
            continue
        name = str(act.statement["statement"])
        why = refusal(registry, (index, registry.at(index)), act, seals, verifies, keys)
        if name in used or why:
            refused.append(Refused(index, why or "the statement was used before"))
            continue
        used.add(name)
        found.add(int(act.statement["seal"]))
    return Verifications(frozenset(found), refused)


def _raw(key: str) -> str:
    """Return the public key in a verifier key ``name+hash+key``, whatever its name."""
    return key.split("+", 2)[-1]
