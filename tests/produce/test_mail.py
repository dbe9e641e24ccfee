"""Messages as e-mail: what anybody writes makes no header, no part, no message of its own."""

from __future__ import annotations

import mailbox
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import FormatError
from archiver.produce.eml import eml, mbox_entry, message_id, mih
from archiver.produce.mail import header
from archiver.produce.placed import Stored
from archiver.produce.shown import local
from tests.produce.town import HOSTILE, at, document, native, version
from tests.produce.writing import profile

if TYPE_CHECKING:
    from pathlib import Path


def mail(author: str = HOSTILE, title: str = HOSTILE, body: str = HOSTILE) -> bytes:
    """Return a message with a file."""
    said = {"author_name": author, "author_id": author, "text": body, "created_at": at(1)}
    one = document(
        1, "messages", thread="room", parent="before", title=title,
        versions=(version(1, "present", said, 1),),
    )  # fmt: skip
    stored = Stored(native("n", "text/html", b"x"), "NATIVES/0001/EX1_1.txt", 1, "")
    return eml(one, profile(), "EX1", body, [(stored, b"<script>")])


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_stays_in_its_place(author: str, title: str) -> None:
    """One sender, one subject, two parts, whatever names and titles say."""
    read: Any = message_from_bytes(mail(author, title), policy=policy.default)
    assert read.defects == []
    assert read["Message-ID"] == message_id("mastodon:city:messages:1")
    assert (read["In-Reply-To"], read["X-Bates"]) == (message_id("before"), "EX1")
    assert len(read["From"].addresses) == 1
    assert read["From"].addresses[0].domain == "mastodon.invalid"
    assert [part.get_content_type() for part in read.walk()] == [
        "multipart/mixed", "text/plain", "application/octet-stream",
    ]  # fmt: skip


def test_the_text_is_exact_and_the_file_attached() -> None:
    """The body is what was said; a page that scripts would run in is a plain file."""
    read: Any = message_from_bytes(mail(), policy=policy.default)
    assert read.get_body(("plain",)).get_payload(decode=True).decode() == HOSTILE
    (file,) = read.iter_attachments()
    assert (file.get_filename(), file.get_payload(decode=True)) == ("EX1_1.txt", b"<script>")
    assert read["Date"].datetime == local(at(1), "UTC")
    assert mail() == mail()


def test_a_mailbox_has_as_many_messages(tmp_path: Path) -> None:
    """Lines that begin with From in a message begin no other one."""
    path = tmp_path / "all.mbox"
    entries = [mbox_entry(mail(), local(at(1), "UTC")), mbox_entry(mail(), None)]
    path.write_bytes(b"".join(entries))
    box = mailbox.mbox(path)
    assert len(box) == 2
    assert entries[0].startswith(b"From archive.invalid Sat Mar  7 22:01:00 2026\n")
    box.close()


def test_the_hash_of_the_id_is_the_one_of_edrm() -> None:
    """Thirty-two capital hexadecimal digits of the Message-ID in its brackets."""
    assert mih("a") == mih("a") != mih("b")
    assert len(mih("a")) == 32
    assert mih("a") == mih("a").upper()


def test_names_of_headers_are_ours() -> None:
    """No header has a name that anybody wrote."""
    with pytest.raises(FormatError):
        header("X\r\nBcc", "a")
    assert header("Subject", "a\r\nBcc: b") == "Subject: a Bcc: b"
