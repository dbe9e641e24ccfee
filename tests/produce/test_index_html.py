"""The index: people and their aids find their way, and nothing in it runs."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from tests.produce.town import many, town
from tests.produce.writing import profile, write

if TYPE_CHECKING:
    from pathlib import Path

VOID = frozenset(("meta", "br", "link", "img"))
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "nav", "a", "p", "table",
    "caption", "thead", "tbody", "tr", "th", "td", "time", "bdi", "br", "ol", "ul", "li",
}  # fmt: skip


class Read(HTMLParser):
    """A page as a browser takes it apart."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag: str) -> None:
        """Close it."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text += data


@pytest.fixture(scope="module")
def volume(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A volume with more documents than one page has."""
    path = tmp_path_factory.mktemp("index") / "out"
    write(path, [*town(), *many(510)], profile("data"))
    return path / "data/VOL001"


def test_nothing_runs_and_nothing_is_loaded(volume: Path) -> None:
    """Only tags and attributes of ours are there; a policy forbids the rest."""
    for page in [volume / "index.html", *sorted((volume / "HTML").iterdir())]:
        read = Read(page.read_text("utf-8"))
        assert {tag for tag, _ in read.tags} <= ALLOWED
        assert read.open == []
        names = {name for _, attributes in read.tags for name in attributes}
        assert not {name for name in names if name.startswith("on") or name in {"src", "srcdoc"}}
        policy = [a.get("content") for tag, a in read.tags if tag == "meta" and "http-equiv" in a]
        assert policy[0] is not None
        assert policy[0].startswith("default-src 'none'")
    assert len(list((volume / "HTML").iterdir())) == 2


def test_all_links_lead_somewhere_near(volume: Path) -> None:
    """Each is relative, and the file is there; each says what of which document."""
    for page in [volume / "index.html", *sorted((volume / "HTML").iterdir())]:
        read = Read(page.read_text("utf-8"))
        links = [attributes for tag, attributes in read.tags if tag == "a"]
        assert links
        for one in links:
            target = str(one["href"])
            assert ":" not in target
            assert (page.parent / target).is_file()


def test_people_and_their_aids_can_read_it(volume: Path) -> None:
    """Language, title, heads of rows and columns; texts turn no others round."""
    text = (volume / "HTML/0001.html").read_text("utf-8")
    read = Read(text)
    tags = dict(read.tags)
    assert tags["html"]["lang"] == "en"
    scopes = [attributes.get("scope") for tag, attributes in read.tags if tag == "th"]
    assert scopes.count("col") == 7
    assert scopes.count("row") == 500
    assert "\u202e" not in text
    assert "{U+202E}gnp.exe <script>alert(1)</script>" in read.text
    names = [a["aria-label"] for tag, a in read.tags if tag == "a" and "aria-label" in a]
    assert len(set(names)) == len(names)
