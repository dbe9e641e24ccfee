"""Channels, subscriptions, members and chats in answers, as an owner is given them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.demo.youtube.shapes import Json, Shapes, moment, resource

if TYPE_CHECKING:
    from datetime import datetime

    from archiver.demo.youtube.things import Message, Person

__all__ = ["People"]


class People(Shapes):
    """The resources that tell of people."""

    def channel(self, who: Person) -> Json:
        """Return a channel; what only its owner is told stands in parts of its own."""
        studio, pictures = self._studio, self.pictures(who.id)
        uploads = f"UU{who.id[2:]}"
        return resource(
            "channel",
            who.id,
            snippet={
                "title": who.name,
                "description": who.about,
                "customUrl": f"@{who.handle}",
                "publishedAt": moment(who.joined),
                "thumbnails": pictures,
                "localized": {"title": who.name, "description": who.about},
                "country": "US",
            },
            brandingSettings={
                "channel": {"title": who.name, "description": who.about, "moderateComments": True},
                "image": {"bannerExternalUrl": f"{self._base}/banner/{who.id}"},
            },
            contentDetails={"relatedPlaylists": {"likes": "LL", "uploads": uploads}},
            status={
                "privacyStatus": "public",
                "isLinked": True,
                "longUploadsStatus": "allowed",
                "madeForKids": False,
                "selfDeclaredMadeForKids": False,
            },
            statistics={
                "viewCount": str(sum(one.views for one in studio.videos.values())),
                "subscriberCount": str(len(studio.subscribers)),
                "hiddenSubscriberCount": False,
                "videoCount": str(len(studio.videos)),
            },
            topicDetails={"topicCategories": ["https://en.wikipedia.org/wiki/Politics"]},
        )

    def subscriber(self, who: Person, number: str, since: datetime) -> Json:
        """Return a subscription to the city's channel."""
        return self._subscription(number, since, self._studio.city, who)

    def followed(self, whom: Person, number: str, since: datetime) -> Json:
        """Return a subscription of the city's to a channel."""
        return self._subscription(number, since, whom, self._studio.city)

    def member(self, who: Person, since: datetime) -> Json:
        """Return a paying member."""
        months = (self._studio.now - since).days // 30
        lasting = {"memberSince": moment(since), "memberTotalDurationMonths": months}
        return resource(
            "member",
            "",
            snippet={
                "creatorChannelId": self._studio.city.id,
                "memberDetails": self.profile(who),
                "membershipsDetails": {
                    "highestAccessibleLevel": "level-1",
                    "highestAccessibleLevelDisplayName": "Friend",
                    "accessibleLevels": ["level-1"],
                    "membershipsDuration": lasting,
                    "membershipsDurationAtLevels": [{"level": "level-1", **lasting}],
                },
            },
        )

    def level(self) -> Json:
        """Return the one level of members."""
        told = {"displayName": "Friend"}
        snippet = {"creatorChannelId": self._studio.city.id, "levelDetails": told}
        return resource("membershipsLevel", "level-1", snippet=snippet)

    def moderator(self, who: Person, chat: str) -> Json:
        """Return a moderator of a live chat."""
        told = {"liveChatId": chat, "moderatorDetails": self.profile(who)}
        return resource("liveChatModerator", f"mod{who.id}", snippet=told)

    def message(self, one: Message) -> Json:
        """Return a message or an event of a live chat."""
        who = self._studio.person(one.author)
        snippet: Json = {
            "type": one.kind,
            "liveChatId": one.chat,
            "publishedAt": moment(one.at),
            "hasDisplayContent": one.kind == "textMessageEvent",
        }
        if one.kind == "tombstone":
            return resource("liveChatMessage", one.id, snippet=snippet)
        snippet["authorChannelId"] = who.id
        if one.kind == "textMessageEvent":
            snippet["displayMessage"] = one.text
            snippet["textMessageDetails"] = {"messageText": one.text}
        elif one.kind == "messageDeletedEvent":
            snippet["messageDeletedDetails"] = {"deletedMessageId": one.about}
        else:
            banned = self.profile(self._studio.person(one.about))
            snippet["userBannedDetails"] = {"bannedUserDetails": banned, "banType": "permanent"}
        author = {
            **self.profile(who),
            "isVerified": False,
            "isChatOwner": who is self._studio.city,
            "isChatSponsor": who.id in self._studio.members,
            "isChatModerator": who.id in self._studio.moderators,
        }
        return resource("liveChatMessage", one.id, snippet=snippet, authorDetails=author)

    def _subscription(self, number: str, since: datetime, whom: Person, who: Person) -> Json:
        return resource(
            "subscription",
            number,
            snippet={
                "publishedAt": moment(since),
                "title": whom.name,
                "description": whom.about,
                "resourceId": {"kind": "youtube#channel", "channelId": whom.id},
                "channelId": who.id,
                "thumbnails": self.pictures(whom.id),
            },
            contentDetails={
                "totalItemCount": len(self._studio.videos),
                "newItemCount": 0,
                "activityType": "all",
            },
            subscriberSnippet={
                "title": who.name,
                "description": who.about,
                "channelId": who.id,
                "thumbnails": self.pictures(who.id),
            },
        )
