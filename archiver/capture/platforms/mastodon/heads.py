"""What cutting needs to know of Mastodon's entities (docs.joinmastodon.org/entities)."""

from __future__ import annotations

import msgspec

from archiver.capture.heads import Plain, head_of, is_id

__all__ = [
    "Account",
    "Conversation",
    "Media",
    "Notification",
    "Plain",
    "Status",
    "head_of",
    "is_id",
]


class Account(Plain):
    """An account; ``acct`` has the server's name after an ``@`` where it is another's."""

    acct: str = ""
    url: str | None = None


class Media(Plain):
    """A media attachment; ``url`` is where this server has the file."""

    url: str | None = None


class Status(Plain):
    """A status. ``reblog`` is what it boosts."""

    account: Account = msgspec.field(default_factory=Account)
    visibility: str = ""
    url: str | None = None
    edited_at: str | None = None
    in_reply_to_id: str | int | None = None
    in_reply_to_account_id: str | int | None = None
    replies_count: int = 0
    reblogs_count: int = 0
    favourites_count: int = 0
    favourited: bool | None = None
    reblog: Plain | None = None
    media_attachments: list[Media] = msgspec.field(default_factory=list)

    @property
    def answers_another(self) -> bool:
        """Whether it answers somebody else's status."""
        above = self.in_reply_to_account_id
        return bool(self.in_reply_to_id) and str(above) != str(self.account.id)


class Notification(Plain):
    """A notification; ``status`` None where it is about no status."""

    type: str = ""
    status: Status | None = None


class Conversation(Plain):
    """A conversation; ``last_status`` None where nothing is left of it."""

    last_status: Plain | None = None
