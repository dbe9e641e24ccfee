"""Verifying sealed segments: stored files, and in depth every record in them."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from archiver.columns import CONTEXT, fields_of
from archiver.errors import ArchiverError, KeyStoreError
from archiver.flows.derive import derive, was_decoded
from archiver.flows.rows import row_index
from archiver.flows.segments import plain
from archiver.flows.verify_form import check_form
from archiver.flows.verify_generations import Newer, check_newer
from archiver.flows.verify_inventory import segment_checks
from archiver.flows.verify_objects import fetch, judged
from archiver.flows.verify_origins import Merged, OriginCheck, exchanges_of, merged_maps
from archiver.flows.verify_work import Checked
from archiver.formats import segment_index, warc_reading
from archiver.formats.parquet import read_rows, rows_of
from archiver.formats.settlement_map import parse_map
from archiver.layout import unit_object_key
from archiver.ledger.finding import Finding
from archiver.ledger.state import INTAKE
from archiver.ledger.verify import check_record
from archiver.record import Sensitivity, Stream
from archiver.registry.accounts import ACCOUNT_DOCUMENT
from archiver.registry.documents import ACCESS, kind_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from archiver.flows.archive import Archive
    from archiver.flows.verify_work import Work
    from archiver.ledger.state import Segment
    from archiver.record import Excerpt

__all__ = ["SegmentCheck"]

_UNFIT = (ArchiverError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What bytes of another form end in, wherever they are read."""
_OTHER_BYTES = ("record-unreadable", "record-source")
_UNMERGED = Merged({}, frozenset(), frozenset())
_CONTEXT_NAMES = tuple(column.name for column in CONTEXT)
_OF_CONTEXT = frozenset(_CONTEXT_NAMES)


class SegmentCheck:
    """Checks seals in ledger order: their stored files and, if ``deep``, what is in them."""

    def __init__(self, archive: Archive, *, deep: bool) -> None:
        self._archive = archive
        self._deep_too = deep
        self._origins = OriginCheck(archive)
        self._leaves: Mapping[int, bytes] = {}
        self._excerpts: dict[str, tuple[Excerpt, ...]] = {}
        self._merged, self._maps, self._merging = 0, _UNMERGED, False
        self._whole = True
        self._newer: dict[int, Newer] = {}
        self._told: Container[int] = ()
        self._sourced, self._private = set[str](), False
        self._decisions: list[tuple[int, bytes]] = []
        self._looks: list[tuple[int, bytes]] = []
        self._count = dict.fromkeys(("objects", "records", "rederived", "unreadable"), 0)

    def run(self, work: Work) -> Checked:
        """Check all segments of a seal."""
        self._excerpts, self._whole, self._newer, self._sourced = {}, True, {}, set()
        self._decisions, self._looks, self._merged = [], [], work.merged
        self._leaves, self._told = work.leaves, work.told
        self._origins.intake, self._origins.gone = work.intake, work.gone
        asked = self._deep_too and work.maps
        self._maps = merged_maps(self._archive, work.maps) if asked else _UNMERGED
        self._count = dict.fromkeys(self._count, 0)
        findings = [one for segment in work.segments for one in self._segment(segment)]
        findings += [one for old, may_go in work.old for one in self._old(old, may_go=may_go)]
        findings += check_newer(self._archive, work.told, self._newer)
        findings += self._unmapped(work)
        whole = [pair for one in work.segments for pair in one.leaves] if self._whole else []
        return Checked(work.seal, findings, self._decisions, self._looks, whole, **self._count)

    def _unmapped(self, work: Work) -> Iterator[Finding]:
        """Yield that records name an exchange, and no map says where in it they stand.

        Without one nothing of them was held against what the platform sent.
        """
        mapped = any(suffix.startswith("map") for one in work.segments for suffix in one.objects)
        if self._sourced and not mapped:
            where = f"entry {work.seal}"
            yield Finding("map-differs", where, f"a map of record {min(self._sourced)}", "none")

    def _segment(self, segment: Segment) -> Iterator[Finding]:
        checks = segment_checks(segment)
        self._merging = bool(segment.supersedes) or self._maps is not _UNMERGED
        self._count["objects"] += len(checks)
        whole: dict[str, bytes] = {}
        for suffix, check in zip(segment.objects, checks, strict=True):
            if not self._deep_too:
                yield from judged(self._archive.store, check)
                continue
            data = fetch(self._archive.store, check.key)
            wrong = [check.missing()] if data is None else list(check.judge(data))
            yield from wrong
            if data is not None and not wrong:
                whole[suffix] = data
        self._whole &= self._deep_too and len(whole) == len(checks)
        if self._deep_too and len(whole) == len(checks):
            yield from self._deep(segment, whole)

    def _old(self, segment: Segment, *, may_go: bool) -> Iterator[Finding]:
        """Yield what is wrong with the files of a superseded segment."""
        for check in segment_checks(segment):
            self._count["objects"] += 1
            found = judged(self._archive.store, check)
            yield from (one for one in found if not may_go or one != check.missing())

    def _deep(self, segment: Segment, stored: Mapping[str, bytes]) -> Iterator[Finding]:
        where = unit_object_key(segment.unit, segment.name, "")
        self._private = segment.sensitivity == Sensitivity.PRIVATE
        try:
            files = {
                suffix.removesuffix(".c256"): plain(self._archive, segment, suffix, data)
                for suffix, data in stored.items()
            }
        except KeyStoreError:
            self._count["unreadable"] += len(stored)
            self._whole = False
            return
        except ArchiverError as error:
            self._whole = False
            yield Finding("object-sealed", where, "a file its key opens", str(error))
            return
        try:
            yield from self._files(segment, files, where)
        except _UNFIT as error:  # whatever a file holds, the next segment is looked at
            self._whole = False
            found = self._words(f"{error!r}")
            yield Finding("segment-files", where, "files of a segment", found)

    def _files(self, segment: Segment, files: Mapping[str, bytes], where: str) -> Iterator[Finding]:
        """Yield what is wrong with the content of a segment, by what kind it is."""
        if segment.stage == INTAKE:
            found = exchanges_of(segment.lane, segment.exchanges, files["warc.gz"])
            self._origins.keep(found)
        elif "map" in files:
            origins = parse_map(files["map"])
            if self._whole and not self._merging:
                yield from self._origins.run(where, origins, self._excerpts, self._merged)
        else:
            yield from self._records(segment, files, where)

    def _records(
        self, segment: Segment, files: Mapping[str, bytes], where: str
    ) -> Iterator[Finding]:
        index = segment_index.parse_index(files["idx"])
        table = read_rows(BytesIO(files["parquet"]))
        rows = rows_of(table)
        leaves = row_index(segment)
        if not len(index) - 1 == len(rows) == len(leaves):
            found = f"{len(index) - 1} members, {len(rows)} rows"
            yield Finding("segment-counts", where, f"{len(leaves)} leaves", found)
            self._whole = False
            return
        yield from check_form(where, files, index, (rows, table.schema))
        for (offset, length), row, leaf in zip(index[1:], rows, leaves, strict=True):
            member = files["warc.gz"][offset : offset + length]
            wrong = list(self._record(f"leaf {leaf} in {where}", member, row, leaf))
            yield from wrong
            if any(one.code in _OTHER_BYTES for one in wrong):
                self._whole = False  # a map can't be held against them

    def _record(
        self, where: str, member: bytes, row: Mapping[str, str], leaf: int
    ) -> Iterator[Finding]:
        self._count["records"] += 1
        try:
            record = warc_reading.parse_record(warc_reading.inflate_member(member))
            excerpts = warc_reading.excerpts_of(record)
            context = warc_reading.context_of(record.lines)
            warc_reading.contained_of(record.lines)
        except ArchiverError as error:
            yield Finding("record-unreadable", where, "a WARC record", self._words(str(error)))
            return
        fields = {name: value for name, value in row.items() if name not in _OF_CONTEXT}
        columns = fields_of(context["stream"])
        first = context.get("generation_of", "")
        if first or leaf in self._told:
            self._newer[leaf] = Newer(where, record, first)
        if not first:  # of a newer generation no exchange is told but the first one's
            yield from self._named(where, leaf, context, excerpts)
            if context["stream"] == Stream.WORKFLOW:
                self._document(leaf, context["native_id"], excerpts)
        expected = self._leaves.get(leaf)
        yield from check_record(where, record.lines, excerpts, (columns, fields), expected)
        stated = {name: row[name] for name in _CONTEXT_NAMES if name in row}
        if context != stated:
            yield Finding("row-context", where, "as its header lines", _differing(context, stated))
        yield from self._derived(where, (excerpts, was_decoded(record.lines)), context, fields)

    def _named(
        self, where: str, leaf: int, context: Mapping[str, str], excerpts: tuple[Excerpt, ...]
    ) -> Iterator[Finding]:
        """Note a record's excerpts by its name, for the map; yield where the name is taken.

        Of two of one name only one could be held against what the platform sent.
        """
        name = context["observation_id"]
        if name in self._excerpts:
            yield Finding("map-differs", where, "a name of its own for each record", name)
        if self._merging:
            yield from self._merged_one(where, leaf, context, excerpts)
        self._excerpts[name] = () if self._merging else excerpts
        if not self._merging and not self._origins.is_gone(context.get("exchange", "")):
            self._sourced |= {name} if "exchange" in context else set()

    def _document(self, leaf: int, native_id: str, excerpts: tuple[Excerpt, ...]) -> None:
        """Keep the documents that are judged when all seals are read."""
        told = [(leaf, one.data) for one in excerpts]
        self._decisions += told if native_id == ACCOUNT_DOCUMENT else ()
        self._looks += told if kind_of(native_id) == ACCESS else ()

    def _merged_one(
        self, where: str, leaf: int, context: Mapping[str, str], excerpts: tuple[Excerpt, ...]
    ) -> Iterator[Finding]:
        """Hold a merged record against the map that it came with, if it is to be in one."""
        name, gone = context["observation_id"], self._origins.is_gone(context.get("exchange", ""))
        if (origin := self._maps.origins.get(name)) is not None:
            yield from self._origins.one(where, name, origin, excerpts)
        elif gone:  # the entry that would lead to it went as well
            return
        elif leaf in self._maps.leaves or (leaf in self._maps.unmapped and "exchange" in context):
            yield Finding("map-differs", where, f"record {name} in map and seal", "not in the map")

    def _derived(
        self,
        where: str,
        source: tuple[tuple[Excerpt, ...], bool],
        context: Mapping[str, str],
        fields: Mapping[str, str],
    ) -> Iterator[Finding]:
        """Yield where the row is not what its parser makes of excerpts, stored decoded or not."""
        try:
            derived = derive(context, source[0], decoded=source[1])
        except _UNFIT as error:
            said = self._words(f"{error!r}")
            yield Finding("row-derived", where, "a row from the excerpts", said)
            return
        if derived is not None:
            self._count["rederived"] += 1
            if derived != fields:
                said = _differing(derived, fields)
                yield Finding("row-derived", where, "the row its parser makes", said)

    def _words(self, text: str) -> str:
        """Return what an error says, unless it may quote what is private: findings are logged."""
        return "not shown: the segment is private" if self._private else text[:300]


def _differing(left: Mapping[str, str], right: Mapping[str, str]) -> str:
    """Return the names of columns in which two rows differ; what stands there is not told."""
    return ", ".join(sorted(n for n in left.keys() | right.keys() if left.get(n) != right.get(n)))
