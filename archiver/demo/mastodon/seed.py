"""Quillwater on Mastodon: some months of it, and one eventful week, the same every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.demo import texts
from archiver.demo.founding import written
from archiver.demo.mastodon.instance import Instance
from archiver.demo.mastodon.truth import differences, truth

if TYPE_CHECKING:
    from archiver.demo.mastodon.instance import Status

__all__ = ["Town"]

POSTS = 32
"""The city's posts at the start; answers, boosts and messages come on top."""
_NAMES = (
    "marta_w", "hector", "june_a", "piotr", "rosa_q", "devon", "ngozi", "walter",
    "teresa", "calvin", "bogumila", "sam_t", "priya", "otis", "yolanda",
)  # fmt: skip
_EVERY_THIRD = 3


class Town(Instance):
    """The city's account and its residents (see `Instance` for what can happen)."""

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
        """Publish a post, and let residents answer, like and boost it."""
        city, people = self.city.id, self.residents
        title, text = texts.NOTICES[number % len(texts.NOTICES)]
        street = texts.STREETS[number % len(texts.STREETS)]
        media: tuple[int, ...] = ()
        if number % 8 == 0:
            description = texts.PICTURES[number // 8 % len(texts.PICTURES)][1]
            media = (self.upload(description).id,)
        visibility = "unlisted" if number % 9 == 4 else "public"  # noqa: PLR2004 - some of them
        said = f"{title.format(street=street)}\n\n{text}"
        post = self.post(city, said, visibility=visibility, media=media)
        for turn in range(number * 5 % 4):
            self._talk(post, number * 4 + turn)
        for fan in range(number % 5):
            self.like(people[(number + fan * 4) % len(people)], post.id)
        if number % 6 == 1:
            self.boost(people[number % len(people)], post.id)
        if number % 7 == 3:  # noqa: PLR2004 - some of them
            self.edit(post.id, f"{post.text}\n\nCorrected: see you on Tuesday.")

    def _talk(self, post: Status, number: int) -> None:
        """Let a resident answer; every third time the city answers back, and is answered."""
        who = self.residents[number % len(self.residents)]
        first = self.post(who, f"@quillwater {written(number)}", answers=post.id)
        if number % _EVERY_THIRD == 0:
            name = self.people[who].name
            back = self.post(self.city.id, f"@{name} Thank you, we will look.", answers=first.id)
            self.post(who, "Good.", answers=back.id)  # nobody is mentioned
        if number % 5 == 0:
            self.edit(first.id, f"@quillwater Edited: {written(number)}")
        if number % 11 == 0:
            self.like(self.city.id, first.id)

    def _letters(self) -> None:
        """Let residents write to the city in private, and the city answer."""
        for number, who in enumerate(self.residents[:9]):
            name = self.people[who].name
            text = f"@quillwater {texts.MIDDLES[number]} My number is 555-01{60 + number}."
            first = self.post(who, text, visibility="direct")
            if number % 2 == 0:
                said = f"@{name} A crew will come. {texts.CLOSERS[0]}"
                self.post(self.city.id, said, answers=first.id, visibility="direct")
            if number % 4 == 0:
                self.post(who, "@quillwater Thanks!", answers=first.id, visibility="direct")
        self.post(self.residents[0], "@quillwater And my mailbox?", visibility="direct")

    def _standing(self) -> None:
        """Let people follow, and the city follow, block, mute, filter and plan."""
        city, people = self.city.id, self.residents
        for who in people[:12]:
            self.relate("follow", who, city)
        for who in people[3:6]:
            self.relate("follow", city, who)
        self.relate("follow_request", people[13], city)
        self.relate("block", city, people[14])
        self.relate("mute", city, people[11])
        self.domains += ["spam.example", "casino.example"]
        self.add_filter("Raffles")
        self.schedule("Fourth of July parade: it starts at 10.")
        self.schedule("Water rates 2027: numbers to come.")
        self.boost(city, self.post(people[2], "The heron is back at the millpond!").id)
        self.post(people[7], "@quillwater the lamp on Larch Lane is out")

    # ── The week ─────────────────────────────────────────────────────────────────────
    def _own(self) -> list[Status]:
        """Return the city's posts that answer nothing, oldest first."""
        return [
            one
            for one in self.statuses.values()
            if one.author == self.city.id and not one.answers and not one.boosts
            and one.visibility != "direct"
        ]  # fmt: skip

    def _posts_change(self) -> None:
        city, people, own = self.city.id, self.residents, self._own()
        picture = self.upload("A new concrete pipe under Ferry Street")
        new = self.post(city, "Ferry Street culvert repaired 🎉", media=(picture.id,))
        self.like(people[1], new.id)
        self.boost(people[5], new.id)
        self.edit(own[5].id, f"{own[5].text}\n\nThe hearing is now at 6:30 p.m.")
        self.edit(own[10].id, "Corrected twice.")
        illustrated = next(one for one in own[15:] if one.media)
        self.delete(illustrated.id)
        liked = [one for one in own[20:] if one.likes and one.id in self.statuses]
        self.unlike(next(iter(liked[0].likes)), liked[0].id)
        self.like(people[9], liked[1].id)
        self.publish(next(iter(self.scheduled)))
        boost = next(one for one in self.statuses.values() if one.boosts and one.author == city)
        self.delete(boost.id)

    def _answers_change(self) -> None:
        """Edit, delete and write answers: with and without the city's name in them."""
        city, people = self.city.id, self.residents
        answers = [
            one
            for one in self.statuses.values()
            if one.author != city and city in one.mentions and one.visibility == "public"
        ]
        quiet = [one for one in answers if not self.answers_to(one.id)]
        self.edit(quiet[2].id, "@quillwater I was wrong about the plow.")
        self.delete(quiet[4].id)
        self.delete(next(one for one in answers if self.answers_to(one.id)).id)
        unnamed = [one for one in self.statuses.values() if one.text == "Good."]
        self.edit(unnamed[-1].id, "Good, thank you.")
        self.delete(unnamed[-2].id)
        post = self._own()[-1]
        first = self.post(people[6], "@quillwater Gracias!", answers=post.id)
        self.post(people[8], "¡De nada!", answers=first.id)
        self.like(city, first.id)

    def _letters_change(self) -> None:
        people = self.residents
        letters = [one for one in self.statuses.values() if one.visibility == "direct"]
        alone = [one for one in letters if not one.answers and not self.answers_to(one.id)]
        self.delete(alone[0].id)
        self.edit(alone[1].id, "@quillwater The drain, not the street.")
        self.post(people[4], "@quillwater Still waiting.", answers=letters[-2].answers,
                  visibility="direct")  # fmt: skip
        self.post(people[10], "@quillwater Who signs off fences?", visibility="direct")

    def _standing_changes(self) -> None:
        city, people = self.city.id, self.residents
        self.unrelate("follow", people[3], city)
        self.relate("follow", people[12], city)
        self.unrelate("follow", city, people[4])
        self.unrelate("mute", city, people[11])
        self.relate("block", city, people[13])
        self.unrelate("follow_request", people[13], city)
        self.domains.remove("casino.example")
        self.domains.append("bots.example")
        self.filters.clear()
        self.describe("News from city hall. Not read at night: call 555-0101.")
