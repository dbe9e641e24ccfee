"""What every connector says of itself: cells, notes, secrets, listings, addresses."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.capture.connector import Listens, Site
from archiver.capture.legal import CONFIDENCE, SUBJECTS
from archiver.capture.standing import Inspected
from archiver.capture.urls import check_address, same_origin
from archiver.errors import UsageError
from archiver.flows.installed import _MEMBERS
from archiver.flows.standing import needs_of
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Connector
    from tests.conformance.standins import Subject

MODES = ("incremental", "reconcile", "backfill", "snapshot", "sweep")
VERDICTS = ("obtainable", "partial", "webhook-only", "export-only", "forbidden")
PROOFS = ("real server", "recorded response", "simulator only", "cited only")
SECRET = re.compile("password|secret|token|key|cookie", re.IGNORECASE)
OPEN = frozenset({"token_type"})


def sites(connector: Connector) -> list[Site]:
    """Return an account with a login, and one without."""
    return [Site("city", connector.address_form, login) for login in (True, False)]


def test_it_has_what_every_connector_has(subject: Subject) -> None:
    """The members of the protocol, of their types."""
    one = subject.connector
    assert [name for name in _MEMBERS if not hasattr(one, name)] == []
    assert re.fullmatch("[a-z][a-z0-9-]*", one.platform)
    assert re.fullmatch(r"[a-z][a-z0-9-]*/\d+", one.parser)
    assert one.title
    assert one.inconclusive <= set(Stream)


def test_every_stream_has_a_cell_that_says_who_says_so(subject: Subject) -> None:
    """One each, with words that are known; what is not tried is said to be cited only."""
    cells = subject.connector.capabilities
    assert sorted(one.stream for one in cells) == sorted(set(Stream) - {Stream.WORKFLOW})
    for one in cells:
        assert (one.verdict in VERDICTS, one.proved_by in PROOFS) == (True, True), one
        assert one.citation.startswith("https://"), one
        assert one.limit, one
        assert one.proved_by == "cited only" or one.verdict != "forbidden", one


def test_notes_say_what_law_and_terms_say(subject: Subject) -> None:
    """Of storage, deletion, automation, and of consent where there are private messages."""
    one = subject.connector
    told = {note.subject for note in one.legal}
    assert told >= {"storage", "deletion", "automation"}
    messages = next(cell for cell in one.capabilities if cell.stream == Stream.MESSAGES)
    assert messages.verdict == "forbidden" or "consent" in told
    for note in one.legal:
        assert (note.subject in SUBJECTS, note.confidence in CONFIDENCE) == (True, True), note
        assert (note.says != "", note.citation != "") == (True, True), note
        assert (note.read_on != "") is (note.confidence == "read"), note
        assert not note.read_on or date.fromisoformat(note.read_on), note


def test_secrets_are_declared(subject: Subject) -> None:
    """Every field of the credential that sounds like a secret is one."""
    one = subject.connector
    assert set(one.secret_fields) <= set(one.credential_fields)
    secret = {name for name in one.credential_fields if SECRET.search(name)} - OPEN
    assert secret <= set(one.secret_fields)


@pytest.mark.parametrize("mode", MODES)
def test_listings_have_names_of_their_own(subject: Subject, mode: str) -> None:
    """Unique, the same each time, of streams that have a cell which does not forbid them."""
    one = subject.connector
    open_cells = {cell.stream for cell in one.capabilities if cell.verdict != "forbidden"}
    for site in sites(one):
        found = one.listings(site, mode)
        assert found == one.listings(site, mode)
        names = [listing.name for listing in found]
        assert len(names) == len(set(names))
        for listing in found:
            assert set(listing.streams) <= open_cells, listing
            assert listing.sensitivity in set(Sensitivity), listing
            assert (listing.name != "", listing.group != "") == (True, True), listing


def test_streams_of_events_prove_no_absence(subject: Subject) -> None:
    """Where a platform tells of events, its listings for them are none of the others."""
    one = subject.connector
    if not isinstance(one, Listens):
        return
    for site in sites(one):
        found = one.streams(site)
        others = {listing.name for mode in MODES for listing in one.listings(site, mode)}
        assert others.isdisjoint(listing.name for listing in found)
        assert not any(listing.exhaustive for listing in found)


def test_its_own_example_is_an_address(subject: Subject) -> None:
    """And what no platform takes is refused with the example."""
    one = subject.connector
    check_address(one, one.address_form)
    for bad in (
        "ftp://x.example",
        "https://",
        one.address_form.replace("https://", "https://a:b@"),
    ):
        with pytest.raises(UsageError) as refused:
            check_address(one, bad)
        assert one.address_form in refused.value.mend


@settings(max_examples=30, deadline=None)
@given(path=st.text(max_size=40), native_id=st.text(max_size=20), stream=st.sampled_from(Stream))
def test_no_text_breaks_what_is_asked(
    subject: Subject, path: str, native_id: str, stream: Stream
) -> None:
    """Any address is judged; any thing is asked for where listings are, or not at all."""
    one = subject.connector
    assert isinstance(one.refuses(f"https://city.example/{path}"), str)
    for site in sites(one):
        request = one.direct(site, stream, native_id)
        own = [site.url, *(listing.request.url for listing in one.listings(site, "backfill"))]
        assert request is None or any(same_origin(request.url, url) for url in own)


def test_what_a_login_needs_is_for_cells_that_are_given(subject: Subject) -> None:
    """Each scope names streams that the platform gives; none is needed twice."""
    one = subject.connector
    needs = needs_of(one)
    given = {cell.stream for cell in one.capabilities if cell.verdict != "forbidden"}
    assert all(need.streams and set(need.streams) <= given for need in needs)
    assert len({need.scope for need in needs}) == len(needs)
    assert not needs or one.credential_fields


def test_it_asks_its_own_platform_what_a_login_may(subject: Subject) -> None:
    """By GET, at an address of the platform's; nothing without a credential."""
    one = subject.connector
    if isinstance(one, Inspected):
        site = Site("city", one.address_form, authorised=True)
        credential = {name: f"{name}-value" for name in one.credential_fields}
        request = one.inspection(site, credential)
        assert request is not None
        assert request.method == "GET"
        login = one.authorise(site, credential)
        assert same_origin(request.url, login.origin or site.url)
