"""Lines of a CDXJ index: where in a WARC a record is, by the address it is of. Pure.

Form: https://specs.webrecorder.net/cdxj/0.1.0/ .
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes, urlsplit

from archiver.errors import FormatError
from archiver.formats import warc_reading

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["key_of", "line_of", "stamp_of"]

_STATUS = re.compile(rb"HTTP/[0-9.]+ ([0-9]{3})")
_TYPE = re.compile(rb"^content-type:[ \t]*([!-9<-~]+)", re.IGNORECASE | re.MULTILINE)
_MOST = 64 * 1024
"""Bytes in which a status line and headers of a response are looked for."""

_SHOWN = "".join(map(chr, range(0x21, 0x7F))).replace("#", "").replace("%", "")
"""What stands in a key as it is."""


def key_of(url: str) -> str:
    """Return an address as indexes sort it: its host turned round, all in small letters.

    Escapes are undone as often as there are any: programs that replay look for it so (pywb).
    """
    plain = _bare("".join(url.split())).lower()
    try:
        parts = urlsplit(plain)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return plain
    if parts.scheme not in ("http", "https") or not host:
        return plain
    turned = ",".join(reversed(host.removeprefix("www.").split(".")))
    if port not in (None, 80, 443):
        turned += f":{port}"
    query = f"?{'&'.join(sorted(parts.query.split('&')))}" if parts.query else ""
    return f"{turned}){parts.path or '/'}{query}"


def _bare(text: str) -> str:
    data = text.encode("utf-8", "replace")
    while (once := unquote_to_bytes(data)) != data:
        data = once
    return quote(data, safe=_SHOWN)


def stamp_of(moment: str) -> str:
    """Return a time of a WARC as the fourteen digits of an index."""
    return "".join(one for one in moment[:19] if one.isdigit())


def line_of(record: warc_reading.RecordBytes, place: tuple[int, int], file: str) -> tuple[str, str]:
    """Return what a record is sorted by, and its line.

    Args:
        record: taken apart.
        place: offset and length of its gzip member in the file.
        file: the name of that.

    Raises `FormatError` for one without a target.
    """
    url = warc_reading.header_value(record.lines, "WARC-Target-URI")
    if not url:
        raise FormatError("a record of no address can't be in an index")
    told = {"url": url, **_answer(record)}
    digest = warc_reading.header_value(record.lines, "WARC-Payload-Digest")
    digest = digest or warc_reading.header_value(record.lines, "WARC-Block-Digest")
    told |= {"digest": digest} if digest else {}
    told |= {"length": str(place[1]), "offset": str(place[0]), "filename": file}
    stamp = stamp_of(warc_reading.header_value(record.lines, "WARC-Date"))
    key = f"{key_of(url)} {stamp}"
    return key, f"{key} {json.dumps(told)}\n"


def _answer(record: warc_reading.RecordBytes) -> dict[str, str]:
    """Return type and status: those of the answer where a whole one is kept."""
    kind = warc_reading.header_value(record.lines, "WARC-Type")
    if kind != "response":
        plain = warc_reading.header_value(record.lines, "Content-Type")
        return {"mime": plain.partition(";")[0] or "unk", "status": "200"}
    head: Sequence[bytes] = record.block[:_MOST].partition(b"\r\n\r\n")
    status, found = _STATUS.match(head[0]), _TYPE.search(head[0])
    mime = found[1].partition(b";")[0].decode("ascii", "replace") if found else "unk"
    return {"mime": mime, "status": status[1].decode() if status else "-"}
