"""Bags: what is listed is what was written, and nothing in them says where a file goes."""

from __future__ import annotations

from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

import bagit
import pytest

from archiver.errors import FormatError
from archiver.formats.bag import MANIFEST, Bag, listed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO


class Kept:
    """A folder in memory."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    @contextmanager
    def file(self, name: str) -> Iterator[BinaryIO]:
        """Keep what is written."""
        out = BytesIO()
        yield out
        self.files[name] = out.getvalue()


def _made(said: str) -> tuple[Kept, str]:
    folder = Kept()
    with Bag(folder) as bag:
        bag.add("a/b.txt", b"one")
        with bag.payload("c") as first, bag.payload("d-1.json") as second:
            first.write(b"two")
            second.write(b"three")
            first.write(b"four")
        digest = bag.close([("External-Description", said)])
    return folder, digest


def test_a_library_of_others_finds_it_valid(tmp_path: Path) -> None:
    """Whatever is said of it: each line of its information stays one line."""
    folder, digest = _made("two\r\nlines: Payload-Oxum: 1.1\x85 \u2028 end")
    for name, data in folder.files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    found = bagit.Bag(str(tmp_path))
    assert found.validate()
    assert found.info["External-Description"] == "two lines: Payload-Oxum: 1.1 end"
    assert found.info["Payload-Oxum"] == "15.3"
    assert digest == sha256(folder.files[MANIFEST]).hexdigest()
    assert listed(folder.files[MANIFEST])["data/c"] == sha256(b"twofour").hexdigest()


@pytest.mark.parametrize(
    "name", ["../x", "/x", "a//b", "a/../b", ".x", "a/.b", "a\nb", "a b", "", "a/", "~%20", "ü"]
)
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    """No file of a bag is written under a name that a folder could take for another."""
    folder = Kept()
    with Bag(folder) as bag, pytest.raises(FormatError):
        bag.add(name, b"")
    assert set(folder.files) == {"manifest-sha256.txt", "manifest-sha512.txt"}


@pytest.mark.parametrize(
    "text",
    ["", "x", f"{'0' * 64} data/a", f"{'0' * 64}  ../a", f"{'0' * 64}  data/a\n" * 2, "\xff"],
)
def test_another_manifest_is_refused(text: str) -> None:
    """A manifest that is none of ours, or lists a file twice."""
    with pytest.raises(FormatError):
        listed(text.encode("latin-1"))
