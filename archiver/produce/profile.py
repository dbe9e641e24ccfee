"""Profiles: what a production has, in which form, as data. Pure.

A profile is a YAML file (``schemas/profiles.json`` is its schema): the channels of a volume, how
its numbers look, the zone in which people read times, and what stands where something is withheld.
"""

from __future__ import annotations

import re
from string import Formatter
from typing import TYPE_CHECKING, Literal, get_args

import msgspec
import yaml

from archiver.columns import COLUMNS
from archiver.errors import FormatError, UsageError
from archiver.produce.bates import Scheme
from archiver.retention.calendar import known_zone

if TYPE_CHECKING:
    from archiver.produce.document import Document

__all__ = ["CHANNELS", "SCHEMA", "Bates", "Channel", "Profile", "rank", "read_profile"]

SCHEMA = "civic-archive/profile/1"
Channel = Literal[
    "csv", "dat", "eml", "html", "images", "jsonl", "natives", "parquet", "pdf", "proofs", "rsmf",
    "text", "wacz", "xlsx",
]  # fmt: skip
CHANNELS: tuple[str, ...] = get_args(Channel)
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_OWN_ORDER = ("family", "record", "platform", "account", "stream")
_SIGN_PARTS = frozenset(("codes", "words"))
_MOST_IN_FOLDER = 100_000


class Bates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How numbers look: capital letters before them, and how many digits they have."""

    prefix: str
    width: int = 8


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a production has and how it looks.

    ``order``: by what records stand, columns or family, record, platform, account, stream.
    ``sign``: what stands for withheld words, with ``{codes}`` and ``{words}``. ``legend``: at the
    foot of each page. ``load``: fields of the load file; empty: all (`archiver.produce.load_file`).
    ``folder``: most files in one. ``transcripts``: most events of one RSMF file.
    """

    schema: Literal["civic-archive/profile/1"]
    name: str
    title: str
    channels: tuple[Channel, ...]
    bates: Bates
    zone: str
    order: tuple[str, ...] = ("created_at", "record")
    sign: str = "[{codes}]"
    legend: str = ""
    load: tuple[str, ...] = ()
    folder: int = 5000
    transcripts: int = 10_000

    def has(self, channel: Channel) -> bool:
        """Tell whether volumes have a channel."""
        return channel in self.channels

    @property
    def paged(self) -> bool:
        """Whether each page has a number; else each document has one."""
        return self.has("pdf") or self.has("images")

    @property
    def scheme(self) -> Scheme:
        """How its numbers are made. Raises `UsageError` for what load files can't have."""
        return Scheme(self.bates.prefix, self.bates.width)


def read_profile(name: str, data: bytes) -> Profile:
    """Return a profile; ``name``: of its file, for errors. Raises `UsageError`."""
    mend = "see docs/productions.md and schemas/profiles.json"
    try:
        profile = msgspec.convert(yaml.safe_load(data), Profile)
    except (yaml.YAMLError, msgspec.ValidationError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"no profile: {reason}", where=name, mend=mend) from error
    wrong = _wrong(profile)
    if wrong:
        raise UsageError(f"no profile: {wrong}", where=name, mend=mend)
    return profile


def _wrong(profile: Profile) -> str:
    """Return what is wrong with a profile that has the right members, or "".

    Raises `UsageError` where its numbers can't be made.
    """
    _ = profile.scheme
    try:
        known_zone(profile.zone)
    except FormatError:
        return f"no such time zone: {profile.zone}"
    try:
        parts = {part for _, part, _, _ in Formatter().parse(profile.sign) if part is not None}
        plain = all(not one[2] and not one[3] for one in Formatter().parse(profile.sign))
    except ValueError:
        parts, plain = {"?"}, False
    strange = [one for one in profile.order if one not in COLUMNS and one not in _OWN_ORDER]
    checks = (
        (bool(_NAME.fullmatch(profile.name)), "name: small letters, digits, hyphens"),
        (len(set(profile.channels)) == len(profile.channels), "a channel is there twice"),
        (not strange, f"order: no such column: {', '.join(strange)}"),
        (parts <= _SIGN_PARTS and plain, "sign: only {codes} and {words} can stand in it"),
        (bool(profile.sign.strip()), "sign: empty, so that nobody sees that something is withheld"),
        (0 < profile.folder <= _MOST_IN_FOLDER, "folder: 1 to 100,000"),
        (0 < profile.transcripts <= _MOST_IN_FOLDER, "transcripts: 1 to 100,000"),
        (profile.legend.isprintable(), "legend: one line of text"),
        (not profile.has("images") or profile.has("pdf"), "images are made of pages: add pdf"),
    )
    return next((what for good, what in checks if not good), "")


def rank(document: Document, profile: Profile) -> tuple[str, ...]:
    """Return what a family's first document is sorted by, as its profile says.

    Columns are those of its first version that says something; one with anything withheld counts
    as empty: its place must not tell it.
    """
    first = next((one for one in document.versions if one.fields), document.versions[0])
    own = {name: str(getattr(document, name)) for name in _OWN_ORDER}

    def value(name: str) -> str:
        if name in own:
            return own[name]
        if name == "captured_at":
            return first.captured_at
        text = first.fields.get(name, ())
        return text[0] if len(text) == 1 and isinstance(text[0], str) else ""

    return (*(value(name) for name in profile.order), document.record)
