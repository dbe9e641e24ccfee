"""The page of a volume: every file is told of, and no name does anything to its reader."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from archiver.produce.readme_of_volume import Volume, readme_html, readme_text
from tests.produce.redactions import PRIVATE

FILES = (
    "verify.py", "GAPS.csv", "PROOFS/5.json", "VOL001/TEXT/A1.txt", "VOL001/DATA/VOL001.dat",
    "VOL001/TEXT/A2.txt", "strange.bin",
)  # fmt: skip
VOLUME = Volume("VOL001", "city.example/log", "2026-11-30T12:00:00.000000Z", FILES, [PRIVATE])
HOSTILE = "<script>alert(1)</script>\u202e&"


class _Tags(HTMLParser):
    """Collects the tags of a page, and whatever would be loaded from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loaded: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(tag)
        self.loaded += [value for name, value in attrs if name in ("src", "href", "action")]


@pytest.mark.parametrize("render", [readme_html, readme_text])
def test_every_file_is_told_of(render: object) -> None:
    """Kinds that are there stand in it, kinds that are not do not, and strange files do."""
    assert callable(render)
    said = render(VOLUME).decode()
    for part in ("VOL001.dat", "GAPS.csv", "strange.bin", "sha256sum -c manifest-sha256.txt"):
        assert part in said
    assert "A1.txt … VOL001/TEXT/A2.txt (2 files)" in said
    assert "python3 verify.py PROOFS/5.json --key KEY" in said
    assert "5 ILCS 140/7(1)(b)" in said
    assert "review platform, e-mail" not in said
    assert "DRAFT" not in said


def test_the_page_loads_and_runs_nothing() -> None:
    """Whatever is in a name: no script, no address, one language, and a policy that forbids all."""
    volume = Volume(HOSTILE, HOSTILE, VOLUME.made, FILES, [PRIVATE._replace(title=HOSTILE)])
    page = readme_html(volume).decode()
    found = _Tags()
    found.feed(page)
    assert not {"script", "img", "iframe", "link", "form"} & set(found.tags)
    assert found.loaded == []
    assert "default-src 'none'" in page
    assert '<html lang="en">' in page
    assert "\u202e" not in page
    assert "\u202e" not in readme_text(volume).decode()


def test_it_is_the_same_each_time_and_says_draft() -> None:
    """The order of files does not matter; a draft says so at its top."""
    again = Volume(VOLUME.name, VOLUME.origin, VOLUME.made, FILES[::-1], [PRIVATE])
    assert readme_html(again) == readme_html(VOLUME)
    draft = Volume(VOLUME.name, VOLUME.origin, VOLUME.made, FILES, draft=True)
    assert readme_text(draft).startswith(b"DRAFT")
    assert b"<h1>DRAFT" in readme_html(draft)


def test_without_a_verifier_no_command_of_it() -> None:
    """A volume without proofs does not speak of them."""
    assert b"verify.py" not in readme_text(Volume("V", "o", VOLUME.made, ["GAPS.csv"]))
