"""The known state: marks, and the indexes over it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.known import LIVE, Known, KnownRecord, fingerprint, mark_of
from archiver.record import Kind

KEY = b"k" * 32
rows = st.dictionaries(st.sampled_from(["text", "title", "extra"]), st.text(max_size=4))


def _seen(kind: str, group: str) -> KnownRecord:
    return KnownRecord(kind, b"", "uuid", group, "public", "town/1", "", "", ())


@given(rows, rows)
def test_fingerprints_are_equal_exactly_where_rows_are(
    one: dict[str, str], two: dict[str, str]
) -> None:
    """Names and values count, their order and what is volatile do not."""
    assert (fingerprint(one, KEY) == fingerprint(two, KEY)) == (one == two)
    turned = dict(reversed(one.items())) | {"volatile": "7", "reported": "8", "listed": "[]"}
    assert fingerprint(turned, KEY) == fingerprint(one, KEY)
    assert fingerprint(one, b"another key") != fingerprint(one, KEY)


def test_the_mark_of_a_listing_is_its_control_count() -> None:
    """What else it says may change without news."""
    one = mark_of(Kind.LISTING, {"reported": "7", "listed": "[1]"}, KEY)
    assert one == mark_of(Kind.LISTING, {"reported": "7", "listed": "[2]"}, KEY)
    assert one != mark_of(Kind.LISTING, {"reported": "8", "listed": "[1]"}, KEY)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["1", "2", "1/note"]),
            st.sampled_from([k for k in Kind if k != Kind.SNAPSHOT]),
            st.sampled_from(["", "board", "notes"]),
        )
    )
)
def test_groups_have_what_their_listings_should_show(steps: list[tuple[str, Kind, str]]) -> None:
    """The index by group is what looking at every record would give, after any history."""
    known = Known({}, KEY)
    for native_id, kind, group in steps:
        known.observe(("posts", native_id), kind, _seen(kind, group))
    for again in (known, Known(dict(known.items()), KEY)):
        for group in ("", "board", "notes"):
            assert again.live(group) == {
                thing
                for thing, record in again.items()
                if record.group == group and record.state in {*LIVE, Kind.ABSENT}
            }
            absent = {thing for thing, one in again.items() if one.state == Kind.ABSENT}
            assert again.size(group) == len(again.live(group) - absent)


def test_a_part_is_below_its_whole_in_the_same_stream() -> None:
    """Neither a longer number nor the same number of another stream is taken for it."""
    known = Known({}, KEY)
    for stream, native_id in (
        ("posts", "4"), ("posts", "4/revision/7"), ("posts", "4/file"), ("posts", "4/file/small"),
        ("posts", "42/file"), ("media", "4/file"),
    ):  # fmt: skip
        known.observe((stream, native_id), "present", _seen("present", ""))
    known.observe(("posts", "4/file/small"), "deleted", _seen("deleted", ""))
    whole = ("posts", "4")
    assert known.parts({whole}) == {("posts", "4/revision/7"): whole, ("posts", "4/file"): whole}
    assert known.parts(set()) == {}
    assert known.gone() == {("posts", "4/file/small")}


def test_a_file_is_known_by_its_address() -> None:
    """Of a file it is kept where it was fetched; of other things nothing can be asked so."""
    context = {
        "kind": "present", "stream": "media", "observation_id": "u", "sensitivity": "public",
        "page_url": "http://town.test/a.png", "captured_at": "2026-11-20T10:00:00.000000Z",
    }  # fmt: skip
    known = Known.fold(
        [
            ({**context, "native_id": "7/file", "parser": "file/1"}, {}),
            ({**context, "native_id": "7", "parser": "town/1"}, {}),
        ],
        KEY,
    )
    found = {native_id: record.address for (_, native_id), record in known.items()}
    assert found == {"7/file": "http://town.test/a.png", "7": ""}
