"""A scripted life on a homeserver: rooms, conversations, edits, redactions, people who go."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from tests.real.wordpress.pictures import png

if TYPE_CHECKING:
    from tests.real.matrix.server import Synapse

__all__ = ["CITY", "Life"]

CITY = "city"
PEOPLE = ("marta", "hector", "june", "piotr", "rosa", "devon", "ngozi", "walter")
SAID = (
    "The culvert on Ferry Street backed up again 🌊",
    "Zażółć gęślą jaźń, proszę oddzwonić",
    "When does the library open on Saturday?",
    'He said "no" & left <before> the vote',
    "¿A qué hora es la reunión?",
    "line one\nline two\ttabbed",
)


class Life:
    """What happens. ``rooms`` by name -> id; ``said`` by room name -> (person, event id)."""

    def __init__(self, server: Synapse) -> None:
        self.server = server
        self.rooms: dict[str, str] = {}
        self.said: dict[str, list[tuple[str, str]]] = {}
        self.events = 0
        self._number = 0

    def found(self) -> None:
        """Some half a year: more than three hundred events by nine people."""
        for name in (CITY, *PEOPLE):
            self.server.register(name)
        self.call(CITY, "PUT", f"profile/{self.user(CITY)}/displayname", displayname="City Hall")
        open_to_all = {"type": "m.room.history_visibility", "state_key": ""}
        world = [open_to_all | {"content": {"history_visibility": "world_readable"}}]
        self.room("hall", CITY, preset="public_chat", initial_state=world, topic="Ask us")
        self.room("works", CITY, preset="public_chat", room_version="10")
        self.room("old", CITY, preset="public_chat", room_version="3")
        self.room("club", "june", preset="public_chat", name="Garden club")
        self.room("staff", CITY, preset="private_chat", name="Staff only")
        self.room("shut", "june", preset="public_chat", name="Shut to the city later")
        self.room("secret", "june", preset="private_chat", name="Not for the city")
        self.room("asked", "rosa", preset="private_chat", name="Come in", invite=[self.user(CITY)])
        for room in ("hall", "works", "old"):
            for person in PEOPLE[:6]:
                self.join(room, person)
            self.talk(room, 46 if room == "works" else 30)
        self.join("club", CITY)
        self.talk("club", 4, (CITY, "june"))
        self.join("shut", CITY)
        self.say("shut", "june", "Still open")
        self.say("secret", "june", "Nobody else reads this")
        self.state("staff", "m.room.encryption", algorithm="m.megolm.v1.aes-sha2")
        for number in range(3):
            content = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": f"AwgAEnAC{number}"}
            self.send("staff", CITY, "m.room.encrypted", content)
        for person in PEOPLE[:3]:
            self.converse(person)
        self.call(CITY, "POST", f"rooms/{self.rooms['club']}/leave")
        self.say("club", "june", "After the city left")

    def week(self) -> None:
        """A week of everything that can change."""
        works, hall = self.plain("works"), self.plain("hall")
        self.edit("works", *works[0], "Put right")
        self.edit("works", *works[0], "Put right twice")
        self.edit("old", *self.plain("old")[1], "Put right in an old room")
        self.redact("works", CITY, works[1][1], "names a neighbour")
        self.redact("old", CITY, self.plain("old")[2][1])
        edit = self.edit("hall", *hall[2], "A correction that is taken back")
        self.redact("hall", hall[2][0], edit)
        self.react("hall", "rosa", hall[3][1], "👍")
        self.redact("hall", "rosa", self.react("hall", "rosa", hall[4][1], "👎"))
        self.reply("dm marta", CITY, self.plain("dm marta")[0][1], "A crew is coming.")
        self.share("dm marta", "marta", 40)
        self.join("hall", "walter")
        self.call("devon", "POST", f"rooms/{self.rooms['works']}/leave")
        self.happened("POST", "works", "ban", user_id=self.user("piotr"), reason="advertising")
        self.happened("POST", "old", "kick", user_id=self.user("rosa"), reason="off topic")
        self.call("june", "POST", f"rooms/{self.rooms['shut']}/ban", user_id=self.user(CITY))
        self.say("shut", "june", "Nobody of the city reads this")
        self.state("hall", "m.room.name", name="Town hall (new)")
        self.state("works", "m.room.topic", topic="Potholes and lamps")
        self.converse("ngozi")
        self.join("asked", CITY)
        self.say("asked", "rosa", "Welcome!")
        self.room("annexe", CITY, preset="private_chat", name="Annexe")
        self.call(CITY, "POST", f"rooms/{self.rooms['old']}/upgrade", new_version="11")
        self.call(CITY, "PUT", f"profile/{self.user(CITY)}/m.tz", **{"m.tz": "America/Chicago"})

    def talk(self, room: str, turns: int, people: tuple[str, ...] = PEOPLE[:6]) -> None:
        """Let people talk: answers, edits, signs, pictures, moderation."""
        for turn in range(turns):
            person = people[turn * 5 % len(people)]
            said = self.say(room, person, f"{SAID[turn % len(SAID)]} ({room} {turn})")
            if turn % 4 == 1:
                self.reply(room, CITY, said, f"Thank you, {person}.")
            if turn % 6 == 2:
                self.edit(room, person, said, f"Edited in {room}, {turn}")
            if turn % 5 == 3:
                self.react(room, people[turn % len(people)], said, "🎉")
            if turn % 9 == 7:
                self.redact(room, CITY, said, "spam")
        self.share(room, people[0], turns)

    def plain(self, room: str) -> list[tuple[str, str]]:
        """Return who said what that nobody edited, redacted or answered to, oldest first."""
        return [one for turn, one in enumerate(self.said[room]) if turn % 6 == 0 and turn % 9 != 7]

    def room(self, room: str, person: str, **more: object) -> None:
        """Make a room; Synapse adds six to eight events of its own."""
        about = {"name": room.title(), "power_level_content_override": {"invite": 0}, **more}
        self.rooms[room] = self.call(person, "POST", "createRoom", **about)["room_id"]
        self.said[room] = []
        self.events += 6

    def converse(self, person: str) -> None:
        """Begin a direct conversation and say something in it."""
        room, invited = f"dm {person}", [self.user(person)]
        self.room(
            room, CITY, preset="trusted_private_chat", is_direct=True, invite=invited, name=""
        )
        self.join(room, person)
        direct = {
            self.user(one[3:]): [name] for one, name in self.rooms.items() if one[:3] == "dm "
        }
        self.call(CITY, "PUT", f"user/{self.user(CITY)}/account_data/m.direct", **direct)
        for turn in range(3):
            said = self.say(room, person, f"{SAID[turn]} (to you alone, {turn})")
            self.reply(room, CITY, said, "Noted.")

    def join(self, room: str, person: str) -> None:
        """Let somebody join."""
        self.call(person, "POST", f"join/{self.rooms[room]}")
        self.events += 1

    def say(self, room: str, person: str, text: str, **more: object) -> str:
        """Write a message."""
        event = self.send(
            room, person, "m.room.message", {"msgtype": "m.text", "body": text, **more}
        )
        if not more:
            self.said[room].append((person, event))
        return event

    def reply(self, room: str, person: str, to: str, text: str) -> str:
        """Answer a message, with markup."""
        more = {"format": "org.matrix.custom.html", "formatted_body": f"<em>{text}</em>"}
        relation = {"m.in_reply_to": {"event_id": to}}
        return self.say(room, person, text, **more, **{"m.relates_to": relation})

    def edit(self, room: str, person: str, event: str, text: str) -> str:
        """Change a message."""
        relation = {"rel_type": "m.replace", "event_id": event}
        more = {"m.new_content": {"msgtype": "m.text", "body": text}, "m.relates_to": relation}
        return self.say(room, person, f"* {text}", **more)

    def react(self, room: str, person: str, event: str, sign: str) -> str:
        """Set a sign under a message."""
        relation = {"rel_type": "m.annotation", "event_id": event, "key": f"{sign}{self._number}"}
        return self.send(room, person, "m.reaction", {"m.relates_to": relation})

    def redact(self, room: str, person: str, event: str, why: str = "") -> None:
        """Take back what an event said."""
        self._number += 1
        path = f"rooms/{self.rooms[room]}/redact/{_safe(event)}/r{self._number}"
        self.call(person, "PUT", path, **({"reason": why} if why else {}))
        self.events += 1

    def share(self, room: str, person: str, seed: int) -> None:
        """Send a picture."""
        picture, name = png(Random(seed), 20, 20), f"picture {seed}.png"
        uri = self.server.upload(person, picture, name)
        info = {"mimetype": "image/png", "size": len(picture)}
        content = {"msgtype": "m.image", "body": name, "url": uri, "info": info}
        self.send(room, person, "m.room.message", content)

    def state(self, room: str, kind: str, **content: object) -> None:
        """Change a room."""
        self.call(CITY, "PUT", f"rooms/{self.rooms[room]}/state/{kind}", **content)
        self.events += 1

    def happened(self, method: str, room: str, verb: str, **about: object) -> None:
        """Moderate a room."""
        self.call(CITY, method, f"rooms/{self.rooms[room]}/{verb}", **about)
        self.events += 1

    def send(self, room: str, person: str, kind: str, content: dict[str, Any]) -> str:
        """Send any event; return its id."""
        self._number += 1
        self.events += 1
        path = f"rooms/{self.rooms[room]}/send/{kind}/t{self._number}"
        return str(self.server.call(person, "PUT", path, json=content)["event_id"])

    def call(self, person: str, method: str, path: str, **body: object) -> Any:  # noqa: ANN401 - any JSON
        """Send one request with a JSON body."""
        return self.server.call(person, method, path, json=body)

    def user(self, name: str) -> str:
        """Return somebody's user id."""
        return self.server.user(name)


def _safe(event: str) -> str:
    return event.replace("/", "%2F").replace("+", "%2B")
