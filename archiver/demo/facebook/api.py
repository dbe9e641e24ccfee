"""The stand-in's Graph API: addresses, tokens, scopes, pages, limits, errors.

It answers as the reference says that Graph v26.0 does: only what ``fields`` names, errors by
code, lists by cursor, with the token in the address of the next page.
"""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from archiver.demo.answer import Answer
from archiver.demo.facebook.answers import document, error
from archiver.demo.facebook.calls import VERSION, Call
from archiver.demo.facebook.views import Views
from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archiver.demo.answer import Asked
    from archiver.demo.facebook.page import Page
    from archiver.demo.facebook.things import Photo, Story, Video

__all__ = ["SCOPES", "Facebook", "token_of"]

SCOPES = frozenset({"pages_read_engagement", "pages_read_user_content", "pages_manage_metadata",
                    "pages_messaging"})  # fmt: skip


class Facebook:
    """Answers for one Page, whose token is ``token``.

    ``scopes``: what the token allows. ``proof_needed``: each call must prove the app's secret,
    as where an app has "Require App Secret" on; a wrong proof is refused in any case. ``most``:
    the most nodes of a page. ``inline``: lists of messages show content as well. ``allow`` makes
    it refuse after so many requests, ``refuse`` makes the token worthless. ``ends`` and
    ``data_ends``: when the token and its access to data end, seconds since 1970 (0: never).
    """

    def __init__(self, page: Page, *, most: int = 100) -> None:
        self.page = page
        self.token = "EAAB-quillwater-0123456789"  # noqa: S105 - opens nothing but the stand-in
        self.app_secret = "app-secret-0f1e2d3c4b5a"  # noqa: S105 - likewise
        self.verify_token = "verify-me-quillwater"  # noqa: S105 - likewise
        self.scopes = set(SCOPES)
        self.proof_needed = True
        self.ends = self.data_ends = 0
        self.most = most
        self.inline = True
        self.refusal: tuple[int, str] | None = None
        self._calls = 0
        self._left: int | None = None
        self._limit = 0

    @property
    def credential(self) -> dict[str, str]:
        """What an account of the Page needs."""
        return {
            "token": self.token, "app_secret": self.app_secret, "verify_token": self.verify_token,
        }  # fmt: skip

    def allow(self, requests: int) -> None:
        """Let so many requests pass; then one is refused, and a new window begins."""
        self._left = self._limit = requests

    def refuse(self, subcode: int, words: str) -> None:
        """Refuse the token from now on: 463 expired, 460 password changed, 467 revoked."""
        self.refusal = subcode, words

    def renew(self) -> None:
        """Give out a new token."""
        self.token, self.refusal = self.token + "x", None

    def answer(self, asked: Asked) -> Answer | None:
        """Answer one request, or return None for an address that is not Graph's."""
        self._calls += 1
        if asked.path.startswith("/cdn/"):
            return self._file(asked.path.split("/")[2:])
        parts = asked.path.split("/")[1:]
        if not parts[0].startswith("v") or "." not in parts[0]:
            return None
        used = {"call_count": 100 if self._left == 0 else 7, "total_cputime": 2, "total_time": 3}
        headers = (
            ("facebook-api-version", VERSION),
            ("X-App-Usage", json.dumps(used)),
        )
        answer = self._answer(asked, parts)
        return Answer(answer.status, (*answer.headers, *headers), answer.body)

    def _answer(self, asked: Asked, parts: list[str]) -> Answer:
        query = dict(parse_qsl(asked.query, keep_blank_values=True))
        if parts[0] != VERSION:
            return error(2635, "You are calling a deprecated version of the API.")
        if self._left == 0:
            self._left = self._limit
            return self._limited()
        if self._left is not None:
            self._left -= 1
        refused = self._unknown(asked, query)
        if refused is not None:
            return refused
        if parts[1:] == ["debug_token"]:
            return self._debugged(query.get("input_token", ""))
        try:
            return self._call(query, asked.base).answer(parts[1:])
        except UsageError as wrong:
            return error(100, f"({wrong.message}) {wrong.where}")

    def _unknown(self, asked: Asked, query: Mapping[str, str]) -> Answer | None:
        """Return the refusal of a call by nobody we know, None where token and proof are good."""
        sent = token_of(asked)
        if not sent:
            return error(104, "An access token is required to request this resource.")
        if sent != self.token or self.refusal:
            subcode, words = self.refusal or (0, "Invalid OAuth access token.")
            return error(190, f"Error validating access token: {words}", subcode, status=401)
        return self._unproven(query.get("appsecret_proof"))

    def _unproven(self, proof: str | None) -> Answer | None:
        """Return the refusal of a call that does not prove the app's secret, None where it does."""
        if proof is None:
            told = "API calls from the server require an appsecret_proof argument"
            return error(100, told) if self.proof_needed else None
        good = hmac.digest(self.app_secret.encode(), self.token.encode(), "sha256").hex()
        if hmac.compare_digest(proof, good):
            return None
        return error(100, "Invalid appsecret_proof provided in the API argument")

    def _debugged(self, token: str) -> Answer:
        """Say of a token when it ends and what it may (reference/debug_token)."""
        if token != self.token:
            return error(190, "Invalid OAuth access token.")
        told = {
            "app_id": "1001", "type": "PAGE", "application": "City archive", "is_valid": True,
            "data_access_expires_at": self.data_ends, "expires_at": self.ends,
            "profile_id": self.page.city.id, "scopes": sorted(self.scopes), "user_id": "2002",
        }  # fmt: skip
        return document({"data": told})

    def _call(self, query: dict[str, str], base: str) -> Call:
        return Call(self, Views(self.page, base, self._calls), query, base)

    def _limited(self) -> Answer:
        use = {"type": "pages", "call_count": 100, "total_cputime": 10, "total_time": 10,
               "estimated_time_to_regain_access": 1}  # fmt: skip
        refused = error(80001, "There have been too many calls to this Page account.", 2446079)
        header = ("X-Business-Use-Case-Usage", json.dumps({self.page.city.id: [use]}))
        return Answer(refused.status, (*refused.headers, header), refused.body)

    def _file(self, parts: Sequence[str]) -> Answer:
        page = self.page
        kind, number = parts
        kept: dict[str, Mapping[str, Photo | Video | Story]] = {
            "photo": page.photos,
            "video": page.videos,
            "story": page.stories,
        }
        found = kept.get(kind, {}).get(number)
        if found is None:
            return Answer(404, (("Content-Type", "text/plain"),), b"Content not found")
        types = {"video": "video/mp4"}
        return Answer(200, (("Content-Type", types.get(kind, "image/png")),), found.file)


def token_of(asked: Asked) -> str:
    """Return the access token of a request: in its header or its address; empty without one."""
    bearer = asked.headers.get("authorization", "").removeprefix("Bearer ")
    return bearer or dict(parse_qsl(asked.query)).get("access_token", "")
