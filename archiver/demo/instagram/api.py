"""The stand-in's Graph API for an Instagram account, with the token of its Page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.demo.answer import Answer
from archiver.demo.facebook.api import Facebook
from archiver.demo.facebook.calls import IDLE, Call
from archiver.demo.facebook.things import moment
from archiver.demo.facebook.views import Views

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.demo.facebook.things import Comment
    from archiver.demo.instagram.account import Account, Medium

__all__ = ["Instagram"]

Node = dict[str, Any]
REPLIES = 3
"""Replies that stand beside a comment at most; more are in a list of their own."""
_KINDS = {"stories": "STORY", "live_media": "LIVE"}


class Instagram(Facebook):
    """Answers for one account."""

    def __init__(self, account: Account, *, most: int = 50) -> None:
        super().__init__(account, most=most)
        self.account = account
        self.scopes |= {
            "instagram_basic", "instagram_manage_comments", "instagram_manage_messages",
        }  # fmt: skip
        self.token = "EAAB-instagram-9876543210"  # noqa: S105 - opens nothing but the stand-in

    def _call(self, query: dict[str, str], base: str) -> Call:
        return _Call(self, Views(self.page, base, self._calls), query, base)

    def _file(self, parts: Sequence[str]) -> Answer:
        found = self.account.find(parts[1])
        if found is None:
            return super()._file(parts)
        return Answer(200, (("Content-Type", "image/png"),), found.file)


class _Call(Call):
    """One request to a node or an edge of the account, or to the conversations of its Page."""

    _api: Instagram

    @property
    def _account(self) -> Account:
        return self._api.account

    def _node(self, number: str) -> Node | None:
        account = self._account
        if number == account.city.id:
            return {"id": number, "name": account.title, "instagram_business_account": self._own()}
        if number == account.number:
            return self._own()
        found = account.find(number)
        if found is not None:
            return self._shown(found)
        said = account.comments.get(number)
        if said is not None:
            return self._comment(said) if said.shown else None
        return self._talk(number)

    def _edge(self, number: str, edge: str) -> list[tuple[Node, bool]] | None:
        account = self._account
        if number == account.city.id:
            return self._talks() if edge == "conversations" else None
        if number == account.number:
            found = [one for one in account.media.values() if one.edge == edge]
            return [(self._shown(one), True) for one in reversed(found)]
        if edge == "comments" and number in account.media:
            return self._said(on=number)
        if edge == "replies" and number in account.comments:
            return self._said(answers=number)
        return super()._edge(number, edge) if edge == "messages" else None

    def _said(self, on: str = "", answers: str = "") -> list[tuple[Node, bool]]:
        found = [
            one
            for one in self._account.comments.values()
            if one.answers == answers and (answers or one.on == on)
        ]
        return [(self._comment(one), one.shown) for one in reversed(found)]

    def _talks(self) -> list[tuple[Node, bool]]:
        idle = self._account.now - IDLE
        found = [
            one
            for one in self._account.conversations.values()
            if one.folder == "inbox" or one.updated >= idle
        ]
        found.sort(key=lambda one: one.updated, reverse=True)
        return [(self._views.conversation(one), True) for one in found]

    def _own(self) -> Node:
        account = self._account
        return {
            "id": account.number, "ig_id": 17841, "username": account.handle,
            "name": account.title, "biography": account.biography,
            "website": "https://quillwater.example",
            "profile_picture_url": self._views.file("photo", "1"),
            "followers_count": account.followers, "follows_count": 12,
            "media_count": sum(one.edge == "media" for one in account.media.values()),
        }  # fmt: skip

    def _shown(self, one: Medium) -> Node:
        comments = [each for each in self._account.comments.values() if each.on == one.id]
        node: Node = {
            "id": one.id,
            "media_type": "CAROUSEL_ALBUM" if one.children else "IMAGE",
            "media_product_type": _KINDS.get(one.edge, "FEED"),
            "media_url": self._views.file("photo", one.id),
            "permalink": f"https://www.instagram.com/p/{one.id}/",
            "shortcode": f"C{one.id}",
            "timestamp": moment(one.created),
            "username": one.author or self._account.handle,
            "is_comment_enabled": True,
            "like_count": one.likes,
            "comments_count": len(comments),
        }
        node |= {"caption": one.caption} if one.caption else {}
        node |= {"alt_text": one.alt} if one.alt else {}
        if one.children:
            node["children"] = {"data": [self._shown(child) for child in one.children]}
        return node

    def _comment(self, one: Comment) -> Node:
        node: Node = {
            "id": one.id,
            "text": one.text,
            "timestamp": moment(one.created),
            "username": one.author.name,
            "from": {"id": one.author.id, "username": one.author.name},
            "hidden": one.hidden,
            "like_count": 0,
        }
        if one.answers:
            return node | {"parent_id": one.answers}
        replies = [node for node, shown in self._said(answers=one.id) if shown]
        if replies:
            node["replies"] = {"data": replies[:REPLIES]}
            if len(replies) > REPLIES:
                following = f"{self._base}/v26.0/{one.id}/replies?access_token={self._api.token}"
                cursors = {"before": "QVow", "after": "QVoz"}
                node["replies"]["paging"] = {"cursors": cursors, "next": following}
        return node
