"""Each code of a finding has damage that yields it and no other, in both verifiers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from archiver.flows.verify import verify
from tests.audit.damage import DAMAGE, WHOLE, small
from tests.flows.helpers import Quiet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archiver.flows.archive import Archive


@pytest.fixture(scope="module")
def known(repo_root: Path) -> dict[str, dict[str, Any]]:
    """Return every code that there is."""
    found: dict[str, dict[str, Any]] = json.loads(
        (repo_root / "schemas" / "findings.json").read_text("utf-8")
    )
    return found


def test_every_code_has_its_damage(known: dict[str, dict[str, Any]]) -> None:
    """No code without something that yields it, nothing that yields a code nobody explains."""
    assert set(DAMAGE) == set(known)


@pytest.mark.parametrize("code", DAMAGE)
def test_damage_yields_its_code_alone(code: str, tmp_path: Path) -> None:
    """Deep verification of an archive with one damage finds that, and nothing else."""
    archive = small(tmp_path / "home", versioned=code in {"object-versions", "object-hidden"})
    DAMAGE[code](archive)
    found = verify(archive, Quiet(), deep=True).findings
    assert {one.code for one in found} == {code}, found


@pytest.mark.parametrize("change", WHOLE.values(), ids=WHOLE)
def test_what_is_whole_yields_none(change: Callable[[Archive], object], tmp_path: Path) -> None:
    """An archive as it was sealed, of all kinds of things, has no finding."""
    archive = small(tmp_path / "home")
    change(archive)
    report = verify(archive, Quiet(), deep=True)
    assert report.findings == []
    assert report.unreadable == report.lost == 0
