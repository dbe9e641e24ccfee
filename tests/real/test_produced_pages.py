"""Pages of a volume, read by qpdf, poppler and tesseract: nothing masked is seen."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from pypdf import PdfReader

from archiver.flows.marking import Wanted
from archiver.redact.mark import Region
from tests.flows.conftest import first_hall, hall  # noqa: F401 - fixtures
from tests.flows.test_marking import decide, office  # noqa: F401 - a fixture
from tests.flows.test_produce import RECORD, how, made
from tests.flows.test_redacting import PHONE
from tests.produce.pictures import CANARY, LOWER, file_of, photograph
from tests.produce.writing import profile
from tests.real.packages import need, program, run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.flows.hall import Hall

pytestmark = pytest.mark.real
CHANNELS = ("dat", "images", "natives", "pdf", "text", "proofs")


def seen(path: Path) -> str:
    """Return what tesseract reads in a picture."""
    return run(program("tesseract"), path, "-", "--psm", "11").decode()


def test_nothing_masked_is_read_off_a_page(office: Hall, tmp_path: Path) -> None:  # noqa: F811 - a fixture
    """In page images, files and pages; unmasked, each of them says it. PDFs have one revision."""
    need(
        ("qpdf", "poppler-utils", "tesseract-ocr"),
        ("qpdf", "pdftotext", "pdftoppm", "tesseract"),
    )
    masked = file_of(office, "41", photograph(CANARY))
    ways = how(profile=profile("data", channels=CHANNELS))
    made(office, tmp_path / "open", ways=ways)
    decide(office, Wanted(masked, "7(1)(c)", "a name", region=Region((0, 0, 1_000_000, 500_000))))
    decide(office, Wanted(RECORD, "7(1)(b)", "a private number", find=PHONE))
    made(office, tmp_path / "closed", ways=ways)
    for name, shows in (("open", True), ("closed", False)):
        volume = tmp_path / name / "data" / "VOL001"
        (page,) = volume.rglob("IMAGES/*/*.jpg")
        (native,) = volume.rglob("NATIVES/*/*")
        number = page.stem
        pdf = next(volume.rglob(f"PDF/*/{number}.pdf"))
        drawn = tmp_path / f"{name}-page"
        run(program("pdftoppm"), "-r", "200", "-png", "-singlefile", pdf, drawn)
        for picture in (page, native, drawn.with_suffix(".png")):
            assert (CANARY in seen(picture)) == shows, picture
            assert LOWER in seen(_below(picture, tmp_path / "below.png")), picture
        texts = "".join(_checked(one) for one in sorted(volume.rglob("*.pdf")))
        assert (re.sub(r"\D", "", PHONE) in re.sub(r"[^0-9a-z]", "", texts)) == shows
        tiffs = "".join(map(seen, sorted(volume.rglob("IMAGES/*/*.tif"))))
        assert "culvert" in tiffs
        assert (PHONE in tiffs) == shows


def _below(picture: Path, path: Path) -> Path:
    """Return the lower half of a file; a page as it is: black above, tesseract finds no letters."""
    with Image.open(picture) as one:
        top = one.height // 2 + 20 if one.width > one.height else 0
        one.crop((0, top, one.width, one.height)).save(path)
    return path


def _checked(path: Path) -> str:
    """Return what two programs read in a PDF that is whole and has one revision."""
    data = path.read_bytes()
    assert data.count(b"%%EOF") == data.count(b"startxref") == 1
    assert b"No syntax or stream encoding errors" in run(program("qpdf"), "--check", path)
    assert b"/Prev" not in run(program("qpdf"), "--show-object=trailer", path)
    other = "".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)
    return run(program("pdftotext"), path, "-").decode() + other
