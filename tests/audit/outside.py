"""What outsiders gave the archives of the audits: a cosignature, a time-stamp; a second hash."""

from __future__ import annotations

import atexit
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from archiver.flows.anchoring import POLICY, Anchoring, AuthorityAt
from archiver.formats.parquet import canonical_time
from archiver.layout import anchor_key
from archiver.ledger.checkpoint import split_note
from archiver.ledger.cosignature import cosign
from archiver.ledger.rehash import Rehash, sha512_root
from archiver.ledger.timestamp import query
from archiver.ledger.tree import Frontier, leaf_hash
from tests.audit.forge import body, entries_of, put, relog, signed
from tests.ledger.cosigner import cosigners
from tests.outsiders import OpensslAuthority

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.flows.archive import Archive

__all__ = ["OneWitness", "anchored", "cosigned", "entry_of", "policy", "vouched"]

NAMES = ("01KAGT1EB0DDSKN3CP8Y2VW9HA", "01KAGT1EB0DDSKN3CP8Y2VW9HB", "01KAGT1EB0DDSKN3CP8Y2VW9HC")
_AT = 1_795_165_200


class OneWitness:
    """Outside is one witness, without a wire: ``note`` is what it last cosigned."""

    def __init__(self, note: bytes) -> None:
        self.note = note

    def get(self, url: str) -> tuple[int, bytes]:
        """Show the note."""
        del url
        return 200, self.note

    def post(self, url: str, body: bytes, content_type: str) -> tuple[int, bytes]:
        """Cosign nothing more."""
        del url, body, content_type
        return 403, b""

    def shares_host(self, url: str, others: Sequence[str]) -> bool:
        """It is nowhere."""
        del url, others
        return False


@cache
def cosigned(note: bytes, when: int = _AT) -> bytes:
    """Return a note under the witness's cosignatures of a moment, always the same."""
    text = split_note(note)[0]
    return note + b"".join(cosign(text, one, when) for one in cosigners("witness.example"))


def policy(name: str = "witness.example", quorum: str = "none") -> bytes:
    """Return a policy that knows a witness, and asks for nothing."""
    keys = [one.verifier_key for one in cosigners(name)]
    lines = [f"witness w{at} {key} http://{name}/\n" for at, key in enumerate(keys)]
    return "".join([*lines, f"quorum {quorum}\n"]).encode()


@cache
def _authority() -> OpensslAuthority:
    place = TemporaryDirectory(prefix="civic-authority-")
    atexit.register(place.cleanup)
    return OpensslAuthority(Path(place.name) / "authority")


@cache
def _stamp(message: bytes) -> bytes:
    return _authority().reply(query(message, b"\x01" * 8))


def entry_of(kind: str, size: int, name: str, data: bytes, **more: Any) -> bytes:  # noqa: ANN401 - JSON
    """Return the entry that names a file of evidence."""
    digest = sha256(data).hexdigest()
    return body("anchor", kind=kind, size=size, file=name, sha256=digest, **more)


def anchored(archive: Archive) -> bytes:
    """Have all of the log vouched for, by one of each kind; return the cosigned note."""
    entries, now = entries_of(archive), canonical_time(archive.clock.now())
    size, origin = len(entries), archive.identity.origin
    root = Frontier.empty().extend([leaf_hash(one) for one in entries]).root()
    note = cosigned(signed(archive, size, root))
    second = Rehash(origin, size, sha512_root(entries), {}).encode()
    files = dict(zip(NAMES, (note, _stamp(note), second), strict=True))
    for name, data in files.items():
        put(archive, anchor_key(name), data)
    new = [
        entry_of("cosigned", size, NAMES[0], note, time=now),
        entry_of("timestamp", size, NAMES[1], files[NAMES[1]], of=[NAMES[0]], time=now),
        entry_of("rehash", size, NAMES[2], second, time=now),
    ]
    relog(archive, [*entries, *new])
    return note


def vouched(archive: Archive, note: bytes) -> Anchoring:
    """Return who vouches; the home's policy knows the witness, which shows the note."""
    archive.home.write(POLICY, policy())
    authority = AuthorityAt("", _authority().pem)
    return Anchoring(authorities=(authority,), outside=OneWitness(note))
