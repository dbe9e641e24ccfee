"""Event streams, cut as a browser would (WHATWG HTML §9.2.6)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archiver.formats.event_stream import events


def seen(body: bytes) -> list[tuple[str, bytes, str]]:
    """Return type, data and last id of each event that a reader would be told of."""
    return [
        (one.type, b"\n".join(body[a:b] for a, b in one.data), one.id)
        for one in events(body)
        if one.data
    ]


def test_events_as_the_standard_reads_them() -> None:
    """Types, several data lines, ids that stay, comments, and each kind of line end."""
    body = (
        b': hello\n\nevent: update\ndata: {"a":\ndata: 1}\nid: 7\n\n'
        b"data:plain\r\n\r\ndata\rdata\r\revent: update\n\ndata:  two\n\n"
    )
    assert seen(body) == [
        ("update", b'{"a":\n1}', "7"),
        ("message", b"plain", "7"),
        ("message", b"\n", "7"),
        ("message", b" two", "7"),
    ]


def test_an_event_without_its_end_is_none_yet() -> None:
    """What came before the connection ended is left over for the next time."""
    body = b"event: update\ndata: 1\n\nevent: update\ndata: 2\n"
    assert [one.end for one in events(body)] == [23]


@given(
    st.lists(st.sampled_from([b"data: x", b"event: e", b"id: 1", b":", b"", b"\xff"])), st.data()
)
def test_every_whole_event_lies_after_the_one_before(
    lines: list[bytes], data: st.DataObject
) -> None:
    """Events cover the stream up to the last empty line without gap or overlap."""
    body = b"".join(line + data.draw(st.sampled_from([b"\n", b"\r\n", b"\r"])) for line in lines)
    at = 0
    for one in events(body):
        assert one.begin == at < one.end
        assert all(one.begin <= a <= b <= one.end for a, b in one.data)
        at = one.end


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    """A stream may begin with one (§9.2.5)."""
    assert seen(b"\xef\xbb\xbfdata: x\n\n") == [("message", b"x", "")]


def test_a_line_without_end_is_passed_over_at_once() -> None:
    """However long it is: this ends while the machine still stands."""
    assert list(events(b"data: " + b"x" * 8_000_000)) == []
