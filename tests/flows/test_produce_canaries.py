"""Canaries in productions: private streams, queries, pictures, digests. Unmarked, each is found."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import re
import zipfile
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
from PIL import Image

from archiver.flows.marking import Wanted
from archiver.produce.scope import Scope
from archiver.redact.mark import Region
from tests.flows.test_marking import decide, office  # noqa: F401 - a fixture
from tests.flows.test_matters import approved, opened
from tests.flows.test_produce import EVERY, PRIVATE, RECORD, checked, how, made
from tests.flows.test_redacting import PHONE, ROW, seal
from tests.produce.pictures import CANARY, file_of, photograph
from tests.produce.reading_back import dense, places, said
from tests.produce.writing import profile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.flows.hall import Hall

PLAIN = tuple(one for one in EVERY if one not in {"images", "pdf"})
"""Pages are looked into elsewhere: they take long."""
HEAD, MOST = 8, 10_000
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_HEX = re.compile(rb"[0-9a-fA-F]{32,}")
_BASE64 = re.compile(rb"[0-9A-Za-z+/_-]{22,}")


def said_in_private(hall: Hall, text: str, native: str) -> str:
    """Have somebody say a text in every field of a private message that was edited twice."""
    row = {name: value.replace(PHONE, text) for name, value in ROW.items() if name != "tags"}
    row["extra"] = json.dumps({"reactions": {text: 2}, "history": [text]})
    rows = [row, {"text": f"Edited: {text}", "state": "x"}, {"text": f"Again: {text}."}]
    told = {"stream": "messages", "sensitivity": "private", "page_url": f"https://x/#{text}"}
    return seal(hall.archive, native, rows, **told)


def all_places(folder: Path) -> dict[str, set[str]]:
    """Return of each private thing the files that say it: all of them read once."""
    found = {text: set[str]() for text in PRIVATE.values()}
    for name, text in said(folder):
        plain = dense(text)
        for one, files in found.items():
            if dense(one) in plain:
                files.add(name)
    return found


def test_private_messages_under_an_approval(office: Hall, tmp_path: Path) -> None:  # noqa: F811 - a fixture
    """Ten kinds in edited messages of a private stream, that a query asks for word by word."""
    records = [
        said_in_private(office, text, f"8{number}") for number, text in enumerate(PRIVATE.values())
    ]
    query = " OR ".join(f'"{text}"' for text in PRIVATE.values())
    name = opened(office, Scope(query, private=True), "Request 12")
    channels = ("dat", "text", "eml", "rsmf", "csv", "jsonl", "html", "proofs")
    ways = how(profile=profile("data", channels=channels))
    approved(office, name, *records)
    made(office, tmp_path / "open", name, ways=ways)
    for found in all_places(tmp_path / "open").values():
        assert {"data/HITREPORT.json", "data/VOL001/DATA/VOL001.csv"} <= found
        assert any("/EML/" in one for one in found)
        assert any("/RSMF/" in one for one in found)
    both = zip(records, PRIVATE.values(), strict=True)
    decide(office, *(Wanted(record, "7(1)(b)", "private", find=text) for record, text in both))
    done = made(office, tmp_path / "closed", name, ways=ways)
    assert done.written.withheld == len(PRIVATE)
    assert all_places(tmp_path / "closed") == {text: set() for text in PRIVATE.values()}
    assert checked(tmp_path / "closed", office.archive.identity.keys[0]).startswith("0 ")


def test_what_stands_beside_a_picture(office: Hall, tmp_path: Path) -> None:  # noqa: F811 - a fixture
    """EXIF, its thumbnail, comments: gone from a masked file; in one that is released, named."""
    masked = file_of(office, "41", photograph(CANARY))
    whole = file_of(office, "42", photograph(CANARY))
    ways = how(profile=profile("data", channels=("natives", "csv", "jsonl", "proofs")))
    made(office, tmp_path / "open", ways=ways)
    assert len([one for one in places(tmp_path / "open", CANARY) if "/NATIVES/" in one]) == 2
    decide(office, Wanted(masked, "7(1)(c)", "a face", region=Region((0, 0, 1_000_000, 500_000))))
    made(office, tmp_path / "closed", ways=ways)
    assert len([one for one in places(tmp_path / "closed", CANARY) if "/NATIVES/" in one]) == 1
    (png,) = (tmp_path / "closed").rglob("*.png")
    with Image.open(png) as one:
        assert (one.info, dict(one.getexif())) == ({}, {})
    post = seal(office.archive, "43", [{"text": f"It is {CANARY}.", "state": "x"}])
    decide(office, Wanted(post, "7(1)(b)", "a name", find=CANARY))
    assert whole in made(office, tmp_path / "named", ways=ways).elsewhere


def unpacked(name: str, data: bytes) -> Iterator[bytes]:
    """Yield all bytes of a file: as it is, and all that is packed in it."""
    yield data
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as opened_:
            for one in opened_.infolist():
                yield from unpacked(one.filename, opened_.read(one))
    elif data.startswith(b"\x1f\x8b"):
        yield from unpacked(name, gzip.decompress(data))
    elif data.startswith(b"PAR1"):
        yield json.dumps(pq.read_table(io.BytesIO(data)).to_pylist()).encode()
    for found in _STREAM.findall(data) if data.startswith(b"%PDF") else ():
        try:
            yield zlib.decompressobj().decompress(found)
        except zlib.error:
            continue
    for found in re.findall(rb"(?:[A-Za-z0-9+/]{60,}\r?\n)+[A-Za-z0-9+/=]*", data):
        whole = decoded(b"".join(found.split()))
        yield from unpacked("", whole) if whole != data else ()


def decoded(run: bytes) -> bytes:
    """Return what base64 stands for; a letter too many is left out."""
    run = run.rstrip(b"=")
    run = run[: len(run) - (len(run) % 4 == 1)]
    return base64.b64decode(run + b"=" * (-len(run) % 4))


def tokens(data: bytes) -> Iterator[bytes]:
    """Yield bytes that may have a digest: as they are, and runs of digits decoded."""
    yield data
    for found in _HEX.findall(data):
        for at in (0, 1):
            run = found[at : at + (len(found) - at) // 2 * 2]
            yield bytes.fromhex(run.decode())
    for found in _BASE64.findall(data):
        for at in range(4):
            yield decoded(found[at:].translate(bytes.maketrans(b"-_", b"+/")))


def heads(number: str) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Return the first bytes of every digest of all numbers with other last digits."""
    first = number[:-4]
    digits = re.sub(r"\D", "", first)
    forms = (f"{first}%s", f"{digits}%s", f"+1{digits}%s", f"({digits[:3]}) {digits[3:]}-%s",
             f"{digits[:3]}.{digits[3:]}.%s", f"{first}%s ")  # fmt: skip
    makers = (hashlib.sha256, hashlib.sha1, hashlib.md5, hashlib.sha512, hashlib.blake2b)
    every = {
        int.from_bytes(make((form % f"{last:04}").encode()).digest()[:HEAD], "little")
        for last in range(MOST)
        for form in forms
        for make in makers
    }
    return np.array(sorted(every), np.uint64)


def digested(folder: Path, wanted: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> set[str]:
    """Return the files that have the beginning of one of some digests."""
    hits = set()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        for data in unpacked(name, path.read_bytes()) if path.is_file() else ():
            joined = b"\0".join(tokens(data))
            for shift in range(HEAD):
                count = (len(joined) - shift) // HEAD
                here = np.frombuffer(joined, "<u8", max(count, 0), shift if count > 0 else 0)
                places_ = np.minimum(np.searchsorted(wanted, here), len(wanted) - 1)
                if (wanted[places_] == here).any():
                    hits.add(name)
    return hits


def test_no_digest_of_a_withheld_number_is_shipped(office: Hall, tmp_path: Path) -> None:  # noqa: F811 - a fixture
    """All ten thousand last digits, in six forms, by five digests, against every byte."""
    decide(office, Wanted(RECORD, "7(1)(b)", "a private number", find=PHONE))
    made(office, tmp_path / "vol", ways=how(profile=profile("data", channels=PLAIN)))
    wanted = heads(PHONE)
    assert digested(tmp_path / "vol", wanted) == set()
    digest = hashlib.sha256(b"+16305550142").digest()
    for name, data in (
        ("hex", b"x" + digest.hex().encode()),
        ("base64", b"ab" + base64.b64encode(digest)),
        ("raw", b"abc" + digest),
        ("gzip", gzip.compress(b'{"a": "' + digest.hex().encode() + b'"}')),
    ):
        (tmp_path / "vol" / name).write_bytes(data)
    assert digested(tmp_path / "vol", wanted) == {"hex", "base64", "raw", "gzip"}
