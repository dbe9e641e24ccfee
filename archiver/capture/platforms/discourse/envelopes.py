"""Which answers of Discourse there are: by path, where items lie and what stands around them.

From the published OpenAPI description (docs.discourse.org) and, for what that leaves out, the
serializers of the server's source (github.com/discourse/discourse).
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["SHAPES", "Shape"]


class Shape(NamedTuple):
    """One kind of answer.

    ``path``: of what was asked; ``cutter``: what its items are; ``arrays``: where they lie, by
    dotted name: none where the answer is one thing; ``declared``: values that are no items.
    """

    path: re.Pattern[str]
    cutter: str
    arrays: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()


_AROUND_TOPICS = (
    "users", "primary_groups", "flair_groups", "topic_list.can_create_topic",
    "topic_list.more_topics_url", "topic_list.draft", "topic_list.draft_key",
    "topic_list.draft_sequence", "topic_list.per_page", "topic_list.tags",
    "topic_list.top_tags", "topic_list.for_period", "topic_list.shared_drafts",
)  # fmt: skip
_AROUND_CATEGORIES = (
    "category_list.can_create_category", "category_list.can_create_topic", "category_list.draft",
    "category_list.draft_key", "category_list.draft_sequence", "category_list.parent_category",
)  # fmt: skip


def _shape(path: str, cutter: str, *arrays: str, declared: tuple[str, ...] = ()) -> Shape:
    return Shape(re.compile(path), cutter, arrays, declared)


SHAPES = (
    _shape(r"site/basic-info\.json", "profile"),
    _shape(r"session/current\.json", "me"),
    _shape(r"categories\.json", "category", "category_list.categories",
           declared=_AROUND_CATEGORIES),
    _shape(r"c/\d+/show\.json", "one category"),
    _shape(r"(?:latest|topics/private-messages[a-z-]*/[^/]+)\.json", "topic", "topic_list.topics",
           declared=_AROUND_TOPICS),
    _shape(r"t/\d+\.json", "view"),
    _shape(r"posts\.json", "post", "latest_posts"),
    _shape(r"posts/\d+\.json", "post"),
    _shape(r"posts/\d+/revisions/(?:latest|\d+)\.json", "revision"),
    _shape(r"post_action_users\.json", "like", "post_action_users",
           declared=("total_rows_post_action_users", "unknown_count")),
    _shape(r"admin/users/list/active\.json", "user", ""),
    _shape(r"admin/users/\d+\.json", "user"),
    _shape(r"groups\.json", "group", "groups",
           declared=("total_rows_groups", "load_more_groups", "extras")),
    _shape(r"groups/[^/]+/members\.json", "member", "members", declared=("owners", "meta.total",
           "meta.limit", "meta.offset")),
    _shape(r"admin/logs/staff_action_logs\.json", "log", "staff_action_logs",
           declared=("extras", "user_actions")),
)  # fmt: skip
