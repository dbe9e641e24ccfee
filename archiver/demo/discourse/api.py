"""The forum's JSON API: who may ask what, pages, and errors as Discourse writes them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from archiver.demo.answer import Answer
from archiver.demo.discourse import shapes, silent
from archiver.demo.discourse.forum import Forum

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.demo.answer import Asked
    from archiver.demo.discourse.forum import Topic

__all__ = ["Discourse", "life"]

Json = dict[str, Any]
_TYPE = (("Content-Type", "application/json; charset=utf-8"),)
_TOPICS, _IDS = 2, 50
"""Topics of a list: few, so that there are pages. Ids of a page of posts."""
_LISTED = frozenset(
    [
        "subcategory_ids",
        "topics_all_time",
        "topics_day",
        "topics_month",
        "topics_week",
        "topics_year",
    ]
)
"""What only lists say of a category."""


class Discourse:
    """Answers requests to the forum; ``staff``: the key is an administrator's."""

    path = "/forum"

    def __init__(self, forum: Forum) -> None:
        self.forum = forum
        self.credential = {"user": "clerk", "key": "sentinel-discourse-key-0001"}
        self.service = self
        self.change = forum.change
        self.busy = 0
        self._routes: tuple[tuple[str, bool, Callable[..., Json | list[Json] | None]], ...] = (
            (r"site/basic-info", False, self._basic),
            (r"session/current", True, self._me),
            (r"categories", False, self._categories),
            (r"c/(\d+)/show", False, self._category),
            (r"latest", False, self._latest),
            (r"topics/private-messages(-sent|-archive)?/clerk", True, self._messages),
            (r"t/(\d+)", False, self._topic),
            (r"posts", False, self._posts),
            (r"posts/(\d+)", False, self._post),
            (r"posts/(\d+)/revisions/(latest|\d+)", True, self._revision),
            (r"post_action_users", False, self._likes),
            (r"admin/users/list/active", True, self._users),
            (r"admin/users/(\d+)", True, self._user),
            (r"groups", False, self._groups),
            (r"groups/([a-z]+)/members", False, self._members),
            (r"admin/logs/staff_action_logs", True, self._log),
        )

    def answer(self, asked: Asked) -> Answer | None:
        """Answer a request, or None for an address that is not the forum's."""
        found = self.forum.files.get(asked.path)
        if found is not None:
            return Answer(200, (("Content-Type", "image/png"),), found)
        if not asked.path.startswith(f"{self.path}/"):
            return None
        if self.busy:
            self.busy -= 1
            extras = {"wait_seconds": 1, "time_left": "1 second"}
            return _refused(429, "rate_limit", "You’ve done this too often", extras)
        key = asked.headers.get("api-key", "")
        if key and key != self.credential["key"]:
            words = "You are not permitted to view the requested resource. The API username or key"
            return _refused(403, "invalid_access", f"{words} is invalid.")
        return self._answer(asked, ours=bool(key))

    def _answer(self, asked: Asked, *, ours: bool) -> Answer:
        path = asked.path.removeprefix(f"{self.path}/").removesuffix(".json")
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        for form, closed, route in self._routes:
            found = re.fullmatch(form, path)
            if found is not None and (ours or not closed):
                document = route(query | {"ours": "1" if ours else ""}, *found.groups())
                if document is not None:
                    return Answer(200, _TYPE, json.dumps(document).encode())
        return _refused(404, "not_found", "The requested URL or resource could not be found.")

    def _basic(self, _query: dict[str, str]) -> Json:
        return {
            "logo_url": "/images/discourse-logo-sketch.png", "logo_small_url": "/images/small.png",
            "apple_touch_icon_url": "/images/touch.png", "favicon_url": "/images/icon.png",
            "title": self.forum.title, "description": self.forum.about,
            "header_primary_color": "333333", "header_background_color": "ffffff",
            "login_required": False, "locale": "en", "include_in_discourse_discover": False,
            "mobile_logo_url": "",
        }  # fmt: skip

    def _me(self, _query: dict[str, str]) -> Json:
        return {"current_user": shapes.member(self.forum.people[0]) | {"admin": True}}

    def _categories(self, query: dict[str, str]) -> Json:
        of = int(query["parent_category_id"]) if "parent_category_id" in query else None
        found = [one for one, (_, parent) in self.forum.categories.items() if parent == of]
        shown = [shapes.category(self.forum, one) for one in found]
        return {"category_list": {"can_create_category": True, "can_create_topic": True,
                                  "categories": shown}}  # fmt: skip

    def _category(self, _query: dict[str, str], one: str) -> Json | None:
        known = int(one) in self.forum.categories
        if not known:
            return None
        told = shapes.category(self.forum, int(one)) | silent.ONE_CATEGORY
        return {"category": {name: told[name] for name in told.keys() - _LISTED}}

    def _listed(self, topics: list[Topic], query: dict[str, str], path: str) -> Json:
        page = int(query.get("page", "0"))
        newest = sorted(topics, key=lambda one: one.at, reverse=True)
        shown = newest[page * _TOPICS : (page + 1) * _TOPICS]
        people = {one.author.id: one.author for topic in shown for one in topic.posts}
        found: Json = {"can_create_topic": True, "per_page": _TOPICS, "top_tags": [],
                       "topics": [shapes.listed(one) for one in shown]}  # fmt: skip
        if (page + 1) * _TOPICS < len(newest):
            found["more_topics_url"] = f"{path}?page={page + 1}"
        users = [shapes.member(one) for one in people.values()]
        return {"users": users, "primary_groups": [], "flair_groups": [], "topic_list": found}

    def _latest(self, query: dict[str, str]) -> Json:
        found = [one for one in self.forum.topics.values() if not one.with_ and not one.deleted]
        return self._listed(found, query, "/latest")

    def _messages(self, query: dict[str, str], box: str | None) -> Json:
        clerk = self.forum.people[0]
        found = [one for one in self.forum.topics.values() if clerk in one.with_]
        return self._listed([] if box else found, query, f"/topics/private-messages{box or ''}")

    def _topic(self, query: dict[str, str], one: str) -> Json | None:
        topic = self.forum.topics.get(int(one))
        page = int(query.get("page", "1"))
        if topic is None or (topic.with_ and not query["ours"]):
            return None
        found = shapes.view(topic, page)
        return found if found["post_stream"]["posts"] else None

    def _posts(self, query: dict[str, str]) -> Json:
        posts = {post.id: post for post in self.forum.posts.values() if not post.deleted}
        last = int(query.get("before", max(posts)))
        shown = [posts[one] for one in sorted(posts, reverse=True) if last - _IDS < one <= last]
        shown = [one for one in shown if not self.forum.topics[one.topic].with_]
        made = [shapes.post(one, self.forum.topics[one.topic]) for one in shown]
        for one in made:
            title = self.forum.topics[one["topic_id"]].title
            one |= {"topic_title": title, "excerpt": one["raw"], "truncated": True}
        return {"latest_posts": made}

    def _post(self, query: dict[str, str], one: str) -> Json | None:
        post = self.forum.posts.get(int(one))
        if post is None or (post.deleted and not query["ours"]):
            return None
        return shapes.post(post, self.forum.topics[post.topic])

    def _revision(self, _query: dict[str, str], one: str, number: str) -> Json | None:
        post = self.forum.posts.get(int(one))
        if post is None or not post.old:
            return None
        return shapes.revision(post, len(post.old) + 1 if number == "latest" else int(number))

    def _likes(self, query: dict[str, str]) -> Json | None:
        post = self.forum.posts.get(int(query["id"]))
        if post is None:
            return None
        likes = [shapes.member(one) | {"unknown": False} for one in post.likes]
        return {"post_action_users": likes}

    def _users(self, query: dict[str, str]) -> list[Json]:
        page, size = int(query["page"]) - 1, 3
        return [shapes.user(one) for one in self.forum.people[page * size : (page + 1) * size]]

    def _user(self, _query: dict[str, str], one: str) -> Json | None:
        found = [person for person in self.forum.people if person.id == int(one)]
        return shapes.user(found[0]) | silent.USER if found else None

    def _groups(self, query: dict[str, str]) -> Json:
        found = [] if int(query.get("page", "0")) else list(self.forum.groups.items())
        groups = [
            {**silent.GROUP, "id": one, "automatic": one == 1, "name": name,
             "display_name": name.title(),
             "user_count": len(people), "mentionable_level": 0, "messageable_level": 0,
             "visibility_level": 1, "primary_group": False, "title": None,
             "has_messages": False, "flair_url": None, "flair_bg_color": None,
             "flair_color": None, "bio_cooked": None, "bio_excerpt": None,
             "public_admission": False, "public_exit": False, "allow_membership_requests": False,
             "full_name": None, "default_notification_level": 3,
             "grant_trust_level": None, "membership_request_template": None,
             "members_visibility_level": 0, "can_see_members": True, "publish_read_state": False}
            for one, (name, people) in found
        ]  # fmt: skip
        return {"groups": groups, "extras": {"type_filters": ["my"]},
                "total_rows_groups": len(self.forum.groups),
                "load_more_groups": "/groups?page=1"}  # fmt: skip

    def _members(self, query: dict[str, str], name: str) -> Json | None:
        found = [people for known, people in self.forum.groups.values() if known == name]
        if not found:
            return None
        start, size = int(query.get("offset", "0")), int(query.get("limit", "50"))
        shown = [
            shapes.member(one)
            | silent.MEMBER
            | {"title": None, "added_at": shapes.time(one.joined)}
            for one in found[0][start : start + size]
        ]
        meta = {"total": len(found[0]), "limit": size, "offset": start}
        return {"members": shown, "owners": [], "meta": meta}

    def _log(self, query: dict[str, str]) -> Json:
        shown = [] if int(query.get("page", "0")) else self.forum.log
        clerk = shapes.member(self.forum.people[0])
        began = shapes.time(self.forum.people[0].joined)
        return {"staff_action_logs": [
            {"id": one, "action_name": action, "details": "by staff", "context": None,
             "ip_address": None, "email": None, "created_at": began,
             "subject": None, "previous_value": None, "new_value": None,
             "topic_id": topic or None, "post_id": None, "category_id": None, "action": 5,
             "custom_type": None, "acting_user": clerk, "target_user": None}
            for one, action, topic in shown
        ], "extras": {"user_actions": [{"id": "delete_post", "action_id": 5}]}}  # fmt: skip


def _refused(status: int, kind: str, words: str, extras: Json | None = None) -> Answer:
    document = {"errors": [words], "error_type": kind, **({"extras": extras} if extras else {})}
    return Answer(status, _TYPE, json.dumps(document).encode())


def life() -> Discourse:
    """Return a new forum and what answers for it."""
    return Discourse(Forum())
