"""Nodes as Graph shows them: every field that there is, by kind of node.

Names and types are those of the published field lists; tests hold every answer against them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.demo.facebook.things import moment
from archiver.demo.picture import HEIGHT, WIDTH

if TYPE_CHECKING:
    from archiver.demo.facebook.page import Page
    from archiver.demo.facebook.things import (
        Comment,
        Conversation,
        Live,
        Message,
        Person,
        Photo,
        Post,
        Rating,
        Story,
        Video,
    )

__all__ = ["ALBUM", "READABLE", "Views"]

ALBUM = "8001"

READABLE = 20
"""Messages of a conversation whose content is shown."""
Node = dict[str, Any]


class Views:
    """Shows a Page's things. ``turn`` changes with each answer, as signed addresses do."""

    def __init__(self, page: Page, base: str, turn: int) -> None:
        self._page = page
        self._base = base
        self._turn = turn

    def page(self) -> Node:
        """Return the Page itself."""
        page = self._page
        return {
            "id": page.city.id,
            "name": page.title,
            "username": page.name,
            "link": f"https://www.facebook.com/{page.name}",
            "about": page.about,
            "phone": page.phone,
            "emails": ["clerk@quillwater.example"],
            "category": "City",
            "category_list": [{"id": "2404", "name": "City"}],
            "location": {"city": "Quillwater", "country": "United States", "zip": "00000"},
            "hours": {"mon_1_open": "09:00", "mon_1_close": "17:00"},
            "cover": {
                "cover_id": "8", "id": "8", "offset_x": 0, "offset_y": 50,
                "source": self.file("cover", "8"),
            },
            "is_published": True,
            "is_permanently_closed": False,
            "verification_status": "not_verified",
            "talking_about_count": 17 + self._turn,
            "were_here_count": 0,
            "rating_count": len(page.ratings),
            "overall_star_rating": 4.5,
            "fan_count": page.fans,
            "followers_count": page.followers,
        }  # fmt: skip

    def post(self, post: Post) -> Node:
        """Return a post of the Page's, or of somebody else."""
        page = self._page
        node: Node = {
            "id": post.id,
            "from": _person(post.author),
            "message": post.text,
            "created_time": moment(post.created),
            "updated_time": moment(page.now),
            "permalink_url": f"https://www.facebook.com/{post.id.replace('_', '/posts/')}",
            "status_type": "added_photos" if post.photos else "mobile_status_update",
            "is_hidden": post.hidden,
            "is_published": post.due is None,
            "is_expired": False,
            "privacy": {
                "allow": "", "deny": "", "description": "Public", "friends": "",
                "value": "EVERYONE",
            },
        }  # fmt: skip
        if post.due:
            node["scheduled_publish_time"] = int(post.due.timestamp())
        if post.staff:
            node["admin_creator"] = {"id": "71001", "name": post.staff}
        if post.client:
            node["application"] = {"id": "77001", "name": post.client, "category": "Business"}
        if post.shares:
            node["shares"] = {"count": len(post.shares)}
        if post.photos:
            node["full_picture"] = self.file("photo", post.photos[0])
        attached = [self._attachment(page.photo(one)) for one in post.photos]
        if post.link:
            attached.append(self._link(post.link))
        if attached:
            node["attachments"] = {"data": attached}
        return node

    def comment(self, comment: Comment) -> Node:
        """Return a comment or a reply."""
        replies = [one for one in self._page.comments.values() if one.answers == comment.id]
        node: Node = {
            "id": comment.id,
            "from": _person(comment.author),
            "message": comment.text,
            "created_time": moment(comment.created),
            "is_hidden": comment.hidden,
            "is_private": comment.private,
            "permalink_url": f"https://www.facebook.com/{comment.on}?comment_id={comment.id}",
            "like_count": 0,
            "comment_count": len(replies),
            "can_comment": True,
            "can_hide": True,
            "can_like": True,
            "can_remove": True,
            "can_reply_privately": comment.author != self._page.city,
            "user_likes": False,
        }
        if comment.answers in self._page.comments:
            above = self._page.comments[comment.answers]
            node["parent"] = {
                "created_time": moment(above.created), "from": _person(above.author),
                "message": above.text, "id": above.id,
            }  # fmt: skip
        if comment.picture:
            node["attachment"] = self._attachment(self._page.photo(comment.picture))
        return node

    def reaction(self, person: Person, kind: str) -> Node:
        """Return who reacted, and how."""
        return {**_person(person), "type": kind, "link": f"https://www.facebook.com/{person.id}"}

    def photo(self, photo: Photo) -> Node:
        """Return a photo."""
        sizes = ((WIDTH * 2, HEIGHT * 2), (WIDTH, HEIGHT))
        return {
            "id": photo.id,
            "name": photo.caption,
            "alt_text": f"May be an image of {photo.caption.lower()}",
            "alt_text_custom": photo.alt,
            "created_time": moment(photo.created),
            "updated_time": moment(photo.created),
            "from": _person(self._page.city),
            "album": {"created_time": moment(photo.created), "name": "Uploads", "id": ALBUM},
            "page_story_id": photo.post or f"{self._page.city.id}_{photo.id}",
            "link": f"https://www.facebook.com/photo.php?fbid={photo.id}",
            "images": [
                {"height": high, "width": wide, "source": self.file("photo", photo.id)}
                for wide, high in sizes
            ],
            "width": WIDTH,
            "height": HEIGHT,
        }

    def video(self, video: Video) -> Node:
        """Return a video or a reel."""
        return {
            "id": video.id,
            "title": video.title,
            "description": video.text,
            "created_time": moment(video.created),
            "updated_time": moment(video.created),
            "from": _person(self._page.city),
            "permalink_url": f"/{self._page.name}/videos/{video.id}/",
            "published": video.published,
            "privacy": {
                "allow": "", "deny": "", "description": "Public", "friends": "", "networks": "",
                "value": "EVERYONE",
            },
            "status": {"video_status": "ready"},
            "length": 12.5,
            "source": self.file("video", video.id),
            "picture": self.file("photo", video.id),
            "views": 40 + self._turn,
        }  # fmt: skip

    def album(self) -> Node:
        """Return the one album there is."""
        return {
            "id": ALBUM, "name": "Uploads", "created_time": "2020-01-01T00:00:00+0000",
            "type": "mobile", "privacy": "everyone", "count": len(self._page.photos),
            "link": "https://www.facebook.com/album.php?fbid=8001",
            "from": _person(self._page.city),
        }  # fmt: skip

    def live(self, live: Live) -> Node:
        """Return a live video."""
        return {
            "id": live.id,
            "title": live.title,
            "status": live.status,
            "creation_time": moment(live.created),
            "broadcast_start_time": moment(live.created),
            "permalink_url": f"/{self._page.name}/videos/{live.id}",
            "from": _person(self._page.city),
            "live_views": 3 + self._turn,
            "video": {"id": f"9{live.id}"},
            "stream_url": "rtmp://live.example/rtmp/FB-secret-stream-key",
        }

    def story(self, story: Story) -> Node:
        """Return a story."""
        return {
            "id": story.id, "post_id": story.id, "media_id": story.id, "media_type": "photo",
            "status": "ARCHIVED" if story.archived else "PUBLISHED",
            "creation_time": str(int(story.created.timestamp())),
            "url": self.file("story", story.id),
        }  # fmt: skip

    def rating(self, rating: Rating) -> Node:
        """Return a recommendation; it has no id of its own."""
        return {
            "created_time": moment(rating.created), "has_rating": False,
            "has_review": bool(rating.text), "review_text": rating.text,
            "recommendation_type": "positive" if rating.positive else "negative",
            "reviewer": _person(rating.author), "open_graph_story": {"id": rating.id},
        }  # fmt: skip

    def conversation(self, talk: Conversation) -> Node:
        """Return a conversation."""
        pair = [_person(talk.person), _person(self._page.city)]
        mailed = [{**one, "email": f"{one['id']}@facebook.com"} for one in pair]
        return {
            "id": talk.id,
            "link": f"/{self._page.name}/inbox/{talk.id}/",
            "updated_time": moment(talk.updated),
            "message_count": len(talk.messages),
            "unread_count": self._turn % 2,
            "snippet": talk.messages[-1].text if talk.messages else "",
            "participants": {"data": mailed},
            "senders": {"data": mailed},
            "can_reply": True,
            "is_subscribed": True,
        }

    def message(self, message: Message, talk: Conversation, *, readable: bool) -> Node:
        """Return a message; of an older one no more than that there is one."""
        node: Node = {"id": message.id, "created_time": moment(message.created)}
        if not readable:
            return node
        ours = message.author == self._page.city
        whom = talk.person if ours else self._page.city
        node |= {
            "from": {**_person(message.author), "email": f"{message.author.id}@facebook.com"},
            "to": {"data": [{**_person(whom), "email": f"{whom.id}@facebook.com"}]},
            "message": message.text,
            "tags": {"data": [{"name": "inbox"}, *([{"name": "read"}] if self._turn % 2 else [])]},
        }
        if message.picture:
            picture = {
                "width": WIDTH, "height": HEIGHT, "max_width": WIDTH, "max_height": HEIGHT,
                "url": self.file("photo", message.picture), "image_type": 1,
                "render_as_sticker": False, "preview_url": self.file("photo", message.picture),
            }  # fmt: skip
            held = {
                "id": f"7{message.picture}", "mime_type": "image/png", "name": "picture.png",
                "size": 300, "image_data": picture,
            }  # fmt: skip
            node["attachments"] = {"data": [held]}
        return node

    def blocked(self, person: Person) -> Node:
        """Return somebody who is blocked."""
        return {**_person(person), "link": f"https://www.facebook.com/{person.id}"}

    def _attachment(self, photo: Photo) -> Node:
        src = self.file("photo", photo.id)
        return {
            "media_type": "photo", "type": "photo", "description": photo.caption,
            "media": {"image": {"height": HEIGHT, "src": src, "width": WIDTH}},
            "target": {"id": photo.id, "url": f"https://www.facebook.com/{photo.id}?t={src[-4:]}"},
            "url": f"https://www.facebook.com/{photo.id}",
        }  # fmt: skip

    def _link(self, address: str) -> Node:
        shim = f"https://l.facebook.com/l.php?u={address}&h=AT{self._turn}"
        return {
            "media_type": "link", "type": "share", "title": address, "unshimmed_url": address,
            "target": {"url": shim}, "url": shim,
        }  # fmt: skip

    def file(self, kind: str, number: str) -> str:
        """Return an address that is signed anew each time."""
        return f"{self._base}/cdn/{kind}/{number}?oh=s{self._turn:04d}&oe=6A{self._turn:04d}"


def _person(person: Person) -> Node:
    return {"id": person.id, "name": person.name}
