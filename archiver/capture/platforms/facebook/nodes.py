"""Which fields of each kind of node are asked for (Graph API v26.0).

Names are those of the published field lists (facebook-business 26.0.3,
``facebook_business/adobjects``). Graph gives nothing that is not asked for. Not asked for are
the addresses and keys under which a live video is sent in: whoever has them can broadcast.
"""

from __future__ import annotations

__all__ = [
    "ALBUM",
    "BLOCKED",
    "COMMENT",
    "DETAILS",
    "LIVE",
    "OWNER_ONLY",
    "PAGE",
    "PHOTO",
    "POST",
    "RATING",
    "REACTION",
    "ROLE",
    "SETTING",
    "STORY",
    "VIDEO",
]

_COMMENTS = "comments.filter(stream).limit(0).summary(total_count)"
_REACTIONS = "reactions.limit(0).summary(total_count)"
_TYPES = ("LIKE", "LOVE", "CARE", "HAHA", "WOW", "SAD", "ANGRY")
"""Reactions that Facebook offers (docs/graph-api/reference/object/reactions)."""
_BY_TYPE = ",".join(
    f"reactions.type({one}).limit(0).summary(total_count).as(reactions_{one.lower()})"
    for one in _TYPES
)
_MEDIA = "media_type,media,target,title,description,type,url,unshimmed_url"

PAGE = "id,name,username,link,about,category,phone,website,fan_count,followers_count"
"""What the first request asks for: everything hangs on it, so no more than any Page has."""
DETAILS = (
    "id,bio,description,general_info,mission,company_overview,founded,impressum,category_list,"
    "emails,whatsapp_number,single_line_address,location,hours,is_always_open,parking,"
    "public_transit,cover,is_published,is_permanently_closed,temporary_status,is_verified,"
    "verification_status,has_transitioned_to_new_page_experience,privacy_info_url,price_range,"
    "affiliation,overall_star_rating,rating_count,talking_about_count,were_here_count,checkins"
)
OWNER_ONLY = frozenset({"admin_creator", "targeting", "feed_targeting"})
"""Members of a post that Facebook tells its owner alone: they are a private part of it."""
POST = (
    "id,from,message,message_tags,story,story_tags,created_time,updated_time,backdated_time,"
    "permalink_url,status_type,is_hidden,is_published,is_expired,scheduled_publish_time,parent_id,"
    "privacy,place,target,properties,call_to_action,via,application,timeline_visibility,event,"
    "full_picture,shares,admin_creator,targeting,feed_targeting,"
    f"attachments{{{_MEDIA},subattachments{{{_MEDIA}}}}},{_COMMENTS},{_REACTIONS},{_BY_TYPE}"
)
COMMENT = (
    "id,from,message,message_tags,created_time,parent{id},attachment,is_hidden,is_private,"
    "permalink_url,like_count,comment_count,can_comment,can_hide,can_like,can_remove,"
    "can_reply_privately,private_reply_conversation,admin_creator,application,user_likes,"
    "live_broadcast_timestamp"
)
REACTION = "id,name,type,link"
STORY = "id,post_id,status,creation_time,media_type,media_id,url"
LIVE = (
    "id,title,description,status,creation_time,broadcast_start_time,planned_start_time,"
    f"permalink_url,from,video{{id}},live_views,total_views,{_COMMENTS},{_REACTIONS}"
)
PHOTO = (
    "id,name,name_tags,alt_text,alt_text_custom,created_time,updated_time,backdated_time,from,"
    f"album{{id}},page_story_id,link,place,images,width,height,{_COMMENTS}"
)
VIDEO = (
    "id,title,description,created_time,updated_time,backdated_time,scheduled_publish_time,from,"
    "permalink_url,post_id,published,privacy,status,length,live_status,is_reference_only,place,"
    f"content_category,content_tags,custom_labels,source,picture,views,post_views,{_COMMENTS}"
)
ALBUM = (
    "id,name,description,created_time,updated_time,from,link,location,place,privacy,type,count,"
    f"photo_count,video_count,cover_photo{{id}},{_COMMENTS}"
)
RATING = (
    "created_time,has_rating,has_review,rating,recommendation_type,review_text,reviewer,"
    "open_graph_story{id}"
)
BLOCKED = "id,name,link"
SETTING = "setting,value"
ROLE = "id,name"
