"""What is said in Quillwater's chat: half a year, the same every time, and one week more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.demo import texts
from archiver.demo.blog import slug
from archiver.demo.founding import written
from archiver.demo.matrix.chat import SERVER, Homeserver
from archiver.demo.picture import striped_png
from archiver.record import Kind, Stream

if TYPE_CHECKING:
    from archiver.demo.week import Changes

__all__ = ["Chat"]

ROUNDS = 44
"""Turns of conversation in each open room."""


class Chat(Homeserver):
    """The city's homeserver with its life so far: open rooms, conversations, moderation."""

    def __init__(self) -> None:
        super().__init__()
        self.people = [self._person(name) for name in texts.RESIDENTS]
        self.hall = self.open_room(
            "Quillwater Town Hall", self.user, topic="News and questions, open to all", world=True
        )
        self.works = self.open_room("Public Works desk", self.user, topic="Reports from residents")
        self.staff = self.open_room("Staff only", self.user)
        self.elsewhere = self.open_room("Allotment garden club", self.people[4])
        for room in (self.hall, self.works):
            self._talk(room)
        self._staff_room()
        self.chats = [self._conversation(number) for number in range(6)]
        self.member(self.elsewhere, self.user, "invite", by=self.people[4])
        self.change_state(self.hall, self.user, "m.room.avatar", {"url": self._picture(9)})

    def change(self) -> Changes:
        """Let one eventful week happen; return what a capture finds of it."""
        self.noted = {}
        messages = self._standing(self.works)
        self.edit(self.works, messages[3][0], messages[3][1], "Correction: the lamp is at no. 14.")
        self.edit(self.works, messages[3][0], messages[3][1], "Correction: the lamp is at no. 16.")
        self.redact(self.works, self.user, messages[5][1], "names a neighbour")
        self.react(self.works, self.user, messages[7][1], "👍")
        first = self.chats[0]
        person = self.people[0]
        said = self.say(first, person, texts.PHONE_COMMENT)
        self.redact(first, person, said, "sent too early")
        self.reply(first, self.user, self._standing(first)[0][1], "Thank you, a crew is coming.")
        self.share(first, person, striped_png(41), "basement.png")
        self.member(self.works, self.people[2], "leave")
        self.member(self.works, self.people[9], "ban", by=self.user, why="advertising")
        self.member(self.hall, self.people[13], "join")
        self.change_state(self.hall, self.user, "m.room.name", {"name": "Town Hall (new)"})
        self.converse(self.people[12])
        self.member(self.elsewhere, self.user, "join")
        self.say(self.elsewhere, self.people[4], "Welcome! The water bill is on the wall.")
        self.member(self.staff, self.user, "leave")
        return _found(self.noted)

    def _person(self, name: str) -> str:
        user = f"@{slug(name)}:{SERVER}"
        self.names[user] = name
        return user

    def _answer(self, number: int, person: str) -> str:
        answer = texts.REPLIES[number % len(texts.REPLIES)]
        return answer.format(name=self.names[person].split()[0])

    def _picture(self, seed: int) -> str:
        number = f"avatar{seed}"
        self.files[f"{SERVER}/{number}"] = ("image/png", striped_png(seed))
        return f"mxc://{SERVER}/{number}"

    def _talk(self, room: str) -> None:
        """Let residents join a room and talk, with edits, answers, signs and moderation."""
        for person in self.people[:12]:
            self.member(room, person, "join")
        for number in range(ROUNDS):
            person = self.people[number * 5 % 12]
            said = self.say(room, person, written(number + len(self.rooms[room].events)))
            if number in range(1, ROUNDS, 4):
                self.reply(room, self.user, said, self._answer(number, person))
            if number in range(2, ROUNDS, 6):
                self.edit(room, person, said, f"Edited: {written(number + 1)}")
            if number in range(3, ROUNDS, 5):
                self.react(room, self.people[number % 12], said, "🎉")
            if number in range(7, ROUNDS, 11):
                self.redact(room, self.user, said, "spam")
        sign = self.react(room, self.people[1], self._standing(room)[0][1], "😠")
        self.redact(room, self.people[1], sign)

    def _staff_room(self) -> None:
        self.change_state(
            self.staff, self.user, "m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"}
        )
        for number in range(5):
            self.whisper(
                self.staff, self.user, f"AwgAEnACgAkLmt6qF84IK++J7UDH2Za1YVchHyprqTqsg{number}"
            )

    def _conversation(self, number: int) -> str:
        person = self.people[number]
        room = self.converse(person)
        for turn in range(4):
            said = self.say(room, person, written(number * 4 + turn))
            self.reply(room, self.user, said, self._answer(turn, person))
        if number % 2:
            self.share(room, person, striped_png(number), f"picture-{number}.png")
        return room

    def _standing(self, room: str) -> list[tuple[str, str]]:
        """Return who wrote which messages that nobody took back or edited, oldest first."""
        here = self.rooms[room]
        return [
            (one.sender, one.id)
            for one in here.events
            if one.type == "m.room.message"
            and one.id not in here.redacted
            and one.id not in here.edits
            and "m.relates_to" not in one.content
        ]


def _found(noted: Changes) -> Changes:
    """Return what one capture finds of it all: a new room is new, its event is not edited."""
    pages = noted.get(Stream.PAGES, {})
    created = {
        native_id.partition("/")[0]
        for native_id, kind in noted.get(Stream.PROFILE, {}).items()
        if kind == Kind.PRESENT
    }
    noted[Stream.PAGES] = {
        room: Kind.PRESENT if room in created else kind for room, kind in pages.items()
    }
    return {stream: found for stream, found in noted.items() if found}
