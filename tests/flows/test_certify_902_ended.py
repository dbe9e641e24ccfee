"""Certificates of what is left: neighbours were destroyed, and intake has ended for some."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pypdf import PdfReader

from archiver.flows.certificate_902_page import certificate_902_pdf
from archiver.flows.gap_report import Scope
from archiver.flows.ledger import read_state
from tests.flows.board import Board, Posted, asked
from tests.flows.packages import made_of
from tests.flows.test_occurrences import posts
from tests.flows.test_orders import begun, ordered
from tests.flows.test_purge import carried_out, verified, with_board

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.flows.hall import Hall


def test_what_went_and_what_rests_on_signatures_is_told(
    first_hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order that took a neighbour, the exchange that went with it, and who signed since."""
    hall = with_board(first_hall, tmp_path / "ended", monkeypatch)
    taken = Posted(hall.archive, Board())
    taken.take(asked("posts 1 canary-one\nposts 2 two\n"), asked("posts 5 five\n"))
    before = made_of(hall.archive, tmp_path / "before", Scope("city"), posts("2", "5"))
    whole = before.certificate()
    assert (whole.missing.destroyed, whole.provenance.rests.ended) == ((), 0)
    name = ordered(hall, *posts("1"))
    begun(hall, name)
    carried_out(hall, name)
    verified(hall)
    after = made_of(hall.archive, tmp_path / "after", Scope("city"), posts("2", "5"))
    left = after.certificate()
    (gone,) = left.missing.destroyed
    assert (gone.order, gone.versions) == (name, 1)
    assert left.provenance.rests.ended > 0
    assert left.provenance.rests.verified_by == (hall.of("vera").handle,)
    codes = {one.code for one in left.limits}
    assert {"intake-ended", "destroyed", "gaps"} <= codes
    assert [one.platform for one in left.provenance.grades] == ["stand-in"]
    pages = PdfReader(io.BytesIO(certificate_902_pdf(left))).pages
    said = " ".join(" ".join(one.extract_text() for one in pages).split())
    assert f"Destroyed, order {name}" in said
    assert "canary" not in said + left.encode().decode()
    again = before.certificate()  # as of the earlier size it says what it said
    assert read_state(hall.archive).size > before.size
    assert again.encode() == whole.encode()
