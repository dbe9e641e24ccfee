"""An archive in use: the command line in this process, and what was sealed, read by warcio.

Rows come from the sealed Parquet, blocks from the sealed WARC as `warcio` reads it, so
that tests hold what is stored, not what the program says, against the platform's truth.
"""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warcio.archiveiterator import ArchiveIterator

from archiver.cli.main import main
from archiver.flows.ledger import read_state
from archiver.flows.rows import catalog, row_index
from archiver.flows.segments import open_file, read_table
from archiver.formats.parquet import rows_of
from archiver.settings import Settings
from archiver.wire import open_archive

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive

__all__ = ["Office", "Reply", "Seen", "in_force"]

GONE = ("deleted", "absent")


CHANGES_OF_ITS_OWN = {
    "account-profile-changed",
    "account-people-changed",
    "account-client-unknown",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """How a command ended: exit code, the JSON document on stdout, and stderr."""

    code: int
    document: dict[str, Any]
    errors: str

    @property
    def data(self) -> Any:  # noqa: ANN401 - whatever the command answers
        """The document's data."""
        return self.document["data"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One sealed observation: ledger index, row, WARC headers and block."""

    leaf: int
    row: dict[str, str]
    headers: dict[str, list[str]]
    block: bytes
    sensitivity: str

    @property
    def kind(self) -> str:
        """What it says about its record."""
        return self.row["kind"]

    @property
    def thing(self) -> tuple[str, str]:
        """Stream and native id."""
        return self.row["stream"], self.row["native_id"]

    @property
    def item(self) -> Any:  # noqa: ANN401 - whatever JSON the platform sent
        """The JSON item as received."""
        return json.loads(self.block)


@dataclass(frozen=True, slots=True)
class Office:
    """An archive with its home, as an archivist uses it."""

    archive: Path
    home: Path

    def run(self, *arguments: str) -> Reply:
        """Run one command with ``--json`` and return how it ended."""
        out, errors = io.StringIO(), io.StringIO()
        places = ["--archive", str(self.archive), "--home", str(self.home)]
        code = 0
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            try:
                main([*arguments, *places, "--json"])
            except SystemExit as end:
                code = int(end.code or 0)
        return Reply(code, json.loads(out.getvalue()), errors.getvalue())

    def done(self, *arguments: str) -> Reply:
        """Run one command that must succeed without a finding."""
        reply = self.run(*arguments)
        assert reply.code == 0, (arguments, reply)
        assert reply.document["ok"] is True
        assert reply.document["findings"] == []
        return reply

    def add(self, name: str, platform: str, url: str, *credential: str) -> None:
        """Request an account and approve it; ``credential`` as on the command line."""
        options = [part for field in credential for part in ("--credential", field)]
        self.done("account", "add", name, "--platform", platform, "--url", url, *options)
        self.done("account", "approve", name, "--by", "Ann Larkin, City Clerk")

    def capture(self, name: str, mode: str) -> dict[str, Any]:
        """Capture one account and return the report of the run.

        What the city changes of its own profile is told as a sign of a take-over; else there is
        no finding.
        """
        reply = self.run("capture", name, "--mode", mode)
        codes = [one["code"] for one in reply.document["findings"]]
        assert set(codes) <= CHANGES_OF_ITS_OWN, reply
        assert reply.code == bool(codes), reply
        (report,) = reply.data
        return dict(report)

    def opened(self) -> Archive:
        """Open the archive."""
        return open_archive(Settings(str(self.archive), self.home))

    def size(self) -> int:
        """Return how many entries the ledger has."""
        return read_state(self.opened()).size

    def seen(self, account: str) -> list[Seen]:
        """Return everything sealed of an account but its workflow, in ledger order."""
        here = self.opened()
        found: list[Seen] = []
        for one in catalog(here, read_state(here)):
            rows = rows_of(read_table(here, one.segment))
            if one.stream == "workflow" or rows[0]["account"] != account:
                continue
            file = io.BytesIO(open_file(here, one.segment, "warc.gz"))
            records = [
                (_headers(record.rec_headers.headers), record.raw_stream.read())
                for record in ArchiveIterator(file, no_record_parse=True)
                if record.rec_type != "warcinfo"
            ]
            leaves = row_index(one.segment)
            for leaf, row, (headers, block) in zip(leaves, rows, records, strict=True):
                found.append(Seen(leaf, row, headers, block, one.segment.sensitivity))
        return sorted(found, key=lambda seen: seen.leaf)

    def intake(self) -> dict[str, tuple[str, bytes]]:
        """Return every answer in intake by the id of its exchange: address and HTTP message."""
        here = self.opened()
        found: dict[str, tuple[str, bytes]] = {}
        for segment in read_state(here).segments():
            if segment.stage != "intake":
                continue
            file = io.BytesIO(open_file(here, segment, "warc.gz"))
            for record in ArchiveIterator(file, no_record_parse=True):
                if record.rec_type == "response":
                    headers = dict(record.rec_headers.headers)
                    name = f"{headers['Archive-Lane']}/{headers['Archive-Exchange']}"
                    found[name] = (headers["WARC-Target-URI"], record.raw_stream.read())
        return found


def _headers(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def in_force(seen: list[Seen], size: int) -> dict[tuple[str, str], Seen]:
    """Return the latest content of every record that was not gone when the ledger had ``size``."""
    latest: dict[tuple[str, str], Seen] = {}
    for one in seen:
        if one.leaf < size and one.kind in GONE:
            latest.pop(one.thing, None)
        elif one.leaf < size and one.kind != "listing":
            latest[one.thing] = one
    return latest
