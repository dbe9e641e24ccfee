"""Over all damage that has a code, the independent verifier says what `archiver verify` says."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from archiver.flows.anchoring import POLICY
from archiver.flows.ledger import TRUST
from archiver.ledger.entry import CONTROL_TYPES
from tests.audit.damage import DAMAGE, WHOLE, small
from tests.audit.forge import body, entries_of, relog

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.flows.archive import Archive

NOBODY = b"quorum none"
ROOT = Path(__file__).parents[2]
KNOWN: dict[str, dict[str, Any]] = json.loads((ROOT / "schemas" / "findings.json").read_text())
JUDGED = {"act-without-authority", "destroyed-unlawfully", "seal-unlawful"}
"""Codes of which `verifier/destroyed.py` finds what concerns destruction, and not all."""
COVERED = {code for code, one in KNOWN.items() if one.get("covered")}


def loaded() -> Any:  # noqa: ANN401 - a module
    """Load the verifier into this process: many runs of it."""
    path = ROOT / "verifier" / "verify.py"
    spec = importlib.util.spec_from_file_location("civic_archive_verify", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def copied(archive: Archive, folder: Path) -> None:
    """Copy an archive into a folder, in place of what was there."""
    shutil.rmtree(folder, ignore_errors=True)
    for one in archive.store.list(""):
        path = folder / one.key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(archive.store.get(one.key))


def verified(archive: Archive, folder: Path) -> set[str]:
    """Copy an archive into a folder; return the codes of what the verifier finds there.

    It has the home's policy, and what the home has seen.
    """
    copied(archive, folder)
    asked = archive.home.read(POLICY)
    found = loaded().Archive(folder, list(archive.identity.keys), (asked or NOBODY).decode())
    found.run([seen] if (seen := archive.home.read(TRUST)) else [])
    return {code for code, _, _ in found.findings}


def test_most_is_covered() -> None:
    """All but what needs keys, parsers or rules, and what sequencers work on (ADR 0067)."""
    assert set(KNOWN) - COVERED == {
        "access-differs", "act-without-authority", "anchor-expired", "anchor-history",
        "destroyed-unlawfully", "excerpt-differs", "exchange-missing", "exchange-unsettled",
        "generation-differs", "head-differs", "head-missing", "log-leftover", "map-differs",
        "object-hidden", "object-sealed",
        "object-versions", "record-fields", "row-context", "row-derived", "seal-unlawful",
        "segment-files", "set-malformed", "staging-differs", "time-ahead",
    }  # fmt: skip


@pytest.mark.parametrize("code", DAMAGE)
def test_both_name_the_same(code: str, tmp_path: Path) -> None:
    """Each covered code is found for its damage alone, by both."""
    archive = small(tmp_path / "home")
    DAMAGE[code](archive)
    expected = {code} & COVERED
    assert verified(archive, tmp_path / "archive") & COVERED == expected


@pytest.mark.parametrize("change", WHOLE.values(), ids=WHOLE)
def test_neither_finds_anything(change: Callable[[Archive], object], tmp_path: Path) -> None:
    """An archive as it was sealed has no finding."""
    archive = small(tmp_path / "home")
    change(archive)
    assert verified(archive, tmp_path / "archive") == set()


def test_entries_of_every_type_are_taken(tmp_path: Path) -> None:
    """Every type of the specification, written today or later, is read; no damage is found."""
    archive = small(tmp_path / "home")
    told = [body(one) for one in sorted(CONTROL_TYPES - {"seal", "anchor", "generation"})]
    relog(archive, [*entries_of(archive), *told])
    assert len(told) > 15
    assert verified(archive, tmp_path / "archive") <= JUDGED
