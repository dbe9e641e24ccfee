"""Exports as they should not be: cut, swelling, leading elsewhere, of another kind."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from archiver.capture.importers.cutting import LARGEST_PART, LINES, PART, array_at, parts
from archiver.edges import exported
from archiver.edges.exported import open_export
from archiver.errors import ArchiverError
from tests.flows.helpers import Quiet
from tests.imports.reads import reads

if TYPE_CHECKING:
    from pathlib import Path


def code_of(path: Path) -> str:
    """Return the code of the error that opening an export gives."""
    with pytest.raises(ArchiverError) as told:
        open_export(path, Quiet())
    assert told.value.mend
    return told.value.code


def a_zip(path: Path, **files: bytes) -> bytes:
    """Write a zip of these files, compressed; return its bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return path.read_bytes()


def test_what_is_cut_or_changed_is_refused(tmp_path: Path) -> None:
    """A zip at any length but its own; one with a flipped byte; a cut tar, gzip."""
    path = tmp_path / "export.zip"
    whole = a_zip(path, a=b"first " * 50, b=bytes(range(256)))
    for length in range(0, len(whole), 37):
        path.write_bytes(whole[:length])
        assert code_of(path) == "import-damaged"
    place = whole.index(b"PK\x03\x04", 4) + 60
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    assert code_of(path) == "import-damaged"
    tar = tmp_path / "export.tar.gz"
    with tarfile.open(tar, "w:gz") as made:
        info = tarfile.TarInfo("a")
        info.size = 5_000
        made.addfile(info, io.BytesIO(bytes(range(250)) * 20))
    whole = tar.read_bytes()
    tar.write_bytes(whole[:-30])
    assert code_of(tar) == "import-damaged"
    packed = tmp_path / "dump.xml.gz"
    packed.write_bytes(gzip.compress(b"<mediawiki/>" * 999)[:-10])
    assert code_of(packed) == "import-damaged"


def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What swells beyond deflate, and members over one another, are refused unread."""
    monkeypatch.setattr(exported, "LARGEST_SWOLLEN", 1 << 16)
    monkeypatch.setattr(exported, "MOST_SWOLLEN", 100)
    path = tmp_path / "bomb.zip"
    a_zip(path, a=b"x" * (1 << 20))
    assert code_of(path) == "import-bomb"
    packed = tmp_path / "bomb.log.gz"
    packed.write_bytes(gzip.compress(b"x" * (1 << 20)))
    assert code_of(packed) == "import-bomb"
    whole = a_zip(path, aa=b"same", bb=b"same")
    second = whole.rindex(b"PK\x01\x02")
    path.write_bytes(whole[: second + 42] + bytes(4) + whole[second + 46 :])  # both at offset 0
    assert code_of(path) == "import-damaged"


def test_names_that_lead_elsewhere_lead_nowhere(tmp_path: Path) -> None:
    """Nothing is unpacked: what a path says is a name, and stands in the report as one."""
    path = tmp_path / "slip.zip"
    names = ["../../etc/passwd", "/etc/shadow", "..\\..\\boot.ini", "a\nb"]
    with zipfile.ZipFile(path, "w") as made:
        for name in names:
            made.writestr(name, b"x")
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        made.writestr(link, "/etc/passwd")
    before = sorted(tmp_path.rglob("*"))
    export = open_export(path, Quiet())
    found = {one.name: b"".join(one.blocks) for one in export.members()}
    assert found["../../etc/passwd"] == b"x"
    assert found["link"] == b"/etc/passwd"  # the text of the link, never what it leads to
    assert export.looked.odd == {"link": "a link"}
    assert sorted(tmp_path.rglob("*")) == before


def test_links_and_devices(tmp_path: Path) -> None:
    """In a folder or a tar they are passed over, and told."""
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "real.txt").write_bytes(b"x")
    (folder / "link.txt").symlink_to("/etc/passwd")
    (folder / "loop").symlink_to(folder)
    export = open_export(folder, Quiet())
    assert export.looked.names == ["real.txt"]
    assert export.looked.odd == {"link.txt": "a link", "loop": "a link"}
    tar = tmp_path / "export.tar"
    with tarfile.open(tar, "w") as made:
        made.addfile(tarfile.TarInfo("real.txt"), io.BytesIO(b""))
        for name, kind in (("link", tarfile.SYMTYPE), ("null", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            made.addfile(info)
    export = open_export(tar, Quiet())
    assert export.looked.odd == {"link": "a link", "null": "a device"}


def test_what_is_no_export(tmp_path: Path) -> None:
    """Nothing there, an empty folder, a link to one: each error says what to do."""
    assert code_of(tmp_path / "missing.zip") == "usage"
    (tmp_path / "empty").mkdir()
    assert code_of(tmp_path / "empty") == "import-empty"
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    assert code_of(tmp_path / "link") == "usage"


def test_gigabytes_are_read_in_parts() -> None:
    """Parts in their order are the member, each ends where an item does; memory is bounded."""
    line = b"[2023-10-14 09:00:00] <ana> " + b"x" * 900 + b"\n"
    blocks = [line * 1_000] * 20
    found = list(parts(iter(blocks), LINES))
    assert b"".join(one.data for one in found) == b"".join(blocks)
    assert all(one.data.endswith(b"\n") for one in found)
    assert max(len(one.data) for one in found) < 2 * PART
    items = [{"id": n, "text": '"],[{' * 30} for n in range(60_000)]
    body = b"window.YTD.like.part0 = " + json.dumps(items).encode()
    made = list(
        parts(iter([body[at : at + 65_536] for at in range(0, len(body), 65_536)]), array_at(1))
    )
    assert len(made) > 1
    assert b"".join(one.data for one in made) == body
    assert all(one.data.endswith(b"},") for one in made[:-1])


def test_a_line_without_an_end_is_kept_and_not_read() -> None:
    """A line of more than 64 MiB is torn: kept in pieces, and nobody tries to read them."""
    huge = b"x" * (LARGEST_PART + 5)
    found = list(parts(iter([huge, b"\n[09:00] <ana> hi\n"]), LINES))
    assert [one.torn for one in found] == [True, True]
    assert b"".join(one.data for one in found) == huge + b"\n[09:00] <ana> hi\n"


def test_an_array_in_parts_is_read_as_one() -> None:
    """Posts of an archive of X that is read in parts are those of one that is not."""
    posts = [
        {"tweet": {"id_str": str(n), "full_text": f"Nr. {n} " + "ö" * 500}} for n in range(4_500)
    ]
    body = b"window.YTD.tweets.part0 = " + json.dumps(posts, ensure_ascii=False).encode()
    found = reads("x-archive", "data/tweets.js", body, step=1 << 20)
    assert found.parts > 1
    assert list(found.rows) == [("posts", str(n)) for n in range(4_500)]
    assert found.residue == b""


FOREIGN = (
    b"", b"\0", b"\xff\xfe[\0]\0", b"[" * 9_999, b"{" * 9_999, b'{"a":' * 999, b"<a>" * 999,
    b"<![CDATA[", b'"', b'"a\n"b', b"\xef\xbb\xbf", b"From \n", b"window.YTD = [{]", b"\r\n" * 99,
    b",;\t" * 99, bytes(range(256)) * 9, "ä".encode("utf-16"), b"[null,1,[],{}]",
    b'[{"tweet":{"id_str":"\xff"}}]',
)  # fmt: skip


@pytest.mark.parametrize(
    ("form", "name", "platform"),
    [
        ("x-archive", "data/tweets.js", "x"),
        ("x-archive", "data/direct-messages.js", "x"),
        ("facebook-download", "messages/inbox/a/message_1.json", "facebook"),
        ("facebook-download", "posts/your_posts_1.json", "facebook"),
        ("instagram-download", "content/posts_1.json", "instagram"),
        ("slack-export", "general/2012-12-14.json", "slack"),
        ("discord-chat-exporter", "a [1].json", "discord"),
        ("teams-export", "messages.json", "teams"),
        ("tiktok-export", "user_data.json", "tiktok"),
        ("snapchat-export", "json/chat_history.json", "snapchat"),
        ("mastodon-archive", "outbox.json", "mastodon"),
        ("google-plus-takeout", "Google+ Stream/Posts/a.json", "google-plus"),
        ("blogger-takeout", "Blogger/Blogs/a/feed.atom", "blogger"),
        ("wordpress-wxr", "a.xml", "wordpress"),
        ("mediawiki-xml", "a.xml", "mediawiki"),
        ("bluesky-car", "repo.car", "bluesky"),
        ("mail", "a.mbox", "mail"),
        ("mail", "a.eml", "mail"),
        ("linkedin-export", "Connections.csv", "linkedin"),
        ("youtube-takeout", "comments/comments.csv", "youtube"),
        ("chat-log", "a.log", "irc"),
        ("table", "a.csv", "mail"),
        ("json-lines", "a.jsonl", "mail"),
    ],
)
def test_foreign_bytes(form: str, name: str, platform: str) -> None:
    """No bytes break an importer; what it does not claim is residue, and that is all the rest."""
    for body in FOREIGN:
        found = reads(form, name, body, platform=platform)
        claimed = {span for one in found.items.values() for span in one.spans}
        if not claimed and _says_something(body):
            assert found.residue


def _says_something(body: bytes) -> bool:
    """Tell whether there is more than the frame of an empty list."""
    text = body.removeprefix(b"window.YTD = ")
    return bool(text.strip(b" \t\r\n[]{},:;\xef\xbb\xbf"))
