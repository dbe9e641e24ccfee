"""Every place where something of a record could stand, and which attack looks there.

A closed list: whatever is new (an entry, a kind of record, a header line, an object, a file
of the home, an output) fails here until somebody says which attack covers it.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING

from archiver import layout
from archiver.ledger import admission, entry, seal
from archiver.record import Kind, Stream
from tests.attacks.attackers import ATTACKS
from tests.attacks.merged import MERGES

if TYPE_CHECKING:
    from pathlib import Path

WORLDS = "two worlds"
"""`tests.attacks.test_remains` compares all of it, and looks for all that is dead in it."""
NOT_YET = "not yet there"
CANARIES = "canaries"
"""`tests.attacks.test_canaries` puts words there, and looks for them in the end."""
SCENARIO = "scenario 22"
"""`tests.cli.test_scenario_copies` asks for these, and reads them, once a purge is done."""
UNTRIED = "there, and in no world yet"
"""Named in ``docs/THREATS.md``."""

ENTRIES = {
    "seal": "seals", "repeat": WORLDS, "gap": WORLDS,
    "generation": "generations: salts", "role": WORLDS,
    "rekey": WORLDS, "access": WORLDS, "anchor": WORLDS, "verified": "verified",
    "done-part": "done-part",
} | dict.fromkeys(
    (
        *("schedule", "classify", "event", "hold", "applied", "release"),
        *("order", "begin", "halt", "done", "copy", "retire"),
        "redact",
    ),
    WORLDS,
) | dict.fromkeys(("matter", "export"), UNTRIED)  # fmt: skip

STAGES = {
    "intake": WORLDS, "settle": "seals", "compact": "seals: superseding", "destroy": WORLDS,
}  # fmt: skip
"""Of a ``seal``."""

KINDS = dict.fromkeys(Kind, WORLDS) | {
    Kind.LISTING: "listings", Kind.RESIDUE: "residue", Kind.SNAPSHOT: NOT_YET,
}  # fmt: skip

STREAMS = dict.fromkeys(Stream, WORLDS)

HEADERS = dict.fromkeys(
    (
        *("Archive-Account", "Archive-Certificate", "Archive-Clock", "Archive-Context-Root"),
        *("Archive-Exchange", "Archive-Fields-Root", "Archive-Group", "Archive-Kind"),
        *("Archive-Lane", "Archive-Page", "Archive-Parser", "Archive-Platform"),
        *("Archive-Purpose", "Archive-Record", "Archive-Replacement", "Archive-Response-Header"),
        *("Archive-Source-Root", "Archive-Status-Line", "Archive-Stream", "Archive-TLS"),
        *("WARC-Block-Digest", "WARC-Concurrent-To", "WARC-Date", "WARC-IP-Address"),
        *("WARC-Payload-Digest", "WARC-Record-ID", "WARC-Target-URI", "WARC-Truncated"),
        "WARC-Type",
    ),
    WORLDS,
) | {
    "Archive-Contains": "quotations", "Archive-Evidence": "listings",
    "Archive-Excerpt": "ranges: headers", "Archive-Salt": "seals: entries",
    "WARC-Refers-To": "generations: one left", "Archive-Delivery": NOT_YET,
    "Archive-Import": NOT_YET,
}  # fmt: skip
"""Nothing is sent to these worlds yet."""

KEYS = {
    "anchor_key": "second hashes", "bundle_key": "seals: entries", "daily_checkpoint_key": WORLDS,
    "late_checkpoint_key": NOT_YET, "pending_key": WORLDS, "refused_key": WORLDS,
    "set_key": WORLDS, "staging_key": WORLDS,
    "tile_key": "proofs given out: others", "unit_object_key": "ETags",
}  # fmt: skip
"""Functions of `archiver.layout` that make keys."""

SUFFIXES = {"warc.gz": WORLDS, "parquet": "sizes", "idx": "indexes: gaps",
            "map": "ranges: settlement map"}  # fmt: skip

HOME = dict.fromkeys(
    (
        *("access/", "cache/cursors/", "cache/index/", "cache/ledger/", "cache/objects/"),
        *("cache/shapes/", "cache/verified/", "cache/catalog.json", "journal/", "keys/known"),
        *("orders/", "trust/archive.json", "trust/checkpoint", "trust/signed", "trust/staged"),
        *("trust/policy", "trust/recipients.json", "trust/witness/"),
    ),
    WORLDS,
) | {
    "cache/known/": "home caches", "cache/progress/": CANARIES, "orders/ended.json": SCENARIO,
}  # fmt: skip

OUTPUTS = dict.fromkeys(
    (
        *("account-add", "account-approve", "account-credential", "account-list"),
        *("account-retire", "account-show", "anchor", "archiver", "capture", "check", "compact"),
        *("connector-list", "connector-matrix", "connector-new", "coverage", "demo", "doctor"),
        *("disposition-list", "hold-list", "init", "keys-drill"),
        *("keys-recipients-add", "keys-recipients-list", "keys-recipients-new"),
        *("keys-recipients-remove", "keys-rotate", "person-enrol", "person-list"),
        *("person-role", "rebuild", "search", "show", "status", "verify", "witness-init"),
        "witness-serve",
    ),
    WORLDS,
) | {
    "prove": "proofs given out: the victim",
    **dict.fromkeys(
        (
            *("copy-list", "copy-retire", "disposition-approve", "disposition-certificate"),
            *("disposition-execute", "disposition-propose", "hold-ack", "hold-apply"),
            *("hold-event", "hold-notice", "hold-place", "replicate", "reparse", "report"),
            *("bates-list", "bates-reserve", "matter-close", "matter-list", "matter-open"),
            *("diff", "matter-show", "operations", "produce", "restore", "tag"),
            *("retention-due", "retention-explain", "retention-plan"),
            *("schedule-add", "schedule-adopt", "schedule-history", "schedule-list"),
            *("schedule-show", "transfer-make", "webhook-list"),
            *("redact-mark", "redact-review", "redact-suggest"),
        ),
        SCENARIO,
    ),
    **dict.fromkeys(
        (
            *("classify", "disposition-halt", "disposition-notice", "disposition-outcome"),
            *("disposition-remove", "disposition-submit", "event-record", "hold-release", "lock"),
            *("schedule-opt-in", "schedule-revoke", "transfer-receipt", "validate"),
            *("webhook-serve", "webhook-settle", "webhook-subscribe"),
            *("export-approve", "export-claw-back", "import"),
        ),
        UNTRIED,
    ),
}


@cache
def _texts(package: Path) -> tuple[str, ...]:
    """Return every text in the package but in the demo, also pieces of formatted ones."""
    modules = [path for path in package.rglob("*.py") if "demo" not in path.parts]
    trees = (ast.parse(path.read_text("utf-8")) for path in modules)
    values = (
        node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)
    )
    return tuple(
        one if isinstance(one, str) else one.decode("latin-1")
        for one in values
        if isinstance(one, str | bytes)
    )


def test_every_entry_has_its_attack() -> None:
    """What the ledger admits is attacked; what it will admit one day is named as not there."""
    assert ENTRIES.keys() == entry.CONTROL_TYPES
    there = {name for name, attack in ENTRIES.items() if attack != NOT_YET}
    assert there == admission._FORMS.keys()
    assert {getattr(seal, name) for name in seal.__all__ if name.isupper()} == STAGES.keys()


def test_every_kind_and_stream_has_its_attack(repo_root: Path) -> None:
    """Nothing makes a page snapshot yet."""
    assert KINDS.keys() == set(Kind)
    assert STREAMS.keys() == set(Stream)
    makers = [
        path
        for path in (repo_root / "archiver").rglob("*.py")
        if "Kind.SNAPSHOT" in path.read_text("utf-8")
    ]
    assert makers == []


def test_every_header_line_has_its_attack(repo_root: Path) -> None:
    """Whatever the package writes into a WARC header."""
    name = re.compile(r"(?<!X-)\b(?:Archive|WARC)-[A-Z][A-Za-z]*(?:-[A-Z][A-Za-z]*)*")
    written = {found for text in _texts(repo_root / "archiver") for found in name.findall(text)}
    assert written == HEADERS.keys()


def test_every_object_has_its_attack(repo_root: Path) -> None:
    """Whatever has a key in an archive, and each file of a segment."""
    made = {name for name in layout.__all__ if name.endswith("_key")}
    assert made == KEYS.keys()
    page = (repo_root / "docs" / "formats" / "segments.md").read_text("utf-8")
    table = page.partition("| suffix |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `([a-z.]+)`", table, re.MULTILINE)) == SUFFIXES.keys()


def test_every_file_of_a_home_has_its_attack(repo_root: Path) -> None:
    """Whatever flows keep there."""
    name = re.compile(r"(?:access|cache|journal|keys|orders|trust)/(?:[a-z.]+/?)?")
    kept = {text for text in _texts(repo_root / "archiver") if name.fullmatch(text)}
    assert kept - {"cache/", "keys/", "trust/"} == HOME.keys()


def test_every_output_has_its_attack(repo_root: Path) -> None:
    """Whatever a command prints as JSON."""
    schemas = {path.stem for path in (repo_root / "schemas" / "cli").glob("*.json")}
    assert schemas == OUTPUTS.keys()


def test_every_attack_is_used() -> None:
    """No attack without a channel that names it, and no channel with an attack there is not."""
    tables = (ENTRIES, STAGES, KINDS, HEADERS, KEYS, SUFFIXES, HOME, OUTPUTS)
    named = {attack for table in tables for attack in table.values()} - {
        WORLDS,
        CANARIES,
        SCENARIO,
        NOT_YET,
        UNTRIED,
    }
    beside = {"indexes: digests", "indexes: gaps, merged"}  # the same files in another way
    assert named | beside == (ATTACKS | MERGES).keys()
