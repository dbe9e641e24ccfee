"""The stand-in's hub: it asks whether a subscription was meant, and pushes what happened.

WebSub (W3C Recommendation of 23 January 2018), with the bodies that YouTube documents
(guides/push_notifications). Nothing is sent by itself: whoever plays the receiver takes
what is waiting, as requests to its address.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from archiver.demo.answer import Asked
from archiver.demo.youtube.shapes import moment

if TYPE_CHECKING:
    from archiver.demo.youtube.channel import Channel

__all__ = ["Hub"]

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015"'
    ' xmlns:at="http://purl.org/atompub/tombstones/1.0" xmlns="http://www.w3.org/2005/Atom">'
)


class Hub:
    """Listens to a channel and keeps what is to be pushed to its one subscriber.

    ``callback`` is the address that the subscription named, its query included.
    """

    def __init__(self, channel: Channel, callback: str, secret: str, method: str = "sha1") -> None:
        self._callback = callback
        self._channel = channel
        self._secret = secret
        self._method = method
        self._waiting: list[bytes] = []
        channel.listeners.append(self._note)

    @property
    def topic(self) -> str:
        """The topic of the channel's events."""
        number = self._channel.city.id
        return f"https://www.youtube.com/xml/feeds/videos.xml?channel_id={number}"

    def asks(self, mode: str = "subscribe", topic: str = "") -> Asked:
        """Return the request by which a hub verifies an intent (WebSub §5.3)."""
        query = {
            "hub.topic": topic or self.topic,
            "hub.challenge": "10943857203",
            "hub.mode": mode,
            "hub.lease_seconds": "432000",
        }
        return Asked("GET", f"{self._callback}&{urlencode(query)}", "")

    def take(self) -> list[Asked]:
        """Return what is to be pushed, oldest first, and forget it."""
        waiting, self._waiting = self._waiting, []
        return [self.signed(body) for body in waiting]

    def signed(self, body: bytes) -> Asked:
        """Return a delivery of a body, signed (WebSub §7.1)."""
        digest = hmac.new(self._secret.encode(), body, self._method).hexdigest()
        headers = {
            "content-type": "application/atom+xml",
            "x-hub-signature": f"{self._method}={digest}",
        }
        return Asked("POST", self._callback, "", headers, body)

    def _note(self, video: str, gone: bool) -> None:  # noqa: FBT001 - a listener's signature
        city = self._channel.city
        address = f"https://www.youtube.com/channel/{city.id}"
        when = moment(self._channel.now)
        if gone:
            inner = (
                f'<at:deleted-entry ref="yt:video:{video}" when="{when}">'
                f'<link href="https://www.youtube.com/watch?v={video}"/>'
                f"<at:by><name>{escape(city.name)}</name><uri>{address}</uri></at:by>"
                "</at:deleted-entry>"
            )
        else:
            one = self._channel.videos[video]
            inner = (
                f'<link rel="hub" href="https://pubsubhubbub.appspot.com"/>'
                f'<link rel="self" href="{self.topic}"/><title>YouTube video feed</title>'
                f"<updated>{when}</updated><entry><id>yt:video:{video}</id>"
                f"<yt:videoId>{video}</yt:videoId><yt:channelId>{city.id}</yt:channelId>"
                f"<title>{escape(one.title)}</title>"
                f'<link rel="alternate" href="https://www.youtube.com/watch?v={video}"/>'
                f"<author><name>{escape(city.name)}</name><uri>{address}</uri></author>"
                f"<published>{moment(one.at)}</published><updated>{when}</updated></entry>"
            )
        self._waiting.append(f"{_HEAD}{inner}</feed>\n".encode())
