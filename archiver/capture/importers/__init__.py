"""All importers, by the name of their format. Nothing else knows more than one of them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from archiver.capture.importers.bluesky_car import BLUESKY_CAR
from archiver.capture.importers.chat_logs import CHAT_LOG
from archiver.capture.importers.chats import DISCORD, SLACK, TEAMS
from archiver.capture.importers.google import BLOGGER, GOOGLE_PLUS
from archiver.capture.importers.json_lines import JSON_LINES
from archiver.capture.importers.mail import MAIL
from archiver.capture.importers.manual import MANUAL
from archiver.capture.importers.mastodon_archive import MASTODON_ARCHIVE
from archiver.capture.importers.meta import FACEBOOK, INSTAGRAM
from archiver.capture.importers.only import ImportOnly, cells_of
from archiver.capture.importers.phones import SNAPCHAT, TIKTOK
from archiver.capture.importers.tabled import HOOTSUITE, LINKEDIN, TABLE, YOUTUBE_TAKEOUT
from archiver.capture.importers.wiki_dump import WIKI_DUMP
from archiver.capture.importers.wxr import WXR
from archiver.capture.importers.x_archive import X_ARCHIVE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Connector
    from archiver.capture.importers.importer import Importer

__all__ = ["CLOSED", "IMPORTERS"]

_ALL: tuple[Importer, ...] = (
    BLOGGER, BLUESKY_CAR, CHAT_LOG, DISCORD, FACEBOOK, GOOGLE_PLUS, HOOTSUITE, INSTAGRAM,
    JSON_LINES, LINKEDIN, MAIL, MANUAL, MASTODON_ARCHIVE, SLACK, SNAPCHAT, TABLE, TEAMS, TIKTOK,
    WIKI_DUMP, WXR, X_ARCHIVE, YOUTUBE_TAKEOUT,
)  # fmt: skip

IMPORTERS: Mapping[str, Importer] = MappingProxyType({one.name: one for one in _ALL})

_PLATFORMS = (
    ("blogger", "Blogger", "https://example.blogspot.com"),
    ("discord", "Discord", "https://discord.com/channels/1"),
    ("google-plus", "Google+ (closed)", "https://plus.google.com/+city"),
    ("irc", "IRC", "https://irc.example.gov/council"),
    ("linkedin", "LinkedIn", "https://www.linkedin.com/company/city"),
    ("second-life", "Second Life", "https://maps.secondlife.com/secondlife/City"),
    ("slack", "Slack", "https://city.slack.com"),
    ("snapchat", "Snapchat", "https://www.snapchat.com/add/city"),
    ("teams", "Microsoft Teams", "https://teams.microsoft.com/city"),
    ("tiktok", "TikTok", "https://www.tiktok.com/@city"),
)
"""Platforms without a connector: name, title, a good address. A connector of ours comes first."""

_OTHER = ("mail", "Mail, and tables of any origin", "https://example.gov/mail")

_CLOSED = [ImportOnly(*told, cells_of(_ALL, told[0])) for told in _PLATFORMS]
_CLOSED.append(ImportOnly(*_OTHER, cells_of((MAIL,), "")))

CLOSED: Mapping[str, Connector] = MappingProxyType(
    {one.platform: cast("Connector", one) for one in _CLOSED}
)
