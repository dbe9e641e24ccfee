"""Plain text, subtitles, web pages and rich text. Pure."""

from __future__ import annotations

import codecs
import re
from html.parser import HTMLParser

__all__ = ["charset_of", "decoded", "of_page", "of_rich_text", "of_subtitles"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WESTERN = "cp1252"
_META = re.compile(
    rb"""<meta[^>]{0,200}charset\s*=\s*["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE
)
_HEAD = 4096


def charset_of(media_type: str) -> str:
    """Return the character set that a media type tells (RFC 2046 §4.1.2), empty: it tells none."""
    _, _, told = media_type.lower().partition("charset=")
    return told.partition(";")[0].strip(" \"'")


def decoded(data: bytes, charset: str = "") -> str:
    """Return a text: by its mark, as UTF-8, as is said of it, or as Western."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    for name in ("utf-8", charset):
        try:
            if name and codecs.lookup(name)._is_text_encoding:  # noqa: SLF001 - else it may unpack
                return data.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode(_WESTERN, "replace")


_TIMING = re.compile(
    r"^[ \t]*(?:\d+:)?\d{1,3}:\d\d[.,]\d{3}[ \t]*-->.*$|^[ \t]*\d+[ \t]*$|^WEBVTT.*$"
    r"|^(?:NOTE|STYLE|REGION)\b.*$",
    re.MULTILINE,
)
_TAG = re.compile(r"</?(?:v[ .][^<>\n]{0,200}|[a-z][a-z0-9.]{0,40}|\d[\d:.]{0,20})>", re.IGNORECASE)
_SPEAKER = re.compile(r"<v(?:\.[^ <>]{0,40})? ([^<>\n]{0,200})>")


def of_subtitles(text: str) -> str:
    """Return what subtitles (WebVTT, SubRip) say, and who says it, without times and numbers.

    A line that is nothing but a number is taken for one.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    said = _TAG.sub("", _SPEAKER.sub(r"\1: ", _TIMING.sub("", lines)))
    return "\n".join(line for line in said.split("\n") if line.strip())


_UNSEEN = frozenset(("script", "style"))
_INLINE = frozenset(
    (
        *("a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i"),
        *("ins", "kbd", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub"),
        *("sup", "tt", "u", "var", "wbr"),
    )
)
_TOLD = ("alt", "title", "aria-label", "placeholder", "content")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._unseen = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what attributes tell, and note where another block begins."""
        self._break(tag)
        if tag in _UNSEEN:
            self._unseen = tag
        self.found += [f"\n{value}\n" for name, value in attrs if name in _TOLD and value]

    def handle_endtag(self, tag: str) -> None:
        """Note where a block ends."""
        self._break(tag)
        if tag == self._unseen:
            self._unseen = ""

    def handle_data(self, data: str) -> None:
        """Take text."""
        if not self._unseen:
            self.found.append(data)

    def _break(self, tag: str) -> None:
        if tag not in _INLINE:
            self.found.append("\n")


def of_page(data: bytes, charset: str = "") -> str:
    """Return the text of a web page, also what is hidden, but for programs and styles."""
    told = _META.search(data[:_HEAD])
    page = _Page()
    page.feed(decoded(data, charset or (told[1].decode() if told else "")))
    page.close()
    return "".join(page.found)


_RICH = re.compile(
    r"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\([^a-z])|([{}])|[\r\n]+|(.)",
    re.IGNORECASE | re.DOTALL,
)
_ASIDE = frozenset(
    (
        *("fonttbl", "colortbl", "stylesheet", "listtable", "listoverridetable", "pict", "objdata"),
        *("themedata", "colorschememapping", "datastore", "latentstyles", "rsidtbl", "generator"),
        *("filetbl", "xmlnstbl", "revtbl", "wgrffmtfilter"),
    )
)
_WORDS = {
    **dict.fromkeys(("par", "line", "page", "sect", "row", "cell", "column"), "\n"),
    "tab": "\t",
    "emdash": "—",
    "endash": "–",
    "bullet": "•",
    "lquote": "\u2018",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
}


def of_rich_text(data: bytes) -> str:
    """Return the text of a file in Rich Text Format 1.9, in whatever code page it says it is."""
    text = data.decode("latin-1")
    page = re.search(r"\\ansicpg(\d{3,5})", text)
    charset = f"cp{page[1]}" if page else _WESTERN
    rich = _Rich(charset if _is_known(charset) else _WESTERN)
    for one in _RICH.finditer(text):
        rich.take(one)
    return "".join(rich.found)


def _is_known(charset: str) -> bool:
    try:
        return bool(codecs.lookup(charset))
    except LookupError:
        return False


class _Rich:
    """Reads rich text, token by token."""

    def __init__(self, charset: str) -> None:
        self.found: list[str] = []
        self._charset = charset
        self._groups: list[tuple[bool, int]] = []
        self._aside, self._after, self._skip = False, 1, 0
        self._bytes = bytearray()

    def take(self, one: re.Match[str]) -> None:
        """Take one token."""
        word, number, coded, sign, brace, plain = one.groups()
        if coded and not self._skip and not self._aside:
            self._bytes.append(int(coded, 16))  # of a letter that may have several
            return
        self._flush()
        if brace:
            self._group(brace)
        elif word:
            self._word(word, number)
        elif sign == "*":
            self._aside = True
        elif coded or sign or plain:
            self._letter({"~": " ", "-": "", "_": "-"}.get(sign, sign) if sign else plain or "")

    def _flush(self) -> None:
        if self._bytes:
            self.found.append(self._bytes.decode(self._charset, "replace"))
            self._bytes.clear()

    def _group(self, brace: str) -> None:
        self._skip = 0
        if brace == "{":
            self._groups.append((self._aside, self._after))
        elif self._groups:
            self._aside, self._after = self._groups.pop()

    def _word(self, word: str, number: str | None) -> None:
        if word in _ASIDE:
            self._aside = True
        elif word == "uc":
            self._after = min(int(number or 1), 8)
        elif word == "u" and number and not self._aside:
            self.found.append(chr(int(number) % 0x10000))
            self._skip = self._after  # how another program is to show it
        elif not self._aside:
            self._skip = 0
            self.found.append(_WORDS.get(word, ""))

    def _letter(self, letter: str) -> None:
        if self._skip:
            self._skip -= 1
        elif not self._aside:
            self.found.append(letter)
