"""What is known of an account, in the words of the parsers in use now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from archiver.capture.known import LIVE, Known
from archiver.capture.platforms import CONNECTORS
from archiver.capture.platforms.wordpress import WordPress
from archiver.flows import connectors
from archiver.flows.accounts import find
from archiver.flows.capture import CaptureReport, capture
from archiver.flows.kept import keep, kept
from archiver.flows.known import keep_known, known_now, known_of
from archiver.flows.ledger import read_state
from archiver.flows.rebuild import rebuild
from archiver.flows.reparse import reparse
from tests.chaos.helpers import BLOG
from tests.chaos.town import Stage, staged
from tests.chaos.truth import Quiet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from archiver.record import Excerpt


class Newer(WordPress):
    """Reads something of every item that the version before left out."""

    parser = "wordpress/2"

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read one item."""
        return {**super().parse(excerpts, context), "flags": '["read anew"]'}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A city whose blog was captured once."""
    with staged(tmp_path) as made:
        reconcile(made)
        yield made


def reconcile(stage: Stage) -> CaptureReport:
    """Read all of the blog."""
    return capture(stage.archive, BLOG, "backfill", Quiet())


def known(stage: Stage) -> Known:
    """Return what is known of the blog, as it is kept."""
    return known_of(stage.archive, read_state(stage.archive), handle(stage))


def handle(stage: Stage) -> str:
    """Return the blog's handle."""
    return find(stage.archive, BLOG).handle


def test_a_new_parser_edits_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it reads otherwise is no edit; a real one later is seen, once."""
    monkeypatch.setattr(connectors, "CONNECTORS", {"wordpress": Newer()})
    assert reconcile(stage).observations == {}
    parsers = {one.parser for _, one in known(stage).items() if one.state in LIVE}
    assert parsers == {"wordpress/2", "file/1", "document/1"}
    stage.city.edit_comment(5, "What I meant to say")
    seen = reconcile(stage).observations
    assert (seen["edited"], set(seen)) == (1, {"edited", "listing"})
    assert reconcile(stage).observations == {}


@pytest.mark.parametrize("apply", [False, True])
def test_after_a_new_parser_everything_is_read_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, *, apply: bool
) -> None:
    """It may understand what was residue: whether `reparse` used it first or not."""
    modes = []
    monkeypatch.setattr(connectors, "CONNECTORS", {"wordpress": Newer()})
    made = [one.made for one in reparse(stage.archive, BLOG, Quiet(), apply=apply)]
    assert (made[0] > 0) == apply
    for _ in range(2):
        report = capture(stage.archive, BLOG, "incremental", Quiet())
        assert set(report.observations) <= {"listing"}
        modes.append(report.mode)
    assert modes == ["reconcile", "incremental"]


def test_a_new_parser_edits_nothing_where_the_cache_was_lost(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folded from rows of both parsers, what is known is renewed again where it is old."""
    monkeypatch.setattr(connectors, "CONNECTORS", {"wordpress": Newer()})
    stage.city.edit_comment(5, "What I meant to say")
    assert reconcile(stage).observations["edited"] == 1
    rebuild(stage.archive, Quiet())
    parsers = {one.parser for _, one in known(stage).items()}
    assert parsers > {"wordpress/1", "wordpress/2"}
    assert reconcile(stage).observations == {}


def test_a_cache_from_before_times_were_kept_is_made_anew(stage: Stage) -> None:
    """Folded from the rows it knows what the run knew, and when each thing was seen."""
    first, account = known(stage), handle(stage)
    older = {thing: tuple(one)[:-1] for thing, one in first.items()}
    stored = kept(stage.archive.home, f"cache/known/{account}") or b""
    batch, _ = msgspec.msgpack.decode(stored, type=tuple[int, msgspec.Raw])
    keep(stage.archive.home, f"cache/known/{account}", msgspec.msgpack.encode((batch, older)))
    assert dict(known(stage).items()) == dict(first.items())
    assert all(one.captured_at for _, one in first.items())


def test_what_is_read_again_says_what_was_read_first(stage: Stage) -> None:
    """Marks made from stored excerpts and whole files are those made when they came."""
    state, first = read_state(stage.archive), known(stage)
    files = {thing for thing, one in first.items() if one.address}
    assert files
    forgotten = {
        thing: one._replace(mark=b"", parser="file/0" if thing in files else "wordpress/0")
        for thing, one in first.items()
        if thing[0] != "workflow" and one.state in LIVE
    }
    batch = state.settled[handle(stage)]
    everything = Known({**dict(first.items()), **forgotten}, first.key)
    keep_known(stage.archive, handle(stage), batch, everything)
    assert dict(known(stage).items()) != dict(first.items())
    renewed = known_now(stage.archive, state, handle(stage), CONNECTORS["wordpress"])
    assert dict(renewed.items()) == dict(first.items())
    assert dict(known(stage).items()) == dict(first.items())
