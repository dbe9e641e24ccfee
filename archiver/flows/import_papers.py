"""Papers of an import: who handed in what, which members are done, when it ended.

Each is a private document of the account's workflow. The digest is of the export as it was
handed in, all of it; of single members none is kept, for that would tell what one said after it
is destroyed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from archiver.flows.documents import documents
from archiver.flows.ledger import read_state
from archiver.flows.people import new_statement, sign
from archiver.flows.workflow import workflow_document
from archiver.formats.parquet import canonical_time
from archiver.ids import new_ulid
from archiver.record import Kind
from archiver.registry.documents import IMPORT, encode, row_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archiver.capture.importers.importer import Importer
    from archiver.flows.archive import Archive
    from archiver.record import Observation
    from archiver.registry.accounts import Account

__all__ = ["Asked", "Papers"]


class Asked(NamedTuple):
    """What whoever imports says: who it is, where the export is from, when it was made.

    ``made``: canonical time. ``mapping``: of a table's columns, as JSON.
    """

    by: str = ""
    source: str = ""
    made: str = ""
    mapping: str = ""


class _Looked(Protocol):
    @property
    def size(self) -> int: ...
    @property
    def digest(self) -> str: ...


class _Report(Protocol):
    def document(self) -> dict[str, Any]: ...


@dataclass(slots=True)
class Papers:
    """What the archive's documents say of one export. ``done``: when it was imported, or ""."""

    archive: Archive
    account: Account
    told: Mapping[str, str]
    handle: str = ""
    done: str = ""
    made: str = ""
    mapping: str = ""
    resumed: bool = False
    _steps: set[tuple[str, int]] = field(default_factory=set)

    @classmethod
    def of(
        cls,
        archive: Archive,
        account: Account,
        name: str,
        looked: _Looked,
        importer: Importer,
        asked: Asked,
    ) -> Papers:
        """Return the papers of an export, with what an earlier import of it left."""
        told = {
            "format": importer.name,
            "file": name,
            "bytes": str(looked.size),
            "sha256": looked.digest,
            "from": asked.source,
            "by": asked.by,
        }
        papers = cls(archive, account, told, made=asked.made, mapping=asked.mapping)
        papers._recall()
        return papers

    def _recall(self) -> None:
        """Find out what was done before."""
        state = read_state(self.archive)
        every = [
            (native_id.split("/")[1], json.loads(data))
            for _, native_id, data in documents(self.archive, state)
            if native_id.startswith(f"{IMPORT}/")
        ]
        same = ("format", "sha256", "mapping")
        ours = {**self.told, "mapping": self.mapping}
        for handle, one in every:
            own = one["account"] == self.account.handle and one["what"] == "begun"
            if own and all(one.get(name, "") == ours[name] for name in same):
                self.handle, self.resumed = handle, True
                self.made = self.made or one.get("made", "")
        for handle, one in every:
            if handle == self.handle and one["what"] == "done":
                self._steps |= {(name, part) for name, part in one["members"]}
            elif handle == self.handle and one["what"] == "ended":
                self.done = one["time"]

    def has(self, name: str, part: int) -> bool:
        """Tell whether a part of a member was imported before."""
        return (name, part) in self._steps

    def begin(self, handle: str) -> None:
        """Give a new import its name."""
        self.handle = handle

    def beginning(self) -> tuple[str, Observation]:
        """Return the paper that says who handed in what: signed, where a key is at hand."""
        told = {name: value for name, value in self.told.items() if value}
        told |= {"made": self.made} if self.made else {}
        told |= {"mapping": self.mapping} if self.mapping else {}
        document: dict[str, Any] = dict(told)
        if self.archive.person is not None:
            act = new_statement(
                self.archive, "import", **told, account=self.account.handle, name=self.handle
            )
            document["act"] = sign(act, [self.archive.person]).document()
        return _paper(self.archive, self.account, f"{self.handle}/begun", "begun", document)

    @staticmethod
    def step(
        archive: Archive, account: Account, handle: str, done: Sequence[Sequence[str | int]]
    ) -> tuple[str, Observation]:
        """Return the paper that says which parts of which members are done."""
        name = f"{handle}/{new_ulid(archive.clock, archive.chance)}"
        return _paper(archive, account, name, "done", {"members": [list(one) for one in done]})

    def end(self, report: _Report) -> tuple[str, Observation]:
        """Return the paper that says that all of it is done, and what came of it."""
        document = {"report": report.document()}
        return _paper(self.archive, self.account, f"{self.handle}/ended", "ended", document)


def _paper(
    archive: Archive, account: Account, name: str, what: str, more: Mapping[str, Any]
) -> tuple[str, Observation]:
    common = {
        "account": account.handle,
        "time": canonical_time(archive.clock.now()),
        "what": what,
    }
    native_id, data = f"{IMPORT}/{name}", encode({**more, **common})
    row = row_of(native_id, data)
    (one,) = workflow_document(archive, account, native_id, Kind.PRESENT, data, row).observations
    return one
