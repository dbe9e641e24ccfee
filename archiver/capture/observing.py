"""Observations made from one exchange: what all of them share, and what each says. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from archiver.capture.reading import FILE_PARSER
from archiver.record import Excerpt, Kind, Observation, Sensitivity

if TYPE_CHECKING:
    from archiver.capture.connector import Connector, Site
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
            warc_type=self.warc_type,
        )


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
