"""Quillwater on X: some months of it, and one eventful week, the same every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.demo import texts
from archiver.demo.founding import written
from archiver.demo.x.network import Network
from archiver.demo.x.truth import differences, truth

if TYPE_CHECKING:
    from archiver.demo.x.things import Post

__all__ = ["Square"]

POSTS = 20
"""The city's posts at the start; answers, quotes and messages come on top."""
_NAMES = (
    "marta_w", "hector88", "JuneA", "piotr", "rosa_q", "devonz", "ngozi", "walter_p",
    "teresa", "calvin", "bogumila", "sam_t", "priya", "otis", "yolanda",
)  # fmt: skip
_EVERY_THIRD = 3


class Square(Network):
    """The city's account and its residents (see `Network` for what can happen)."""

    def __init__(self) -> None:
        super().__init__()
        for name, shown in zip(_NAMES, texts.RESIDENTS, strict=True):
            self.join(name, shown, f"Quillwater since {1990 + len(self.people)}")
        self.residents = [person.id for person in self.people.values() if person != self.city]
        for number in range(POSTS):
            self._month(number)
        self._letters()
        self._standing()

    def change(self) -> dict[str, dict[str, str]]:
        """Let one eventful week happen; return what changed in it, by stream and native id."""
        before = truth(self)
        self._posts_change()
        self._answers_change()
        self._letters_change()
        self._standing_changes()
        return differences(before, truth(self))

    # ── The months before ────────────────────────────────────────────────────────────
    def _month(self, number: int) -> None:
        """Publish a post, and let residents answer, quote, like and repost it."""
        city, people = self.city.id, self.residents
        title, text = texts.NOTICES[number % len(texts.NOTICES)]
        street = texts.STREETS[number % len(texts.STREETS)]
        media: tuple[str, ...] = ()
        if number % 8 == 0:
            description = texts.PICTURES[number // 8 % len(texts.PICTURES)][1]
            kind = "video" if number % 16 == 0 else "photo"
            media = (self.upload(description, kind).key,)
        options = ("Yes", "No", "Later") if number % 10 == 5 else ()  # noqa: PLR2004 - some of them
        said = f"{title.format(street=street)} #Quillwater\n\n{text}"
        post = self.post(city, said, media=media, options=options)
        for turn in range(number * 5 % 4):
            self._talk(post, number * 4 + turn)
        for fan in range(number % 5):
            self.like(people[(number + fan * 4) % len(people)], post.id)
        if number % 6 == 1:
            self.repost(people[number % len(people)], post.id)
        if number % 9 == 4:  # noqa: PLR2004 - some of them
            self.post(people[(number + 3) % len(people)], "Read this:", quotes=post.id)
        if number % 7 == 3:  # noqa: PLR2004 - some of them
            self.edit(post.id, f"{post.last.text}\n\nCorrected: see you on Tuesday.")

    def _talk(self, post: Post, number: int) -> None:
        """Let a resident answer; every third time the city answers back, and is answered."""
        who = self.residents[number % len(self.residents)]
        first = self.post(who, f"@Quillwater {written(number)}", answers=post.id)
        if number % _EVERY_THIRD == 0:
            name = self.people[who].name
            back = self.post(self.city.id, f"@{name} Thank you, we will look.", answers=first.id)
            third = self.residents[(number + 1) % len(self.residents)]
            self.post(third, "Good.", answers=first.id)  # the city is not mentioned
            self.post(who, "Thanks!", answers=back.id)
        if number % 5 == 0:
            self.edit(first.id, f"@Quillwater Edited: {written(number)}")
        if number % 11 == 0:
            self.like(self.city.id, first.id)

    def _letters(self) -> None:
        """Let residents write to the city in private, and the city answer."""
        city = self.city.id
        for number, who in enumerate(self.residents[:9]):
            picture = (self.upload("A drain").key,) if number == 1 else ()
            text = f"{texts.MIDDLES[number]} My number is 555-01{60 + number}."
            self.letter(who, city, text, picture)
            if number % 2 == 0:
                self.letter(city, who, f"A crew will come. {texts.CLOSERS[0]}")
        self.whisper(self.residents[3], city, "This is between us.")
        self.whisper(city, self.residents[3], "As you wish.")

    def _standing(self) -> None:
        """Let people follow, and the city follow, block, mute and list."""
        city, people = self.city.id, self.residents
        for who in people[:12]:
            self.relate("follow", who, city)
        for who in people[3:6]:
            self.relate("follow", city, who)
        self.relate("block", city, people[14])
        self.relate("mute", city, people[11])
        self.roll("Neighbours", "Towns on the river")
        self.repost(city, self.post(people[2], "The heron is back at the millpond! " * 4).id)
        self.post(people[7], "@Quillwater the lamp on Larch Lane is out")
        about = self.post(people[8], "Does anybody know when the library opens?")
        self.post(city, f"@{self.people[people[8]].name} At nine.", answers=about.id)
        self.pinned = self._own()[2].id

    # ── The week ─────────────────────────────────────────────────────────────────────
    def _own(self) -> list[Post]:
        """Return the city's posts that answer nothing, oldest first."""
        return [
            one
            for one in self.posts.values()
            if one.author == self.city.id and not one.answers and not one.reposts
        ]

    def _posts_change(self) -> None:
        city, people, own = self.city.id, self.residents, self._own()
        picture = self.upload("A new concrete pipe under Ferry Street")
        new = self.post(city, "Ferry Street culvert repaired 🎉", media=(picture.key,))
        self.like(people[1], new.id)
        self.repost(people[5], new.id)
        self.edit(own[6].id, f"{own[6].last.text}\n\nThe hearing is now at 6:30 p.m.")
        self.edit(own[3].id, "Corrected twice.")
        self.delete(next(one for one in own[10:] if one.media).id)
        liked = [one for one in own[12:] if one.likes and one.id in self.posts]
        self.unlike(next(iter(liked[0].likes)), liked[0].id)
        self.like(people[9], liked[1].id)
        self.post(people[4], "See:", quotes=liked[1].id)
        repost = next(one for one in self.posts.values() if one.reposts and one.author == city)
        self.delete(repost.id)

    def _answers_change(self) -> None:
        """Edit, delete and write answers: with and without the city's name in them."""
        city, people = self.city.id, self.residents
        answers = [one for one in self.posts.values() if one.answers and one.author != city]
        open_ones = [one for one in answers if one.talk in self.posts]
        named = [one for one in open_ones if "@Quillwater" in one.last.text]
        unnamed = [one for one in open_ones if one.last.text == "Good."]
        quiet = [one for one in named if not any(x.answers == one.id for x in self.posts.values())]
        self.edit(quiet[2].id, "@Quillwater I was wrong about the plow.")
        self.delete(quiet[4].id)
        self.delete(unnamed[-1].id)
        self.edit(unnamed[0].id, "Good, thank you.")
        first = self.post(people[6], "@Quillwater Gracias!", answers=self._own()[-1].id)
        self.post(people[8], "¡De nada!", answers=first.id)
        self.like(city, first.id)

    def _letters_change(self) -> None:
        people, city = self.residents, self.city.id
        self.letter(people[4], city, "Still waiting.")
        self.letter(people[10], city, "Who signs off fences?")
        self.whisper(people[3], city, "Another one.")

    def _standing_changes(self) -> None:
        city, people = self.city.id, self.residents
        self.unrelate("follow", people[3], city)
        self.relate("follow", people[12], city)
        self.unrelate("follow", city, people[4])
        self.unrelate("mute", city, people[11])
        self.relate("block", city, people[13])
        self.rolls.clear()
        self.describe("News from city hall. Not read at night: call 555-0101.")
