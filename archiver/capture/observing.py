"""Observations made from one exchange: what all of them share, and what each says. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from archiver.capture.reading import FILE_PARSER
from archiver.formats.warc_reading import UNRESOLVED
from archiver.limits import MOST_CONTAINED
from archiver.record import Excerpt, Kind, Observation, Sensitivity, record_id

if TYPE_CHECKING:
    from archiver.capture.connector import Connector, Item, Site
    from archiver.capture.reading import Reading, Sighting
    from archiver.record import Exchange

__all__ = ["Source", "residue_observation", "version_of"]


@dataclass(frozen=True, slots=True)
class Source:
    """What all things that one exchange showed have from it."""

    platform: str
    account: str
    exchange: str
    captured_at: str
    group: str
    parser: str
    warc_type: str
    context: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, connector: Connector, site: Site, exchange: Exchange, reading: Reading) -> Source:
        """Return that of an exchange as it was read."""
        whole = exchange.purpose["role"] == "file"
        return cls(
            platform=connector.platform,
            account=site.account,
            exchange=exchange.id,
            captured_at=exchange.captured_at,
            group="" if whole else exchange.purpose["group"],
            parser=FILE_PARSER if whole else connector.parser,
            warc_type="response" if whole else "resource",
            context=reading.headers + exchange.provenance,
        )

    def observation(self, sighting: Sighting, kind: str) -> Observation:
        """Return a thing as it was seen, with the verdict on it."""
        item = sighting.item
        return Observation(
            platform=self.platform,
            account=self.account,
            stream=item.stream,
            native_id=item.native_id,
            kind=kind,
            sensitivity=item.sensitivity,
            captured_at=self.captured_at,
            excerpts=sighting.excerpts,
            row=sighting.row,
            parser=self.parser,
            exchange=self.exchange,
            content_type=item.content_type,
            page_url=item.page_url,
            group=item.group or self.group,
            context=self.context,
            warc_type="response" if item.whole else self.warc_type,
            contains=self._contained(sighting.item) if sighting.item.contains else (),
        )

    def _contained(self, item: Item) -> tuple[str, ...]:
        """Return what an item holds of other things, each once."""
        named = dict.fromkeys(
            record_id(self.platform, self.account, *one) if one.native_id else UNRESOLVED
            for one in item.contains
        )
        known = [one for one in named if one != UNRESOLVED]
        rest = UNRESOLVED in named or len(known) > MOST_CONTAINED
        return (*known[:MOST_CONTAINED], *((UNRESOLVED,) if rest else ()))


def residue_observation(
    connector: Connector, site: Site, exchange: Exchange, reading: Reading
) -> Observation:
    """Return what no parser claims of an answer, as one private observation."""
    return Observation(
        platform=connector.platform,
        account=site.account,
        stream=exchange.purpose["stream"],
        native_id=f"residue/{exchange.id}",
        kind=Kind.RESIDUE,
        sensitivity=Sensitivity.PRIVATE,
        captured_at=exchange.captured_at,
        excerpts=tuple(Excerpt("residue", reading.body[a:b]) for a, b in reading.residue),
        row={},
        parser=connector.parser,
        exchange=exchange.id,
        context=reading.headers + exchange.provenance,
    )


def version_of(sighting: Sighting) -> Sighting:
    """Return something past as a part of the thing: the version that it was then."""
    item = sighting.item
    name = f"{item.native_id}/version/{item.version}"
    return replace(
        sighting, item=replace(item, native_id=name, group="versions", at="", version="", follow=())
    )
