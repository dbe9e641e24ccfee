"""The offline proof that an entry is in the log (c2sp.org/tlog-proof), as one text file.

::

    c2sp.org/tlog-proof@v1
    extra <base64>                 only where there is extra data
    index <decimal>
    <base64 of a hash>             one line per hash, from the leaf's sibling upwards

    <the signed checkpoint, verbatim>

By custom its file name ends in ``.tlog-proof``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.errors import FormatError
from archiver.ledger.checkpoint import (
    MAX_NOTE,
    Checkpoint,
    decode_base64,
    encode_base64,
    open_checkpoint,
    parse_decimal,
)
from archiver.ledger.tree import HASH_SIZE, leaf_hash, verify_inclusion

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FIRST_LINE", "MAX_PROOF", "Proof", "Verified", "verify"]

FIRST_LINE = "c2sp.org/tlog-proof@v1"
MAX_PROOF = 2 * MAX_NOTE
"""The largest proof in bytes; the specification sets no limit."""

_LONGEST_PATH = 63
_MEND = "take the proof from the archive again; do not edit it"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a proof says: the entry's index, its audit path, the signed checkpoint.

    ``note`` is the checkpoint as signed, byte for byte. ``extra`` is opaque and **not
    authenticated**; empty where there is none. Raises `FormatError` where a part can't
    stand in a proof.
    """

    index: int
    path: tuple[bytes, ...]
    note: bytes
    extra: bytes = b""

    def __post_init__(self) -> None:
        """Refuse what `build` couldn't write or `parse` would read differently."""
        if len(self.path) > _LONGEST_PATH or any(len(item) != HASH_SIZE for item in self.path):
            raise FormatError("not an audit path", where=f"leaf {self.index}", mend=_MEND)
        parse_decimal(str(self.index), "the index in a proof")

    def build(self) -> bytes:
        """Return the proof as the text file it is kept and sent as."""
        lines = [FIRST_LINE]
        if self.extra:
            lines.append(f"extra {encode_base64(self.extra)}")
        lines.append(f"index {self.index}")
        lines.extend(encode_base64(item) for item in self.path)
        return "\n".join([*lines, "", ""]).encode() + self.note

    @classmethod
    def parse(cls, text: bytes) -> Proof:
        """Return the proof whose `build` this is. Raises `FormatError`."""
        head, blank, note = text.partition(b"\n\n")
        if len(text) > MAX_PROOF or not blank:
            raise FormatError("a proof has no checkpoint, or is too large", mend=_MEND)
        first, *lines = _ascii(head).split("\n")
        if first != FIRST_LINE:
            mend = f"a proof starts with the line {FIRST_LINE}"
            raise FormatError("not a transparency log proof", where=first[:200], mend=mend)
        extra = b""
        if lines and lines[0].startswith("extra "):
            extra = decode_base64(lines.pop(0).removeprefix("extra "), "the extra data of a proof")
            if not extra:
                raise FormatError("an extra line without extra data", mend=_MEND)
        if not lines or not lines[0].startswith("index "):
            raise FormatError("a proof has no index line where it belongs", mend=_MEND)
        index = parse_decimal(lines.pop(0).removeprefix("index "), "the index in a proof")
        return cls(index, tuple(decode_base64(x, "a hash in a proof") for x in lines), note, extra)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verified proof proves: the entry stands at ``index`` in the checkpoint's tree."""

    index: int
    checkpoint: Checkpoint


def verify(text: bytes, entry: bytes, verifier_keys: Sequence[str]) -> Verified:
    """Check offline that the log of one of the keys has ``entry``.

    Args:
        text: the proof file.
        entry: the log entry itself, not its hash.
        verifier_keys: trusted keys as ``name+hash+base64``; one must bear the log's origin
            as its name and have signed the checkpoint.

    Raises `FormatError` for a malformed proof, `IntegrityError` for one that does not
    hold.
    """
    proof = Proof.parse(text)
    checkpoint = open_checkpoint(proof.note, verifier_keys)
    verify_inclusion(proof.index, checkpoint.size, leaf_hash(entry), proof.path, checkpoint.root)
    return Verified(proof.index, checkpoint)


def _ascii(data: bytes) -> str:
    try:
        return data.decode("ascii")
    except UnicodeDecodeError as error:
        raise FormatError(
            "a proof has more than ASCII before its checkpoint", mend=_MEND
        ) from error
