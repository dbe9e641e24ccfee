"""Things of the forum as Discourse writes them in JSON (docs.discourse.org, its serializers)."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from archiver.demo.discourse import silent

if TYPE_CHECKING:
    from datetime import datetime

    from archiver.demo.discourse.forum import Forum, Person, Post, Topic

__all__ = ["category", "cooked", "listed", "member", "post", "revision", "time", "user", "view"]

Json = dict[str, Any]
_AVATAR = "/letter_avatar_proxy/v4/letter/{}/d26b3c/{{size}}.png"
_CHUNK = 20


def time(moment: datetime) -> str:
    """Return a moment as Rails writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def member(one: Person) -> Json:
    """Return somebody as BasicUserSerializer does."""
    avatar = _AVATAR.format(one.username[0])
    return {"id": one.id, "username": one.username, "name": one.name, "avatar_template": avatar}


def user(one: Person) -> Json:
    """Return somebody as AdminUserListSerializer does."""
    return member(one) | {
        "active": True, "admin": one.id == 1, "moderator": one.id == 1,
        "last_seen_at": time(one.joined), "last_emailed_at": None, "created_at": time(one.joined),
        "last_seen_age": 60.0, "last_emailed_age": None, "created_at_age": 60.0,
        "trust_level": 1, "manual_locked_trust_level": None, "title": None, "time_read": 10,
        "staged": False, "days_visited": 2, "posts_read_count": 3, "topics_entered": 4,
        "post_count": 5,
    }  # fmt: skip


def cooked(raw: str) -> str:
    """Return the HTML of what somebody wrote, in the little Markdown that the city writes."""
    text = re.sub(
        r"!\[(\w+)\]\(([^)]*)\)",
        r'<img src="\2" alt="\1" width="9" height="9">',
        html.escape(raw, quote=False),
    )
    text = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text)
    text = re.sub(r"\*(.+?)\*", r"<em>\1</em>", text)
    return "\n".join(f"<p>{one}</p>" for one in text.split("\n\n"))


def post(one: Post, topic: Topic, *, raw: bool = True) -> Json:
    """Return a post as PostSerializer does; ``raw`` as single posts and their list have it."""
    likes: list[Json] = [{"id": 2, "count": len(one.likes)}] if one.likes else []
    made: Json = {
        "id": one.id, "name": one.author.name, "username": one.author.username,
        "avatar_template": _AVATAR.format(one.author.username[0]), "created_at": time(one.at),
        "cooked": cooked(one.raw), "post_number": one.number, "post_type": 1,
        "updated_at": time(one.changed), "reply_count": 0,
        "reply_to_post_number": one.reply_to, "quote_count": 0, "incoming_link_count": 0,
        "reads": 2, "readers_count": 1, "score": 0.4, "yours": False, "topic_id": topic.id,
        "topic_slug": _slug(topic), "display_username": one.author.name,
        "primary_group_name": None, "flair_name": None, "flair_url": None,
        "flair_bg_color": None, "flair_color": None, "version": len(one.old) + 1,
        "can_edit": True, "can_delete": True, "can_recover": False, "can_wiki": True,
        "user_title": None, "bookmarked": False, "actions_summary": likes, "moderator": False,
        "admin": one.author.id == 1, "staff": one.author.id == 1, "user_id": one.author.id,
        "hidden": one.hidden, "trust_level": 1, "deleted_at": one.deleted and time(one.deleted),
        "user_deleted": False, "edit_reason": None, "can_view_edit_history": True, "wiki": False,
    }  # fmt: skip
    if raw:
        return made | silent.POST | {"raw": one.raw, "post_url": f"/t/{topic.id}/{one.number}"}
    return made | silent.SHOWN | {"link_counts": [], "read": True}


def revision(one: Post, number: int) -> Json:
    """Return a revision as PostRevisionSerializer does; the first is number 2."""
    last = len(one.old) + 1
    texts = [*one.old, one.raw]
    before, after = (cooked(texts[number - 2]), cooked(texts[number - 1]))
    return {
        "created_at": time(one.changed), "post_id": one.id, "previous_hidden": False,
        "current_hidden": False, "first_revision": 2,
        "previous_revision": number - 1 if number > 2 else None,  # noqa: PLR2004 - the first one
        "current_revision": number, "next_revision": number + 1 if number < last else None,
        "last_revision": last, "current_version": number, "version_count": last,
        "username": one.author.username, "display_username": one.author.username,
        "acting_user_name": one.author.name,
        "avatar_template": _AVATAR.format(one.author.username[0]), "edit_reason": None,
        "body_changes": {"inline": f"<div><del>{before}</del><ins>{after}</ins></div>"},
        "title_changes": None, "user_changes": None, "wiki": False, "can_edit": True,
    }  # fmt: skip


def _slug(topic: Topic) -> str:
    return re.sub(r"[^a-z0-9]+", "-", topic.title.lower())


def _head(topic: Topic) -> Json:
    last = topic.posts[-1]
    return {
        "id": topic.id, "title": topic.title, "fancy_title": html.escape(topic.title),
        "slug": _slug(topic), "posts_count": len(topic.posts),
        "reply_count": len(topic.posts) - 1, "highest_post_number": last.number,
        "created_at": time(topic.at), "last_posted_at": time(last.at), "pinned": False,
        "unpinned": None, "visible": True, "closed": topic.closed, "archived": False,
        "bookmarked": False, "views": 9 + len(topic.posts), "like_count": 0,
        "archetype": "private_message" if topic.with_ else "regular", "has_summary": False,
        "category_id": None if topic.with_ else topic.category, "tags": list(topic.tags),
        "pinned_globally": False,
    }  # fmt: skip


def listed(topic: Topic) -> Json:
    """Return a topic as lists show it (TopicListItemSerializer)."""
    last = topic.posts[-1]
    return _head(topic) | {
        "image_url": "", "bumped": True, "bumped_at": time(last.at), "unseen": False,
        "excerpt": topic.posts[0].raw[:40], "liked": False,
        "last_poster_username": last.author.username,
        "posters": [{"extras": "latest", "description": "Original Poster",
                     "user_id": topic.author.id, "primary_group_id": None}],
    }  # fmt: skip


def view(topic: Topic, page: int) -> Json:
    """Return a topic with a page of its posts (TopicViewSerializer)."""
    posts = [one for one in topic.posts if not one.deleted]
    shown = posts[(page - 1) * _CHUNK : page * _CHUNK]
    stream = {"posts": [post(one, topic, raw=False) for one in shown],
              "stream": [one.id for one in posts]}  # fmt: skip
    people = {one.author.id: one.author for one in posts}
    details: Json = silent.DETAILS | {
        "can_edit": True, "notification_level": 3,
        "participants": [
            member(one) | silent.PARTICIPANT | {"post_count": 1} for one in people.values()
        ],
        "created_by": member(topic.author), "last_poster": member(posts[-1].author),
    }  # fmt: skip
    if topic.with_:
        details |= {"allowed_users": [member(one) for one in (topic.author, *topic.with_)]}
    return {"post_stream": stream, "timeline_lookup": [[1, 0]], **_head(topic)} | {
        "participant_count": len(people), "word_count": 99, "deleted_at": None,
        "user_id": topic.author.id, "draft": None, "draft_key": f"topic_{topic.id}",
        "draft_sequence": 0, "pinned_at": None, "pinned_until": None, "details": details,
        "current_post_number": 1, "deleted_by": None, "chunk_size": _CHUNK,
        "actions_summary": [{"id": 4, "count": 0, "hidden": False, "can_act": True}],
        "message_bus_last_id": 0, **silent.VIEW,
    }  # fmt: skip


def category(forum: Forum, one: int) -> Json:
    """Return a category as CategoryDetailedSerializer does."""
    name, parent = forum.categories[one]
    inner = [other for other, (_, of) in forum.categories.items() if of == one]
    topics = [topic for topic in forum.topics.values() if topic.category == one and not topic.with_]
    made: Json = silent.CATEGORY | {
        "id": one, "name": name, "color": "0088CC", "text_color": "FFFFFF",
        "slug": name.lower().replace(" ", "-"), "topic_count": len(topics),
        "post_count": sum(len(topic.posts) for topic in topics), "position": one,
        "description": f"<p>About {name}</p>", "description_text": f"About {name}",
        "description_excerpt": f"About {name}", "topic_url": f"/t/about/{one}",
        "read_restricted": False, "permission": 1, "notification_level": 1,
        "topic_template": None, "has_children": bool(inner), "subcategory_ids": inner,
        "topics_day": 0, "topics_week": 1, "topics_month": 1, "topics_year": 1,
        "topics_all_time": 1, "uploaded_logo": None, "uploaded_background": None,
    }  # fmt: skip
    return made | ({"parent_category_id": parent} if parent else {})
