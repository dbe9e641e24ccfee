"""Sealed intake, exchange by exchange as it lies in its file, and files made of some. Pure.

A gzip member goes along as it is stored: it holds one WARC record and nothing of its
neighbours. A certificate stands before the first exchange that names it, once a file; one that
no exchange names goes nowhere. Byte-level rules: ``docs/formats/intake.md``.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import FormatError
from archiver.formats import warc
from archiver.formats.exchanges import CERTIFICATE, ExchangeReader
from archiver.formats.warc_reading import header_value, header_values, members_of, parse_record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from archiver.record import Exchange

__all__ = ["IntakeFile", "Stored", "split_exchanges"]

_DIGITS = 18


class Stored(NamedTuple):
    """An exchange in an intake file: its lane and number, its request and its response.

    ``members`` as they are stored, ``records`` what they hold; ``certificates`` are the SHA-256
    digests (hex) of those that it names.
    """

    lane: str
    number: int
    members: tuple[bytes, bytes]
    records: tuple[bytes, bytes]
    certificates: tuple[str, ...]

    def exchange(self) -> Exchange:
        """Return the exchange, held against its digests. Raises `FormatError`."""
        reader = ExchangeReader(BytesIO(b"".join(self.records)))
        found = list(reader)
        if reader.damage or len(found) != 1:
            where = f"{self.lane}/{self.number}"
            raise FormatError(f"not an exchange: {reader.damage}", where=where)
        return found[0]


class IntakeFile:
    """Reads a plain intake WARC, one exchange after the other; no more than one is inflated.

    ``opening`` is its first record. ``certificates``: members of those read so far, by digest.
    Whether the opening is one of ours is not asked here (`archiver.flows.intake.has_nonce`).
    """

    def __init__(self, data: bytes) -> None:
        self._members = members_of(data)
        self.opening = next(self._members)[1]
        self.certificates: dict[str, bytes] = {}

    def __iter__(self) -> Iterator[Stored]:
        """Yield every exchange in order. Raises `FormatError` for anything else."""
        for member, record in self._members:
            lines = parse_record(record).lines
            kind, uri = (header_value(lines, f"WARC-{name}") for name in ("Type", "Target-URI"))
            if kind == "resource" and uri.startswith(CERTIFICATE):
                self._keep(uri.removeprefix(CERTIFICATE), member)
                continue
            answer, response = next(self._members, (b"", b""))
            if kind != "request" or not answer:
                raise FormatError("intake has a record that is of no exchange", where=kind)
            yield _stored((member, answer), (record, response))

    def _keep(self, digest: str, member: bytes) -> None:
        if digest in self.certificates:
            raise FormatError("intake has a certificate twice", where=digest)
        self.certificates[digest] = member


def _stored(members: tuple[bytes, bytes], records: tuple[bytes, bytes]) -> Stored:
    """Return two records as one exchange. Raises `FormatError` where they are of two."""
    asked, told = (parse_record(record).lines for record in records)
    names = ("Archive-Lane", "Archive-Exchange")
    lane, number = (header_value(told, name) for name in names)
    same = [header_value(asked, name) for name in names] == [lane, number]
    counted = number.isascii() and number.isdecimal() and len(number) <= _DIGITS
    if header_value(told, "WARC-Type") != "response" or not (same and counted):
        raise FormatError("intake has a request without its response", where=f"{lane}/{number}")
    certificates = header_values(told, "Archive-Certificate")
    return Stored(lane, int(number), members, records, tuple(certificates))


def split_exchanges(
    data: bytes, going: Collection[int], openings: tuple[bytes, bytes]
) -> tuple[bytes, bytes]:
    """Return two intake files out of one: what stays, and what goes.

    Args:
        data: the plain file.
        going: numbers of the exchanges that go.
        openings: the ``warcinfo`` record of each new file, made for it alone.

    Raises:
        FormatError: it is no intake file, or has not every number that goes.
    """
    file, left = IntakeFile(data), set(going)
    parts = [[warc.opening_member(one)] for one in openings]
    there: tuple[set[str], set[str]] = (set(), set())
    for one in file:
        part = int(one.number in going)
        left.discard(one.number)
        new = (set(one.certificates) - there[part]) & file.certificates.keys()
        parts[part] += [file.certificates[each] for each in file.certificates if each in new]
        parts[part] += one.members
        there[part].update(new)
    if left:
        raise FormatError("exchanges that are not in this file", where=f"number {min(left)}")
    stays, goes = map(b"".join, parts)
    return stays, goes
