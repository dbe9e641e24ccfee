"""Web archives: each record is where the index says, and every digest is right."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from dataclasses import replace
from hashlib import sha256

import pytest
from warcio.archiveiterator import ArchiveIterator

from archiver.errors import FormatError
from archiver.formats import warc_reading
from archiver.produce.cdxj import key_of, stamp_of
from archiver.produce.wacz import Wacz
from tests.produce.town import START, document, many, members, town


def made() -> bytes:
    """Return a web archive of some records."""
    out = io.BytesIO()
    wacz = Wacz(out, tempfile.TemporaryFile, (str(document(1).versions[0].observation), "d", "s"))
    for one in [*many(5), *(each for each in town() if not each.exemptions)]:
        wacz.add(one, members(one))
    wacz.close("Title", START, "s")
    return out.getvalue()


def test_every_digest_and_offset_is_right() -> None:
    """What the package lists is there; each line of the index leads to its record."""
    assert made() == made()
    with zipfile.ZipFile(io.BytesIO(made())) as opened:
        assert {one.compress_type for one in opened.infolist()} == {zipfile.ZIP_STORED}
        package = opened.read("datapackage.json")
        for one in json.loads(package)["resources"]:
            data = opened.read(one["path"])
            assert one["hash"] == f"sha256:{sha256(data).hexdigest()}"
            assert one["bytes"] == len(data)
        digest = json.loads(opened.read("datapackage-digest.json"))["hash"]
        assert digest == f"sha256:{sha256(package).hexdigest()}"
        stored = opened.read("archive/data.warc.gz")
        lines = opened.read("indexes/index.cdx").decode().splitlines()
        pages = opened.read("pages/pages.jsonl").splitlines()[1:]
    assert lines == sorted(lines)
    for line in lines:
        told = json.loads(line.partition("{")[1] + line.partition("{")[2])
        at, length = int(told["offset"]), int(told["length"])
        record = warc_reading.parse_record(warc_reading.inflate_member(stored[at : at + length]))
        assert warc_reading.header_value(record.lines, "WARC-Target-URI") == told["url"]
    urls = {json.loads(line[line.index("{") :])["url"] for line in lines}
    assert {json.loads(one)["url"] for one in pages} == urls


def test_records_are_verbatim() -> None:
    """Each WARC record is the bytes that the archive has, and others read it."""
    with zipfile.ZipFile(io.BytesIO(made())) as opened:
        stored = opened.read("archive/data.warc.gz")
    for one in many(5):
        assert b"".join(members(one)) in stored
    kinds = [one.rec_type for one in ArchiveIterator(io.BytesIO(stored))]
    assert kinds[0] == "warcinfo"
    assert len(kinds) == 1 + 5 + sum(len(e.versions) for e in town() if not e.exemptions)


def test_what_is_withheld_never_comes_in() -> None:
    """Nobody can put in a record of which anything is withheld, whatever it says of itself."""
    wacz = Wacz(io.BytesIO(), tempfile.TemporaryFile, ("u", "d", "s"))
    partly = next(one for one in town() if one.exemptions)
    for one in (replace(partly, whole=True), document(1, whole=False)):
        with pytest.raises(FormatError, match="withheld"):
            wacz.add(one, members(one))
    wacz.give_up()


def test_keys_of_an_index() -> None:
    """Hosts are turned round, other addresses stay; nothing ends a line."""
    assert key_of("https://www.Example.org:8080/A?b=2&a=1") == "org,example:8080)/a?a=1&b=2"
    assert key_of("http://example.org") == "org,example)/"
    assert key_of("urn:civic-archive:A:b") == "urn:civic-archive:a:b"
    assert key_of("urn:civic-archive:p%252FC%C3%BC%25") == "urn:civic-archive:p/c%c3%bc%25"
    assert key_of("http://[x/ \n y") == "http://[x/y"
    assert stamp_of("2026-03-07T22:01:00.000001Z") == "20260307220100"
