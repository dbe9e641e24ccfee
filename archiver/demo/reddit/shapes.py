"""Things of the community as Reddit writes them in JSON (reddit.com/dev/api)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archiver.demo.reddit.community import Community, Mail, Written

__all__ = [
    "banned", "comment", "community", "conversation", "conversations", "letter", "listing", "log",
    "me", "name", "post",
]  # fmt: skip

Json = dict[str, Any]


def listing(things: list[Json], after: str | None = None) -> Json:
    """Return a listing of things; ``after`` names the last one where there are more."""
    return {"kind": "Listing", "data": {"after": after, "dist": len(things), "modhash": None,
                                        "geo_filter": "", "children": things,
                                        "before": None}}  # fmt: skip


def name(thing: Json) -> str:
    """Return the full name of a thing, or the id of what has none."""
    data = thing.get("data", thing)
    return str(data.get("name") or data["id"])


def _written(one: Written) -> Json:
    author = "[deleted]" if one.deleted else one.author
    return {
        "id": one.id, "author": author, "created": float(one.at), "created_utc": float(one.at),
        "edited": float(one.edited) if one.edited else False, "score": 3, "ups": 3, "downs": 0,
        "subreddit": "Quillwater", "subreddit_id": "t5_quill", "subreddit_name_prefixed":
        "r/Quillwater", "subreddit_type": "public", "author_flair_text": None, "gilded": 0,
        "saved": False, "likes": None, "archived": False, "locked": False, "stickied": False,
        "distinguished": None, "removed": one.removed, "spam": False, "approved": False,
        "banned_by": "quill_clerk" if one.removed else None, "removal_reason": None,
        "mod_note": None, "user_reports": [], "mod_reports": [], "num_reports": 0,
        "all_awardings": [], "can_mod_post": True, "ignore_reports": False,
        **({} if one.deleted else {"author_fullname": f"t2_{one.author}"}),
    }  # fmt: skip


def post(of: Community, one: Written, base: str) -> Json:
    """Return a post (t3)."""
    said = [each for each in of.comments.values() if each.post == one.id]
    picture = {"url": f"{base}{one.picture}", "post_hint": "image"} if one.picture else {
        "url": f"https://www.reddit.com/r/Quillwater/comments/{one.id}/x/"
    }  # fmt: skip
    return {"kind": "t3", "data": _written(one) | {
        "name": f"t3_{one.id}", "title": one.title, "selftext": one.text,
        "is_self": not one.picture, "num_comments": len(said), "over_18": False,
        "permalink": f"/r/Quillwater/comments/{one.id}/x/", "domain": "self.Quillwater",
        "upvote_ratio": 0.9, "thumbnail": "self", "hidden": False, "spoiler": False,
        "link_flair_text": None, "num_crossposts": 0, "view_count": None, "pinned": False,
        "removed_by_category": "moderator" if one.removed else None, **picture,
    }}  # fmt: skip


def comment(one: Written) -> Json:
    """Return a comment (t1), flat."""
    parent = f"t1_{one.parent}" if one.parent else f"t3_{one.post}"
    return {"kind": "t1", "data": _written(one) | {
        "name": f"t1_{one.id}", "body": "[deleted]" if one.deleted else one.text,
        "body_html": f"<div>{one.text}</div>", "link_id": f"t3_{one.post}", "parent_id": parent,
        "replies": "", "depth": 1 if one.parent else 0, "collapsed": False,
        "permalink": f"/r/Quillwater/comments/{one.post}/x/{one.id}/", "is_submitter": False,
        "controversiality": 0, "score_hidden": False,
    }}  # fmt: skip


def letter(one: Written) -> Json:
    """Return a private message (t4)."""
    return {"kind": "t4", "data": {
        "id": one.id, "name": f"t4_{one.id}", "author": one.author, "subject": one.title,
        "author_fullname": f"t2_{one.author}", "body": one.text, "body_html": one.text,
        "dest": "quill_clerk", "created": float(one.at), "created_utc": float(one.at),
        "parent_id": None, "first_message_name": None, "first_message": None, "context": "",
        "replies": "", "score": 0, "likes": None, "new": True, "distinguished": None,
        "subreddit": None, "subreddit_name_prefixed": None, "was_comment": False,
        "num_comments": None, "type": "unknown", "associated_awarding_id": None,
    }}  # fmt: skip


def log(of: Community) -> list[Json]:
    """Return what moderators did, the latest first."""
    return [
        {"kind": "modaction", "data": {
            "id": f"ModAction_{one}", "action": action, "created_utc": float(at),
            "mod": of.clerk, "mod_id36": "clerk", "target_fullname": target,
            "target_author": "cheap_loans", "target_title": None, "target_body": None,
            "target_permalink": None, "details": "remove", "description": None,
            "sr_id36": "quill", "subreddit": of.name,
            "subreddit_name_prefixed": f"r/{of.name}"}}
        for one, action, target, at in reversed(of.log)
    ]  # fmt: skip


def banned(who: dict[str, int]) -> list[Json]:
    """Return who may not write, the latest first."""
    return [
        {"date": float(at), "rel_id": f"rb_{one}", "name": one, "id": f"{one}_id",
         "note": "spam", "days_left": None}
        for one, at in reversed(who.items())
    ]  # fmt: skip


def community(of: Community) -> Json:
    """Return the community (t5)."""
    return {"kind": "t5", "data": {
        "id": "quill", "name": "t5_quill", "display_name": of.name, "title": "Quillwater",
        "display_name_prefixed": f"r/{of.name}", "public_description": "Our town",
        "description": "Be kind", "subscribers": 1200 + len(of.posts), "created": 1700000000.0,
        "created_utc": 1700000000.0, "lang": "en", "url": f"/r/{of.name}/", "over18": False,
        "subreddit_type": "public", "icon_img": "", "banner_img": "", "accounts_active": 4,
        "active_user_count": 4, "user_is_moderator": True, "quarantine": False,
    }}  # fmt: skip


def me(of: Community) -> Json:
    """Return the login's own user."""
    return {"name": of.clerk, "id": "clerk", "created": 1700000000.0,
            "created_utc": 1700000000.0, "link_karma": 5, "comment_karma": 7, "total_karma": 12,
            "inbox_count": 0, "has_mail": False, "is_mod": True, "verified": True}  # fmt: skip


def _date(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000000+0000")


def _author(of: Community, who: str) -> Json:
    return {"name": who, "id": 7, "isMod": who == of.clerk, "isAdmin": False, "isOp": False,
            "isHidden": False, "isDeleted": False, "isParticipant": who != of.clerk,
            "isApproved": False}  # fmt: skip


def _conversation(of: Community, mail: Mail, shown: int) -> Json:
    """Return what is known of a conversation; the last messages ``shown`` come with it."""
    first = mail.said[0]
    people = dict.fromkeys(who for _, who, _, _ in mail.said)
    return {
        "id": mail.id, "subject": mail.subject, "isAuto": False, "isInternal": False,
        "isRepliable": True, "isHighlighted": False, "state": 1, "numMessages": len(mail.said),
        "objIds": [{"id": one, "key": "messages"} for one, _, _, _ in mail.said[-shown:]],
        "authors": [_author(of, who) for who in people], "participant": _author(of, first[1]),
        "owner": {"displayName": of.name, "type": "subreddit", "id": "t5_quill"},
        "lastUpdated": _date(mail.said[-1][3]), "lastUserUpdate": _date(first[3]),
        "lastModUpdate": None, "lastUnread": None, "legacyFirstMessageId": None,
    }  # fmt: skip


def _message(of: Community, said: tuple[str, str, str, int]) -> Json:
    one, who, text, at = said
    return {"id": one, "body": f"<p>{text}</p>", "bodyMarkdown": text, "date": _date(at),
            "isInternal": False, "author": _author(of, who),
            "participatingAs": "moderator" if who == of.clerk else "participant_user"}  # fmt: skip


def conversations(of: Community, after: str) -> Json:
    """Return the list of conversations, those after one."""
    names = list(of.mails)
    shown = names[names.index(after) + 1 :] if after in names else names
    return {
        "conversations": {one: _conversation(of, of.mails[one], 1) for one in shown},
        "messages": {of.mails[one].said[-1][0]: _message(of, of.mails[one].said[-1])
                     for one in shown},
        "conversationIds": shown, "viewerId": "t2_clerk",
    }  # fmt: skip


def conversation(of: Community, mail: Mail) -> Json:
    """Return one conversation with all that was said in it."""
    return {
        "conversation": _conversation(of, mail, len(mail.said)), "participantIsMod": False,
        "messages": {said[0]: _message(of, said) for said in mail.said}, "modActions": {},
        "user": {"name": mail.said[0][1], "id": "t2_7", "created": _date(mail.said[0][3]),
                 "recentComments": {}, "recentConvos": {}, "recentPosts": {},
                 "banStatus": {"isBanned": False}, "muteStatus": {"isMuted": False}},
    }  # fmt: skip
