"""What X's API says of the content: its objects, with the members that were asked for.

Names are those of X's published models (pip ``xdk``). Members that nobody asks for are
left out, as X does; so are unknown ones, without a word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.demo.x.gathering import Gathering, Json, moment, problem

if TYPE_CHECKING:
    from archiver.demo.x.things import Conversation, Letter, Person, Post, Roll

__all__ = ["Views"]

_OWN_DAYS = 30
"""Days for which X shows a post's author the numbers that only he sees."""
_REFERRED = (("replied_to", "answers"), ("quoted", "quotes"), ("retweeted", "reposts"))


class Views(Gathering):
    """Objects of a network, for one request."""

    def user(self, person: Person) -> Json:
        """Return a User, and gather the post that the city has pinned."""
        found, here = super().user(person), self.here
        if person == here.city and here.pinned and "pinned_post_id" in self.asked["expansions"]:
            found["pinned_post_id"] = str(here.get(here.pinned).last.id)
            self._include_post(here.get(here.pinned))
        return found

    def post(self, post: Post, place: int = -1, *, expand: bool = True) -> Json:
        """Return a Post in one of its versions, and gather what it refers to."""
        version = post.versions[place]
        found: Json = {"id": str(version.id), "text": version.text}
        members: Json = {
            "conversation_id": str(post.talk),
            "created_at": moment(version.at),
            "edit_controls": {
                "edits_remaining": 6 - len(post.versions),
                "is_edit_eligible": post.poll is None and not post.answers,
                "editable_until": moment(post.versions[0].at.replace(microsecond=0)),
            },
            "lang": "en",
            "paid_partnership": False,
            "possibly_sensitive": False,
            "public_metrics": self._counts(post),
            "reply_settings": "everyone",
            "source": post.source,
        }
        attached = {"media_keys": list(post.media)} if post.media else {}
        if post.poll:
            attached["poll_ids"] = [str(post.poll.id)]
        if attached:
            members["attachments"] = attached
        tags = [word for word in version.text.split() if word.startswith("#") and len(word) > 1]
        if tags:
            members["entities"] = {"hashtags": [_tag(version.text, word) for word in tags]}
        found |= self._chosen(members, "post.fields")
        self._own_numbers(post, found)
        if expand:
            self._expand(post, found)
        elif "author_id" in self.asked["expansions"]:
            found["author_id"] = str(post.author)
        if "edit_history_post_ids" in self.asked["expansions"]:
            found["edit_history_post_ids"] = [str(one.id) for one in post.versions]
        if "referenced_posts" in self.asked["expansions"]:
            self._refer(post, found, expand=expand)
        return dict(sorted(found.items()))

    def _counts(self, post: Post) -> Json:
        if not self.tally:
            shown = [one for one in self.here.posts.values() if self.here.is_shown(one)]
            for one in shown:
                told = {"reposts": one.reposts, "answers": one.answers, "quotes": one.quotes}
                self.tally.update(told.items())
        likes = [who for who in post.likes if not self.here.people[who].suspended]
        return {
            "repost_count": self.tally["reposts", post.id],
            "reply_count": self.tally["answers", post.id],
            "like_count": len(likes),
            "quote_count": self.tally["quotes", post.id],
            "bookmark_count": 0,
            "impression_count": 11 * len(likes) + 7,
        }

    def _own_numbers(self, post: Post, found: Json) -> None:
        """Add the numbers that only the author sees, or say that they can't be had."""
        for name in ("non_public_metrics", "organic_metrics"):
            if name not in self.asked["post.fields"]:
                continue
            age = self.here.now - post.last.at
            if post.author == self.here.city.id and not post.reposts and age.days < _OWN_DAYS:
                found[name] = {
                    "impression_count": 11 * len(post.likes) + 9,
                    "user_profile_clicks": 3,
                }
            else:
                self.errors.append(
                    problem(
                        "not-authorized-for-field", "Field Authorization Error",
                        f"Sorry, you are not authorized to access '{name}'.", field=name,
                        resource_type="tweet", resource_id=found["id"], section="data",
                    )
                )  # fmt: skip

    def _expand(self, post: Post, found: Json) -> None:
        here, wanted = self.here, self.asked["expansions"]
        if "author_id" in wanted:
            found["author_id"] = str(post.author)
            self.include_user(post.author)
        above = here.posts.get(post.answers)
        if "in_reply_to_user_id" in wanted and above is not None:
            found["in_reply_to_user_id"] = str(above.author)
            self.include_user(above.author)
        if "attachments.media_keys" in wanted:
            self.include_media(post.media)
        if "attachments.poll_ids" in wanted and post.poll:
            self.include_poll(post.poll)
        if "edit_history_post_ids" in wanted:
            for place in range(len(post.versions) - 1):
                one = self.post(post, place, expand=False)
                self.posts[one["id"]] = one

    def _refer(self, post: Post, found: Json, *, expand: bool) -> None:
        """Name the posts that a post refers to, and include those that the city may see."""
        told = []
        for kind, member in _REFERRED:
            number = getattr(post, member)
            if not number:
                continue
            other = self.here.posts.get(number)
            place = self.here.place_at(other, post.versions[0].at) if other else 0
            named = other.versions[place].id if other else number
            told.append({"type": kind, "id": str(named)})
            if expand and other is not None and self.here.is_shown(other):
                self._include_post(other, place)
            elif expand:
                self.errors.append(_unseen(named, gone=other is None))
        if told:
            found["referenced_posts"] = told

    def _include_post(self, post: Post, place: int = -1) -> None:
        one = self.post(post, place, expand=False)
        self.posts.setdefault(one["id"], one)

    def letter(self, letter: Letter) -> Json:
        """Return a DmEvent, and gather what it refers to."""
        found: Json = {"id": str(letter.id), "event_type": letter.kind}
        if letter.text:
            found["text"] = letter.text
        members: Json = {"created_at": moment(letter.at), "dm_conversation_id": letter.talk}
        if letter.media:
            members["attachments"] = {"media_keys": list(letter.media)}
        found |= self._chosen(members, "dm_event.fields")
        if "sender_id" in self.asked["expansions"]:
            found["sender_id"] = str(letter.sender)
            self.include_user(letter.sender)
        if "attachments.media_keys" in self.asked["expansions"]:
            self.include_media(letter.media)
        return found

    def chat(self, chat: Conversation) -> Json:
        """Return a ChatConversation."""
        members = {"created_at": moment(chat.since), "type": "direct", "is_muted": False}
        return {"id": chat.id} | self._chosen(members, "chat_conversation.fields")

    def chat_event(self, chat: Conversation, place: int) -> Json:
        """Return a ChatMessageEvent: all that X itself can read."""
        event, sender, when, cipher = chat.events[place]
        members: Json = {
            "conversation_id": chat.id,
            "conversation_token": "eyJhbGciOiJIUzI1NiJ9.e30.stand-in",
            "created_at": moment(when),
            "encoded_event": cipher,
            "is_trusted": True,
            "sender_id": str(sender),
            "message_event_signature": {"signature_version": "7", "signature": cipher[::-1]},
        }
        if place:
            members["previous_id"] = chat.events[place - 1][0]
        return {"id": event} | self._chosen(members, "chat_message_event.fields")

    def roll(self, roll: Roll) -> Json:
        """Return a List."""
        members: Json = {
            "description": roll.about,
            "follower_count": 0,
            "member_count": len(roll.members),
            "private": False,
        }
        found = {"id": str(roll.id), "name": roll.name} | self._chosen(members, "list.fields")
        if "owner_id" in self.asked["expansions"]:
            found["owner_id"] = str(self.here.city.id)
            self.include_user(self.here.city.id)
        return found


def _unseen(number: int, *, gone: bool) -> Json:
    """Return what X says of a post that another one refers to and that it does not show."""
    kind, title = "not-authorized-for-resource", "Authorization Error"
    if gone:
        kind, title = "resource-not-found", "Not Found Error"
    name = "referenced_tweets.id"
    return problem(
        kind, title, f"Could not find tweet with {name}: [{number}].", resource_type="tweet",
        parameter=name, resource_id=str(number), value=str(number),
    )  # fmt: skip


def _tag(text: str, word: str) -> Json:
    start = text.index(word)
    return {"start": start, "end": start + len(word), "tag": word.removeprefix("#")}
