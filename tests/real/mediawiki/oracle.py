"""What a wiki's own database holds, as far as its owner may read it: the truth of captures."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.real.mediawiki.server import MediaWiki

__all__ = ["Thing", "Truth", "changes", "read"]

Thing = tuple[str, str]
"""Stream and native id, as the archive names them."""
Truth = dict[Thing, tuple[str, Any]]
"""What each thing is: its state for the archive, and what makes it itself."""

_PARTS = (1, 2, 4)
"""Bits of ``rev_deleted``: text, comment, user (RevisionRecord); 8 is suppressed."""
_TEXT = """
    (select old_text from slots join content on content_id = slot_content_id
     join text on content_address = 'tt:' || old_id where slot_revision_id = {revision})
"""
_COMMENT = """
    (select comment_text from comment where comment_id = coalesce(nullif(rev_comment_id, 0),
     (select revcomment_comment_id from revision_comment_temp where revcomment_rev = rev_id)))
"""
"""1.39 is half-way between two places for the comments of revisions."""
_TAGS = """
    (select group_concat(ctd_name, ' ') from (select ctd_name from change_tag
     join change_tag_def on ctd_id = ct_tag_id where {column} = {number} order by ctd_name))
"""


def read(wiki: MediaWiki) -> Truth:
    """Return everything on the wiki."""
    return {
        **_pages(wiki),
        **_revisions(wiki),
        **_archive(wiki),
        **_log(wiki),
        **_users(wiki),
        **_files(wiki),
    }


def changes(before: Truth, after: Truth) -> dict[Thing, str]:
    """Return the kind of observation that each difference must lead to.

    What is gone from the database altogether is ``deleted``; a deleted file is ``removed``
    and its bytes are ``absent``.
    """
    gone = before.keys() - after.keys()
    found = {one: "absent" if one[1].endswith("/file") else "deleted" for one in gone}
    for thing, (state, content) in after.items():
        was, said = before.get(thing, ("", None))
        if was == state and said != content:
            found[thing] = "edited"
        elif was != state:
            found[thing] = "restored" if was and state == "present" else state
    return found


def _pages(wiki: MediaWiki) -> Truth:
    query = """
        select page_id, page_namespace, page_title, page_latest, page_len, page_is_redirect,
            (select group_concat(pr_type || pr_level, ' ') from page_restrictions
             where pr_page = page_id)
        from page
    """
    return {("pages", str(number)): ("present", tuple(about)) for number, *about in wiki.sql(query)}


def _revisions(wiki: MediaWiki) -> Truth:
    text, comment = _TEXT.format(revision="rev_id"), _COMMENT
    tags = _TAGS.format(column="ct_rev_id", number="rev_id")
    query = f"""
        select rev_id, rev_deleted, rev_page, rev_parent_id, actor_name, rev_timestamp,
            {comment}, {text}, {tags}
        from revision join actor on actor_id = rev_actor
    """  # noqa: S608 - constant text
    return {
        ("pages", f"revision/{number}"): (
            "hidden" if deleted else "present",
            (deleted, page, parent, *about),
        )
        for number, deleted, page, parent, *about in wiki.sql(query)
    }


def _archive(wiki: MediaWiki) -> Truth:
    text = _TEXT.format(revision="ar_rev_id")
    tags = _TAGS.format(column="ct_rev_id", number="ar_rev_id")
    query = f"""
        select ar_rev_id, ar_deleted, 0, ar_parent_id, actor_name, ar_timestamp,
            comment_text, {text}, {tags}
        from archive join actor on actor_id = ar_actor
        join comment on comment_id = ar_comment_id
    """  # noqa: S608 - constant text
    return {
        ("pages", f"revision/{number}"): ("removed", tuple(about))
        for number, *about in wiki.sql(query)
    }


def _log(wiki: MediaWiki) -> Truth:
    query = """
        select log_id, log_deleted, log_type, log_action, log_namespace, log_title, actor_name,
            log_timestamp, comment_text
        from logging join actor on actor_id = log_actor
        join comment on comment_id = log_comment_id
    """
    return {
        ("moderation", str(number)): ("hidden" if deleted else "present", tuple(about))
        for number, deleted, *about in wiki.sql(query)
    }


def _users(wiki: MediaWiki) -> Truth:
    query = """
        select user_id, user_name, user_registration,
            (select group_concat(ug_group, ' ') from (select ug_group from user_groups
             where ug_user = user_id order by ug_group)),
            (select ipb_id from ipblocks where ipb_user = user_id)
        from user
    """
    return {
        ("subscribers", str(number)): ("present", tuple(about))
        for number, *about in wiki.sql(query)
    }


def _files(wiki: MediaWiki) -> Truth:
    """Return the versions of files, and the bytes of those that are not deleted."""
    folder = wiki.folder / "images"
    truth: Truth = {}
    current = wiki.sql(_upload("image", "img", "img_name"))
    old = wiki.sql(_upload("oldimage", "oi", "oi_archive_name"))
    for name, *about, stored in [*current, *old]:
        thing = f"{name.replace('_', ' ')}/{_moment(about[0])}"
        (path,) = (path for path in folder.rglob(stored) if "thumb" not in path.parts)
        truth["media", thing] = "present", tuple(about)
        digest = sha256(path.read_bytes()).hexdigest()
        truth["media", f"{thing}/file"] = "present", digest
    for name, *about, _ in wiki.sql(_upload("filearchive", "fa", "fa_name")):
        thing = f"{name.replace('_', ' ')}/{_moment(about[0])}"
        truth["media", thing] = "removed", tuple(about)
    return truth


def _upload(table: str, prefix: str, stored: str) -> str:
    return f"""
        select {prefix}_name, {prefix}_timestamp, actor_name, {prefix}_size, comment_text, {stored}
        from {table} join actor on actor_id = {prefix}_actor
        join comment on comment_id = {prefix}_description_id
    """  # noqa: S608 - constant text


def _moment(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[8:10]}:{text[10:12]}:{text[12:14]}Z"
