"""Events as a Mastodon server sends them, each with its number, and who signs them."""

from __future__ import annotations

import hashlib
import hmac
import json

SECRET = "sentinel-hook-secret-e7"


def status(number: int, text: str = "") -> dict[str, object]:
    """Return a status that mentions the city (docs.joinmastodon.org/entities/Status)."""
    return {
        "id": str(114_000_000_000_000_000 + number),
        "created_at": "2026-02-03T15:21:00.375Z",
        "edited_at": None,
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "uri": f"https://social.example/users/ann/statuses/{number}",
        "url": f"https://social.example/@ann/{number}",
        "replies_count": 0,
        "reblogs_count": 0,
        "favourites_count": 0,
        "content": f"<p>{text or f'Event number {number} of the storm'}</p>",
        "reblog": None,
        "account": {
            "id": "7",
            "username": "ann",
            "acct": "ann",
            "url": "https://social.example/@ann",
        },
        "media_attachments": [],
        "mentions": [{"id": "1", "username": "quillwater", "acct": "quillwater", "url": ""}],
        "tags": [],
        "emojis": [],
        "card": None,
        "poll": None,
    }


def event(number: int, text: str = "") -> bytes:
    """Return the body of a ``status.created`` event."""
    told = {"event": "status.created", "created_at": "2026-02-03T15:21:01.000Z"}
    return json.dumps({**told, "object": status(number, text)}, separators=(",", ":")).encode()


def signature(body: bytes, secret: str = SECRET) -> str:
    """Return what stands in ``X-Hub-Signature``."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
