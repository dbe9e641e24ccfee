"""The life of a channel, at random but from a seed: whatever can happen on it, over and over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.demo import texts
from archiver.demo.youtube.studio import Studio
from archiver.demo.youtube.things import HELD, PUBLISHED, REJECTED, SPAM

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from archiver.demo.youtube.things import Comment, Video

__all__ = ["Life"]

VIEWERS = 12
MOST_VIDEOS = 25
"""More than these are not there at a time, so that a capture stays short."""


class Life(Studio):
    """A channel on which things happen; ``events`` counts them."""

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self._chance = chance
        self.events = 0
        self.viewers = [self.join(f"viewer{n}", f"Viewer {n}").id for n in range(VIEWERS)]
        for number in range(4):
            self.upload(f"Meeting {number}", "Minutes")

    def happen(self, times: int) -> None:
        """Let so many things happen."""
        acts = self._acts()
        until = self.events + times
        while self.events < until:
            self.events += bool(self._chance.choice(acts)())

    def _acts(self) -> list[Callable[[], object]]:
        """Return what can happen; each does nothing, and returns so, where it can't."""
        return [
            *(self._uploads, self._edits, self._shows, self._deletes, self._captions),
            *[self._comments] * 4,
            *[self._replies] * 4,
            *(self._rewrites, self._moderates, self._moderates, self._erases),
            *(self._subscribes, self._hides, self._follows, self._pays),
            *(self._lists, self._puts, self._takes, self._arranges),
            *(self._goes_live, self._says, self._says, self._silences, self._ends),
            self._views,
        ]

    # ── Videos ───────────────────────────────────────────────────────────────────────
    def _uploads(self) -> object:
        if len(self.videos) >= MOST_VIDEOS:
            return None
        words = self._words()
        if self._chance.random() < 0.2:
            return self.schedule(words, "Soon")
        return self.upload(words, words, privacy=self._chance.choice(["public", "unlisted"]))

    def _edits(self) -> object:
        video = self._video()
        return video and self.edit(video.id, self._words(), self._words())

    def _shows(self) -> object:
        video = self._video()
        levels = ["public", "unlisted", "private"]
        return video and self.privacy(video.id, self._chance.choice(levels))

    def _deletes(self) -> object:
        video = self._video() if len(self.videos) > 3 else None
        return video and self.delete(video.id)

    def _captions(self) -> object:
        """Add a track to a video, or replace or delete one."""
        video = self._video()
        if video is None:
            return None
        text = f"WEBVTT\n\n{self._words()}\n"
        tracks = [one for one in self.captions.values() if one.video == video.id]
        if not tracks:
            return self.caption(video.id, "en", text)
        one = self._chance.choice(tracks)
        acts: list[Callable[[], object]] = [
            lambda: self.caption(video.id, "es", text),
            lambda: self.recaption(one.id, text),
            lambda: self.uncaption(one.id),
        ]
        return self._chance.choice(acts)()

    def _views(self) -> object:
        video = self._video()
        return video and self.view(video.id)

    # ── Comments ─────────────────────────────────────────────────────────────────────
    def _comments(self) -> object:
        video = self._video()
        status = self._chance.choice([PUBLISHED, PUBLISHED, PUBLISHED, HELD, SPAM])
        return video and self.comment(self._viewer(), video.id, self._words(), status=status)

    def _replies(self) -> object:
        first = self._comment(first=True)
        return first and self.reply(self._viewer(), first.id, self._words())

    def _rewrites(self) -> object:
        comment = self._comment()
        return comment and self.rewrite(comment.id, self._words())

    def _moderates(self) -> object:
        comment = self._comment(first=True)
        states = [PUBLISHED, HELD, SPAM, REJECTED]
        return comment and self.moderate(comment.id, self._chance.choice(states))

    def _erases(self) -> object:
        comment = self._comment()
        return comment and self.erase(comment.id)

    # ── People, lists ────────────────────────────────────────────────────────────────
    def _subscribes(self) -> object:
        who = self._viewer()
        (self.unsubscribe if who in self.subscribers else self.subscribe)(who)
        return True

    def _hides(self) -> object:
        self.show(self._viewer(), shows=self._chance.random() < 0.5)
        return True

    def _follows(self) -> object:
        who = self._viewer()
        (self.unfollow if who in self.following else self.follow)(who)
        return True

    def _pays(self) -> object:
        who = self._viewer()
        (self.leave if who in self.members else self.support)(who)
        return True

    def _lists(self) -> object:
        if len(self.playlists) < 3:
            return self.playlist(self._words())
        number = self._chance.choice(list(self.playlists))
        if self._chance.random() < 0.3:
            self.discard(number)
        else:
            self.rename(number, self._words())
        return True

    def _puts(self) -> object:
        video = self._video()
        if video is None or not self.playlists:
            return None
        return self.put(self._chance.choice(list(self.playlists)), video.id, self._words())

    def _takes(self) -> object:
        full = [one for one in self.playlists.values() if one.places]
        if not full:
            return None
        one = self._chance.choice(full)
        self.take(one.id, self._chance.choice(one.places).id)
        return True

    def _arranges(self) -> object:
        if len(self.sections) < 3:
            return self.arrange(self._words())
        return self.sections.pop(self._chance.choice(list(self.sections)))

    # ── Live ─────────────────────────────────────────────────────────────────────────
    def _goes_live(self) -> object:
        busy = self.open_chats or len(self.videos) >= MOST_VIDEOS
        return None if busy else self.go_live(self._words(), "Live")

    def _says(self) -> object:
        live = self._live()
        return live and self.say(self._viewer(), live.id, self._words())

    def _silences(self) -> object:
        said = [
            one
            for one in self.messages.values()
            if one.chat in self.open_chats and one.kind == "textMessageEvent"
        ]
        return self.silence(self._chance.choice(said).id) if said else None

    def _ends(self) -> object:
        live = self._live()
        return live and self._chance.random() < 0.3 and self.end_live(live.id)

    # ── Choosing ─────────────────────────────────────────────────────────────────────
    def _video(self) -> Video | None:
        return self._chance.choice(list(self.videos.values())) if self.videos else None

    def _live(self) -> Video | None:
        return next((one for one in self.videos.values() if one.chat in self.open_chats), None)

    def _comment(self, *, first: bool = False) -> Comment | None:
        found = [one for one in self.comments.values() if not (first and one.parent)]
        return self._chance.choice(found) if found else None

    def _viewer(self) -> str:
        return self._chance.choice(self.viewers)

    def _words(self) -> str:
        title = self._chance.choice(texts.NOTICES)[0]
        return f"{title.format(street=self._chance.choice(texts.STREETS))} {self.events}"
