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
from archiver.demo.faults import server_error
from archiver.demo.server import CityServer
from archiver.flows.ledger import read_state
from archiver.flows.segments import plain, stored_bytes
from tests.chaos.helpers import BLOG, COMMAND, PATIENCE, changes, forks, place_in
from tests.chaos.truth import assert_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from archiver.demo.answer import Asked
    from archiver.demo.faults import Fault

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
        if path.is_file() and "credentials" not in path.parts:
            data = path.read_bytes()
            yield str(path), data
            if path.name.endswith(".gz"):
                yield f"{path} opened", gzip.decompress(data)


def test_a_password_is_stored_and_printed_nowhere(folder: Path) -> None:
    """It is given on stdin and echoed by the server; the run is killed, goes on, is searched."""
    city, place = City(), place_in(folder)
    city.secret = SENTINEL  # type: ignore[misc]  # this city's own
    forbidden = spellings(city.user)
    printed: list[str] = []
    place.environ["CITY_USER"] = city.user
    with CityServer(city) as server, forks(place) as runner:
        printed.append(runner.run("init").output)
        added = subprocess.run(
            [*COMMAND, "account", "add", BLOG, "--platform", "wordpress", "--url", server.url]
            + ["--credential", "user=env:CITY_USER", "--credential", "password=-"],
            env=place.variables, input=f"{SENTINEL}\n", stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=True,
        )  # fmt: skip
        printed += [added.stdout, runner.run("account", "approve", BLOG, "--by", "Clerk").output]
        for spell in (str, quote, quote_plus, lambda text: text.replace(" ", "")):
            server.fail("/index.php?rest_route=/wp/v2/posts", echoing(200, spell))
            printed.append(runner.run("capture", "--json").output)
        server.fail("/index.php?rest_route=/wp/v2/comments", echoing(500, str))
        moment = changes(place.inside / "spool", 1, ".warc", 1)
        printed.append(runner.kill(moment, "capture").output)
        shutil.copytree(place.inside / "spool", folder / "spool")
        server.fail("/index.php?rest_route=/wp/v2/users", server_error())
        for arguments in (
            ("capture", "--mode", "reconcile"),
            ("capture", "--mode", "reconcile"),
            ("search", "culvert", "--private"),
            ("account", "show", BLOG),
            ("status",),
            ("verify", "--deep", "--json"),
        ):
            printed.append(runner.run(*arguments).output)
    assert [server.log[-1].status, server.city.secret] == [200, SENTINEL]
    spooled = list((folder / "spool").rglob("*.warc"))
    assert spooled
    assert SENTINEL.encode() in b"".join(
        path.read_bytes() for path in (place.inside / "credentials").glob("*.json")
    )
    for name, data in files(folder):
        assert leaks(data, forbidden) == set(), name
    assert leaks("\n".join(printed).encode(), forbidden) == set()
    archive = place.opened()
    opened = 0
    for segment in read_state(archive).segments():
        for suffix in segment.objects:
            data = plain(archive, segment, suffix, stored_bytes(archive, segment, suffix))
            data += gzip.decompress(data) if "warc.gz" in suffix else b""
            assert leaks(data, forbidden) == set(), (segment, suffix)
            opened += 1
    assert opened > 20
    assert_whole(place, city)
