"""What a production hands over of one record: the one thing that every channel renders. Pure.

The record is redacted first, then rendered: nothing withheld is in here. What is shown of a
version is what its proof opens, read back from that proof.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Document", "Gap", "Native", "Text", "Version", "plain"]


class Gap(NamedTuple):
    """Words that are withheld in a row: how many, and the codes of the exemptions they fall under.

    ``words`` is 0 where not even their number is shown.
    """

    words: int
    exemptions: tuple[str, ...]


Text = tuple["str | Gap", ...]
"""A text as it may be shown. No two strings stand next to one another."""


def plain(text: Text, sign: Callable[[Gap], str]) -> str:
    """Return a text with a sign for each gap, such as ``[7(1)(b)]``."""
    return "".join(part if isinstance(part, str) else sign(part) for part in text)


@dataclass(frozen=True, slots=True)
class Native:
    """A file of a record as it came: its name is that of the platform, and may be hostile.

    ``chunks`` gives its bytes anew each time; ``withheld``: why it is not handed over, else empty.
    ``masked``: it was made from what came, with regions taken out.
    """

    name: str
    media_type: str
    size: int
    chunks: Callable[[], Iterator[bytes]]
    withheld: tuple[str, ...] = ()
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """One observation of a record.

    ``leaf``: its place in the log. ``kind``, ``captured_at`` as in its header lines. ``fields``: by
    column, what may be shown, in the order of columns. ``closed``: by column, the exemptions under
    which all of it is withheld. ``proof``: a document of `archiver.ledger.disclosed` that opens
    exactly this.
    """

    leaf: int
    observation: str
    kind: str
    captured_at: str
    fields: Mapping[str, Text]
    closed: Mapping[str, tuple[str, ...]]
    proof: bytes


@dataclass(frozen=True, slots=True)
class Document:
    """One record: all of its versions up to the size of the log that is produced, oldest first.

    ``state``: as `archiver.search` tells it. ``custodian``: who answers for the account.
    ``parent``, ``thread``: record ids, where they are known and handed over too. ``family``: the id
    of the record that this one is handed over with (its own where it stands alone or comes first).
    ``whole``: nothing of it is withheld. ``title``: a short name for people, without anything
    """

    record: str
    platform: str
    account: str
    stream: str
    state: str
    custodian: str
    versions: tuple[Version, ...]
    family: str
    parent: str = ""
    thread: str = ""
    title: str = ""
    tags: tuple[str, ...] = ()
    whole: bool = True
    natives: tuple[Native, ...] = field(default=())

    @property
    def latest(self) -> Version:
        """The latest version that says something: what load files have as the text."""
        return next((one for one in reversed(self.versions) if one.fields), self.versions[-1])

    @property
    def exemptions(self) -> tuple[str, ...]:
        """The codes under which something of it is withheld, sorted."""
        found = {code for one in self.natives for code in one.withheld}
        for version in self.versions:
            found |= {code for codes in version.closed.values() for code in codes}
            for text in version.fields.values():
                found |= {
                    code for part in text if isinstance(part, Gap) for code in part.exemptions
                }
        return tuple(sorted(found))
