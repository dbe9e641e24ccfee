"""Records against intake: what was settled is what the platform sent, or it is a finding."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from archiver.capture.settled import Settled
from archiver.errors import FormatError
from archiver.flows.ledger import read_state
from archiver.flows.segments import finish, open_file, place
from archiver.flows.settle import seal_settled
from archiver.flows.submit import submit
from archiver.flows.verify import verify
from archiver.formats.parquet import canonical_time
from archiver.formats.settlement_map import parse_map
from archiver.ids import new_ulid, new_uuid
from archiver.ledger.batch import Batch
from archiver.record import Excerpt, Observation
from tests.flows.conftest import Silent, opened

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.ledger.state import Segment

TIME = "2026-11-20T09:00:00.000000Z"
NONCE = b"ab" * 32 + b" 00\n"


def found(archive: Archive) -> list[str]:
    """Return the codes of what deep verification finds."""
    return [one.code for one in verify(archive, Silent(), deep=True).findings]


def mapped(archive: Archive) -> tuple[Segment, str, list[tuple[str, int, int]]]:
    """Return a map's segment, and of one record in it the exchange and the spans."""
    segment = next(one for one in read_state(archive).segments() if "map.c256" in one.objects)
    origins = parse_map(open_file(archive, segment, "map")).values()
    return segment, *next(one for one in origins if one.spans and one.spans[0][0] != "exchange")


def settled(
    archive: Archive, exchange: str, parts: list[bytes], spans: list[tuple[str, int, int]]
) -> Settled:
    """Return one observation that claims to come from an exchange."""
    excerpts = tuple(Excerpt(role, data) for (role, _, _), data in zip(spans, parts, strict=True))
    observation = Observation(
        platform="other", account="city-blog", stream="comments", native_id="99999",
        kind="present", sensitivity="public", captured_at=TIME, excerpts=excerpts, row={},
        parser="other/1", exchange=exchange,
    )  # fmt: skip
    uuid = new_uuid(archive.chance)
    return Settled([(uuid, observation)], {uuid: (exchange, spans)})


def test_bytes_that_no_platform_sent(copy: Path) -> None:
    """An excerpt that is not in its exchange is found, though whoever made it has all keys."""
    archive = opened(copy)
    segment, exchange, spans = mapped(archive)
    parts = [b"X" * (end - start) for _, start, end in spans]
    made = settled(archive, exchange, parts, spans)
    seal_settled(archive, read_state(archive), segment.account, made)
    assert found(archive) == ["excerpt-differs"]


def test_excerpts_from_nowhere_in_the_exchange(copy: Path) -> None:
    """A map that leaves out where excerpts stand is no way around intake."""
    archive = opened(copy)
    segment, exchange, spans = mapped(archive)
    made = settled(archive, exchange, [b"X" for _ in spans], spans)
    ((uuid, _),) = made.observations
    made.origins[uuid] = (exchange, [])
    seal_settled(archive, read_state(archive), segment.account, made)
    assert found(archive) == ["excerpt-differs"]


@pytest.mark.parametrize("exchange", ["nowhere/1", "nowhere", "{lane}/999999"])
def test_an_exchange_that_never_was(copy: Path, exchange: str) -> None:
    """A map that leads to no exchange is found."""
    archive = opened(copy)
    segment, one, spans = mapped(archive)
    name = exchange.format(lane=one.partition("/")[0])
    made = settled(archive, name, [b"" for _ in spans], spans)
    seal_settled(archive, read_state(archive), segment.account, made)
    assert found(archive) == ["map-differs"]


def test_a_map_of_other_records(copy: Path) -> None:
    """A map must name the records of its seal, all of them and no others."""
    archive = opened(copy)
    segment, exchange, spans = mapped(archive)
    made = settled(archive, exchange, [b"" for _ in spans], spans)
    other = Settled(made.observations, {new_uuid(archive.chance): (exchange, [])})
    seal_settled(archive, read_state(archive), segment.account, other)
    assert found(archive) == ["map-differs", "map-differs"]


def test_two_records_of_one_name(copy: Path) -> None:
    """Bytes that no platform sent don't hide behind the name of a true record."""
    archive = opened(copy)
    segment, exchange, spans = mapped(archive)
    false = settled(archive, exchange, [b"X" for _ in spans], spans)
    ((uuid, one),) = false.observations
    twin = replace(one, native_id="true", excerpts=())
    made = Settled([(uuid, one), (uuid, twin)], {uuid: (exchange, [])})
    seal_settled(archive, read_state(archive), segment.account, made)
    assert found(archive) == ["map-differs"]


def test_no_map_at_all(copy: Path) -> None:
    """Whoever leaves the map out, so that nothing can be held against intake, is found."""
    archive = opened(copy)
    segment, exchange, spans = mapped(archive)
    made = settled(archive, exchange, [b"X" for _ in spans], spans)
    made.origins.clear()
    seal_settled(archive, read_state(archive), segment.account, made)
    assert found(archive) == ["map-differs"]


def sealed(archive: Archive, stage: str, files: dict[str, bytes], count: int = 3) -> None:
    """Seal a segment of these files, with the archive's own key, as so many exchanges."""
    state = read_state(archive)
    ((lane, stages),) = state.covered.items()
    account = next(iter(state.settled))
    number = stages["intake"][-1][1]
    made = finish(archive, place(archive, state, {}, "intake", "private"), files, (), 0)
    body: dict[str, Any] = {
        "t": "seal", "stage": stage, "account": account,
        "time": canonical_time(archive.clock.now()),
        "segments": [made.segment], "lane": lane, "exchanges": [[number, number + count]],
    }  # fmt: skip
    if stage == "settle":
        body |= {"exchanges": [], "batch": state.settled[account] + 1}
    batch = Batch(new_ulid(archive.clock, archive.chance), (), (body,))
    submit(archive, account, batch, made.objects)


def test_intake_that_is_none(copy: Path) -> None:
    """Numbers claimed with something else than their exchanges are found."""
    archive = opened(copy)
    one = next(one for one in read_state(archive).segments() if one.stage == "intake")
    sealed(archive, "intake", {"warc.gz": b"not a WARC at all"})
    sealed(archive, "intake", {"warc.gz": open_file(archive, one, "warc.gz")})
    assert found(archive).count("segment-files") == 2


def test_more_numbers_than_memory_holds(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A seal that claims any number of exchanges is found, and costs no more than its file."""
    archive = opened(copy)
    one = next(one for one in read_state(archive).segments() if one.stage == "intake")
    with monkeypatch.context() as forger:  # who has the key, and sequences as they like
        forger.setattr("archiver.ledger.placing.MOST_EXCHANGES", 1 << 60)
        sealed(archive, "intake", {"warc.gz": open_file(archive, one, "warc.gz")}, 1 << 50)
    assert sorted(found(archive)) == ["exchange-unsettled", "seal-unlawful", "segment-files"]


@pytest.mark.parametrize("data", [b"", b"no map", NONCE + b"[]", b"{}", NONCE + b'{"x":1}'])
def test_a_map_that_is_none(copy: Path, data: bytes) -> None:
    """A map of another form is a finding and ends nothing."""
    archive = opened(copy)
    sealed(archive, "settle", {"map": data})
    assert found(archive) == ["segment-files"]


def test_maps_there_and_back() -> None:
    """A map gives each record its exchange and the place of each excerpt."""
    data = NONCE + json.dumps({"u": ["lane/1", [["item", 3, 9]]]}).encode()
    assert parse_map(data) == {"u": ("lane/1", [("item", 3, 9)])}
    with pytest.raises(FormatError):
        parse_map(data[1:])
