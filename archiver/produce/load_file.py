"""What the load file says of each document: the fields of the SEC's data delivery standards. Pure.

https://www.sec.gov/divisions/enforce/datadeliverystandards.pdf names them; those of our own, which
lead to the record and its proof, come after. A family's lines stand together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.errors import UsageError
from archiver.produce.eml import message_id, mih
from archiver.produce.happening import chat_of
from archiver.produce.shown import Shown, local, made_at
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from archiver.produce.placed import Placed
    from archiver.produce.profile import Profile

    Value = Callable[["_One"], str]

__all__ = ["FIELDS", "fields_of", "lines_of"]

_SEVERAL = "; "


class _One:
    """A document while its line is made: with its family, and how it is shown."""

    def __init__(self, placed: Placed, family: Sequence[Placed], profile: Profile) -> None:
        self.placed = placed
        self.document = placed.document
        self.family = family
        self.profile = profile
        self.shown = Shown(self.document.latest, profile)
        moment, self.source = made_at(self.document, profile)
        self.made = local(moment, profile.zone)
        self.native = placed.natives[0] if placed.natives else None

    def form(self, pattern: str) -> str:
        """Return when it was made, as a pattern of `datetime.strftime` says."""
        return self.made.strftime(pattern) if self.made else ""

    def name(self, column: str) -> str:
        """Return what a column says of its file."""
        if self.native is not None and self.native.native.name and column == "file_name":
            return self.native.native.name
        return self.shown.field(column)

    def attached(self) -> bool:
        """Tell whether its family has others."""
        return len(self.family) > 1

    def of_message(self, value: str) -> str:
        """Return a value that only messages have."""
        return value if self.document.stream == Stream.MESSAGES else ""


def _path(path: str) -> str:
    return path.replace("/", "\\")


def _native(pick: Callable[[Any], str]) -> Value:
    return lambda one: pick(one.native) if one.native is not None else ""


def _children(one: _One) -> str:
    return _SEVERAL.join(each.first for each in one.family[1:])


FIELDS: Mapping[str, Value] = {
    "FIRSTBATES": lambda one: one.placed.first,
    "LASTBATES": lambda one: one.placed.last,
    "ATTACHRANGE": lambda one: (
        f"{one.family[0].first} - {one.family[-1].last}" if one.attached() else ""
    ),
    "BEGATTACH": lambda one: one.family[0].first if one.attached() else "",
    "ENDATTACH": lambda one: one.family[-1].last if one.attached() else "",
    "PARENT_BATES": lambda one: one.family[0].first if one.placed is not one.family[0] else "",
    "CHILD_BATES": lambda one: _children(one) if one.placed is one.family[0] else "",
    "CUSTODIAN": lambda one: one.document.custodian,
    "FROM": lambda one: one.shown.author,
    "TO": lambda one: one.of_message(one.document.thread or one.shown.field("thread_id")),
    "SUBJECT": lambda one: one.document.title,
    "DATE_SENT": lambda one: one.form("%m/%d/%Y"),
    "TIME_SENT": lambda one: one.form("%H:%M:%S"),
    "TIME_ZONE": lambda one: one.form("%z"),
    "LINK": _native(lambda native: _path(native.path)),
    "MIME_TYPE": _native(lambda native: native.native.media_type),
    "FILE_EXTEN": _native(lambda native: native.path.rpartition(".")[2]),
    "FILE_SIZE": _native(lambda native: str(native.size)),
    "FILE_NAME": lambda one: one.name("file_name"),
    "MD5HASH": _native(lambda native: native.md5),
    "PGCOUNT": lambda one: str(max(one.placed.pages, 1)),
    "OCRPATH": lambda one: _path(one.placed.text),
    "INTMSGID": lambda one: one.of_message(message_id(one.document.record)),
    "EDRM_MIH": lambda one: one.of_message(mih(one.document.record)),
    "PDFPATH": lambda one: _path(one.placed.pdf),
    "EMLPATH": lambda one: _path(one.placed.mail),
    "NATIVES": lambda one: _SEVERAL.join(_path(each.path) for each in one.placed.natives),
    "PLATFORM": lambda one: one.document.platform,
    "ACCOUNT": lambda one: one.document.account,
    "STREAM": lambda one: one.document.stream,
    "STATE": lambda one: one.document.state,
    "VERSIONS": lambda one: str(len(one.document.versions)),
    "DATE_FROM": lambda one: one.source,
    "URL": lambda one: one.shown.field("url"),
    "TAGS": lambda one: _SEVERAL.join(one.document.tags),
    "REDACTED": lambda one: "Y" if one.document.exemptions else "",
    "EXEMPTIONS": lambda one: _SEVERAL.join(one.document.exemptions),
    "CONVERSATION": lambda one: chat_of(one.document).id,
    "RECORDID": lambda one: one.document.record,
    "LEAVES": lambda one: _SEVERAL.join(str(each.leaf) for each in one.document.versions),
    "PROOFS": lambda one: _SEVERAL.join(path for _, path in one.placed.proofs),
}
"""By name, in their order: what each says of a document."""


def fields_of(profile: Profile) -> tuple[str, ...]:
    """Return which fields a load file has. Raises `UsageError` for one that nobody knows.

    The first and the last number are always there: nothing else says what a line is of.
    """
    wanted = profile.load or tuple(FIELDS)
    unknown = [one for one in wanted if one not in FIELDS]
    if unknown:
        raise UsageError(
            f"load files have no field {', '.join(unknown)}",
            where=profile.name,
            mend=f"its fields can be: {', '.join(FIELDS)}",
        )
    return tuple(dict.fromkeys(("FIRSTBATES", "LASTBATES", *wanted)))


def lines_of(family: Sequence[Placed], profile: Profile) -> Iterator[dict[str, str]]:
    """Yield the fields of each document of a family, which comes whole and in its order."""
    names = fields_of(profile)
    for placed in family:
        one = _One(placed, family, profile)
        yield {name: FIELDS[name](one) for name in names}
