"""Numbered pages: PDF, declared as PDF/A-2u, and pictures of the same pages. Pure.

What is told never is markup: it goes to the template as data. The same pages give the same bytes,
for their fonts come along (`archiver.formats.page_fonts`), and their date with them. Letters that
no font has stand as their codes or names between { and }: none is a mere sign, none is invisible.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

import typst
from PIL import Image

from archiver.errors import FormatError
from archiver.formats.page_fonts import FAMILIES, fonts
from archiver.formats.page_template import TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

__all__ = ["DPI", "Made", "Numbered", "Setter"]

DPI = 300
_STANDARDS: list[typst.PDFStandard] = ["a-2u"]
_UNSHOWN = re.compile(r'the text `"(.+?)"` could not be displayed')
_CODED = re.compile(r"\\u\{([0-9a-f]{1,6})\}")
_MOST_TRIES = 64
_LONG_WORD = re.compile(r"\S{61,}")
_BREAK = "\u200b"
_PIECE = 60
_NAMED = ("So", "Sk", "Cf")
_JOINING = frozenset("\u200c\u200d\ufe0e\ufe0f")
_JOINED = frozenset(("So", "Sk", "Mn", "Mc"))
_QUALITY = 80
_FEW = 4
_WIDEST, _HIGHEST = 6.7, 6.0
"""Inches of a picture on a page."""
_WHITE = 160
"""Grey from which a dot is white, of 255."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """What pages say: ``facts`` are pairs, ``passages`` a heading, pairs, and paragraphs.

    ``prefix``, ``first``, ``width``: of the numbers at the foot, one for each page. ``legend``
    stands beside them, ``files`` at the end.
    """

    title: str
    prefix: str
    first: int
    width: int
    legend: str
    facts: Sequence[tuple[str, str]]
    passages: Sequence[tuple[str, Sequence[tuple[str, str]], Sequence[str]]]
    files: Sequence[str]


class Made(NamedTuple):
    """The PDF, how many pages it has, and each page at 300 dpi where that was asked for.

    ``ending``: what images are: ``tif`` (black and white, Group 4), ``jpg`` (with pictures).
    """

    pdf: bytes
    pages: int
    images: tuple[bytes, ...]
    ending: str


class Setter:
    """Sets pages, and remembers which letters no font has."""

    def __init__(self) -> None:
        self._template = TEMPLATE.encode()
        self._shown: set[str] = set()
        self._unshown: set[str] = set()

    def made(
        self, page: Numbered, moment: datetime, *, images: bool, pictures: Sequence[bytes] = ()
    ) -> Made:
        """Return pages.

        Args:
            page: what they say.
            moment: the date that they bear.
            images: whether they are also made as images.
            pictures: JPEG files that they show at their end (`archiver.formats.picture`).

        Raises `FormatError` where they can't be set.
        """
        plain = asdict(page)
        inputs = {"pictures": json.dumps([_picture(one) for one in pictures])}
        inputs["fonts"] = json.dumps(FAMILIES)
        self._learn(set("".join(_texts(plain))))
        more = frozenset[str]()
        for _ in range(_MOST_TRIES):
            inputs["told"] = json.dumps(self._mapped(plain, more), ensure_ascii=False)
            try:
                return self._made(inputs, moment, images=images, colour=bool(pictures))
            except typst.TypstError as error:
                found = _missing(error.diagnostic) - more
                if not found:
                    raise FormatError(
                        f"a page can't be set: {error.message}",
                        where=f"{page.prefix}{page.first:0{page.width}}",
                        mend="tell who maintains the archiver; or leave out pdf in the profile",
                    ) from error
                more |= found
        raise FormatError("a page has too many letters that no font has", where=page.title[:80])

    def _made(
        self, inputs: dict[str, str], moment: datetime, *, images: bool, colour: bool
    ) -> Made:
        """Return pages. Raises `typst.TypstError`."""
        pdf = typst.compile(
            self._template,
            format="pdf",
            sys_inputs=inputs,
            font_paths=fonts(),
            pdf_standards=_STANDARDS,
            timestamp=int(moment.timestamp()),
        )
        found = typst.query(
            self._template,
            "<pages>",
            field="value",
            one=True,
            sys_inputs=inputs,
            font_paths=fonts(),
        )
        if not isinstance(pdf, bytes):  # other formats come page by page
            raise FormatError("a PDF that is not one file")
        made = tuple(self._images(inputs, colour=colour)) if images else ()
        pages = int(json.loads(found))
        if pages > _FEW or colour:
            _forget()
        return Made(pdf, pages, made, "jpg" if colour else "tif")

    def _images(self, inputs: dict[str, str], *, colour: bool) -> Iterator[bytes]:
        """Yield each page as an image."""
        made = typst.compile(
            self._template,
            format="png",
            ppi=DPI,
            sys_inputs=inputs,
            font_paths=fonts(),
        )
        for one in [made] if isinstance(made, bytes) else made or ():
            with Image.open(BytesIO(one)) as page:
                dots = page.convert("RGB" if colour else "L")
            out = BytesIO()
            if colour:
                dots.save(out, "JPEG", quality=_QUALITY, dpi=(DPI, DPI))
            else:
                black = dots.point([0] * _WHITE + [255] * (256 - _WHITE), "1")
                black.save(out, "TIFF", compression="group4", dpi=(DPI, DPI))
            yield out.getvalue()

    def _learn(self, letters: set[str]) -> None:
        """Find out which letters the fonts have: each is asked alone, so that all agree for ever.

        What a font has not in company of another is another matter (`made`).
        """
        new = {one for one in letters - self._shown - self._unshown if _is_letter(one)}
        ask = sorted(one for one in new if not one.isascii())
        lines = "".join(f"#par({json.dumps(one, ensure_ascii=False)})\n" for one in ask)
        missing = _missing(_diagnostic(lines)) & new if ask else set()
        self._unshown |= missing
        self._shown |= new - missing

    def _mapped(self, value: Any, more: frozenset[str]) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, str):
            return self._text(value, more)
        if isinstance(value, dict):
            return {name: self._mapped(one, more) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self._mapped(one, more) for one in value]
        return value

    def _text(self, text: str, more: frozenset[str]) -> str:
        """Return a text whose every character shows, and whose long words can be parted."""
        parts: list[str] = []
        hidden: list[str] = []
        for one in text:
            if one.isascii() and one.isprintable():
                shows = True
            elif one in _JOINING:
                shows = one not in more and not hidden and bool(parts) and _joins(parts[-1])
            else:
                shows = one not in more and _is_letter(one) and one not in self._unshown
            if not shows:
                hidden.append(one)
                continue
            if hidden:
                parts.append(_spelled(hidden))
                hidden = []
            parts.append(" " if unicodedata.category(one) == "Zs" else one)
        if hidden:
            parts.append(_spelled(hidden))
        return _LONG_WORD.sub(_parted, "".join(parts))


def _picture(data: bytes) -> dict[str, Any]:
    """Return a picture as the template takes it: its bytes, and its width so that it fits."""
    with Image.open(BytesIO(data)) as one:
        width = min(_WIDEST, _HIGHEST * one.width / one.height)
    return {"bytes": list(data), "width": round(width, 3)}


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def _is_letter(one: str) -> bool:
    """Tell whether a character is one that shows, or a space."""
    return one.isprintable() or unicodedata.category(one) == "Zs"


def _joins(before: str) -> bool:
    """Tell whether a joiner after a character does what it is for: in emoji, Arabic, Indic scripts.

    After any other letter it is there to be unseen, and is spelled.
    """
    joined = unicodedata.category(before) in _JOINED or unicodedata.bidirectional(before) == "AL"
    return joined and not before.isascii()


def _spelled(hidden: Sequence[str]) -> str:
    """Return what stands for characters that don't show, in a row."""
    named = [one for one in hidden if one not in _JOINING] or hidden
    return "{" + ", ".join(map(_name, named)) + "}"


def _name(one: str) -> str:
    name = unicodedata.name(one, "") if unicodedata.category(one) in _NAMED else ""
    return name.lower() or f"U+{ord(one):04X}"


def _parted(found: re.Match[str]) -> str:
    word = found[0]
    return _BREAK.join(word[at : at + _PIECE] for at in range(0, len(word), _PIECE))


def _forget() -> None:
    """Have typst forget what it keeps of large pages: it does so after ten more compilations."""
    for _ in range(12):
        typst.compile(b"", format="pdf", font_paths=fonts())


def _diagnostic(lines: str) -> str:
    """Return what is said of lines that PDF/A can't have, or "" where all is well."""
    font = f"#set text(font: ({', '.join(map(json.dumps, FAMILIES))}))\n"
    try:
        typst.compile(
            (font + lines).encode(),
            format="pdf",
            font_paths=fonts(),
            pdf_standards=_STANDARDS,
            timestamp=0,
        )
    except typst.TypstError as error:
        return error.diagnostic
    return ""


def _missing(diagnostic: str) -> set[str]:
    """Return the characters that an error says no font has; those of ASCII every font has."""
    texts = "".join(_UNSHOWN.findall(diagnostic))
    coded = {chr(int(one, 16)) for one in _CODED.findall(texts)}
    return {one for one in {*texts, *coded} if not one.isascii()}
