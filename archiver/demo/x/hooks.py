"""Webhooks of the stand-in X: each event of the city's, signed (docs.x.com/x-api/activity).

Events are in X's older dialect, as its documentation shows them, whatever the API answers in.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections import defaultdict
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from archiver.demo.x.gathering import moment
from archiver.demo.x.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.demo.x.gathering import Json
    from archiver.demo.x.network import Network
    from archiver.demo.x.things import Conversation, Letter, Post

__all__ = ["Hooks", "Sent", "older"]

_OLDER = {
    "referenced_posts": "referenced_tweets",
    "edit_history_post_ids": "edit_history_tweet_ids",
    "note_post": "note_tweet",
    "pinned_post_id": "pinned_tweet_id",
    "repost_count": "retweet_count",
    "post_count": "tweet_count",
    "posts": "tweets",
}
_ASKED = {
    "post.fields": (
        "attachments,conversation_id,created_at,edit_controls,entities,lang,paid_partnership,"
        "possibly_sensitive,public_metrics,reply_settings"
    ),
    "user.fields": (
        "created_at,description,location,profile_image_url,protected,public_metrics,url,"
        "verified,verified_type"
    ),
    "media.fields": "alt_text,height,width,url,variants,preview_image_url,duration_ms",
    "poll.fields": "duration_minutes,end_datetime,voting_status",
    "expansions": (
        "author_id,edit_history_post_ids,referenced_posts,in_reply_to_user_id,"
        "attachments.media_keys,attachments.poll_ids"
    ),
}
_PATH = "/x"


class Sent(NamedTuple):
    """One request to the address of a webhook."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Hooks:
    """Sends each event of the city's account to ``send`` when it happens.

    Args:
        network: what happens where.
        secret: the app's consumer secret.
        base: where the network's files are.
        send: takes a request.
    """

    def __init__(
        self, network: Network, secret: str, base: str, send: Callable[[Sent], None]
    ) -> None:
        self._here = network
        self._secret = secret
        self._base = base
        self._send = send
        self._count = 0
        network.listeners.append(self._happened)

    def stop(self) -> None:
        """Send no more."""
        self._here.listeners.remove(self._happened)

    def challenge(self, token: str) -> Sent:
        """Return the request by which X asks whether an address is the app's."""
        return Sent("GET", f"{_PATH}?crc_token={quote(token, safe='')}", (), b"")

    def response_token(self, token: str) -> str:
        """Return what a challenge must be answered with."""
        return self._signed(token.encode())

    def delivery(self, event: Json) -> Sent:
        """Return an event as it is sent."""
        body = json.dumps({"data": event}, ensure_ascii=False, separators=(",", ":")).encode()
        headers = (
            ("Content-Type", "application/json"),
            ("x-twitter-webhooks-signature", self._signed(body)),
        )
        return Sent("POST", _PATH, headers, body)

    def _signed(self, message: bytes) -> str:
        digest = hmac.new(self._secret.encode(), message, sha256).digest()
        return f"sha256={b64encode(digest).decode()}"

    def _happened(self, kind: str, subject: Any) -> None:  # noqa: ANN401 - a post, a pair, a letter
        asked: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
        asked |= {name: frozenset(one.split(",")) for name, one in _ASKED.items()}
        view = Views(self._here, self._base, asked)
        self._count += 1
        event: Json = {
            "event_uuid": str(2_080_000_000_000_000_000 + self._count),
            "filter": {"user_id": str(self._here.city.id)},
            "event_type": kind,
            "tag": kind.partition(".")[0],
            "payload": self._payload(view, kind, subject),
        }
        includes = view.includes()
        if includes:
            event["includes"] = includes
        self._send(self.delivery(older(event)))

    def _payload(self, view: Views, kind: str, subject: Any) -> Json:  # noqa: ANN401 - as above
        family = kind.partition(".")[0]
        makers: dict[str, Callable[[Views, str, Any], Json]] = {
            "post": self._post,
            "like": self._like,
            "dm": self._letter,
            "chat": self._chat,
            "profile": lambda _view, _kind, pair: dict(zip(("before", "after"), pair, strict=True)),
        }
        return makers.get(family, self._pair)(view, kind, subject)

    def _post(self, view: Views, kind: str, post: Post) -> Json:
        if kind == "post.delete":
            return {"id": str(post.last.id), "author_id": str(post.author)}
        return view.post(post)

    def _pair(self, view: Views, _kind: str, pair: tuple[int, int]) -> Json:
        """Return who did it to whom, each wrapped once more, as X has it."""
        people = [self._here.people[one] for one in pair]
        names = ("source", "target")
        return {name: {"data": view.user(one)} for name, one in zip(names, people, strict=True)}

    def _like(self, view: Views, _kind: str, pair: tuple[int, int]) -> Json:
        who, number = pair
        post = self._here.get(number)
        view.include_user(who)
        return {
            "id": sha256(f"{who} {number}".encode()).hexdigest()[:32],
            "created_at": moment(self._here.now),
            "timestamp_ms": str(int(self._here.now.timestamp() * 1000)),
            "liked_tweet_author_id": str(post.author),
            "liked_tweet_id": str(post.last.id),
        }

    def _letter(self, view: Views, _kind: str, pair: tuple[Letter, int]) -> Json:
        letter, whom = pair
        people = {one: self._here.people[one] for one in (letter.sender, whom)}
        nothing: Json = {"hashtags": [], "symbols": [], "user_mentions": [], "urls": []}
        message = {
            "type": "message_create",
            "id": str(letter.id),
            "created_timestamp": str(int(letter.at.timestamp() * 1000)),
            "message_create": {
                "target": {"recipient_id": str(whom)},
                "sender_id": str(letter.sender),
                "message_data": {"text": letter.text, "entities": nothing},
            },
        }
        users = {str(number): {"data": view.user(one)} for number, one in people.items()}
        return {"direct_message_events": [message], "users": users}

    def _chat(self, _view: Views, _kind: str, pair: tuple[Conversation, str]) -> Json:
        chat, name = pair
        event, sender, when, cipher = next(one for one in chat.events if one[0] == name)
        return {
            "conversation_token": "eyJhbGciOiJIUzI1NiJ9.e30.stand-in",
            "id": event,
            "created_at_msec": str(int(when.timestamp() * 1000)),
            "sender_id": str(sender),
            "conversation_id": chat.id,
            "conversation_key_version": "1768236281331",
            "encoded_event": cipher,
            "conversation_key_change_event": cipher[:16],
            "message_event_signature": {
                "public_key_version": "1765382634817",
                "signature": cipher[::-1],
                "signature_version": "7",
                "signing_public_key": cipher[8:24],
            },
        }


def older(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a document in the dialect of webhooks: other names, and numbers as text besides."""
    if isinstance(value, list):
        return [older(one) for one in value]
    if not isinstance(value, dict):
        return value
    found: Json = {}
    for name, one in value.items():
        known = str(_OLDER.get(name, name))
        found[known] = older(one)
        if known.endswith("_count"):
            found[f"{known}_str"] = str(one)
    return found
