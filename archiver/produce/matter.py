"""A matter as people work on it: its scope, its tags and notes, its numbers and volumes. Pure.

It joins what the ledger has (`archiver.produce.matters`) to the private documents that say what
each act is about. What a document does not say as a command would have written it counts for
nothing, and is named.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.errors import FormatError
from archiver.ledger import ranges
from archiver.produce.reserved import reserved_in
from archiver.produce.scope import Scope
from archiver.registry.people import spelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from archiver.ledger.ranges import Ranges
    from archiver.produce.matters import Approval, Case, Matters, Volume
    from archiver.produce.reserved import Reserved

    Told = Mapping[str, Mapping[str, Any]]
    """Documents of decisions, by the commitment to each."""

__all__ = [
    "EXEMPT",
    "NON_RESPONSIVE",
    "PRIVILEGED",
    "RESPONSIVE",
    "SECOND_LOOK",
    "TAGS",
    "Matter",
    "MatterKind",
    "Note",
    "Tag",
    "told_matter",
]

RESPONSIVE, NON_RESPONSIVE = "responsive", "non-responsive"
PRIVILEGED, EXEMPT, SECOND_LOOK = "privileged", "exempt", "second-look"
TAGS = (RESPONSIVE, NON_RESPONSIVE, PRIVILEGED, EXEMPT, SECOND_LOOK)
_INSTEAD = {RESPONSIVE: NON_RESPONSIVE, NON_RESPONSIVE: RESPONSIVE}
"""Tags that take the place of one another."""


class MatterKind(StrEnum):
    """What a matter is."""

    FOIA = "foia"
    LITIGATION = "litigation"
    AUDIT = "audit"


class Tag(NamedTuple):
    """A tag of a record: which, with which exemption where one is named, by whom, since when."""

    tag: str
    exemption: str
    by: tuple[str, ...]
    entry: int


class Note(NamedTuple):
    """What somebody noted on a record."""

    text: str
    by: tuple[str, ...]
    entry: int


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter, as of some size of the log.

    ``closed``: the entry that closed it. ``tags`` and ``notes``: by record, oldest first.
    ``volumes``: each with what its document says; empty where it can't be read here.
    ``unread``: entries of which the document can't be read here, or is of no form. ``seen``: by
    entry of a tagging, the leaves that its records had then.
    """

    handle: str
    name: str
    kind: str
    custodian: str
    scope: Scope
    opened: str
    by: tuple[str, ...]
    size: int
    closed: int | None
    tags: Mapping[str, tuple[Tag, ...]]
    notes: Mapping[str, tuple[Note, ...]]
    approvals: tuple[Approval, ...]
    reserved: tuple[Reserved, ...]
    volumes: tuple[tuple[Volume, Mapping[str, Any]], ...]
    unread: tuple[int, ...] = field(default=())
    seen: Mapping[int, Ranges] = field(default_factory=dict)

    def tagged(self, *names: str) -> frozenset[str]:
        """Return the records that have one of these tags."""
        return frozenset(
            record for record, own in self.tags.items() if any(one.tag in names for one in own)
        )

    def basis(self, record: str, tag: Tag) -> str:
        """Return why a record has a tag: the notes that came with it or after, else all before."""
        own = self.notes.get(record, ())
        since = [one.text for one in own if one.entry >= tag.entry]
        return "; ".join(since or [one.text for one in own])

    def exemptions(self) -> dict[str, frozenset[str]]:
        """Return the records that are tagged exempt, by the exemption that is named, or ""."""
        found: dict[str, set[str]] = {}
        for record, own in self.tags.items():
            for one in own:
                if one.tag == EXEMPT:
                    found.setdefault(one.exemption, set()).add(record)
        return {code: frozenset(records) for code, records in sorted(found.items())}

    def approved(self, leaves: Ranges) -> bool:
        """Tell whether an export of exactly these leaves of private streams is approved."""
        return any(one.leaves == leaves for one in self.approvals)

    def outdated(self, leaves: Mapping[str, Ranges]) -> tuple[str, ...]:
        """Return the tagged records of which a version came after all that was said of them.

        ``leaves``: those of records, before the size that the matter is told of.
        """
        every = ((record, {one.entry for one in own}) for record, own in self.tags.items())
        return tuple(
            record
            for record, entries in every
            if all(ranges.minus(leaves.get(record, []), self.seen[entry]) for entry in entries)
        )

    @property
    def next_volume(self) -> int:
        """The number of the volume that comes next."""
        return len(self.volumes) + 1

    def unused(self, prefix: str) -> tuple[Reserved, ...]:
        """Return the numbers of a prefix that are reserved and that no volume has used."""
        used = [
            int(said["bates"]["last"])
            for _, said in self.volumes
            if said and said["bates"] and said["bates"]["prefix"] == prefix
        ]
        after = max(used, default=0)
        return tuple(
            one._replace(first=max(one.first, after + 1))
            for one in self.reserved
            if one.scheme.prefix == prefix and one.last > after
        )

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "matter": self.handle,
            "name": self.name,
            "kind": self.kind,
            "custodian": self.custodian,
            "opened": self.opened,
            "by": list(self.by),
            "open": self.closed is None,
            "size": self.size,
            "scope": self.scope.document(),
            "tags": [
                {"record": record, **one._asdict(), "by": list(one.by)}
                for record, own in self.tags.items()
                for one in own
            ],
            "notes": [
                {"record": record, **one._asdict(), "by": list(one.by)}
                for record, own in self.notes.items()
                for one in own
            ],
            "approvals": [
                {"entry": one.entry, "requester": one.requester, "leaves": one.leaves}
                for one in self.approvals
            ],
            "numbers": [
                {
                    "prefix": one.scheme.prefix,
                    "width": one.scheme.width,
                    "first": one.first,
                    "last": one.last,
                }
                for one in self.reserved
            ],
            "volumes": [
                {
                    "volume": one.number,
                    "act": one.act,
                    "of": one.of,
                    "entry": one.entry,
                    "versions": ranges.count(one.leaves),
                    "name": str(said.get("name", "")),
                }
                for one, said in self.volumes
            ],
            "unread": list(self.unread),
        }


def told_matter(matters: Matters, handle: str, documents: Told, size: int) -> Matter:
    """Return a matter with what documents say of it.

    Raises `FormatError` where that of the matter itself is missing or of no form.
    """
    case = matters.matters[handle]
    own = documents.get(case.subject, {})
    kind = str(own.get("kind"))
    if kind not in set(MatterKind):
        raise FormatError("not the document of a matter, or of none of a known kind")
    unread = list[int]()
    tags, notes = _taggings(case, documents, unread)
    return Matter(
        handle=handle,
        name=str(own.get("name", "")),
        kind=kind,
        custodian=str(own.get("custodian", "")),
        scope=Scope.of(own.get("scope", {})),
        opened=spelled(case.opened),
        by=tuple(sorted(case.by)),
        size=size,
        closed=case.closed,
        tags=tags,
        notes=notes,
        approvals=tuple(case.approvals),
        reserved=tuple(
            one for one in reserved_in(matters, documents, unread) if one.matter == handle
        ),
        volumes=tuple(_volumes(case, documents, unread)),
        unread=tuple(sorted({*unread} & _entries(case))),
        seen={one.entry: one.leaves for one in case.taggings},
    )


def _entries(case: Case) -> set[int]:
    found = {one.entry for one in case.taggings} | {one.entry for one in case.pages}
    return found | {one.entry for one in case.volumes}


def _taggings(
    case: Case, documents: Told, unread: list[int]
) -> tuple[dict[str, tuple[Tag, ...]], dict[str, tuple[Note, ...]]]:
    """Return tags and notes by record: a tag replaces the one before it of its kind."""
    tags, notes = dict[str, dict[str, Tag]](), dict[str, list[Note]]()
    for one in case.taggings:
        said, by = documents.get(one.subject), tuple(sorted(one.by))
        if said is None or not _is_tagging(said):
            unread.append(one.entry)
            continue
        for record in said["records"]:
            own = tags.setdefault(record, {})
            if said["tag"]:
                own.pop(said["tag"], None)
            if said["tag"] and not said["back"]:
                own.pop(_INSTEAD.get(said["tag"], ""), None)
                own[said["tag"]] = Tag(said["tag"], said["exemption"], by, one.entry)
            if said["note"]:
                notes.setdefault(record, []).append(Note(said["note"], by, one.entry))
    return (
        {record: tuple(own.values()) for record, own in sorted(tags.items()) if own},
        {record: tuple(own) for record, own in sorted(notes.items())},
    )


def _is_tagging(said: Mapping[str, Any]) -> bool:
    texts = all(isinstance(said.get(name), str) for name in ("tag", "exemption", "note"))
    records = said.get("records")
    whole = isinstance(records, list) and all(isinstance(one, str) for one in records)
    return texts and whole and isinstance(said.get("back"), bool) and said["tag"] in ("", *TAGS)


def _volumes(
    case: Case, documents: Told, unread: list[int]
) -> Iterator[tuple[Volume, Mapping[str, Any]]]:
    for one in case.volumes:
        said = documents.get(one.subject)
        if said is None or not _is_volume(said):
            unread.append(one.entry)
        yield one, said if said is not None and _is_volume(said) else {}


def _is_volume(said: Mapping[str, Any]) -> bool:
    bates = said.get("bates")
    texts = ("name", "profile", "manifest")
    if not isinstance(bates, dict) or not all(isinstance(said.get(one), str) for one in texts):
        return False
    numbers = (bates.get("first"), bates.get("last"))
    whole = bates.keys() == {"prefix", "first", "last"} and all(type(n) is int for n in numbers)
    return not bates or whole
