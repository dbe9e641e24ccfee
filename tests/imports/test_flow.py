"""Imports from the file to the ledger: nothing lost, nothing twice, nothing said that is not so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast
from zipfile import ZipFile

import pytest

from archiver.capture.connector import Site
from archiver.capture.importers.cutting import Part
from archiver.capture.importers.exchanges import Imported, Importing, exchange_of
from archiver.capture.known import IMPORTED, Known
from archiver.capture.platforms.wordpress import WordPress
from archiver.capture.reading import read
from archiver.capture.settling import Settler
from archiver.edges.exported import open_export, seen
from archiver.errors import ArchiverError, RefusedError
from archiver.flows import import_sealing, importing
from archiver.flows.accounts import add
from archiver.flows.connectors import importer_named
from archiver.flows.import_papers import Asked
from archiver.flows.importing import import_export, importer_for, new_evidence
from archiver.flows.known import known_now
from archiver.flows.ledger import read_state
from archiver.flows.show import show
from archiver.ids import new_uuid
from archiver.record import Exchange, Stream
from tests.flows.helpers import Quiet
from tests.imports.hall import BY, NOBODY, Hall, hall
from tests.imports.test_formats import WXR

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.capture.connector import Connector
    from archiver.capture.importers.importer import Importer


class Killed(BaseException):
    """The process ends here."""


def chats(folder: Path, days: int = 3) -> Path:
    """Write a synthetic export of Slack: so many days, a file that nobody understands."""
    folder.mkdir(exist_ok=True)
    path = folder / "slack.zip"
    with ZipFile(path, "w") as made:
        made.writestr("channels.json", json.dumps([{"id": "C1", "name": "general"}]))
        made.writestr("canvases.json", b"nobody knows this")
        for day in range(1, days + 1):
            ts = f"13555175{day:02d}.000005"
            message = {"type": "message", "user": "U1", "text": f"Day {day}", "ts": ts}
            made.writestr(f"general/2012-12-{day:02d}.json", json.dumps([message]))
    return path


def things(town: Hall) -> list[tuple[str, str, str]]:
    """Return what was kept, each thing with what it says, and residue, sorted."""
    return sorted(
        (row["stream"], row["native_id"] if row["kind"] != "residue" else "residue", row["kind"])
        for row in town.rows()
    )


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    """The same export is known by its digest; a newer one adds what is new in it."""
    town = hall(tmp_path / "home", "slack", "https://city.slack.com")
    path = chats(tmp_path)
    first = town.take(path, "slack-export", Asked(by=BY, source="the clerk's computer"))
    assert first.streams["messages"] == {"new": 3, "changed": 0, "unchanged": 0}
    assert (first.members["rest"], first.left_bytes) == (1, len(b"nobody knows this"))
    size, kept = town.size, things(town)
    again = town.take(path, "slack-export")
    assert again.again
    assert town.size == size
    newer = town.take(chats(tmp_path / "newer", days=4), "slack-export")
    assert newer.streams["messages"] == {"new": 1, "changed": 0, "unchanged": 3}
    assert len(things(town)) == len(kept) + 2  # the fourth day; the residue of this export
    town.check()


@pytest.mark.parametrize("step", range(0, 10, 2))
def test_a_kill_loses_nothing_and_doubles_nothing(
    tmp_path: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever step of the protocol is the last one: the next run comes to the same archive."""
    town = hall(tmp_path / "home", "slack", "https://city.slack.com")
    path = chats(tmp_path)
    monkeypatch.setattr(importing, "MOST_TOGETHER", 2)
    monkeypatch.setattr(importing, "SEGMENT_RECORDS", 2)
    steps = 0

    def dying(name: str, module: object) -> None:
        real = getattr(module, name)

        def die(*arguments: object, **named: object) -> object:
            nonlocal steps
            steps += 1
            if steps == step + 3:
                raise Killed
            return real(*arguments, **named)

        monkeypatch.setattr(module, name, die)

    for name in ("seal_intake", "seal_settled", "keep_known", "read"):
        dying(name, import_sealing)
    with pytest.raises(Killed):
        town.take(path, "slack-export")
    steps = -1_000
    report = town.take(path, "slack-export")
    assert not report.again
    assert things(town) == [
        *[("messages", f"general:13555175{day:02d}.000005", "present") for day in (1, 2, 3)],
        ("profile", "channel:C1", "present"),
        ("profile", "residue", "residue"),
    ]
    assert town.take(path, "slack-export").again
    town.check()


def live(town: Hall, comment: dict[str, object], at: str) -> list[str]:
    """Settle what the REST API of WordPress shows, against what the archive knows."""
    site = Site("city", "https://blog.example.gov", authorised=True)
    state = read_state(town.archive)
    handle = next(iter(state.settled))
    one = WordPress()
    known = known_now(town.archive, state, handle, one)
    settler = Settler(one, site, known, lambda: new_uuid(town.archive.chance))
    body = json.dumps([comment]).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
    purpose = {
        "role": "listing",
        "listing": "comments",
        "stream": "comments",
        "pass": "1",
        "page": "1",
        "group": "comments",
        "sensitivity": "private",
        "exhaustive": "yes",
    }
    exchange = Exchange(
        "lane", 1, "https://blog.example.gov/wp-json/wp/v2/comments", at,
        b"GET /wp-json/wp/v2/comments HTTP/1.1\r\n\r\n", head.encode() + b"\r\n\r\n" + body,
        purpose=purpose,
    )  # fmt: skip
    settler.take(exchange, read(one, site, exchange))
    return [f"{one.record_id} {one.kind}" for _, one in settler.settled.observations]


def test_import_and_capture_meet_in_one_record(tmp_path: Path) -> None:
    """What the interface shows of an imported thing is no edit, and of the same record."""
    town = hall(tmp_path / "home", "wordpress", "https://blog.example.gov")
    path = tmp_path / "city.xml"
    path.write_bytes(WXR)
    town.take(path, "wordpress-wxr")
    (imported,) = [row for row in town.rows("comments") if row["kind"] != "residue"]
    comment = {
        "id": 7,
        "post": 42,
        "status": "hold",
        "author_name": "Ana",
        "content": {"rendered": "<p>Is it open?</p>"},
    }
    shown = live(town, comment, "2026-11-21T09:00:00.000000Z")
    assert shown == [f"{imported['record_id']} held"]
    (told,) = show(town.archive, imported["record_id"])
    assert told["imported"].startswith("wordpress-wxr ")


def test_what_was_captured_is_not_undone(tmp_path: Path) -> None:
    """An export beside what was captured is a version of the same record, whatever it says."""
    town = hall(tmp_path / "home", "wordpress", "https://blog.example.gov")
    path = tmp_path / "city.xml"
    path.write_bytes(WXR)
    town.take(path, "wordpress-wxr")
    handle = next(iter(read_state(town.archive).settled))
    known = known_now(town.archive, read_state(town.archive), handle, WordPress())
    thing = (str(Stream.POSTS), "42")
    before = known.get(thing)
    assert before is not None
    assert before.group == IMPORTED
    state = before._replace(group="posts", mark=b"captured", past=())
    known = Known({thing: state}, known.key)
    importer = importer_named("wordpress-wxr")
    settler, exchange = _settling(town, known, importer, path.read_bytes())
    kinds = {one.native_id: one.kind for _, one in settler.settled.observations}
    assert kinds.get("42/version/wordpress-wxr") == "present"
    assert known.get(thing) == state
    assert exchange


def _settling(
    town: Hall, known: Known, importer: Importer, body: bytes
) -> tuple[Settler, Exchange]:
    """Settle an export's only file against what is known."""
    site = Site("city", "https://blog.example.gov", authorised=False)
    one = cast("Connector", Importing(importer, WordPress()))
    settler = Settler(one, site, known, lambda: new_uuid(town.archive.chance))
    kept = importer.member("city.xml")
    at = Imported("handle", "2026-11-22T09:00:00.000000Z")
    exchange = exchange_of(importer, at, "city.xml", kept, (0, Part(body, torn=False)))
    settler.take(exchange, read(one, site, exchange))
    return settler, exchange


def test_absence_in_an_export_proves_nothing(tmp_path: Path) -> None:
    """What a newer export does not have stays as it was: no entry says that it is gone."""
    town = hall(tmp_path / "home", "slack", "https://city.slack.com")
    town.take(chats(tmp_path, days=4), "slack-export")
    town.take(chats(tmp_path / "newer", days=1), "slack-export")
    kinds = {row["kind"] for row in town.rows()}
    assert kinds == {"present", "residue"}
    messages = town.read("messages")
    assert len(messages) == 4


def test_only_what_is_approved(tmp_path: Path) -> None:
    """An account that nobody approved takes no import."""
    town = hall(tmp_path / "home", "slack", "https://city.slack.com")
    add(town.archive, {"name": "other", "platform": "slack", "url": "https://o.slack.com"}, {})
    export = open_export(chats(tmp_path), Quiet())
    with pytest.raises(RefusedError, match="approved"):
        import_export(
            town.archive, "other", export, importer_named("slack-export"), NOBODY, Quiet()
        )


def test_an_export_that_changes_meanwhile(tmp_path: Path) -> None:
    """It is told, and never called done."""
    town = hall(tmp_path / "home", "slack", "https://city.slack.com")
    path = chats(tmp_path)
    export = open_export(path, Quiet())
    chats(tmp_path, days=2)
    with pytest.raises(ArchiverError) as told:
        import_export(town.archive, "city", export, importer_named("slack-export"), NOBODY, Quiet())
    assert told.value.code == "import-changed"


def test_formats_are_recognised(tmp_path: Path) -> None:
    """By what an export looks like; what fits none is a clear error."""
    town = hall(tmp_path / "home", "slack", "https://city.slack.com")
    export = open_export(chats(tmp_path), Quiet())
    assert importer_for(town.archive, "city", export).name == "slack-export"
    strange = tmp_path / "strange.bin"
    strange.write_bytes(b"\0\1\2")
    with pytest.raises(ArchiverError) as told:
        importer_for(town.archive, "city", open_export(strange, Quiet()))
    assert told.value.code == "import-format"
    assert "slack-export" in told.value.mend


def test_what_a_person_saw(tmp_path: Path) -> None:
    """A picture and a statement: two records, the picture a part of the other, and found by why."""
    town = hall(tmp_path / "home", "x", "https://x.com/city")
    picture = tmp_path / "screen.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\nof a screen")
    told = {
        "url": "https://x.com/city/1",
        "seen": "2026-11-01T10:00:00.000000Z",
        "why": "a threat",
        "removed_by": BY,
        "file": picture.name,
    }
    name, statement = new_evidence(town.archive, told)
    export = seen(picture, name, statement, Quiet())
    importer = importer_for(town.archive, "city", export, "manual")
    import_export(town.archive, "city", export, importer, NOBODY, Quiet())
    rows = town.read("media")
    assert set(rows) == {f"manual:{name}", f"manual:{name}/file"}
    row = rows[f"manual:{name}"]
    assert (row["text"], row["author_name"], row["url"]) == ("a threat", BY, told["url"])
    assert row["created_at"] == told["seen"]
    assert rows[f"manual:{name}/file"]["media_type"] == "image/png"
    town.check()


def test_a_table_needs_a_mapping(tmp_path: Path) -> None:
    """Without one, or with one that is none, nothing is taken, and the error says what to give."""
    town = hall(tmp_path / "home", "mail", "https://example.gov/mail")
    path = tmp_path / "posts.csv"
    path.write_bytes(b"ID,Text\n1,Open\n")
    size = town.size
    for mapping in ("", "no JSON", '{"stream": "none", "columns": {}}'):
        with pytest.raises(ArchiverError) as error:
            town.take(path, "table", Asked(by=BY, mapping=mapping))
        assert error.value.code == "import-mapping"
    assert town.size == size
