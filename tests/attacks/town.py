"""A small town on a stand-in Mastodon server: somebody's words, and everything around them.

The server answers in this process, so that nothing but the words differs between two runs.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archiver.demo.answer import Asked
from archiver.demo.mastodon.api import Mastodon
from archiver.demo.mastodon.instance import Instance
from archiver.formats.parquet import canonical_time
from archiver.record import Exchange

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from archiver.edges.spool import Spool
    from archiver.flows.archive import Headers
    from archiver.ports import Clock
    from archiver.record import Request

ACCOUNT = "city"
BASE = "http://town.example"
ADDRESS = f"{BASE}/@quillwater"


@dataclass(frozen=True)
class Words:
    """What the victim wrote, and what may be different between two worlds.

    ``later`` is what an edit made of it; ``author`` one of two people; ``tags`` hashtags;
    ``picture`` the description and the last bytes of an attached file.
    """

    text: str
    later: str
    author: int = 0
    tags: tuple[str, ...] = ()
    picture: tuple[str, bytes] = ("", b"")


@dataclass
class Town:
    """The town's server, and the numbers of what the victim wrote.

    ``victim`` is a public reply, which the city boosts; ``message`` says the same in private.
    """

    words: Words
    here: Instance = field(default_factory=Instance)
    victim: int = 0
    message: int = 0

    def __post_init__(self) -> None:
        here, city = self.here, self.here.city.id
        self.authors = [here.join(name, shown) for name, shown in (("ada", "Ada"), ("ben", "Ben"))]
        self.others = [here.join("cyd", "Cyd"), here.join("dora", "Dora"), here.join("eli", "Eli")]
        here.relate("follow", self.others[0].id, city)
        self.post = here.post(city, "The culvert on Mill Street will be closed on Monday.")
        self.reply = here.post(self.others[1].id, "Thank you for telling us.", answers=self.post.id)
        here.post(self.others[0].id, "@quillwater where do I park?", visibility="direct")
        self._speak()
        here.post(self.others[2].id, "How long will it take?", answers=self.post.id)
        here.post(self.others[1].id, "@quillwater and when is it open?", visibility="direct")
        here.like(self.others[1].id, self.post.id)

    def _speak(self) -> None:
        words, here = self.words, self.here
        who = self.authors[words.author].id
        medium = here.upload(words.picture[0])
        medium.file += words.picture[1]
        said = here.post(who, words.text, answers=self.post.id, media=(medium.id,))
        self.victim = said.id
        here.boost(here.city.id, self.victim)
        self.message = here.post(who, f"@quillwater {words.text}", visibility="direct").id

    @property
    def gone(self) -> set[str]:
        """The native ids of what is to be destroyed: both, and the file."""
        media = self.here.status(self.victim).media
        return {str(one) for one in (self.victim, self.message, *media)}

    def change(self) -> None:
        """Let some time pass: the victim's words are edited, and others say more."""
        self.here.edit(self.victim, self.words.later)
        self.here.edit(self.message, f"@quillwater {self.words.later}")
        self.here.edit(self.post.id, "The culvert on Mill Street stays closed until Friday.")
        self.here.post(self.others[0].id, "Then I take the bus.", answers=self.post.id)

    def go_on(self) -> None:
        """Let others say more, and the victim take back what was said later."""
        now, words = self.here.status(self.victim).text, self.words
        other = words.text if now == words.later else words.later
        self.here.edit(self.victim, other)
        self.here.edit(self.message, f"@quillwater {other}")
        self.here.post(self.others[2].id, "And who pays for it?", answers=self.post.id)
        self.here.post(self.others[0].id, "@quillwater is it open yet?", visibility="direct")
        self.here.post(self.here.city.id, "The culvert is open again.")


class Line:
    """Sends requests to the town in this process (`archiver.ports.Recorder`); each is spooled."""

    def __init__(self, town: Town, spool: Spool, headers: Headers, clock: Clock) -> None:
        self._town, self._spool, self._clock = town, spool, clock
        self._headers = {name.lower(): value for name, value in headers}

    def send(self, request: Request, purpose: Mapping[str, str]) -> Exchange:
        """Ask the town."""
        parts = urlsplit(request.url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        headers = {} if request.anonymous else self._headers
        found = Mastodon(self._town.here).answer(Asked("GET", target, BASE, headers))
        assert found is not None, target
        body = self._dressed(found.body) if target.startswith("/api/") else found.body
        lines = [f"HTTP/1.1 {found.status} X", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in found.headers]
        return self._spool.append(
            Exchange(
                lane="", number=0, url=request.url,
                captured_at=canonical_time(self._clock.now()),
                request=f"GET {target} HTTP/1.1\r\nHost: town.example\r\n\r\n".encode(),
                response=("\r\n".join(lines) + "\r\n\r\n").encode() + body,
                purpose=dict(purpose),
            )
        )  # fmt: skip

    def log_in(self, request: Request) -> bytes:
        """Nobody logs in so: a token does."""
        raise AssertionError(request.url)

    def _dressed(self, body: bytes) -> bytes:
        """Return an answer with the victim's hashtags, and words of its that no parser claims."""
        document = json.loads(body)
        for one in _objects(document):
            if one.get("id") in self._town.gone and "content" in one:
                one["tags"] = [
                    {"name": tag, "url": f"{BASE}/tags/{tag}"} for tag in self._town.words.tags
                ]
        thread = isinstance(document, dict) and document.keys() == {"ancestors", "descendants"}
        if thread and str(self._town.victim).encode() in body:
            document["trending"] = [{"quote": self._town.here.status(self._town.victim).text}]
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _objects(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any JSON value
    """Yield every object in a JSON value, however deep."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict):
        yield value
    for one in inner:
        yield from _objects(one)


@contextmanager
def line(town: Town, spool: Spool, headers: Headers, clock: Clock) -> Iterator[Line]:
    """Yield a recorder."""
    yield Line(town, spool, headers, clock)
