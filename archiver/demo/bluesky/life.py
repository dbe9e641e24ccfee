"""The invented city's account on the network: a year of it, and one eventful day."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from archiver.demo import texts
from archiver.demo.blog import slug
from archiver.demo.bluesky.network import Network
from archiver.demo.picture import striped_png
from archiver.record import Kind, Stream

if TYPE_CHECKING:
    from archiver.demo.week import Changes

__all__ = ["CityNetwork"]

POSTS = 48


class CityNetwork(Network):
    """The network with the city's account (``city``, a DID), residents and their talk.

    ``user`` and ``secret`` are the handle and app password of the city's account.
    """

    user = "quillwater.example"
    secret = "four-word-open-door"  # noqa: S105 - opens nothing but the stand-in

    def __init__(self) -> None:
        super().__init__()
        self.city = self.join(self.user, texts.CITY, self.secret)
        self.people = [self.join(f"{slug(one)}.example", one) for one in texts.RESIDENTS]
        self.troll = self.join("best-roofing.example", "Best Roofing")
        self.describe(self.city, texts.CITY, "Notices of the city. Not watched around the clock.")
        for person in self.people[:12]:
            self.act(person, "follow", self.city)
        for person in self.people[:5]:
            self.act(self.city, "follow", person)
        self._said = count()
        self.posts = [self._month(number) for number in range(POSTS)]
        self._moderate()

    def _month(self, number: int) -> str:
        """Post one notice and let residents talk about it."""
        title, text = texts.NOTICES[number % len(texts.NOTICES)]
        street = texts.STREETS[number % len(texts.STREETS)]
        picture = None
        if number % 12 == 1:
            alt = texts.PICTURES[number // 12 % len(texts.PICTURES)][1]
            picture = (striped_png(number), alt)
        uri = self.post(self.city, f"{title.format(street=street)}. {text}", picture=picture)
        for turn in range(number % 5):
            first = self._says(uri)
            if turn % 2:
                self._says(self.post(self.city, texts.REPLIES[3].format(name="all"), to=first))
            if turn == 2:  # noqa: PLR2004 - the third to speak shares it, too
                self.act(self._person(), "repost", uri)
            self.act(self._person(), "like", uri)
        if number % 9 == 4:  # noqa: PLR2004 - one in nine is quoted
            self.post(self._person(), texts.OPENERS[number % 11], quote=uri)
        return uri

    def _says(self, to: str) -> str:
        number = next(self._said)
        return self.post(self._person(), texts.MIDDLES[number % len(texts.MIDDLES)], to=to)

    def _person(self) -> str:
        """Return somebody who speaks next; the last ones stay silent."""
        return self.people[next(self._said) * 5 % 11]

    def _moderate(self) -> None:
        """Hide, mute and block; edit and delete; share what a resident wrote."""
        self.advert = self.post(self.troll, texts.SPAM[0], to=self.posts[3])
        self.hide(self.posts[7], self.answers(self.posts[7])[0])
        self.mute(self.city, self.people[13])
        other = self.join("cheap-loans.example", "Cheap Loans")
        self.act(self.city, "block", other)
        self.edit(self.posts[5], "Corrected: the market opens at 9 a.m.")
        self.delete(self.post(self.city, "Test, please ignore."))
        theirs = self.post(self.people[4], texts.WHOLE_COMMENTS[2])
        self.shared = self.act(self.city, "repost", theirs)
        self.act(self.city, "repost", self.posts[0])
        self.act(self.city, "like", theirs)

    def answers(self, uri: str) -> list[str]:
        """Return the direct answers to a post, oldest first."""
        return [one.uri for one in reversed(self.naming(uri, "reply", "parent", "uri"))]

    def change(self) -> Changes:
        """Let one eventful day happen; return what changed (`archiver.demo.week.Changes`).

        What a reconciling capture sees, stream by stream. A like or repost by somebody
        else that was taken back can only be found absent.
        """
        changes: Changes = {
            Stream.POSTS: {},
            Stream.COMMENTS: {},
            Stream.REACTIONS: {},
            Stream.SUBSCRIBERS: {},
            Stream.MESSAGES: {},
            Stream.MEDIA: {},
            Stream.MODERATION: {},
            Stream.PROFILE: {},
        }
        self._city_acts(changes)
        self._residents_act(changes)
        self._city_moderates(changes)
        changes[Stream.MEDIA][f"repository/{self.accounts[self.city].rev}"] = Kind.PRESENT
        return changes

    def _city_acts(self, changes: Changes) -> None:
        posts, views = changes[Stream.POSTS], changes[Stream.MODERATION]
        picture = striped_png(99)
        new = self.post(self.city, "Culvert repaired. 🎉", picture=(picture, "A concrete pipe"))
        image = self.record(new).value["embed"]["images"][0]["image"]
        changes[Stream.MEDIA][image["ref"]["$link"]] = Kind.PRESENT
        edited = self.edit(self.posts[8], "Corrected: the street reopens on Friday.")
        gone = self.delete(self.posts[10])
        outcomes = ((new, Kind.PRESENT), (edited, Kind.EDITED), (gone, Kind.DELETED))
        for uri, kind in outcomes:
            posts[uri] = views[f"{uri}/view"] = kind
        label = self.label(self.posts[11], "graphic-media")
        views[f"{label}/view"] = Kind.EDITED
        self.delete(self.shared)
        changes[Stream.REACTIONS][self.shared] = Kind.DELETED
        posts[f"{self.shared}/view"] = Kind.DELETED
        me = self.describe(self.city, texts.CITY, "Notices of the city. Emergencies: 911.")
        changes[Stream.PROFILE] |= {me: Kind.EDITED, "view": Kind.EDITED}

    def _residents_act(self, changes: Changes) -> None:
        comments, people = changes[Stream.COMMENTS], changes[Stream.SUBSCRIBERS]
        told, reactions = changes[Stream.MESSAGES], changes[Stream.REACTIONS]
        late, old = self.people[12:14], self.posts[12]
        answer = self.post(self.people[0], texts.PHONE_COMMENT, to=old)
        deeper = self.post(self.people[1], texts.CLOSERS[0], to=answer)
        quote = self.post(self.people[2], texts.CLOSERS[4], quote=self.posts[14])
        comments |= dict.fromkeys((answer, deeper, f"{quote}/quote"), Kind.PRESENT)
        told |= {f"notification/reply/{uri}": Kind.PRESENT for uri in (answer, deeper)}
        told |= {f"notification/quote/{quote}": Kind.PRESENT}
        edited, gone = self.answers(self.posts[13])[0], self.answers(self.posts[19])[0]
        comments[self.edit(edited, "I take that back.")] = Kind.EDITED
        told[f"notification/reply/{edited}"] = Kind.EDITED
        comments[self.delete(gone)] = Kind.DELETED
        like = next(one for one in self.of("app.bsky.feed.like") if one.did != self.city)
        for what in ("like", "repost"):
            done = self.act(late[0], what, old)
            reactions[f"{old}/{what}/{late[0]}"] = Kind.PRESENT
            told[f"notification/{what}/{done}"] = Kind.PRESENT
        reactions[f"{like.value['subject']['uri']}/like/{like.did}"] = Kind.ABSENT
        self.delete(like.uri)
        follow = self.act(late[0], "follow", self.city)
        people[f"follower/{late[0]}"] = told[f"notification/follow/{follow}"] = Kind.PRESENT
        leaving = self.of("app.bsky.graph.follow", self.people[11])[0]
        self.delete(leaving.uri)
        people[f"follower/{self.people[11]}"] = Kind.DELETED

    def _city_moderates(self, changes: Changes) -> None:
        acts, people = changes[Stream.MODERATION], changes[Stream.SUBSCRIBERS]
        comments = changes[Stream.COMMENTS]
        hidden = self.answers(self.posts[14])[0]
        acts[self.hide(self.posts[14], hidden)] = Kind.PRESENT
        comments[hidden] = Kind.HIDDEN
        shown = self.answers(self.posts[7])[0]
        acts[self.hide(self.posts[7])] = Kind.EDITED
        comments[shown] = Kind.RESTORED
        changes[Stream.MESSAGES][f"notification/reply/{shown}"] = Kind.PRESENT
        self.mute(self.city, self.people[14])
        self.unmute(self.city, self.people[13])
        acts |= {f"mute/{self.people[14]}": Kind.PRESENT, f"mute/{self.people[13]}": Kind.DELETED}
        blocked = self.act(self.city, "block", self.troll)
        comments[self.advert] = Kind.HIDDEN
        acts |= {blocked: Kind.PRESENT, f"block/{self.troll}": Kind.PRESENT}
        follow = self.act(self.city, "follow", self.people[9])
        dropped = next(
            one
            for one in self.of("app.bsky.graph.follow", self.city)
            if one.value["subject"] == self.people[2]
        )
        self.delete(dropped.uri)
        people |= {follow: Kind.PRESENT, f"following/{self.people[9]}": Kind.PRESENT}
        people |= {dropped.uri: Kind.DELETED, f"following/{self.people[2]}": Kind.DELETED}
