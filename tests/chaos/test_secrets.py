"""A planted application password is in no byte that is stored, spooled, printed or logged."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from archiver.demo.answer import Answer
from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.flows.ledger import read_state
from archiver.flows.segments import plain, stored_bytes
from tests.chaos.helpers import BLOG, COMMAND, PATIENCE, changes, place_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest

    from archiver.demo.answer import Asked
    from archiver.demo.faults import Fault
    from archiver.flows.archive import Archive
    from tests.chaos.helpers import Forks, Place

SENTINEL = "q7Zr W9pX k2Lm 8sTv Yb4N h6Jd"


def spellings(user: str) -> set[bytes]:
    """Return every spelling in which the password must not occur."""
    texts = {SENTINEL, SENTINEL.replace(" ", "")}
    pairs = {f"{user}:{text}" for text in texts}
    return {
        spelled
        for text in texts
        for spelled in (text.encode(), quote(text).encode(), quote_plus(text).encode())
    } | {b64encode(text.encode()).rstrip(b"=") for text in texts | pairs}


def echoing(status: int, spell: Callable[[str], str]) -> Fault:
    """Answer with a page that quotes the password, in the body and in a header."""

    def answer(asked: Asked, _good: Answer) -> Answer:
        said = spell(asked.headers["authorization"].partition(" ")[2])
        page = f"<h1>Debug</h1><pre>{spell(SENTINEL)} {said}</pre>".encode()
        return Answer(status, (("Content-Type", "text/html"), ("X-Debug", said)), page)

    return answer


def leaks(data: bytes, forbidden: set[bytes]) -> set[bytes]:
    """Return the spellings that occur in data."""
    return {spelled for spelled in forbidden if spelled in data}


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file below a folder, compressed ones opened as well."""
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            yield str(path), data
            if path.name.endswith(".gz"):
                yield f"{path} opened", gzip.decompress(data)


def add_account(place: Place, url: str) -> str:
    """Add the account; its password is piped in."""
    words = ("account", "add", BLOG, "--platform", "wordpress", "--url", url)
    login = ("--credential", "user=env:CITY_USER", "--credential", "password=-")
    return subprocess.run(
        [*COMMAND, *words, *login],
        env=place.variables,
        input=f"{SENTINEL}\n",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=True,
    ).stdout


def sealed(archive: Archive) -> Iterator[tuple[str, bytes]]:
    """Yield every sealed file, decrypted and decompressed."""
    for segment in read_state(archive).segments():
        for suffix in segment.objects:
            data = plain(archive, segment, suffix, stored_bytes(archive, segment, suffix))
            opened = gzip.decompress(data) if suffix.startswith("warc.gz") else b""
            yield f"{segment.stage} {segment.name}.{suffix}", data + opened


def life(forks: Forks, place: Place, server: CityServer) -> Iterator[str]:
    """Run everything that handles the password, while the server echoes it; yield all output."""
    yield forks.done(place, "init")
    yield add_account(place, server.url)
    yield forks.done(place, "account", "approve", BLOG, "--by", "Clerk")
    for spell in (str, quote, quote_plus, lambda text: text.replace(" ", "")):
        server.fail("/index.php?rest_route=/wp/v2/posts", echoing(200, spell))
        yield forks.run(place, "capture", "--json").output
    server.fail("/index.php?rest_route=/wp/v2/comments", echoing(500, str))
    moment = changes(place.inside / "spool", 1, ".warc", 1)
    yield forks.kill(place, moment, "capture").output
    shutil.copytree(place.inside / "spool", place.home.parent / "spool")
    for words in (
        ("capture", "--mode", "backfill"),
        ("capture", "--mode", "backfill", "--json"),
        ("search", "culvert", "--private"),
        ("account", "show", BLOG),
        ("status",),
        ("verify", "--deep", "--json"),
    ):
        yield forks.done(place, *words)


def test_a_password_is_stored_and_printed_nowhere(
    forks: Forks, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is given on stdin and echoed by the server; the run is killed, goes on, is searched."""
    city, place = City(), place_in(folder)
    city.secret = SENTINEL
    place.environ["CITY_USER"] = city.user
    with CityServer(city) as server:
        printed = "\n".join(life(forks, place, server))
    monkeypatch.setenv("CITY_USER", city.user)
    assert place.opened().credential(BLOG)["password"] == SENTINEL
    assert list((folder / "spool").rglob("*.warc"))
    forbidden = spellings(city.user)
    for name, data in [*files(folder), *sealed(place.opened()), ("printed", printed.encode())]:
        assert leaks(data, forbidden) == set(), name
