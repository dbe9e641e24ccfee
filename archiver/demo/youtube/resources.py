"""Videos and what hangs on them in answers, as an owner is given them."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from archiver.demo.youtube.people import People
from archiver.demo.youtube.shapes import Json, moment, resource

if TYPE_CHECKING:
    from archiver.demo.youtube.things import Caption, Comment, Place, Playlist, Video

__all__ = ["Resources"]


class Resources(People):
    """The resources of one channel; each function gives one with all its parts."""

    def video(self, one: Video) -> Json:
        """Return a video."""
        city, chat = self._studio.city, one.chat
        live = {"live": "live", "complete": "none"}.get(one.life, "none")
        comments = [c for c in self._studio.comments.values() if c.video == one.id]
        return resource(
            "video",
            one.id,
            snippet={
                "publishedAt": moment(one.at),
                "channelId": city.id,
                "title": one.title,
                "description": one.about,
                "thumbnails": self.pictures(one.id),
                "channelTitle": city.name,
                **({"tags": list(one.tags)} if one.tags else {}),
                "categoryId": "25",
                "liveBroadcastContent": live,
                "defaultLanguage": "en",
                "localized": {"title": one.title, "description": one.about},
            },
            contentDetails={
                "duration": "PT3M12S",
                "dimension": "2d",
                "definition": "hd",
                "caption": str(bool(self._captions(one.id))).lower(),
                "licensedContent": False,
                "projection": "rectangular",
                "hasCustomThumbnail": True,
            },
            status=_status(one),
            statistics={
                "viewCount": str(one.views),
                "likeCount": str(one.likes),
                "dislikeCount": "1",
                "favoriteCount": "0",
                "commentCount": str(len(comments)),
            },
            **_details(one),
            liveStreamingDetails=self._live(one) if chat else None,
            topicDetails={"topicCategories": ["https://en.wikipedia.org/wiki/Society"]},
        )

    def broadcast(self, one: Video) -> Json:
        """Return the broadcast that a video is or was."""
        city = self._studio.city
        return resource(
            "liveBroadcast",
            one.id,
            snippet={
                "publishedAt": moment(one.at),
                "channelId": city.id,
                "title": one.title,
                "description": one.about,
                "thumbnails": self.pictures(one.id),
                "scheduledStartTime": moment(one.at),
                "isDefaultBroadcast": False,
                "liveChatId": one.chat,
            },
            status={
                "lifeCycleStatus": one.life,
                "privacyStatus": one.privacy,
                "recordingStatus": "recorded" if one.life == "complete" else "recording",
                "madeForKids": False,
                "selfDeclaredMadeForKids": False,
            },
            contentDetails={
                "boundStreamId": self._studio.stream,
                "enableDvr": True,
                "enableClosedCaptions": False,
                "recordFromStart": True,
            },
            statistics={"concurrentViewers": str(one.views)},
        )

    def stream(self) -> Json:
        """Return the channel's live stream, with the key that lets one broadcast."""
        studio = self._studio
        return resource(
            "liveStream",
            studio.stream,
            snippet={
                "publishedAt": moment(studio.city.joined),
                "channelId": studio.city.id,
                "title": "Council chamber",
                "description": "",
                "isDefaultStream": True,
            },
            cdn={
                "ingestionType": "rtmp",
                "ingestionInfo": {"streamName": studio.stream_key},
                "resolution": "1080p",
                "frameRate": "30fps",
            },
            status={"streamStatus": "active", "healthStatus": {"status": "good"}},
            contentDetails={
                "closedCaptionsIngestionUrl": f"{self._base}/captions?key={studio.stream_key}",
                "isReusable": True,
            },
        )

    def thread(self, one: Comment, *statuses: str) -> Json:
        """Return a thread: its first comment, and at most two of the replies in these states."""
        studio = self._studio
        shown = studio.replies(one.id, *statuses)
        public = one.status == "published" and studio.videos[one.video].privacy == "public"
        said = [self.comment(reply) for reply in shown[:2]]
        return resource(
            "commentThread",
            one.id,
            snippet={
                "channelId": studio.city.id,
                "videoId": one.video,
                "topLevelComment": self.comment(one),
                "canReply": True,
                "totalReplyCount": len(studio.replies(one.id)),
                "isPublic": public,
            },
            replies={"comments": said} if said else None,
        )

    def comment(self, one: Comment, *, by_id: bool = False) -> Json:
        """Return a comment; its state is left out where it was asked for by its id."""
        who = self._studio.person(one.author)
        return resource(
            "comment",
            one.id,
            snippet={
                "channelId": self._studio.city.id,
                "videoId": one.video,
                "textDisplay": escape(one.text, quote=False).replace("\n", "<br>"),
                "textOriginal": one.text,
                **({"parentId": one.parent} if one.parent else {}),
                "authorDisplayName": f"@{who.handle}",
                "authorProfileImageUrl": f"{self._base}/face/{who.id}",
                "authorChannelUrl": f"http://www.youtube.com/@{who.handle}",
                "authorChannelId": {"value": who.id},
                "canRate": True,
                "viewerRating": "none",
                "likeCount": one.likes,
                **({} if by_id else {"moderationStatus": one.status}),
                "publishedAt": moment(one.at),
                "updatedAt": moment(one.changed),
            },
        )

    def caption(self, one: Caption) -> Json:
        """Return a caption track."""
        return resource(
            "caption",
            one.id,
            snippet={
                "videoId": one.video,
                "lastUpdated": moment(one.changed),
                "trackKind": "standard",
                "language": one.language,
                "name": one.name,
                "audioTrackType": "unknown",
                "isCC": False,
                "isLarge": False,
                "isEasyReader": False,
                "isDraft": False,
                "isAutoSynced": False,
                "status": "serving",
            },
        )

    def playlist(self, one: Playlist) -> Json:
        """Return a playlist."""
        city = self._studio.city
        return resource(
            "playlist",
            one.id,
            snippet={
                "publishedAt": moment(one.at),
                "channelId": city.id,
                "title": one.title,
                "description": one.about,
                "thumbnails": {},
                "channelTitle": city.name,
                "localized": {"title": one.title, "description": one.about},
            },
            status={"privacyStatus": one.privacy},
            contentDetails={"itemCount": len(one.places)},
        )

    def place(self, playlist: Playlist, one: Place) -> Json:
        """Return a place in a playlist; of a video that is gone it has nothing but the id."""
        city, video = self._studio.city, self._studio.videos.get(one.video)
        return resource(
            "playlistItem",
            one.id,
            snippet={
                "publishedAt": moment(one.at),
                "channelId": city.id,
                "title": video.title if video else "Deleted video",
                "description": video.about if video else "This video is unavailable.",
                "thumbnails": self.pictures(one.video) if video else {},
                "channelTitle": city.name,
                "playlistId": playlist.id,
                "position": playlist.places.index(one),
                "resourceId": {"kind": "youtube#video", "videoId": one.video},
            },
            contentDetails={
                "videoId": one.video,
                "note": one.note,
                **({"videoPublishedAt": moment(video.at)} if video else {}),
            },
            status={"privacyStatus": video.privacy if video else "private"},
        )

    def upload(self, one: Video) -> Json:
        """Return a video's place in the list of uploads."""
        return resource(
            "playlistItem",
            f"UUplace{one.id}",
            contentDetails={"videoId": one.id, "videoPublishedAt": moment(one.at)},
        )

    def section(self, number: str, title: str) -> Json:
        """Return a section of the channel's page."""
        place = list(self._studio.sections).index(number)
        return resource(
            "channelSection",
            number,
            snippet={
                "type": "singlePlaylist",
                "channelId": self._studio.city.id,
                "title": title,
                "position": place,
            },
            contentDetails={"playlists": []},
        )

    def _live(self, one: Video) -> Json:
        told = {
            "actualStartTime": moment(one.at),
            "scheduledStartTime": moment(one.at),
        }
        if one.chat in self._studio.open_chats:
            told |= {"activeLiveChatId": one.chat, "concurrentViewers": str(one.views)}
        return told

    def _captions(self, video: str) -> list[Caption]:
        return [one for one in self._studio.captions.values() if one.video == video]


def _status(one: Video) -> Json:
    """Return who may see a video, and what became of its upload."""
    return {
        "uploadStatus": "processed",
        "privacyStatus": one.privacy,
        **({"publishAt": moment(one.publish_at)} if one.publish_at else {}),
        "license": "youtube",
        "embeddable": True,
        "publicStatsViewable": True,
        "madeForKids": False,
        "selfDeclaredMadeForKids": False,
    }


def _details(one: Video) -> Json:
    """Return what only its owner is told of a video."""
    return {
        "fileDetails": {
            "fileName": f"{one.id} final.mp4",
            "fileSize": "1048576",
            "fileType": "video",
            "durationMs": "192000",
        },
        "processingDetails": {
            "processingStatus": "succeeded",
            "thumbnailsAvailability": "available",
        },
        "suggestions": {"processingHints": ["nonStreamableMov"]},
    }
