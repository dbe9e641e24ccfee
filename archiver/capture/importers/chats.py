"""Exports of chats in JSON: Slack, Discord (DiscordChatExporter), Microsoft Teams (Graph)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from archiver.capture.handlers import drop, put, time
from archiver.capture.importers.fields import raw, stamp
from archiver.capture.importers.importer import Cell
from archiver.capture.importers.tables import JsonExport, Listed, Names
from archiver.capture.text import plain_text, storable
from archiver.capture.times import internet_time
from archiver.formats.excerpts_json import UNREADABLE
from archiver.record import Stream

if TYPE_CHECKING:
    from archiver.capture.jsonitem import Handler, Row

__all__ = ["DISCORD", "SLACK", "TEAMS"]

_SLACK = "https://slack.com/help/articles/220556107"
_DISCORD = "https://github.com/Tyrrrz/DiscordChatExporter"
_TEAMS = "https://learn.microsoft.com/en-us/graph/api/resources/chatmessage"
_FILES = r".*\.(?:jpe?g|png|gif|webp|mp4|mov|mp3|m4a|ogg|pdf|docx?|xlsx?|pptx?|txt|csv)"


# ── Slack ────────────────────────────────────────────────────────────────────────────────
def _channel(names: Names) -> str:
    """Return an id of a message: its channel's folder, and its time, which Slack takes for one."""
    folder, at = names.member.split("/")[-2:-1], names.text("ts")
    return f"{folder[0]}:{at}" if folder and at else ""


def _named(prefix: str, names: Names) -> str:
    one = names.text("id")
    return f"{prefix}:{one}" if one else ""


_SLACK_MESSAGE: dict[str, Handler] = {
    "user": put("author_id"),
    "text": put("text"),
    "ts": stamp("created"),
    "thread_ts": put("thread_id"),
    "files": raw("attachments"),
    "subtype": put("state"),
}
_SLACK_PERSON: dict[str, Handler] = {"id": drop, "name": put("handle"), "real_name": put("name")}

SLACK = JsonExport(
    name="slack-export",
    parser="slack-export/1",
    title="Slack workspace export",
    platforms=("slack",),
    module=__name__,
    cells=(
        Cell(Stream.MESSAGES, "public channels; private ones as the plan of Slack allows", _SLACK),
        Cell(Stream.SUBSCRIBERS, "members of the workspace", _SLACK),
        Cell(Stream.PROFILE, "channels, with their topics", _SLACK),
    ),
    table=(
        Listed(
            role="message",
            where=r"(?:.*/)?[^/]+/\d{4}-\d\d-\d\d\.json",
            stream=Stream.MESSAGES,
            native=_channel,
            handlers=_SLACK_MESSAGE,
        ),
        Listed(
            role="user",
            where=r"(?:.*/)?users\.json",
            stream=Stream.SUBSCRIBERS,
            native=lambda names: names.text("id"),
            handlers=_SLACK_PERSON,
        ),
        Listed(
            role="channel",
            where=r"(?:.*/)?(?:channels|groups|dms|mpims)\.json",
            stream=Stream.PROFILE,
            native=lambda names: _named("channel", names),
            handlers={"id": drop, "name": put("name"), "created": stamp("created")},
        ),
    ),
    files=_FILES,
    telling=r"(?:.*/)?(?:integration_logs|channels)\.json",
)


# ── Discord ──────────────────────────────────────────────────────────────────────────────
def _author(row: Row, name: str, value: bytes) -> None:
    row.keep(name, row.raw(name, value))
    members = dict(row.members(value)) if value[:1] == b"{" else {}
    row.put("author_id", row.text("id", members.get("id", b"null")))
    row.put("author_name", row.text("name", members.get("name", b"null")))


def _thread(row: Row, name: str, value: bytes) -> None:
    row.keep(name, row.raw(name, value))
    members = dict(row.members(value)) if value[:1] == b"{" else {}
    row.put("thread_id", row.text("id", members.get("id", b"null")))


def _exported(name: str, body: bytes) -> str:
    del name
    try:
        told = json.loads(body).get("exportedAt")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return internet_time(told).at if isinstance(told, str) else ""


DISCORD = JsonExport(
    name="discord-chat-exporter",
    parser="discord-chat-exporter/1",
    title="DiscordChatExporter, JSON",
    platforms=("discord",),
    module=__name__,
    cells=(
        Cell(Stream.MESSAGES, "what the login of who exported could see", _DISCORD),
        Cell(Stream.MEDIA, "where they were exported too", _DISCORD),
    ),
    table=(
        Listed(
            role="message",
            where=r".*\.json",
            stream=Stream.MESSAGES,
            native=lambda names: names.text("id"),
            handlers={
                "id": drop,
                "timestamp": time("created"),
                "timestampEdited": time("modified"),
                "content": put("text"),
                "author": _author,
                "attachments": raw("attachments"),
                "channel": _thread,
            },
            alone=True,
            within=("messages",),
            shared=("channel",),
        ),
    ),
    files=_FILES,
    telling=r".*\[\d+\](?: \[part \d+\])?\.json",
    dated=_exported,
)


# ── Teams ────────────────────────────────────────────────────────────────────────────────
def _body(row: Row, name: str, value: bytes) -> None:
    """Take the text of a message, as its type says."""
    members = dict(row.members(value)) if value[:1] == b"{" else {}
    text = row.text(name, members.get("content", b"null"))
    if members.get("contentType") == b'"html"':
        row.put("markup", text)
        text = plain_text(text)
    row.put("text", text)


def _sender(row: Row, name: str, value: bytes) -> None:
    row.keep(name, row.raw(name, value))
    try:
        told = msgspec.json.decode(value)
    except UNREADABLE:
        return
    for kind in ("user", "application", "device"):
        one = told.get(kind) if isinstance(told, dict) else None
        if isinstance(one, dict):
            row.put("author_id", storable(str(one.get("id") or "")))
            row.put("author_name", storable(str(one.get("displayName") or "")))


def _teams(names: Names) -> str:
    """Return an id: of the chat or channel, and the message's own in it."""
    own, chat = names.text("id"), names.text("chatId")
    try:
        channel = msgspec.json.decode(names.members.get("channelIdentity", b"{}"))
    except UNREADABLE:
        channel = {}
    if not chat and isinstance(channel, dict):
        chat = storable(str(channel.get("channelId") or ""))
    return f"{chat}:{own}" if own and chat else own


TEAMS = JsonExport(
    name="teams-export",
    parser="teams-export/1",
    title="Microsoft Teams, messages of Microsoft Graph in JSON",
    platforms=("teams",),
    module=__name__,
    cells=(Cell(Stream.MESSAGES, "the chats and channels that were exported", _TEAMS),),
    table=(
        Listed(
            role="message",
            where=r".*\.json",
            stream=Stream.MESSAGES,
            native=_teams,
            handlers={
                "id": drop,
                "createdDateTime": time("created"),
                "lastModifiedDateTime": time("modified"),
                "replyToId": put("parent_id"),
                "chatId": put("thread_id"),
                "subject": put("title"),
                "body": _body,
                "from": _sender,
                "attachments": raw("attachments"),
            },
            path=("value",),
        ),
    ),
    files=_FILES,
    telling=r"(?:.*/)?(?:chat)?messages[^/]*\.json",
)
