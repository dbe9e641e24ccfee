"""A Page's content, and what people and staff do on it.

Each verb changes the content as Facebook would, and tells the listeners (webhooks). The Page
has its own clock, which every verb moves forward, so that the same verbs always make the same
content.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from archiver.demo.facebook import hooks
from archiver.demo.facebook.things import (
    Comment,
    Conversation,
    Live,
    Message,
    Person,
    Photo,
    Post,
    Rating,
    Story,
    Video,
)
from archiver.demo.picture import striped_png
from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Page"]

_STEP = timedelta(minutes=3)


class Page:
    """The Page ``name``.

    ``listeners`` get each change of an entry of a webhook (`hooks`). ``cap``: how many posts
    the lists show, the newest; None for all. Things are numbered from ``first`` on.
    """

    first = 104_000_000

    def __init__(self, name: str = "CityOfQuillwater", title: str = "City of Quillwater") -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self.name, self.title = name, title
        self._last = self.first
        self.city = Person(self._number(), title)
        self.about, self.phone = "News and notices of the city", "555-0101"
        self.fans, self.followers, self.cap = 1200, 1310, 0
        self.settings = {"USERS_CAN_POST": True, "PROFANITY_FILTER": "MEDIUM"}
        self.roles = {"71001": "R. Alvarez", "71002": "J. Okafor"}
        self.people: dict[str, Person] = {}
        self.posts: dict[str, Post] = {}
        self.comments: dict[str, Comment] = {}
        self.photos: dict[str, Photo] = {}
        self.videos: dict[str, Video] = {}
        self.lives: dict[str, Live] = {}
        self.stories: dict[str, Story] = {}
        self.ratings: dict[str, Rating] = {}
        self.conversations: dict[str, Conversation] = {}
        self.blocked: dict[str, Person] = {}
        self.listeners: list[Callable[[dict[str, Any]], None]] = []

    # ── People ───────────────────────────────────────────────────────────────────────
    def join(self, name: str) -> Person:
        """Return a new person."""
        person = Person(self._number(), name)
        self.people[person.id] = person
        return person

    def block(self, person: Person) -> None:
        """Block somebody."""
        self._tick()
        self.blocked[person.id] = person

    def unblock(self, person: Person) -> None:
        """Block somebody no more."""
        self._tick()
        del self.blocked[person.id]

    def follow(self, more: int = 1) -> None:
        """Let so many more people follow the Page."""
        self._tick()
        self.followers += more

    # ── Posts ────────────────────────────────────────────────────────────────────────
    def post(
        self,
        text: str,
        *,
        by: Person | None = None,
        edge: str = "own",
        photos: tuple[str, ...] = (),
        due: datetime | None = None,
        link: str = "",
    ) -> Post:
        """Publish or schedule (``due``) a post; of others on the Page or naming it."""
        home = self.city.id if edge != "tagged" else self._number()
        post = Post(
            f"{home}_{self._number()}", by or self.city, text, self._tick(), edge, due=due,
            photos=photos, link=link, staff="" if by else "R. Alvarez",
        )  # fmt: skip
        self.posts[post.id] = post
        for number in photos:
            self.photos[number].post = post.id
        if due is None:
            self._tell(hooks.of_post(post, "add", self.now))
        return post

    def edit(self, number: str, text: str) -> None:
        """Give a post another text; nobody can read the old one any more."""
        self._tick()
        self.posts[number].text = text
        self._tell(hooks.of_post(self.posts[number], "edited", self.now))

    def publish(self, number: str) -> None:
        """Publish a scheduled post now."""
        self.posts[number].due = None
        self.posts[number].created = self._tick()
        self._tell(hooks.of_post(self.posts[number], "add", self.now))

    def hide_post(self, number: str, *, hidden: bool = True) -> None:
        """Hide a post from the Page, or show it again."""
        self._tick()
        self.posts[number].hidden = hidden
        verb = "hide" if hidden else "unhide"
        self._tell(hooks.of_post(self.posts[number], verb, self.now))

    def delete_post(self, number: str) -> None:
        """Delete a post with its comments and reactions; its photos stay in their album."""
        self._tick()
        post = self.posts.pop(number)
        for comment in [one for one in self.comments.values() if one.on == number]:
            del self.comments[comment.id]
        self._tell(hooks.of_post(post, "remove", self.now))

    def react(self, number: str, person: Person, kind: str = "LIKE") -> None:
        """React to a post; one reaction of each person counts."""
        self._tick()
        self.posts[number].reactions[person.id] = kind
        self._tell(hooks.of_reaction(number, person, kind, "add", self.now))

    def unreact(self, number: str, person: Person) -> None:
        """Take a reaction back."""
        self._tick()
        kind = self.posts[number].reactions.pop(person.id)
        self._tell(hooks.of_reaction(number, person, kind, "remove", self.now))

    def share(self, number: str, person: Person, text: str) -> Post:
        """Share a post of the Page's on somebody's own wall."""
        shared = Post(f"{person.id}_{self._number()}", person, text, self._tick(), "shared")
        self.posts[number].shares.append(shared)
        return shared

    # ── Comments ─────────────────────────────────────────────────────────────────────
    def comment(
        self,
        on: str,
        person: Person,
        text: str,
        *,
        answers: str = "",
        shown: bool = True,
        picture: str = "",
    ) -> Comment:
        """Comment on a node, or reply to a comment on it."""
        number = f"{on.rpartition('_')[2]}_{self._number()}"
        comment = Comment(
            number, on, person, text, self._tick(), answers, shown=shown, picture=picture
        )
        self.comments[number] = comment
        if shown:
            self._tell(hooks.of_comment(comment, "add", self.now))
        return comment

    def edit_comment(self, number: str, text: str) -> None:
        """Let its author change a comment."""
        self._tick()
        self.comments[number].text = text
        self._tell(hooks.of_comment(self.comments[number], "edited", self.now))

    def hide(self, number: str, *, hidden: bool = True) -> None:
        """Hide a comment from all but its author and the author's friends, or show it again."""
        self._tick()
        self.comments[number].hidden = hidden
        verb = "hide" if hidden else "unhide"
        self._tell(hooks.of_comment(self.comments[number], verb, self.now))

    def delete_comment(self, number: str) -> Comment:
        """Delete a comment with the replies to it."""
        self._tick()
        for reply in [one for one in self.comments.values() if one.answers == number]:
            self._tell(hooks.of_comment(self.comments.pop(reply.id), "remove", self.now))
        comment = self.comments.pop(number)
        self._tell(hooks.of_comment(comment, "remove", self.now))
        return comment

    def recommend(self, person: Person, text: str, *, positive: bool = True) -> Rating:
        """Recommend the city, or advise against it."""
        rating = Rating(self._number(), person, text, self._tick(), positive)
        self.ratings[rating.id] = rating
        self._tell(hooks.of_rating(rating, self.now))
        return rating

    # ── Media ────────────────────────────────────────────────────────────────────────
    def upload(self, caption: str, alt: str, *, own: bool = True) -> Photo:
        """Upload a new small picture; ``own`` false: of somebody else's, in no list."""
        photo = Photo(
            self._number(), caption, alt, self._tick(), striped_png(len(self.photos) % 250), own=own
        )
        self.photos[photo.id] = photo
        return photo

    def film(self, title: str, text: str, *, reel: bool = False, published: bool = True) -> Video:
        """Upload a video."""
        file = b"\0\0\0\x18ftypmp42" + title.encode()
        video = Video(self._number(), title, text, self._tick(), file, reel, published)
        self.videos[video.id] = video
        return video

    def broadcast(self, title: str) -> Live:
        """Begin a live video."""
        live = Live(self._number(), title, "LIVE", self._tick())
        self.lives[live.id] = live
        self._tell(hooks.of_live(live, self.now))
        return live

    def tell_story(self) -> Story:
        """Show a story; the Page's archive keeps it after a day."""
        story = Story(self._number(), self._tick(), striped_png(len(self.stories) + 100))
        self.stories[story.id] = story
        return story

    # ── Messages ─────────────────────────────────────────────────────────────────────
    def write(
        self, person: Person, text: str, *, folder: str = "inbox", ours: bool = False,
        picture: str = "",
    ) -> Message:  # fmt: skip
        """Let a person write to the Page, or (``ours``) the Page answer; a thread begins so."""
        found = [one for one in self.conversations.values() if one.person == person]
        talk = found[0] if found else None
        if talk is None:
            talk = Conversation(f"t_{self._number()}", person, folder, self.now)
            self.conversations[talk.id] = talk
        author = self.city if ours else person
        message = Message(f"m_{self._number()}", author, text, self._tick(), picture)
        talk.messages.append(message)
        talk.updated = message.created
        self._tell(hooks.of_message(message, talk, self.city))
        return message

    def unsend(self, number: str) -> None:
        """Take a message back: it is listed no more."""
        self._tick()
        for talk in self.conversations.values():
            gone = [one for one in talk.messages if one.id == number]
            talk.messages = [one for one in talk.messages if one.id != number]
            for message in gone:
                self._tell(hooks.of_unsent(message, talk, self.city, self.now))

    def pass_time(self, days: int) -> None:
        """Let days pass in which nothing happens."""
        self.now += timedelta(days=days)
        for story in self.stories.values():
            story.archived = True

    def photo(self, number: str) -> Photo:
        """Return a photo. Raises `UsageError` where there is none."""
        if number not in self.photos:
            raise UsageError("the stand-in has no such photo", where=number)
        return self.photos[number]

    def _tell(self, change: dict[str, Any]) -> None:
        for listener in self.listeners:
            listener(change)

    def _number(self) -> str:
        self._last += 7_919
        return str(self._last)

    def _tick(self) -> datetime:
        self.now += _STEP
        return self.now
