"""What people do on a channel.

Each verb changes the content as YouTube's documentation says that it changes there, including
what happens on the side. The channel has its own clock, which every verb moves forward, so
that the same verbs always make the same content.
"""

from __future__ import annotations

from datetime import timedelta

from archiver.demo.picture import striped_png
from archiver.demo.youtube.channel import Channel, taken
from archiver.demo.youtube.things import (
    PUBLISHED,
    Caption,
    Comment,
    Message,
    Place,
    Playlist,
    Video,
)
from archiver.errors import UsageError

__all__ = ["Studio"]


class Studio(Channel):
    """A channel with everything that can happen on it."""

    # ── Videos ───────────────────────────────────────────────────────────────────────
    def upload(
        self, title: str, about: str, *, privacy: str = "public", tags: tuple[str, ...] = ()
    ) -> Video:
        """Upload a video."""
        made = Video(
            self._id("video", 11), title, about, tags, privacy, self._tick(),
            striped_png(len(self.videos)),
        )  # fmt: skip
        self.videos[made.id] = made
        self._push(made)
        return made

    def schedule(self, title: str, about: str) -> Video:
        """Upload a video that will be published in thirty days; until then it is private."""
        made = self.upload(title, about, privacy="private")
        made.publish_at = self.now + timedelta(days=30)
        return made

    def edit(self, video: str, title: str = "", about: str = "") -> Video:
        """Give a video another title, or another description."""
        one = self.video(video)
        self._tick()
        one.title, one.about = title or one.title, about or one.about
        self._push(one)
        return one

    def privacy(self, video: str, privacy: str) -> Video:
        """Show a video to others, or to fewer; one that is published is scheduled no more."""
        one = self.video(video)
        self._tick()
        before, one.privacy, one.publish_at = one.privacy, privacy, None
        if privacy == "public":
            one.at = self.now
            self._push(one)
        elif before == "public":
            self._tell(one.id, gone=True)
        return one

    def view(self, video: str) -> Video:
        """Watch a video: only counts change."""
        one = self.video(video)
        one.views, one.likes = one.views + 3, one.likes + 1
        return one

    def delete(self, video: str) -> Video:
        """Delete a video with its comments and captions; playlists keep their places."""
        one = self.video(video)
        self._tick()
        del self.videos[video]
        self.comments = {n: c for n, c in self.comments.items() if c.video != video}
        self.captions = {n: c for n, c in self.captions.items() if c.video != video}
        self.open_chats.discard(one.chat)
        if one.privacy == "public":
            self._tell(video, gone=True)
        return one

    def caption(self, video: str, language: str, text: str) -> Caption:
        """Add a caption track to a video."""
        one = self.video(video)
        made = Caption(self._id("caption", 44), one.id, language, "", text, self._tick())
        self.captions[made.id] = made
        return made

    def recaption(self, caption: str, text: str) -> Caption:
        """Replace a caption track's text."""
        one = self.track(caption)
        one.text, one.changed = text, self._tick()
        return one

    def uncaption(self, caption: str) -> Caption:
        """Delete a caption track."""
        one = self.track(caption)
        self._tick()
        del self.captions[caption]
        return one

    # ── Comments ─────────────────────────────────────────────────────────────────────
    def comment(self, who: str, video: str, text: str, *, status: str = PUBLISHED) -> Comment:
        """Comment on a video."""
        one = self.video(video)
        number = f"Ug{self._id('comment', 24)}"
        return self._written(Comment(number, one.id, who, text, self._tick(), self.now, status))

    def reply(self, who: str, comment: str, text: str, *, status: str = PUBLISHED) -> Comment:
        """Reply to a comment."""
        one = self.said(comment)
        number = f"{one.id}.{self._id('reply', 22)}"
        when = self._tick()
        return self._written(Comment(number, one.video, who, text, when, when, status, one.id))

    def rewrite(self, comment: str, text: str) -> Comment:
        """Give a comment another text; nothing keeps the old one."""
        one = self.said(comment)
        one.text, one.changed = text, self._tick()
        return one

    def moderate(self, comment: str, status: str) -> Comment:
        """Hold a comment, publish it, reject it, or take it for spam."""
        one = self.said(comment)
        self._tick()
        one.status = status
        return one

    def erase(self, comment: str) -> Comment:
        """Delete a comment with the replies to it."""
        one = self.said(comment)
        self._tick()
        self.comments = {n: c for n, c in self.comments.items() if one.id not in (n, c.parent)}
        return one

    # ── Playlists and sections ───────────────────────────────────────────────────────
    def playlist(self, title: str, about: str = "", *, privacy: str = "public") -> Playlist:
        """Make a playlist."""
        made = Playlist(f"PL{self._id('playlist', 32)}", title, about, privacy, self._tick())
        self.playlists[made.id] = made
        return made

    def put(self, playlist: str, video: str, note: str = "") -> Place:
        """Put a video at the beginning of a playlist."""
        made = Place(self._id("place", 48), video, note, self._tick())
        self.listed(playlist).places.insert(0, made)
        return made

    def take(self, playlist: str, place: str) -> None:
        """Take a place out of a playlist."""
        one = self.listed(playlist)
        self._tick()
        one.places = [other for other in one.places if other.id != place]

    def rename(self, playlist: str, title: str) -> None:
        """Give a playlist another title."""
        self._tick()
        self.listed(playlist).title = title

    def discard(self, playlist: str) -> None:
        """Delete a playlist; the videos stay."""
        self._tick()
        taken(self.playlists, playlist)

    def arrange(self, title: str) -> str:
        """Add a section to the channel's page."""
        number = f"{self.city.id}.{self._id('section', 11)}"
        self.sections[number] = title
        self._tick()
        return number

    # ── Live ─────────────────────────────────────────────────────────────────────────
    def go_live(self, title: str, about: str) -> Video:
        """Begin a broadcast with an open chat."""
        made = self.upload(title, about)
        made.chat, made.life = self._id("chat", 40), "live"
        self.open_chats.add(made.chat)
        return made

    def end_live(self, video: str) -> Video:
        """End a broadcast, and its chat."""
        one = self.video(video)
        self._tick()
        one.life = "complete"
        self.open_chats.discard(one.chat)
        return one

    def say(self, who: str, video: str, text: str) -> Message:
        """Say something in the chat of a broadcast."""
        return self._happens(self.video(video).chat, "textMessageEvent", who, text)

    def silence(self, message: str) -> Message:
        """Let the city take a message away: a tombstone is left, and an event tells of it."""
        one = self.messages[message]
        one.kind, one.text = "tombstone", ""
        self._happens(one.chat, "messageDeletedEvent", self.city.id, "", one.id)
        return one

    def ban(self, who: str, video: str) -> Message:
        """Put somebody out of the chat for good."""
        return self._happens(self.video(video).chat, "userBannedEvent", self.city.id, "", who)

    def _written(self, made: Comment) -> Comment:
        self.comments[made.id] = made
        return made

    def _happens(self, chat: str, kind: str, who: str, text: str, about: str = "") -> Message:
        if chat not in self.open_chats:
            raise UsageError("the stand-in has no such open chat", where=chat)
        made = Message(self._id("message", 40), chat, kind, who, text, self._tick(), about)
        self.messages[made.id] = made
        return made

    def _push(self, video: Video) -> None:
        if video.privacy == "public":
            self._tell(video.id, gone=False)
