"""Plain text of HTML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.text import plain_text, storable


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Nothing to do.", "Nothing to do."),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br />\nTwo<BR>Three", "One\nTwo\nThree"),
        ("<ul><li>a</li><li>b</li></ul>", "a\n\nb"),
        ("<td>555</td><td>0100</td>", "555  0100"),
        ("in<b>lin</b>e", "inline"),
        ("R&amp;D &lt;b&gt; caf&eacute; &#8220;x&#x201D;", "R&D <b> café “x”"),
        ("a < b and c > d, 1 <3", "a < b and c > d, 1 <3"),
        ("x<script>alert('</b>')</script>y<STYLE>p{}</style >z", "xyz"),
        ("x<script>never ends", "x"),
        ("x<scripted>y</scripted>", "xy"),
        ("x<!-- hidden > -->y<!-- wp:p -->z", "xyz"),
        ("<a title=\"1 > 0\" href='x'>link</a>", "link"),
        ("<p class=it's>kept</p>", "kept"),
        ("cut <a href=", "cut"),
        ("<!DOCTYPE html><?php echo 1 ?>t</>", "t"),
        ("  a  \r\n\r\n\r\n\r\n  b\rc ", "a\n\nb\nc"),
        ("&lt;script&gt;shown&lt;/script&gt;", "<script>shown</script>"),
        ("<pre>a\tb</pre>", "a\tb"),
        ("x</script>y</br>z", "xy\nz"),
        (f"&#{'9' * 5000};&#{'0' * 5000}65;&#00000000;", "\ufffdA\ufffd"),
    ],
)
def test_text_is_what_a_reader_sees(markup: str, text: str) -> None:
    """Tags go, references are read, lines stay lines."""
    assert plain_text(markup) == text


@given(st.text() | st.text("<>!-/\"' =sbp"))
def test_any_markup_gives_trimmed_text(markup: str) -> None:
    """Nothing raises, and margins are gone."""
    text = plain_text(markup)
    assert text == text.strip(" \t\f\v\n")
    assert "\r" not in text or "&" in markup


@pytest.mark.parametrize(
    "piece",
    ["<a ", "<!--", "<script", "<br", "<style x", '<a b="', "&#9", "<a =", "</", "<", "   ", "\n "],
)
def test_hostile_repetition_takes_linear_time(piece: str) -> None:
    """Half a million characters that never close anything come back at once."""
    assert len(plain_text(piece * (500_000 // len(piece)))) <= 500_000


@given(st.text(st.characters()))
def test_storable_text_is_utf_8_and_says_the_same(text: str) -> None:
    """Only lone surrogates change, into their JSON escapes."""
    assert storable(text).encode().decode() == storable(text)
    plain = "".join(c for c in text if not "\ud800" <= c <= "\udfff")
    assert storable(plain) == plain


def test_a_lone_surrogate_becomes_its_json_escape() -> None:
    r"""The text then holds the six characters \ud83d."""
    assert storable("x\ud83dy") == "x\\ud83dy"
