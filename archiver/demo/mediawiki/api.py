"""A stand-in for a wiki's ``api.php``, for reading with a bot password.

It answers as MediaWiki 1.39.17 does (`tests/real/test_mediawiki_contract.py` keeps the two
together) what captures ask for: lists and generators with ``continue``, single things,
siteinfo, login, ``assert``, ``maxlag``. Errors come with status 200. Other actions are
refused; addresses outside of the wiki's folder are not answered at all.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from archiver.demo.answer import Answer
from archiver.demo.mediawiki.lists import Lists, QueryError
from archiver.demo.mediawiki.shapes import Shapes

if TYPE_CHECKING:
    from archiver.demo.answer import Asked
    from archiver.demo.mediawiki.shapes import Json
    from archiver.demo.mediawiki.wiki import Wiki

__all__ = ["FOLDER", "MediaWiki"]

FOLDER = "/wiki"
"""Where the wiki lies on the city's server: its account is ``…/wiki/api.php``."""
_HEADERS = (
    ("Content-Type", "application/json; charset=utf-8"),
    ("Cache-Control", "private, must-revalidate, max-age=0"),
)


class MediaWiki:
    """The wiki as a service (`archiver.demo.answer.Service`).

    ``user`` and ``password`` are a bot's, of the bureaucrat who made it. ``limit``: things
    in one answer. ``busy``: so many further requests are told to wait, as a wiki whose
    replicas lag does.
    """

    user = "Ida Fennimore@archive"
    password = "0123456789abcdefghijklmnopqrstuv"  # noqa: S105 - opens nothing but the stand-in

    def __init__(self, wiki: Wiki, *, limit: int = 25) -> None:
        self.wiki = wiki
        self.limit = limit
        self.busy = 0
        self._sessions: set[str] = set()
        self._begun = 0

    def expire(self) -> None:
        """Let every login run out."""
        self._sessions.clear()

    def answer(self, asked: Asked) -> Answer | None:
        """Answer a request to the wiki's folder."""
        if asked.path == f"{FOLDER}/api.php":
            return self._api(asked)
        if asked.path.startswith(f"{FOLDER}/images/"):
            return self._file(asked)
        return None

    def _api(self, asked: Asked) -> Answer:
        sent = asked.body.decode("utf-8", "replace") if asked.method == "POST" else asked.query
        about = dict(parse_qsl(sent, keep_blank_values=True))
        if about.get("action") == "login":
            return self._login(asked, about)
        if about.get("action") != "query":
            return _failed("badvalue")
        if (about.get("meta"), about.get("type")) == ("tokens", "login"):
            return self._begin()
        return self._query(asked, about)

    def _query(self, asked: Asked, about: dict[str, str]) -> Answer:
        trusted = self._session(asked) in self._sessions
        if about.get("assert") == "user" and not trusted:
            return _failed("assertuserfailed")
        if "maxlag" in about and self.busy > 0:
            self.busy -= 1
            return _failed("maxlag", ("Retry-After", "1"), ("X-Database-Lag", "7"))
        shapes = Shapes(self.wiki, f"{asked.base}{FOLDER}", trusted=trusted)
        try:
            return _said(Lists(self.wiki, shapes, about, self.limit, trusted=trusted).answer())
        except QueryError as refusal:
            return _failed(str(refusal))

    # ── logging in ───────────────────────────────────────────────────────────────────
    def _session(self, asked: Asked) -> str:
        cookies = dict(
            part.strip().partition("=")[::2] for part in asked.headers.get("cookie", "").split(";")
        )
        return cookies.get("wiki_session", "")

    def _begin(self) -> Answer:
        self._begun += 1
        session = sha256(f"session {self._begun}".encode()).hexdigest()[:32]
        token = f"{sha256(session.encode()).hexdigest()[:32]}+\\"
        cookie = ("Set-Cookie", f"wiki_session={session}; path=/; HttpOnly")
        body: Json = {"batchcomplete": True, "query": {"tokens": {"logintoken": token}}}
        return _said(body, cookie)

    def _login(self, asked: Asked, about: dict[str, str]) -> Answer:
        session = self._session(asked)
        token = f"{sha256(session.encode()).hexdigest()[:32]}+\\"
        if not session or about.get("lgtoken") != token:
            reason = "Unable to continue login. Your session most likely timed out."
            return _said({"login": {"result": "Failed", "reason": reason}})
        if (about.get("lgname"), about.get("lgpassword")) != (self.user, self.password):
            reason = "Incorrect username or password entered. Please try again."
            return _said({"login": {"result": "Failed", "reason": reason}})
        self._sessions.add(session)
        name = self.user.partition("@")[0]
        done: Json = {"login": {"result": "Success", "lguserid": 1, "lgusername": name}}
        return _said(done, ("Set-Cookie", f"wikiUserName={name.replace(' ', '+')}; path=/"))

    # ── files ────────────────────────────────────────────────────────────────────────
    def _file(self, asked: Asked) -> Answer:
        name = unquote(asked.path.rpartition("/")[2])
        past, mark, rest = name.partition("!")
        versions = self.wiki.versions(f"File:{rest if mark else name}")
        for number, upload in enumerate(versions):
            wanted = f"{upload.time:%Y%m%d%H%M%S}" == past if mark else number == 0
            if wanted and (number > 0) == bool(mark):
                return Answer(200, (("Content-Type", "image/png"),), upload.data)
        return Answer(404, (("Content-Type", "text/html"),), b"<h1>Not Found</h1>")


def _said(body: Json, *headers: tuple[str, str]) -> Answer:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Answer(200, (*_HEADERS, *headers), text.encode())


def _failed(code: str, *headers: tuple[str, str]) -> Answer:
    error: Json = {"error": {"code": code, "info": "See the documentation.", "docref": "api.php"}}
    return _said(error, ("MediaWiki-API-Error", code), *headers)
