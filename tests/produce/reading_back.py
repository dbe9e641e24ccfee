"""Everything that a finished volume says, whatever it is packed in: for tests that seek leaks.

Zips are opened, members inflated, mail decoded, pages read in every revision, sheets and Parquet
turned into text, escapes of JSON, HTML and workbooks undone. What a picture shows is not read.
"""

from __future__ import annotations

import binascii
import gzip
import html
import io
import json
import re
import zipfile
import zlib
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
from pypdf import PdfReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_EOF = b"%%EOF"
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{40,}\r?\n?)+[A-Za-z0-9+/]*={0,2}")
_CELL = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MBOX = re.compile(rb"^From [^\n]*\n", re.MULTILINE)


def said(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield all texts of a folder, each with the file it is in."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            yield name, name
            for text in texts(name, path.read_bytes()):
                yield name, text


def places(folder: Path, needle: str) -> set[str]:
    """Return the files that say something, in any of its spellings, white space left out."""
    wanted = dense(needle)
    return {name for name, text in said(folder) if wanted in dense(text)}


def dense(text: str) -> str:
    """Return a text without white space and case, as needles are looked for."""
    return re.sub(r"[\s\u200b]+", "", text).casefold()


def texts(name: str, data: bytes) -> Iterator[str]:
    """Yield all that a file says; ``name``: of which the ending says what it is."""
    yield from _plain(data)
    yield from _opened(name, data)


def _opened(name: str, data: bytes) -> Iterator[str]:
    """Yield what is packed in a file, by what it begins with or how its name ends."""
    end = name.rpartition(".")[2].lower()
    if data.startswith(b"PK\x03\x04"):
        yield from _zipped(data)
    elif data.startswith(b"\x1f\x8b"):
        yield from texts(name.removesuffix(".gz"), gzip.decompress(data))
    elif data.startswith(b"%PDF"):
        yield from _pdf(data)
    elif data.startswith(b"PAR1"):
        yield json.dumps(pq.read_table(io.BytesIO(data)).to_pylist(), ensure_ascii=False)
    elif end in {"eml", "rsmf", "mbox"}:
        for one in _MBOX.split(data):
            yield from _mail(one)
    elif end in {"json", "jsonl", "cdxj"}:
        yield from _json(data)


def _plain(data: bytes) -> Iterator[str]:
    """Yield bytes as text in each encoding they may be in, and without escapes."""
    text = data.decode("utf-8", "replace")
    yield text
    yield html.unescape(text)
    yield _CELL.sub(lambda found: chr(int(found[1], 16)), html.unescape(text))
    yield data.decode("utf-16-le", "replace")
    yield data.decode("utf-16-be", "replace")
    for found in _BASE64.findall(data):
        try:
            yield binascii.a2b_base64(found).decode("utf-8", "replace")
        except binascii.Error:
            continue


def _zipped(data: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        yield opened.comment.decode("utf-8", "replace")
        for one in opened.infolist():
            yield one.filename
            yield from texts(one.filename, opened.read(one))


def _mail(data: bytes) -> Iterator[str]:
    message = message_from_bytes(data, policy=policy.default)
    for part in message.walk():
        yield "\n".join(f"{name}: {value}" for name, value in part.items())
        inside = part.get_payload(decode=True)
        if isinstance(inside, bytes):
            yield from texts(part.get_filename() or "", inside)


def _json(data: bytes) -> Iterator[str]:
    """Yield all strings of JSON, or of the JSON in each line."""
    for line in [data, *data.splitlines()]:
        at = line.find(b"{")
        try:
            yield from _strings(json.loads(line[max(at, 0) :]))
        except ValueError:
            continue


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield str(name)
            yield from _strings(one)
    elif isinstance(value, list):
        yield "".join(one for one in value if isinstance(one, str))
        for one in value:
            yield from _strings(one)


def _pdf(data: bytes) -> Iterator[str]:
    """Yield the text of each revision, its metadata, and every stream inflated."""
    end = 0
    while (end := data.find(_EOF, end)) >= 0:
        end += len(_EOF)
        reader = PdfReader(io.BytesIO(data[:end] + b"\n"))
        yield "".join(page.extract_text() for page in reader.pages)
        yield json.dumps({str(k): str(v) for k, v in (reader.metadata or {}).items()})
        yield "".join(str(item) for item in reader.outline)
        for name, files in reader.attachments.items():
            yield name
            for one in files:
                yield from texts(name, one)
    for found in _STREAM.findall(data):
        try:
            yield zlib.decompressobj().decompress(found).decode("utf-8", "replace")
        except zlib.error:
            continue
