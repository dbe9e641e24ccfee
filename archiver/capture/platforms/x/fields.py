"""What is asked of each object: names of X's published API (OpenAPI 2.159, pip ``xdk``).

X speaks two dialects. Asked with ``post.fields`` it answers in the published names
(``referenced_posts``, ``edit_history_post_ids``, ``repost_count``); with ``tweet.fields``,
and in webhooks, in the older ones (``referenced_tweets`` …). The first is asked for; both
are read, and `CURRENT` says what is what.
"""

from __future__ import annotations

__all__ = [
    "CHATS",
    "CHAT_EVENTS",
    "CURRENT",
    "MESSAGES",
    "OWN_POSTS",
    "PEOPLE",
    "POSTS",
    "XLISTS",
]

CURRENT = {
    "referenced_tweets": "referenced_posts",
    "edit_history_tweet_ids": "edit_history_post_ids",
    "note_tweet": "note_post",
    "pinned_tweet_id": "pinned_post_id",
    "most_recent_tweet_id": "most_recent_post_id",
    "tweets": "posts",
}
"""Older name -> published name, of members that both dialects have."""

_POST = (
    "article,article_title,attachments,card_uri,community_id,conversation_id,created_at,"
    "edit_controls,entities,geo,id,lang,media_metadata,note_post,paid_partnership,"
    "possibly_sensitive,public_metrics,reply_settings,scopes,source,text,withheld"
)
_EXPANSIONS = (
    "attachments.media_keys,attachments.poll_ids,author_id,edit_history_post_ids,"
    "geo.place_id,in_reply_to_user_id,referenced_posts"
)
_USER = (
    "created_at,description,entities,id,location,name,profile_banner_url,profile_image_url,"
    "protected,public_metrics,url,username,verified,verified_type,withheld"
)
_MEDIA = (
    "alt_text,duration_ms,height,media_key,preview_image_url,public_metrics,type,url,variants,width"
)

POSTS = {
    "post__fields": _POST,
    "expansions": _EXPANSIONS,
    "user__fields": _USER,
    "media__fields": _MEDIA,
    "poll__fields": "duration_minutes,end_datetime,id,options,voting_status",
    "place__fields": "country,country_code,full_name,geo,id,name,place_type",
}
"""Parameters of whatever answers with posts."""

OWN_POSTS = POSTS | {"post__fields": f"{_POST},non_public_metrics,organic_metrics"}
"""Of posts of one's own also the numbers that only their author is shown (30 days long)."""

PEOPLE = {"user__fields": _USER}

MESSAGES = {
    "dm_event__fields": "attachments,created_at,dm_conversation_id,entities,event_type,id,text",
    "expansions": "attachments.media_keys,participant_ids,referenced_posts,sender_id",
    "user__fields": _USER,
    "media__fields": _MEDIA,
    "post__fields": _POST,
}
CHATS = "created_at,group_name,id,is_muted,message_ttl_ms,type,updated_at"
CHAT_EVENTS = {
    "chat_message_event__fields": (
        "conversation_id,created_at,encoded_event,id,is_trusted,message_event_signature,"
        "previous_id,sender_id"
    )
}
"""Of encrypted events all but ``conversation_token``, which is a key to X's servers."""

XLISTS = {
    "list__fields": "created_at,description,follower_count,id,member_count,name,private",
    "expansions": "owner_id",
}
