"""A city's life on the mock, through its API: people who post, answer, edit, like, leave."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from tests.real.mastodon.server import CITY, RESIDENTS
from tests.real.wordpress.pictures import png

if TYPE_CHECKING:
    from tests.real.mastodon.server import MastodonMock

__all__ = ["Life"]

WORDS = ("the plow buried my mailbox", "¿quién responde?", "Zgadzam się 👏", "call me: 555-0142",
         "who signs off fences & walls?", "the lamp is out", "brown water <again>")  # fmt: skip


@dataclass(slots=True)
class Life:
    """What people do on ``server``; ``events`` counts it. ``posts`` are the city's, oldest first.

    ``answers`` mention the city, ``quiet`` ones do not; ``letters`` are direct.
    """

    server: MastodonMock
    events: int = 0
    posts: list[str] = field(default_factory=list)
    answers: list[tuple[str, str]] = field(default_factory=list)
    quiet: list[tuple[str, str]] = field(default_factory=list)
    letters: list[tuple[str, str]] = field(default_factory=list)
    chance: Random = field(default_factory=lambda: Random(7))

    def act(self, who: str, method: str, path: str, **more: Any) -> Any:  # noqa: ANN401 - any JSON
        """Do one thing."""
        self.events += 1
        return self.server.call(who, method, f"v1/{path}", **more)

    def say(self, who: str, text: str, **more: Any) -> str:  # noqa: ANN401 - parameters of a status
        """Publish a status; return its id."""
        return str(self.act(who, "POST", "statuses", json={"status": text, **more})["id"])

    def found(self) -> None:
        """Live for some months: more than three hundred events."""
        for number in range(64):
            self._post(number)
        for number, who in enumerate(RESIDENTS):
            self._write(number, who)
            self.act(who, "POST", f"accounts/{self.id_of(CITY)}/follow")
        for who in RESIDENTS[2:5]:
            self.act(CITY, "POST", f"accounts/{self.id_of(who)}/follow")
        self.act(CITY, "POST", f"accounts/{self.id_of('walter')}/block")
        self.act(CITY, "POST", f"accounts/{self.id_of('teresa')}/mute")
        for name in ("spam.example", "casino.example"):
            self.act(CITY, "POST", "domain_blocks", data={"domain": name})
        when = (datetime.now(UTC) + timedelta(days=30)).isoformat()
        for text in ("Parade at 10", "Rates: numbers to come"):
            self.act(CITY, "POST", "statuses", json={"status": text, "scheduled_at": when})
        self.act(CITY, "POST", f"statuses/{self.say('rosa', 'The heron is back!')}/reblog")

    def week(self) -> None:
        """Let one eventful week happen: every kind of change."""
        new = self.say(CITY, "The culvert is repaired 🎉", media_ids=[self._upload(99)])
        self.act("june", "POST", f"statuses/{new}/favourite")
        self.act("devon", "POST", f"statuses/{new}/reblog")
        self.answers.append(("ngozi", self.say("ngozi", f"@{CITY} ¡Gracias!", in_reply_to_id=new)))
        self.quiet.append(("hector", self.say("hector", "Finally.", in_reply_to_id=new)))
        self.edit(CITY, self.posts[4], "Corrected once.")
        self.edit(CITY, self.posts[7], "Corrected twice.")
        self.act(CITY, "DELETE", f"statuses/{self.posts.pop(8)}")
        self.edit(*self.answers[3], f"@{CITY} I was wrong about the plow.")
        self.act(self.answers[5][0], "DELETE", f"statuses/{self.answers[5][1]}")
        self.edit(*self.quiet[0], "Good, thank you.")
        self.act(self.quiet[1][0], "DELETE", f"statuses/{self.quiet[1][1]}")
        self.act("rosa", "POST", f"statuses/{self.posts[10]}/favourite")
        fans = self.server.call(CITY, "GET", f"v1/statuses/{self.posts[12]}/favourited_by")
        self.act(fans[0]["username"], "POST", f"statuses/{self.posts[12]}/unfavourite")
        self.edit(*self.letters[0], f"@{CITY} The drain, not the street.")
        self.act(self.letters[1][0], "DELETE", f"statuses/{self.letters[1][1]}")
        self.say("rosa", f"@{CITY} Still waiting.", visibility="direct")
        self.act("june", "POST", f"accounts/{self.id_of(CITY)}/unfollow")
        self.act(CITY, "POST", f"accounts/{self.id_of('june')}/follow")
        self.act(CITY, "POST", f"accounts/{self.id_of('piotr')}/unfollow")
        self.act(CITY, "POST", f"accounts/{self.id_of('teresa')}/unmute")
        self.act(CITY, "POST", f"accounts/{self.id_of('devon')}/mute")
        self.act(CITY, "DELETE", "domain_blocks", params={"domain": "casino.example"})
        waiting = self.server.call(CITY, "GET", "v1/scheduled_statuses")
        self.act(CITY, "DELETE", f"scheduled_statuses/{waiting[0]['id']}")
        self.act(CITY, "PATCH", "accounts/update_credentials", files={"note": (None, "New words")})

    def edit(self, who: str, status: str, text: str) -> None:
        """Give a status another text."""
        self.act(who, "PUT", f"statuses/{status}", json={"status": text})

    def id_of(self, name: str) -> str:
        """Return somebody's id."""
        (row,) = self.server.rows("select id from accounts where username = ?", name)
        return str(row["id"])

    def _post(self, number: int) -> None:
        media = [self._upload(number)] if number % 6 == 0 else []
        visibility = ("public", "unlisted", "public", "private")[number % 4]
        text = f"Notice {number}\n\n{WORDS[number % len(WORDS)]}"
        post = self.say(CITY, text, media_ids=media, visibility=visibility)
        self.posts.append(post)
        for turn in range(number % 4):
            who = RESIDENTS[(number + turn * 2) % len(RESIDENTS)]
            self._answer(post, who, number + turn)
        for fan in range(number % 3):
            self.act(RESIDENTS[(number + fan) % 9], "POST", f"statuses/{post}/favourite")
        if number % 5 == 1:
            self.act(RESIDENTS[number % 9], "POST", f"statuses/{post}/reblog")
        if number % 7 == 2:
            self.edit(CITY, post, f"{text}\n\nUpdated.")

    def _answer(self, post: str, who: str, number: int) -> None:
        words = self.chance.choice(WORDS)
        if number % 4 == 3:
            self.quiet.append((who, self.say(who, f"{words}.", in_reply_to_id=post)))
            return
        answer = self.say(who, f"@{CITY} {words}", in_reply_to_id=post)
        self.answers.append((who, answer))
        if number % 5 == 0:
            self.edit(who, answer, f"@{CITY} edited: {words}")
        if number % 6 == 0:
            self.say(CITY, f"@{who} Thank you, a crew will look.", in_reply_to_id=answer)
        if number % 8 == 0:
            self.act(CITY, "POST", f"statuses/{answer}/favourite")

    def _write(self, number: int, who: str) -> None:
        """Write to the city in private, and be answered."""
        first = self.say(who, f"@{CITY} my number is 555-01{50 + number}", visibility="direct")
        self.letters.append((who, first))
        if number % 2:
            return
        about = {"in_reply_to_id": first, "visibility": "direct"}
        self.say(CITY, f"@{who} we will call you", **about)
        self.say(who, f"@{CITY} thanks", **about)

    def _upload(self, number: int) -> str:
        picture = png(Random(number), 20, 20)
        about = {"description": f"Picture {number}: a culvert"}
        files = {"file": (f"{number}.png", picture, "image/png")}
        made = self.server.call(CITY, "POST", "v2/media", data=about, files=files)
        self.events += 1
        return str(made["id"])
