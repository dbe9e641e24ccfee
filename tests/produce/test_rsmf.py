"""Short messages: what is written is right, and what is wrong is named."""

from __future__ import annotations

import json
import zipfile
from email import message_from_bytes, policy
from io import BytesIO
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from archiver.errors import FormatError
from archiver.produce.rsmf import MANIFEST, write_rsmf
from archiver.produce.rsmf_check import check_rsmf
from tests.produce.chats import FILES, HEADERS, HOSTILE, manifest, rsmf

if TYPE_CHECKING:
    from collections.abc import Callable


def opened(data: bytes) -> tuple[dict[str, str], str, dict[str, bytes]]:
    """Return headers, text and zipped files of a file, as any reader of mail has them."""
    message = message_from_bytes(data, policy=policy.default)
    text = message.get_body(("plain",))
    (attached,) = message.iter_attachments()
    assert text is not None
    with zipfile.ZipFile(BytesIO(attached.get_payload(decode=True))) as archive:  # type: ignore[arg-type]
        files = {name: archive.read(name) for name in archive.namelist()}
    return dict(message.items()), text.get_content(), files


def test_what_is_written_is_right() -> None:
    """It has no fault, and a reader of mail and zip gets all of it back."""
    data = rsmf()
    assert check_rsmf(data) == []
    headers, text, files = opened(data)
    assert headers["Subject"] == HEADERS["Subject"]
    assert headers["X-RSMF-EventCount"] == "4"
    assert headers["X-RSMF-BeginDate"] == "2026-11-20T12:00:00Z"
    assert headers["X-RSMF-ChainRoot"] == "ab"
    assert "<script>" in text
    assert {name: files[name] for name in FILES} == FILES
    assert json.loads(files[MANIFEST])["events"][1]["body"] == HOSTILE


def test_the_same_conversation_gives_the_same_bytes() -> None:
    """Nothing of clock, host or hash seed is in it."""
    assert rsmf() == rsmf()


def _changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    """Return a file whose manifest was changed by hand."""
    data = rsmf()
    told = json.loads(opened(data)[2][MANIFEST])
    change(told)
    return _with(json.dumps(told).encode())


def _with(manifest_bytes: bytes, files: dict[str, bytes] | None = None) -> bytes:
    """Return a file with another manifest, or other files."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in {MANIFEST: manifest_bytes, **(FILES if files is None else files)}.items():
            made.writestr(name, data)
    message = message_from_bytes(rsmf(), policy=policy.default)
    (attached,) = message.iter_attachments()
    attached.set_content(
        out.getvalue(), "application", "zip", disposition="attachment", filename="rsmf.zip"
    )
    return message.as_bytes()


def _events(change: dict[str, Any], number: int = 1) -> bytes:
    return _changed(lambda told: told["events"][number].update(change))


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: rsmf().replace(b"X-RSMF-Version: 2.0.0", b"X-RSMF-Version: 9"), "rsmf-header"),
        (lambda: rsmf().replace(b"EventCount: 4", b"EventCount: 5"), "rsmf-agreement"),
        (lambda: rsmf().replace(b"EndDate: 2026", b"EndDate: 2027"), "rsmf-agreement"),
        (lambda: rsmf().replace(b'"rsmf.zip"', b'"other.zip"'), "rsmf-attachment"),
        (lambda: rsmf().replace(b"text/plain", b"text/csv"), "rsmf-attachment"),
        (lambda: b"no mail at all", "rsmf-header"),
        (lambda: _with(b"{"), "rsmf-manifest"),
        (lambda: _with(b"[]"), "rsmf-manifest"),
        (lambda: _events({"type": "shout"}), "rsmf-manifest"),
        (lambda: _events({"participant": "nobody"}), "rsmf-reference"),
        (lambda: _events({"parent": "nothing"}), "rsmf-reference"),
        (lambda: _events({"conversation": "nowhere"}), "rsmf-reference"),
        (lambda: _events({"id": "m2"}), "rsmf-reference"),
        (lambda: _events({"edits": [{"participant": "nobody"}]}), "rsmf-reference"),
        (lambda: _events({"timestamp": "2026-11-20T13:00:00"}), "rsmf-time"),
        (lambda: _events({"timestamp": "yesterday"}), "rsmf-time"),
        (lambda: _events({"attachments": []}), "rsmf-file"),
        (lambda: _events({"attachments": [{"id": "a1.png", "size": 5}]}), "rsmf-file"),
        (lambda: _with(msgspec.json.encode(manifest()), {}), "rsmf-file"),
        (lambda: _with(msgspec.json.encode(manifest()), {**FILES, "../x": b""}), "rsmf-zip"),
        (lambda: rsmf().replace(b"filename=", b"filename*=x;"), "rsmf-attachment"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(make: Callable[[], bytes], code: str) -> None:
    """Each defect has its code, its place, and what to do."""
    faults = check_rsmf(make())
    assert code in {one.code for one in faults}
    assert all(one.where and one.what and one.mend for one in faults)


def test_a_bomb_is_not_opened() -> None:
    """A zip that says it has more than anybody may send is named, and not inflated."""
    data = b"0" * 1000
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(MANIFEST, data)
    lying = out.getvalue().replace(
        len(data).to_bytes(4, "little"), (2**31 + 1).to_bytes(4, "little")
    )
    message = message_from_bytes(rsmf(), policy=policy.default)
    (attached,) = message.iter_attachments()
    attached.set_content(lying, "application", "zip", disposition="attachment", filename="rsmf.zip")
    assert "rsmf-size" in {one.code for one in check_rsmf(message.as_bytes())}


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".x", MANIFEST, "x" * 200])
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    """No file of a zip stands anywhere but at its root, and none is the manifest."""
    with pytest.raises(FormatError):
        write_rsmf(manifest(), "", {name: b""}, {})


@pytest.mark.parametrize("value", ["a\r\nBcc: x@example.org", "é" * 400, "a\x00b", "\ud800"])
def test_no_header_can_be_smuggled_in(value: str) -> None:
    """Whatever a header is to say, it stays one header."""
    data = write_rsmf(manifest(), "", FILES, {"Subject": value, "Note": value})
    headers, _, _ = opened(data)
    assert "Bcc" not in headers
    assert max(map(len, data.split(b"\r\n"))) < 999


def test_names_that_parsers_of_addresses_fail_on_are_read() -> None:
    """A file of anybody is checked, whatever its lines of people say."""
    people = "@piotrzaj\u0105czkowski, @cityofquillwater, @hectorvillalobos, @martawilkowska"
    assert check_rsmf(write_rsmf(manifest(), "x", FILES, {**HEADERS, "To": people})) == []
