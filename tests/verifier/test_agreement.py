"""Over all damage that has a code, the independent verifier says what `archiver verify` says."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from archiver.flows.ledger import TRUST
from tests.audit.damage import DAMAGE, WHOLE, small

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.flows.archive import Archive

ROOT = Path(__file__).parents[2]
KNOWN: dict[str, dict[str, Any]] = json.loads((ROOT / "schemas" / "findings.json").read_text())
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


def verified(archive: Archive, folder: Path) -> set[str]:
    """Copy an archive into a folder; return the codes of what the verifier finds there."""
    for one in archive.store.list(""):
        path = folder / one.key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(archive.store.get(one.key))
    found = loaded().Archive(folder, list(archive.identity.keys))
    found.run(archive.home.read(TRUST))
    return {code for code, _, _ in found.findings}


def test_most_is_covered() -> None:
    """What needs keys, parsers, a bucket's versions, outsiders or the rules of people is not."""
    assert set(KNOWN) - COVERED == {
        "act-without-authority", "anchor-expired", "anchor-false", "anchor-history",
        "anchor-quorum", "excerpt-differs", "generation-differs", "log-leftover",
        "map-differs", "object-hidden",
        "object-sealed", "object-versions", "record-fields", "row-context",
        "row-derived", "seal-unlawful", "time-ahead",
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
