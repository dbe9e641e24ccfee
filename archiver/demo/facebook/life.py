"""The city's Page as it stands at first, and what happens on it in an eventful week."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from archiver.demo import texts
from archiver.demo.facebook.page import Page
from archiver.demo.facebook.truth import differences, truth

if TYPE_CHECKING:
    from archiver.demo.facebook.things import Person

__all__ = ["CityPage"]

_LONG_TALK = 27
"""Messages of the longest conversation: more than Facebook shows the content of."""


class CityPage(Page):
    """A city's Page with posts of all kinds, visitors and conversations."""

    def __init__(self) -> None:
        super().__init__()
        self.crowd = [self.join(name) for name in texts.RESIDENTS[:8]]
        self._found_posts()
        self._found_comments()
        self._found_media()
        self._found_talks()
        self.block(self.crowd[7])
        self.recommend(self.crowd[0], "Quick answers at the counter.")
        self.recommend(self.crowd[1], "Nobody picks up the phone.", positive=False)

    def say(self, person: Person, text: str) -> None:
        """Let somebody comment on the newest post of the Page's own."""
        newest = [one for one in self.posts.values() if one.edge == "own" and not one.due][-1]
        self.comment(newest.id, person, text)

    def change(self) -> dict[str, dict[str, str]]:
        """Let a week happen; return what a complete capture then finds."""
        before = truth(self)
        own = [one.id for one in self.posts.values() if one.edge == "own" and not one.due]
        visitor = next(one.id for one in self.posts.values() if one.edge == "visitor")
        due = next(one.id for one in self.posts.values() if one.due)
        said = [one.id for one in self.comments.values() if one.shown and one.on == own[0]]
        ann, ben, cat, *_ = self.crowd
        self.edit(own[1], "Corrected: the council meets at 7 p.m., not at 6.")
        self.delete_post(own[2])
        self.hide_post(visitor)
        self.publish(due)
        self.hide(said[0])
        self.edit_comment(said[1], "I take that back. Thank you!")
        self.delete_comment(said[2])
        fresh = self.post("Leaf collection begins on Monday.", link="https://city.example/leaves")
        self.comment(fresh.id, ann, "Does it include branches?")
        self.react(fresh.id, ben, "LOVE")
        self.unreact(own[0], ann)
        self.react(own[0], ben, "WOW")
        self.post("Your mowers wake my child.", by=cat, edge="visitor")
        self.write(ann, "One more thing about the lamp.")
        self.write(cat, "Hello, is the pool open?", folder="other")
        self.unsend(next(iter(self.conversations.values())).messages[-2].id)
        self.unblock(self.crowd[7])
        self.block(self.crowd[6])
        self.follow(12)
        self.about = "News and notices. Records are kept by the City Clerk."
        self.settings["PROFANITY_FILTER"] = "STRONG"
        self.upload("The new bridge", "A bridge of stone over the river")
        return differences(before, truth(self))

    def _found_posts(self) -> None:
        for number, (title, text) in enumerate(texts.NOTICES[:5]):
            street = texts.STREETS[number % len(texts.STREETS)]
            self.post(f"{title.format(street=street)}\n{text}")
        picture = self.upload("The old mill", "A mill of red brick beside the river")
        self.post("The mill opens on Sunday.", photos=(picture.id,))
        self.post("Minutes are online.", link="https://city.example/minutes")
        self.post("Budget hearing tomorrow.", due=self.now + timedelta(days=40))
        theirs = self.upload("A pothole", "", own=False)
        self.post("Look at this!", by=self.crowd[2], edge="visitor", photos=(theirs.id,))
        self.post("Thanks to @CityOfQuillwater", by=self.crowd[3], edge="tagged")
        first = next(iter(self.posts))
        self.share(first, self.crowd[4], "Read this, neighbours.")
        for person, kind in zip(self.crowd[:4], ("LIKE", "LOVE", "ANGRY", "LIKE"), strict=True):
            self.react(first, person, kind)
        self.posts[first].counted = 3

    def _found_comments(self) -> None:
        first, second, *_ = self.posts
        for number, text in enumerate(texts.WHOLE_COMMENTS[:5]):
            said = self.comment(first, self.crowd[number], text)
            if number % 2:
                self.comment(first, self.city, "Thank you, we look into it.", answers=said.id)
        self.hide(self.comment(first, self.crowd[5], "You are all crooks.").id)
        self.comment(first, self.crowd[6], "Only friends see this.", shown=False)
        picture = self.upload("A leak", "", own=False)
        self.comment(second, self.crowd[1], "It looks like this:", picture=picture.id)

    def _found_media(self) -> None:
        photo = self.upload("City hall", "City hall with its clock tower in snow")
        self.comment(photo.id, self.crowd[2], "Lovely in winter.")
        video = self.film("Council meeting", "The whole meeting of 2 March")
        self.comment(video.id, self.crowd[3], "The sound is bad.")
        self.film("How to recycle", "In thirty seconds", reel=True)
        self.film("Draft", "Not yet cut", published=False)
        live = self.broadcast("Flood briefing")
        self.comment(live.id, self.crowd[0], "Is Ferry Street open?")
        self.tell_story()

    def _found_talks(self) -> None:
        ann, ben, cat, dan, *_ = self.crowd
        for number in range(_LONG_TALK):
            self.write(ann, f"About the lamp, part {number + 1}.", ours=bool(number % 2))
        picture = self.upload("A form", "", own=False)
        self.write(ben, "Is this the right form?", picture=picture.id)
        self.write(ben, "Yes, it is.", ours=True)
        self.write(cat, "Anybody there?", folder="other")
        self.write(dan, "Please call me back.", folder="page_done")
