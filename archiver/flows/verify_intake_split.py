"""What must hold of split intake and maps before a second person signs for it.

Whoever splits could lose or change what stays. So each exchange of the old file is in one of
the two new ones, byte for byte as it was stored, and there is nothing else in these.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from archiver.errors import FormatError
from archiver.flows.intake import has_nonce
from archiver.flows.segments import sealed
from archiver.flows.verify_form import MAX_OPENING
from archiver.formats.intake_file import IntakeFile
from archiver.formats.settlement_map import map_bytes, parse_map
from archiver.ledger import ranges
from archiver.ledger.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.ledger.state import Segment

__all__ = ["check_intake_split", "check_map_split"]

_T = TypeVar("_T")
_FILES, _MAP = "segment-files", "map-differs"


def check_intake_split(archive: Archive, old: Segment, parts: Sequence[Segment]) -> list[Finding]:
    """Return how the parts of an intake segment are not what was split.

    Raises `IntegrityError` or `MissingObjectError` where a file is not the one that was sealed,
    `KeyStoreError` where its key is not in this home: then nobody can sign.
    """
    return _checked(old, parts, lambda: _intake(archive, old, parts), _FILES)


def check_map_split(archive: Archive, old: Segment, parts: Sequence[Segment]) -> list[Finding]:
    """Return how the parts of a map are not what was split. Raises as `check_intake_split`."""
    return _checked(old, parts, lambda: _maps(archive, old, parts), _MAP)


def _checked(
    old: Segment,
    parts: Sequence[Segment],
    look: Callable[[], Iterator[Finding]],
    code: str,
) -> list[Finding]:
    placed = [(one.unit, one.account, one.series, one.period, one.sensitivity) for one in parts]
    own = (old.unit, old.account, old.series, old.period, old.sensitivity)
    if len(parts) != 2 or set(placed) != {own}:  # noqa: PLR2004 - what stays, what goes
        return [Finding(code, old.place, "two parts in its unit", f"{len(parts)}")]
    try:
        return list(look())
    except FormatError as error:  # its words may quote what is private
        return [Finding(code, error.where or old.place, "files of the form of what was split", "")]


class _Met(NamedTuple):
    """An exchange as a file has it: its lane, digests of its members and its certificates'."""

    lane: str
    members: tuple[bytes, ...]
    certificates: tuple[bytes, ...]


class _Read(NamedTuple):
    """A file: its exchanges by number, its first record, whether it has a certificate of none."""

    exchanges: dict[int, _Met]
    opening: bytes
    beside: bool


def _intake(archive: Archive, old: Segment, parts: Sequence[Segment]) -> Iterator[Finding]:
    before = _read(archive, old)
    after = [_read(archive, one) for one in parts]
    for one, part in zip(parts, after, strict=True):
        numbers = list(part.exchanges)
        stated = ranges.from_numbers(numbers) == one.exchanges and numbers == sorted(numbers)
        if not stated or one.lane != old.lane:
            yield Finding(_FILES, one.place, "the exchanges that its seal names", "others")
        if part.beside:
            yield Finding(_FILES, one.place, "certificates that exchanges name", "another")
        for number, met in part.exchanges.items():
            if before.exchanges.get(number) != met:
                yield Finding(_FILES, one.place, f"exchange {number} as it was", "other bytes")
    names = {number: f"exchange {number}" for number in before.exchanges}
    yield from _once(_FILES, old, names, [part.exchanges for part in after])
    openings = [one.opening for one in (before, *after)]
    if len(set(openings)) < len(openings) or not all(map(has_nonce, openings)):
        yield Finding(_FILES, old.place, "a nonce of its own in each file", "none")


def _read(archive: Archive, segment: Segment) -> _Read:
    """Return what an intake file has. Raises `FormatError` where a number is there twice."""
    file, found = IntakeFile(sealed(archive, segment, "warc.gz")), dict[int, _Met]()
    named = set[str]()
    for one in file:
        named.update(one.certificates)
        if one.number in found or len(file.opening) > MAX_OPENING:
            raise FormatError("one number twice, or a first record of any size")
        own = [file.certificates.get(each, b"") for each in one.certificates]
        found[one.number] = _Met(one.lane, _digests(one.members), _digests(own))
    return _Read(found, file.opening, beside=bool(file.certificates.keys() - named))


def _digests(members: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(sha256(one).digest() for one in members)


def _maps(archive: Archive, old: Segment, parts: Sequence[Segment]) -> Iterator[Finding]:
    data = [sealed(archive, one, "map") for one in (old, *parts)]
    before, *after = map(parse_map, data)
    if len({one.partition(b" ")[0] for one in data}) < len(data):
        yield Finding(_MAP, old.place, "a nonce of its own in each file", "none")
    for one, found, whole in zip(parts, after, data[1:], strict=True):
        opening, _, text = whole.partition(b"\n")
        if len(opening) > MAX_OPENING or text != map_bytes(found, b"", b"").partition(b"\n")[2]:
            yield Finding(_MAP, one.place, "entries and nothing else", "more")
        for uuid in sorted(uuid for uuid in found if before.get(uuid) != found[uuid]):
            yield Finding(_MAP, one.place, f"the entry of record {uuid} as it was", "another")
    yield from _once(_MAP, old, {uuid: f"record {uuid}" for uuid in sorted(before)}, after)


def _once(
    code: str, old: Segment, names: Mapping[_T, str], after: Sequence[Container[_T]]
) -> Iterator[Finding]:
    """Yield what of the old file is in none of the new ones, or in several."""
    for one, name in names.items():
        count = sum(one in part for part in after)
        if count != 1:
            yield Finding(code, old.place, f"{name} in one part", f"in {count}")
