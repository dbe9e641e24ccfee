#!/usr/bin/env python3
"""Verify a transfer or a volume of a Civic Archiver archive: a bag, offline, without its software.

    python3 check.py [FOLDER] [--key KEY] [--policy FILE]

The standard library and `verify.py` beside it. FOLDER has the bag; without it, the bag that this
file lies in. It holds each payload file against both manifests; each record of a transfer's WARCs
against its proof, and so against the signed checkpoint; each row against what the proof opens;
each proof of a volume against the checkpoint, and what texts, sheets, load file and index say
against what the proofs open (`shown.py` and `held.py` beside it). It never writes.
Exit status: 0 all holds, 1 something does not, 2 wrong usage, 3 could not run.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import re
import sys
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.dont_write_bytecode = True  # a bag stays as it is

import verify  # noqa: E402 - after that

if TYPE_CHECKING:
    from collections.abc import Iterator

    from held import Held

LONGEST = 1 << 28  # characters of one value of a row
LINE = re.compile(r"([0-9a-f]+)  (\S+)")
COLUMNS = {"record_id": "Archive-Record", "stream": "Archive-Stream", "kind": "Archive-Kind",
           "account": "Archive-Account", "captured_at": "WARC-Date"}  # fmt: skip
CONTEXT = {*COLUMNS, "leaf", "observation_id", "platform", "native_id", "parser", "exchange",
           "page_url", "group", "generation_of"}  # fmt: skip


def manifest(path: Path) -> dict[str, str]:
    """Return the digests that a manifest lists, by name of file."""
    found = [LINE.fullmatch(line) for line in path.read_text("ascii").splitlines()]
    verify.require(all(found), f"{path.name} is no manifest")
    return {one[2]: one[1] for one in found if one}


def fixity(bag: Path) -> Iterator[str]:
    """Yield what is wrong with the files of a bag."""
    verify.require(b"BagIt-Version: 1.0\n" in (bag / "bagit.txt").read_bytes(), "not a bag")
    there = {p.relative_to(bag).as_posix() for p in (bag / "data").rglob("*") if not p.is_dir()}
    for kind in ("sha256", "sha512"):
        listed = manifest(bag / f"manifest-{kind}.txt")
        yield from (f"{name}: not in manifest-{kind}.txt" for name in sorted(there - {*listed}))
        for name, digest in (listed | manifest(bag / f"tagmanifest-{kind}.txt")).items():
            path = bag / name
            if ".." in path.parts or path.is_symlink() or not path.is_file():
                yield f"{name}: missing"
                continue
            with path.open("rb") as file:
                if file_digest(file, kind).hexdigest() != digest:
                    yield f"{name}: another {kind} than was listed"


def opened(tree: dict[str, Any]) -> dict[str, str]:
    """Return the values that a disclosed tree of fields opens, by name."""
    found = {}
    for one in tree["opened"]:
        parts = one["tokens"]["opened"] if "tokens" in one else [one]
        found[one["name"]] = "".join(
            x["text"] if "text" in x else verify.unbase64(x["base64"]).decode() for x in parts
        )
    return found


def entry_of(proof: dict[str, Any]) -> bytes:
    """Return the ledger entry that a proof is of: three roots hashed."""
    roots = []
    for name, kinds in (("source", {1}), ("context", {2}), ("fields", {3, 4})):
        tree = proof[name]
        closed = set(tree) == {"root"}
        roots.append(
            verify.unhex(tree["root"])
            if closed
            else verify.hashed(b"\x02", verify.walked(tree, kinds, []))
        )
    return b"\x01" + verify.hashed(verify.OBSERVED, *roots)


def wrong_row(row: dict[str, str], proof: dict[str, Any]) -> Iterator[str]:
    """Yield what a row says otherwise than the proof of its observation."""
    lines = dict(one["text"].partition(": ")[::2] for one in proof["context"]["opened"])
    said = {column: lines.get(header, "") for column, header in COLUMNS.items()}
    said["observation_id"] = lines["WARC-Record-ID"][len("<urn:uuid:") : -1]
    yield from (column for column, value in said.items() if row[column] != value)
    if set(proof["fields"]) != {"root"}:
        fields = opened(proof["fields"])
        names = (fields.keys() | row.keys()) - CONTEXT
        yield from (name for name in sorted(names) if fields.get(name, "") != row.get(name, ""))


class Bag:
    """Checks the records of one bag: ``wrong`` says what does not hold."""

    def __init__(self, data: Path, keys: list[str], policy: str) -> None:
        self.data, self.keys, self.policy = data, keys, policy
        self.note = verify.read(data / "checkpoint").decode()
        self.wrong: list[str] = []
        self.leaves: list[int] = []
        self.told: list[str] = []

    def stream(self, name: str) -> None:
        """Hold the records, rows and proofs of one stream against each other."""
        with (
            gzip.open(self.data / "warc" / f"{name}.warc.gz") as records,
            (self.data / "rows" / f"{name}.csv").open(encoding="utf-8", newline="") as rows,
        ):
            opening = b"\n".join([*verify.header(records), b""])
            size = int(re.findall(rb"(?i)\ncontent-length: (\d{1,6})\n", opening)[0])
            verify.require(records.read(size + 4)[size:] == b"\r\n\r\n", "no WARC of a transfer")
            for row in csv.DictReader(rows, strict=True):
                leaf = int(row["leaf"])
                self.leaves.append(leaf)
                self.wrong += (f"{name}, entry {leaf}: {one}" for one in self.record(row, records))
            if records.read(1):
                self.wrong.append(f"warc/{name}.warc.gz: more records than rows")

    def record(self, row: dict[str, str], records: gzip.GzipFile) -> Iterator[str]:
        """Yield what is wrong with the next record of a WARC, whose row is given."""
        proof = verify.loads(
            verify.read(self.data / "proofs" / f"{row['leaf']}.json", verify.MAX_PROOF)
        )
        verify.check_proof(proof, self.keys, self.policy)
        head, _, note = proof["tlog_proof"].partition("\n\n")
        if head.split("\n")[1] != f"index {row['leaf']}" or note != self.note:
            yield "the proof is of another entry, or leads to another checkpoint"
        found = verify.check_record(records, entry_of(proof))
        yield from (f"{code}: {what}" for code, what in found)
        yield from (f"the row says otherwise: {name}" for name in wrong_row(row, proof))

    def proofs(self) -> None:
        """Check the proofs of a volume: each opens what the volume shows of one version."""
        held = self.held()
        for path in sorted((self.data / "PROOFS").rglob("*.json")):
            proof = verify.loads(verify.read(path, verify.MAX_PROOF))
            try:
                verify.check_proof(proof, self.keys, self.policy)
                head, _, note = proof["tlog_proof"].partition("\n\n")
                if head.split("\n")[1] != f"index {path.stem}" or note != self.note:
                    self.wrong.append(f"{path.name}: of another entry, or another checkpoint")
                if held is not None:
                    held.add(int(path.stem), path, proof)
            except verify.UNREADABLE as error:
                self.wrong.append(f"{path.name}: {error!r}")
            self.leaves.append(int(path.stem))
        if held is not None and not self.wrong:
            self.wrong += held.wrong()
            self.told.append(f"{held.texts} texts say what the proofs open")
            self.told += [f"{held.large} very large versions are not read"] if held.large else []

    def held(self) -> Held | None:
        """Return what holds the files of a volume against its proofs; None where it has none."""
        volumes = sorted(one.parent.parent for one in self.data.glob("*/DATA/volume.json"))
        if not volumes or not self.leaves_a_proof():
            return None
        from held import Held  # noqa: PLC0415 - no file of a transfer

        return Held(self.data, volumes[0])

    def leaves_a_proof(self) -> bool:
        """Tell whether the volume has proofs: a profile may leave them out."""
        return (self.data / "PROOFS").is_dir()

    def all(self) -> None:
        """Check everything that the bag says it is of."""
        if not (self.data / "transfer.json").exists():
            self.proofs()
            return
        said = verify.loads((self.data / "transfer.json").read_bytes())["leaves"]
        for path in sorted((self.data / "rows").glob("*.csv")):
            self.stream(path.stem)
        if sorted(self.leaves) != [leaf for first, end in said for leaf in range(first, end)]:
            self.wrong.append("transfer.json: it names other entries than are here")
        names = {f"{leaf}.json" for leaf in self.leaves}
        if names != {path.name for path in (self.data / "proofs").iterdir()}:
            self.wrong.append("proofs: not one for each row")


def main(arguments: list[str]) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="check.py", description=(__doc__ or "").split("\n")[0])
    here = Path(__file__).resolve().parent.parent
    parser.add_argument("folder", type=Path, nargs="?", default=here, help="the bag")
    parser.add_argument("--key", action="append", default=[], help="the archive's verifier key")
    parser.add_argument("--policy", type=Path, help="whose cosignatures you want (tlog-policy)")
    options = parser.parse_args(arguments)
    csv.field_size_limit(LONGEST)
    data = options.folder / "data"
    try:
        policy = verify.read(options.policy).decode() if options.policy else "quorum none"
        own = verify.loads(verify.read(data / "archive.json"))["keys"]
        bag = Bag(data, options.key or own, policy)
        bag.wrong += fixity(options.folder)
        if not bag.wrong:  # else it is named: what relies on another file is not judged
            bag.all()
    except (OSError, *verify.UNREADABLE) as error:
        sys.stderr.write(f"it can't be read, or does not hold: {error!r}\n")
        return 3 if isinstance(error, OSError) else 1
    told = [*bag.wrong, *bag.told, f"{len(bag.leaves)} records, {len(bag.wrong)} findings"]
    told += [] if options.key else ["the key is the bag's own: ask the city for it (--key)"]
    told += [] if options.policy else [verify.ALONE]
    sys.stdout.write("\n".join(repr(line)[1:-1] for line in told) + "\n")
    return int(bool(bag.wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
