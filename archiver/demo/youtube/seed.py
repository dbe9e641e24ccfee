"""Quillwater on YouTube: some months of it, and one eventful week, the same every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.demo import texts
from archiver.demo.founding import written
from archiver.demo.youtube.studio import Studio
from archiver.demo.youtube.things import HELD, PUBLISHED, REJECTED, SPAM
from archiver.demo.youtube.truth import differences, truth

if TYPE_CHECKING:
    from archiver.demo.youtube.things import Comment, Video

__all__ = ["Town"]

VIDEOS = 12
_STATES = (PUBLISHED, PUBLISHED, PUBLISHED, HELD, SPAM, REJECTED)
_PRIVACY = ("public", "public", "unlisted", "public", "private")


class Town(Studio):
    """The city's channel and its viewers (see `Studio` for what can happen)."""

    def __init__(self) -> None:
        super().__init__()
        for number, name in enumerate(texts.RESIDENTS):
            handle = name.lower().replace(" ", "").replace(".", "")
            self.join(handle, name, f"Quillwater since {1990 + number}", shows=number % 4 != 3)  # noqa: PLR2004 - some of them
        self.viewers = [one.id for one in self.people.values() if one != self.city]
        for number in range(VIDEOS):
            self._month(number)
        self._standing()

    def change(self) -> dict[str, dict[str, str]]:
        """Let one eventful week happen; return what changed in it, by stream and native id."""
        before = truth(self)
        self._videos_change()
        self._comments_change()
        self._standing_changes()
        return differences(before, truth(self))

    # ── The months before ────────────────────────────────────────────────────────────
    def _month(self, number: int) -> None:
        """Upload a video, and let viewers comment on it."""
        title, about = texts.NOTICES[number % len(texts.NOTICES)]
        street = texts.STREETS[number % len(texts.STREETS)]
        privacy = _PRIVACY[number % len(_PRIVACY)]
        said = title.format(street=street)
        made = self.upload(said, about, privacy=privacy, tags=("quillwater", street))
        if number % 3 == 0:
            self.caption(made.id, "en", f"WEBVTT\n\n00:00.000 --> 00:04.000\n{said}\n")
        for turn in range(number % 4):
            status = _STATES[(number + turn) % len(_STATES)]
            who = self.viewers[(number * 3 + turn) % len(self.viewers)]
            first = self.comment(who, made.id, written(number * 4 + turn), status=status)
            if turn % 2 == 0:
                self._talk(first, number)

    def _talk(self, first: Comment, number: int) -> None:
        """Let the city reply, and viewers reply to that."""
        self.reply(self.city.id, first.id, "Thank you, we will look.")
        for turn in range(number % 5):
            who = self.viewers[(number + turn) % len(self.viewers)]
            self.reply(who, first.id, written(number * 7 + turn))
        if number % 2:
            self.reply(self.viewers[0], first.id, "Buy cheap pipes & fittings", status=HELD)

    def _standing(self) -> None:
        """Let people subscribe and pay, and the city follow, sort and plan."""
        for who in self.viewers[:11]:
            self.subscribe(who)
        for whom in self.viewers[4:7]:
            self.follow(whom)
        for who in self.viewers[2:5]:
            self.support(who)
        self.schedule("Fourth of July parade", "It starts at 10.")
        council = self.playlist("Council meetings", "All sessions of the year")
        roads = self.playlist("Road works", privacy="unlisted")
        for video in list(self.videos)[:6]:
            self.put(council.id, video, "Minutes are on our web site")
        for video in list(self.videos)[4:9]:
            self.put(roads.id, video)
        self.arrange("Latest meetings")
        self.arrange("For newcomers")
        past = self.go_live("Budget hearing", "Second reading")
        self.say(self.viewers[0], past.id, "Can you hear us?")
        self.end_live(past.id)

    # ── The week ─────────────────────────────────────────────────────────────────────
    def _of(self, privacy: str) -> list[Video]:
        return [one for one in self.videos.values() if one.privacy == privacy and not one.chat]

    def _videos_change(self) -> None:
        public, unlisted, private = (self._of(one) for one in ("public", "unlisted", "private"))
        new = self.upload("Ferry Street culvert repaired 🎉", "Traffic flows again")
        self.comment(self.viewers[1], new.id, "¡Gracias!")
        self.edit(public[0].id, about="Corrected: the hearing is at 6:30 p.m.")
        self.edit(public[1].id, "Corrected title")
        self.privacy(public[2].id, "private")
        self.privacy(unlisted[0].id, "public")
        scheduled = next(one for one in private if one.publish_at)
        self.privacy(scheduled.id, "public")
        captioned = {one.video for one in self.captions.values()}
        self.delete(next(one.id for one in public[3:] if one.id in captioned))
        self.view(public[0].id)
        self.caption(
            next(one.id for one in public[4:] if one.id not in captioned), "es", "WEBVTT\n"
        )

    def _comments_change(self) -> None:
        """Edit, hold, approve, reject and delete comments, with and without replies."""
        firsts = [one for one in self.comments.values() if not one.parent]
        open_ones = [one for one in firsts if one.status == PUBLISHED]
        held = [one for one in firsts if one.status == HELD]
        spam = [one for one in firsts if one.status == SPAM]
        alone = [one for one in open_ones if not self.replies(one.id)]
        answered = [one for one in open_ones if self.replies(one.id)]
        self.rewrite(alone[0].id, "I was wrong about the plow.")
        self.moderate(alone[1].id, REJECTED)
        self.moderate(held[0].id, PUBLISHED)
        self.moderate(held[1].id, REJECTED)
        self.moderate(spam[0].id, PUBLISHED)
        self.erase(answered[0].id)
        self.rewrite(self.replies(answered[1].id)[-1].id, "Thank you & good night")
        self.erase(self.replies(answered[2].id)[0].id)
        self.reply(self.viewers[5], answered[2].id, "Any news?")
        self.moderate(self.replies(answered[3].id)[0].id, HELD)
        self.comment(self.viewers[6], self._of("public")[0].id, "Buy now", status=SPAM)

    def _standing_changes(self) -> None:
        viewers = self.viewers
        self.unsubscribe(viewers[0])
        self.subscribe(viewers[12])
        self.show(viewers[1], shows=False)
        self.subscribe(viewers[13])
        self.unfollow(viewers[4])
        self.leave(viewers[2])
        self.support(viewers[9])
        council, roads = self.playlists.values()
        self.rename(council.id, "Council meetings 2026")
        self.take(council.id, council.places[0].id)
        self.put(council.id, self._of("public")[-1].id, "New")
        self.discard(roads.id)
        self.sections.pop(next(iter(self.sections)))
        self.describe("News from city hall. Not read at night: call 555-0101.")
