"""Events settled: what they make known, what is asked for at once, what a replay repeats."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from archiver.capture.connector import Page
from archiver.capture.known import Known
from archiver.capture.listening import MAX_PAGES, Heard, window
from archiver.capture.moments import Moments
from archiver.capture.platforms.bluesky import Bluesky
from archiver.capture.reading import Answer, read
from archiver.capture.session import Session
from archiver.capture.settling import Settler
from archiver.demo.bluesky.encoding import ordered, record_cid
from archiver.record import Exchange, Kind, Sensitivity
from tests.capture.platforms.test_bluesky_events import (
    HOST,
    PATH,
    RECORD,
    SITE,
    SOCKET,
    URI,
    event,
    said,
)
from tests.capture.town import Run, fold, http
from tests.formats.test_websocket import framed

if TYPE_CHECKING:
    import pytest

    from archiver.capture.reading import Ask
    from archiver.record import Observation

SKY = Bluesky()
EARLY, LATE = "2026-11-20T09:00:00.000000Z", "2026-11-20T11:00:00.000000Z"
"""Before and after the time that events of these tests tell (10:00)."""
EDITED = {**RECORD, "text": "Road open"}
GONE = http(
    400, b'{"error":"RecordNotFound","message":"gone"}', "Content-Type: application/json\r\n"
)


@dataclass
class Server:
    """Answers windows in turn, and each other request with ``other``; ``asked`` has them all."""

    windows: list[list[bytes]]
    other: bytes = GONE
    asked: list[str] = field(default_factory=list)

    def answer(self, ask: Ask) -> bytes:
        """Return a raw response."""
        self.asked.append(ask.request.url)
        if "subscribeRepos" in ask.request.url:
            return SOCKET + b"".join(map(framed, self.windows.pop(0)))
        return self.other


def empty() -> Known:
    """Return the knowledge of an archive that has nothing."""
    return Known({}, b"k" * 32)


def hear(server: Server, known: Known, captured_at: str = EARLY) -> tuple[Run, Heard]:
    """Listen once; ``known`` is carried on."""
    numbers = iter(range(10**6))
    settler = Settler(SKY, SITE, known, lambda: f"uuid-{id(settler)}-{next(numbers)}")
    session = Session(SKY, SITE, settler, "incremental")
    (listing,) = SKY.streams(SITE)
    hearing = window(SKY, SITE, settler, session, listing=listing, seconds=9.0)
    exchanges = list[Exchange]()
    try:
        ask = next(hearing)
        while True:
            exchange = Exchange(
                "lane", len(exchanges) + 1, ask.request.url, captured_at,
                b"GET / HTTP/1.1\r\n\r\n", server.answer(ask), purpose=dict(ask.purpose),
                truncated="time" if ask.request.listen else "",
            )  # fmt: skip
            assert ask.request.listen in {0.0, 9.0}
            exchanges.append(exchange)
            reading = read(SKY, SITE, exchange)
            ask = hearing.send(Answer(reading, settler.take(exchange, reading)))
    except StopIteration as ended:
        heard: Heard = ended.value
    settled = settler.drain().observations
    return Run(exchanges, settled, settler, session.incomplete, session.troubles.torn), heard


def kinds(found: Run) -> list[tuple[str, str]]:
    """Return (id below the account, kind) of what was settled."""
    return [(one.native_id.removeprefix(f"{URI}"), str(one.kind)) for _, one in found.settled]


def observed(found: Run, kind: str) -> list[Observation]:
    """Return the observations of a kind."""
    return [one for _, one in found.settled if one.kind == kind]


def test_both_states_and_the_end_of_a_record_are_kept() -> None:
    """Written, changed and deleted while somebody listens; its absence is seen at once."""
    server = Server(
        [[event(1, ("create", PATH, RECORD)), event(2, ("update", PATH, EDITED)),
          event(3, ("delete", PATH, None))]]
    )  # fmt: skip
    found, heard = hear(server, empty())
    assert kinds(found) == [("", "present"), ("", "edited"), ("", "absent"), ("", "absent")]
    assert heard == Heard("3", "")
    word, seen = observed(found, "absent")
    assert [one.role for one in word.excerpts] == ["event", "seq", "rev", "time"]
    assert ("Archive-Evidence", "event lane/1") in word.context
    assert word.warc_type == "resource"
    assert word.row == {}
    uuid = next(uuid for uuid, one in found.settled if one is word)
    evidence = [value for name, value in seen.context if name == "Archive-Evidence"]
    assert evidence == [f"event <urn:uuid:{uuid}>", "missing lane/2"]
    (direct,) = server.asked[1:]
    assert direct.startswith(f"{HOST}/xrpc/com.atproto.repo.getRecord?repo=")
    assert direct.endswith("&collection=app.bsky.feed.post&rkey=3kaaaaaaaaaaa")


def test_what_events_show_is_in_the_group_of_its_listing() -> None:
    """So a reconciling run can miss it; folding the rows again finds the same."""
    found, _ = hear(Server([[event(1, ("create", PATH, RECORD))]]), empty())
    for known in (found.settler.known, fold([found])):
        assert known.live("app.bsky.feed.post") == {("posts", URI)}
        assert known.live("events") == set()


def test_an_id_that_nobody_knows_is_kept_and_not_asked_for() -> None:
    """Private, without content; a replay repeats it, and content that comes later restores it."""
    known, server = empty(), Server([[event(1, ("delete", PATH, None))] for _ in range(2)])
    found, _ = hear(server, known)
    (word,) = observed(found, "absent")
    assert (word.sensitivity, word.row) == (Sensitivity.PRIVATE, {})
    assert len(server.asked) == 1
    again, _ = hear(server, known)
    assert kinds(again) == []
    assert again.settler.count("posts").repeats == 1
    back, _ = hear(Server([[event(2, ("create", PATH, RECORD))]]), known)
    assert kinds(back) == [("", "restored")]
    assert fold([found, back]).get(("posts", URI)) == known.get(("posts", URI))


def test_a_thing_that_is_still_there_is_not_absent_for_long() -> None:
    """The word of its end is kept, and so is that the server shows it."""
    known = empty()
    hear(Server([[event(1, ("create", PATH, RECORD))]]), known)
    body = b'{"uri":"%b","cid":"x","value":{"text":"Road closed"}}' % URI.encode()
    server = Server([[event(2, ("delete", PATH, None))]], other=http(200, body))
    found, _ = hear(server, known)
    assert kinds(found) == [("", "absent"), ("", "restored")]


def test_parts_of_what_is_gone_are_asked_for() -> None:
    """A version that was kept apart goes on its own "there is none"."""
    known = empty()
    hear(Server([[event(1, ("create", PATH, EDITED))]]), known, LATE)
    past, _ = hear(Server([[event(1, ("create", PATH, RECORD))]]), known, LATE)
    ((version, kind),) = kinds(past)
    assert (version.startswith("/version/bafy"), kind) == (True, "present")
    server = Server([[event(3, ("delete", PATH, None))]])
    found, _ = hear(server, known, LATE)
    # When it was replayed is no proof that it was there then: the server is asked.
    assert kinds(found) == [("", "absent"), (version, "absent")]
    assert server.asked[2].endswith(f"&cid={version.rpartition('/')[2]}")


def test_a_deletion_from_before_what_is_known_is_no_news() -> None:
    """Written, deleted and written again under one name: a replay of all says nothing new."""
    known, shown = empty(), {"uri": URI, "cid": record_cid(RECORD), "value": ordered(RECORD)}
    body = json.dumps(shown, separators=(",", ":")).encode()
    acts = (("create", PATH, RECORD), ("delete", PATH, None), ("create", PATH, RECORD))
    times = (f"2026-11-20T09:00:0{second}.000Z" for second in range(3))
    whole = [event(n, act, time=at) for n, (act, at) in enumerate(zip(acts, times, strict=True), 1)]
    first, _ = hear(Server([whole], other=http(200, body)), known, LATE)
    assert kinds(first) == [("", "present")]
    for events in (whole, whole[1:2]):
        found, _ = hear(Server([events], other=http(200, body)), known, LATE)
        assert kinds(found) == []


def test_a_replay_changes_nothing() -> None:
    """The same window twice: each thing is known in its last state, the past is no news."""
    known = empty()
    told = [event(1, ("create", PATH, RECORD)), event(2, ("update", PATH, EDITED))]
    first, _ = hear(Server([told]), known, LATE)
    assert kinds(first) == [("", "present"), ("", "edited")]
    again, _ = hear(Server([told]), known, LATE)
    assert kinds(again) == []
    state = known.get(("posts", URI))
    assert state is not None
    assert state.mark == fold([first]).get(("posts", URI)).mark  # type: ignore[union-attr]


def test_what_a_listing_overtook_is_past() -> None:
    """It was asked for before the event, and answered after the next one: it shows the last."""
    known = empty()
    hear(Server([[event(2, ("create", PATH, EDITED))]]), known, EARLY)
    told = [event(1, ("create", PATH, RECORD)), event(2, ("update", PATH, EDITED))]
    found, _ = hear(Server([told]), known, LATE)
    ((version, kind),) = kinds(found)
    assert (version.startswith("/version/"), kind) == (True, "present")
    back = [event(3, ("update", PATH, RECORD)), event(4, ("update", PATH, EDITED))]
    live, _ = hear(Server([back]), known, EARLY)
    assert kinds(live) == [("", "edited"), ("", "edited")]


def test_what_is_gone_is_not_restored_by_its_past() -> None:
    """Created, and deleted before the next capture: the replay of both says nothing new."""
    known = empty()
    told = [event(1, ("create", PATH, RECORD)), event(2, ("delete", PATH, None))]
    hear(Server([told]), known, LATE)
    again, _ = hear(Server([told]), known, LATE)
    assert kinds(again) == []
    assert again.settler.count("posts").repeats == 2


def test_a_gap_is_said_and_what_came_counts() -> None:
    """The next window goes on; a refused stream does not."""
    lost = said("#info", {"name": "OutdatedCursor", "message": "too old"})
    found, heard = hear(Server([[lost, event(9, ("create", PATH, RECORD))]]), empty())
    assert found.incomplete == {"events": "gap: OutdatedCursor: too old"}
    assert heard == Heard("9", "")
    assert kinds(found) == [("", "present")]
    server = Server([], other=http(404, b"{}"))
    server.windows.append([])
    odd, heard = hear(Server([[b"\xff"]]), empty())
    assert odd.incomplete == {"events": "schema: a part of an answer was not understood"}
    assert [one.kind for _, one in odd.settled] == [Kind.RESIDUE]
    assert heard == Heard("", "")


def test_a_way_that_does_not_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that leads on and on is left."""

    def led(*_: object) -> Page:
        return Page(next=SKY.streams(SITE)[0].request)

    monkeypatch.setattr(Bluesky, "split", led)
    server = Server([[] for _ in range(MAX_PAGES)])
    found, heard = hear(server, empty())
    assert heard.refused.startswith("schema")
    assert found.incomplete == {"events": heard.refused}
    assert len(server.asked) == MAX_PAGES


def test_moments_forget_what_a_listing_has_seen_since() -> None:
    """An event counts by the event before it, until something else shows the thing."""
    found, _ = hear(Server([[event(1, ("create", PATH, RECORD))]]), empty(), LATE)
    before = found.settler.known.get(("posts", URI))
    moments = Moments(found.settler.known)
    (item,) = read(SKY, SITE, found.exchanges[0]).page.items
    assert moments.is_past(item, before, "")
    later = replace(item, at="2026-11-20T12:00:00.000000Z")
    assert not moments.is_past(later, before, "")
    assert moments.is_past(item, None, "")
    assert not moments.is_past(replace(item, at=""), before, "")
    assert not moments.is_past(item, None, "")
    assert moments.is_past(replace(item, at=""), before, EARLY)
