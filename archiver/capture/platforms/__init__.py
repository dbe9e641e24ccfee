"""All connectors, by platform. Nothing else knows more than one of them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from archiver.capture.platforms.blogger import Blogger
from archiver.capture.platforms.bluesky import Bluesky
from archiver.capture.platforms.discourse import Discourse
from archiver.capture.platforms.facebook import Facebook
from archiver.capture.platforms.feed import Feed
from archiver.capture.platforms.flickr import Flickr
from archiver.capture.platforms.instagram import Instagram
from archiver.capture.platforms.mastodon import Mastodon
from archiver.capture.platforms.matrix import Matrix
from archiver.capture.platforms.mediawiki import MediaWiki
from archiver.capture.platforms.reddit import Reddit
from archiver.capture.platforms.tumblr import Tumblr
from archiver.capture.platforms.website import Website
from archiver.capture.platforms.wordpress import WordPress
from archiver.capture.platforms.x import X
from archiver.capture.platforms.youtube import YouTube

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Connector

__all__ = ["CONNECTORS"]

_ALL: tuple[Connector, ...] = (
    Bluesky(), WordPress(), Feed(), Matrix(), MediaWiki(), Mastodon(), Facebook(), Instagram(),
    X(), YouTube(), Website(), Discourse(), Blogger(), Reddit(), Tumblr(), Flickr(),
)  # fmt: skip

CONNECTORS: Mapping[str, Connector] = MappingProxyType({one.platform: one for one in _ALL})
