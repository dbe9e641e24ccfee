"""The table ``[retention]`` of the settings: where the city is, its calendar, its series.

``docs/retention.md`` has an example. Words are checked here; what they mean, such as whether a
time zone exists, is asked where they are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "NOTHING_SETTLED",
    "NO_PACKS",
    "PackFiles",
    "RetentionSettings",
    "SettledRule",
    "retention_settings",
]


class PackFiles(NamedTuple):
    """Files of rule packs (name, bytes), and the schema that they have to fit."""

    schema: bytes
    files: Sequence[tuple[str, bytes]] = ()


NO_PACKS = PackFiles(b"{}")


class SettledRule(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"klass": "class"}
):
    """Records of an account, a stream and a content class (``*``: any) go into ``series``.

    In the list ``class`` it is the other way about: those of an account and a stream are of
    the content class that is named.
    """

    account: str = "*"
    stream: str = "*"
    klass: str = "*"
    series: str = ""


class RetentionSettings(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"classes": "class"}
):
    """What a city settles about retention.

    ``jurisdiction``: ISO 3166-2, such as ``US-XX``; empty: no rule pack applies. ``zone``: IANA
    time zone. ``fiscal_year_end``: ``MM-DD``. ``packs``: files of rule packs of its own.
    """

    jurisdiction: str = ""
    zone: str = "UTC"
    fiscal_year_end: str = "12-31"
    packs: tuple[str, ...] = ()
    classes: tuple[SettledRule, ...] = ()
    default: tuple[SettledRule, ...] = ()


NOTHING_SETTLED = RetentionSettings()


def retention_settings(table: object, where: str) -> RetentionSettings:
    """Return the table as settings. Raises `UsageError` for one that is not right."""
    try:
        found = msgspec.convert(table, RetentionSettings)
    except msgspec.ValidationError as error:
        raise _wrong(str(error), where) from error
    if any(one.klass == "*" or one.series for one in found.classes):
        raise _wrong("[[retention.class]] names account, stream and a class", where)
    if not all(one.series for one in found.default):
        raise _wrong("[[retention.default]] names a series", where)
    return found


def _wrong(why: str, where: str) -> UsageError:
    return UsageError(
        f"settings of retention are wrong: {why}",
        where=f"{where}: [retention]",
        mend="docs/retention.md has an example",
    )
