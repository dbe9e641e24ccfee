"""Contestant: the plain way. warcio's `capture_http`, requests, json, Parquet.

``python -m tests.bench.plain URL FOLDER PAGES`` prints one JSON document with its CPU
seconds. It records requests and responses, reads each page as JSON, flattens the items
and writes them with zstd. It proves nothing, replaces no credential and forgets nothing
it was told: no salts, no commitments, no ledger. It is a process of its own because
`capture_http` patches the standard library.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from warcio.capture_http import capture_http  # isort: skip - it has to come before requests
import pyarrow as pa
import pyarrow.parquet as pq
import requests

from tests.bench.measure import timed
from tests.bench.pages import page_paths

__all__: list[str] = []

_PLAIN = (
    "id", "post", "parent", "author", "author_name", "author_email", "author_url", "author_ip",
    "author_user_agent", "date", "date_gmt", "link", "status", "type",
)  # fmt: skip


def _flat(item: dict[str, Any]) -> dict[str, Any]:
    row = {name: item[name] for name in _PLAIN}
    row["text"] = item["content"]["raw"]
    row["rendered"] = item["content"]["rendered"]
    row["links"] = json.dumps(item["_links"])
    row["avatars"] = json.dumps(item["author_avatar_urls"])
    return row


def _capture(url: str, folder: Path, pages: int) -> int:
    rows: list[dict[str, Any]] = []
    with capture_http(str(folder / "pages.warc.gz")), requests.Session() as session:
        for path in page_paths(pages):
            answer = session.get(url + path, timeout=60)
            rows += [_flat(item) for item in json.loads(answer.content)]
    pq.write_table(pa.Table.from_pylist(rows), folder / "pages.parquet", compression="zstd")
    return len(rows)


if __name__ == "__main__":
    _capture(sys.argv[1], Path(sys.argv[2]), 1)  # loads what pyarrow loads late, and pandas
    seconds, count = timed(lambda: _capture(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
    print(json.dumps({"seconds": seconds, "rows": count}))
