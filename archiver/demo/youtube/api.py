"""The API of the stand-in: tokens, scopes, quota, pages, errors, pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from archiver.demo.answer import Answer
from archiver.demo.youtube.calls import ApiError, answered, page_of
from archiver.demo.youtube.lists import KINDS, Lists
from archiver.demo.youtube.resources import Resources
from archiver.demo.youtube.shapes import cut, etag

if TYPE_CHECKING:
    from archiver.demo.answer import Asked
    from archiver.demo.youtube.channel import Channel

__all__ = ["Credential", "YouTube"]

_BASE = "/youtube/v3/"
_COSTS = {"captions": 50, "liveChat/messages": 5}
_DOWNLOAD = 200
_SCOPES = {
    "commentThreads": "force-ssl",
    "comments": "force-ssl",
    "captions": "force-ssl",
    "members": "memberships",
    "membershipsLevels": "memberships",
}
"""What a method needs besides reading."""
_AUTH = "https://www.googleapis.com/auth"
_GRANTED = {
    "readonly": f"{_AUTH}/youtube.readonly",
    "force-ssl": f"{_AUTH}/youtube.force-ssl",
    "memberships": f"{_AUTH}/youtube.channel-memberships.creator",
}
_PARTS = {
    "authorDetails",
    "brandingSettings",
    "cdn",
    "contentDetails",
    "fileDetails",
    "id",
    "liveStreamingDetails",
    "localizations",
    "monetizationDetails",
    "paidProductPlacementDetails",
    "processingDetails",
    "recordingDetails",
    "replies",
    "snippet",
    "statistics",
    "status",
    "subscriberSnippet",
    "suggestions",
    "topicDetails",
}


@dataclass(slots=True)
class Credential:
    """What the city's project and login are; good for nothing but the stand-in."""

    client_id: str = "quillwater.apps.example"
    client_secret: str = "quill-client-secret-0001"  # noqa: S105 - opens nothing but the stand-in
    refresh_token: str = "1//quill-refresh-token-0001"  # noqa: S105 - likewise

    def fields(self) -> dict[str, str]:
        """Return it as `account add` takes it."""
        return {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
        }


class YouTube:
    """Answers requests to the API, for tokens and for pictures.

    ``most`` is the most a page holds. ``scopes`` are those that the login was given;
    ``left`` are units of quota until the next day, None for any number. ``closed`` are
    videos on which comments are disabled. ``paying``: the channel has memberships.
    ``asked`` are the units that were asked for so far. ``lasts``: what a token's answer says of
    the end of the login (``refresh_token_expires_in``).
    """

    def __init__(self, studio: Channel, *, most: int = 50) -> None:
        self.studio = studio
        self.most = most
        self.credential = Credential()
        self.scopes = {"readonly", "force-ssl", "memberships"}
        self.lasts: dict[str, int] = {}
        self.left: int | None = None
        self.closed: set[str] = set()
        self.paying = True
        self.asked = 0
        self._number = 0
        self._good: set[str] = set()
        self._revoked = False
        self._polled = False

    def expire(self) -> None:
        """Let all access tokens run out."""
        self._good.clear()

    def revoke(self) -> None:
        """Let the login be taken back: no access token is given for it any more."""
        self._revoked = True
        self.expire()

    def restore(self) -> None:
        """Let access tokens be given again, for the credential that there is now."""
        self._revoked = False

    def answer(self, asked: Asked) -> Answer | None:
        """Answer one request, or return None for an address that is not YouTube's."""
        if asked.path == "/token" and asked.method == "POST":
            return self._token(asked)
        if asked.path.startswith("/vi/"):
            return self._picture(asked.path.split("/")[2])
        if not asked.path.startswith(_BASE):
            return None
        try:
            return self._answer(asked, asked.path.removeprefix(_BASE))
        except ApiError as error:
            return error.answer()

    def _token(self, asked: Asked) -> Answer:
        """Give an access token for the refresh token (RFC 6749 §6)."""
        sent = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        wanted = {**self.credential.fields(), "grant_type": "refresh_token"}
        if self._revoked or sent != wanted:
            words = "Token has been expired or revoked."
            body = {"error": "invalid_grant", "error_description": words}
            return answered(body, 400)
        self._number += 1
        token = f"ya29.quill-access-token-{self._number:04}"
        self._good.add(token)
        told = {"access_token": token, "expires_in": 3599, "token_type": "Bearer"}
        granted = sorted(_GRANTED[one] for one in self.scopes)
        return answered({**told, "scope": " ".join(granted), **self.lasts})

    def _answer(self, asked: Asked, path: str) -> Answer:
        method, _, number = path.partition("/") if path.startswith("captions/") else (path, "", "")
        if asked.method != "GET" or (method not in KINDS):
            raise ApiError(404, "notFound")
        self._spend(_DOWNLOAD if number else _COSTS.get(method, 1))
        self._authorise(asked, method)
        if number:
            return self._download(number)
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        parts = query.get("part", "").split(",")
        if parts == [""]:
            raise ApiError(400, "missingRequiredParameter")
        if not _PARTS.issuperset(parts):
            raise ApiError(400, "unknownPart")
        lists = Lists(self.studio, Resources(self.studio, asked.base), query, self.closed)
        if method == "liveChat/messages":
            return self._chat(lists, query, parts)
        rows = lists.rows(method)
        size = min(int(query.get("maxResults", "5")), self.most)
        shown, told = page_of(rows, query.get("pageToken", ""), size)
        return self._list(method, [cut(one, parts) for one in shown], told)

    def _list(self, method: str, items: list[dict[str, Any]], told: dict[str, Any]) -> Answer:
        kind = f"youtube#{KINDS[method]}ListResponse"
        unpaged = method in {"captions", "channelSections", "membershipsLevels"}
        if method in {"commentThreads", "comments", "members"}:
            told = {name: one for name, one in told.items() if name != "prevPageToken"}
        return answered(
            {"kind": kind, "etag": etag(items), **({} if unpaged else told), "items": items}
        )

    def _chat(self, lists: Lists, query: dict[str, str], parts: list[str]) -> Answer:
        """List a chat; who asks for the next page at once is told to wait, every other time."""
        rows = lists.messages()
        if "pageToken" in query:
            self._polled = not self._polled
            if self._polled:
                raise ApiError(403, "rateLimitExceeded", "The request was sent too soon.")
        start = int(query.get("pageToken", "t0").removeprefix("t"))
        shown = [cut(one, parts) for one in rows[start : start + self.most]]
        told = {
            "pollingIntervalMillis": 2000,
            "pageInfo": {"totalResults": len(shown), "resultsPerPage": len(shown)},
            "nextPageToken": f"t{start + len(shown)}",
        }
        return self._list("liveChat/messages", shown, told)

    def _spend(self, units: int) -> None:
        """Take units of quota; a request that is refused costs as much."""
        self.asked += units
        if self.left is None:
            return
        if self.left < units:
            words = "The request cannot be completed because you have exceeded your quota."
            raise ApiError(403, "quotaExceeded", words)
        self.left -= units

    def _authorise(self, asked: Asked, method: str) -> None:
        sent = asked.headers.get("authorization", "")
        if not sent:
            words = "Method doesn't allow unregistered callers."
            raise ApiError(403, "forbidden", words)
        if sent.removeprefix("Bearer ") not in self._good:
            raise ApiError(401, "authError", "Invalid Credentials")
        if _SCOPES.get(method, "readonly") not in self.scopes:
            words = "Request had insufficient authentication scopes."
            raise ApiError(403, "insufficientPermissions", words)
        if _SCOPES.get(method) == "memberships" and not self.paying:
            raise ApiError(403, "channelMembershipsNotEnabled")

    def _download(self, number: str) -> Answer:
        track = self.studio.captions.get(number)
        if track is None:
            raise ApiError(404, "captionNotFound")
        return Answer(200, (("Content-Type", "text/vtt"),), track.text.encode())

    def _picture(self, number: str) -> Answer:
        video = self.studio.videos.get(number)
        if video is None:
            return Answer(404, (("Content-Type", "text/plain"),), b"Not Found\n")
        return Answer(200, (("Content-Type", "image/png"),), video.picture)
