"""What the pages of a document say, and the numbers that they bear. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.formats.pages import Numbered
from archiver.produce.bates import Bates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from archiver.produce.profile import Profile
    from archiver.produce.text import Passage, Told

__all__ = ["ROOM", "page_of"]

ROOM = 100_000
"""Letters on the pages of one document: some thirty pages, which are set in memory."""
_LINE, _SPELLED = 80, 9
"""What a line takes at least, and a letter that fonts may not have, in letters."""
_KNOWN = 0x0700
"""Letters below have fonts: Latin, Greek, Cyrillic, Hebrew, Arabic."""
_LONGEST_FACT = 3000
_MORE = "[… {} characters more: see the text file]"
_SIGNS = "What stands between { and } are characters that this page can't show; the text has them."


class _Room:
    """What is left of the room on pages."""

    def __init__(self) -> None:
        self.left = ROOM

    def line(self, text: str) -> str:
        """Return a line as far as there is room for it, and say what is not there."""
        cost = max(_cost(text), _LINE)
        if cost <= self.left:
            self.left -= cost
            return text
        kept, room = 0, self.left
        while kept < len(text) and room > 0:
            room -= _cost(text[kept])
            kept += 1
        self.left = 0
        return f"{text[:kept]} {_MORE.format(len(text) - kept)}"

    def facts(self, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return pairs, each value cut, as long as there is room."""
        return [(name, self.line(_cut(value))) for name, value in pairs if self.left > 0]


def _cost(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(1 if ord(one) < _KNOWN else _SPELLED for one in text)


def page_of(told: Told, number: str, profile: Profile) -> Numbered:
    """Return the pages of a document that begin with a number."""
    begin, room = Bates.read(number), _Room()
    facts = room.facts(told.facts)
    files = [room.line(_cut(one)) for one in told.files]
    passages = list(_passages(told.passages, room))
    missing = len(told.passages) - len(passages)
    files += [f"{missing} versions more: see the text file."] if missing else []
    return Numbered(
        title=_cut(told.title)[:300],
        prefix=begin.prefix,
        first=begin.value,
        width=begin.width,
        legend=profile.legend,
        facts=facts,
        passages=passages,
        files=[*files, *([] if _plain(told) else [_SIGNS])],
    )


def _passages(
    passages: Sequence[Passage], room: _Room
) -> Iterator[tuple[str, list[tuple[str, str]], list[str]]]:
    """Yield versions as long as there is room for anything of one."""
    for one in passages:
        if room.left <= 0:
            return
        yield one.heading, room.facts(one.facts), list(_paragraphs(one.body, room))


def _paragraphs(body: str, room: _Room) -> Iterator[str]:
    """Yield the lines of a text, which each are a paragraph; empty ones part them."""
    plain = body.replace("\r\n", "\n").replace("\r", "\n")
    at = 0
    while at < len(plain):
        end = plain.find("\n", at)
        end = len(plain) if end < 0 else end
        line = plain[at:end]
        if line.strip() and room.left <= 0:
            yield _MORE.format(len(plain) - at)
            return
        if line.strip():
            yield room.line(line)
        at = end + 1


def _plain(told: Told) -> bool:
    """Tell whether all of it is in letters that the fonts have: then all of it shows."""
    texts = [told.title, *told.files, *(value for _, value in told.facts)]
    for one in told.passages:
        texts += [one.body, *(value for _, value in one.facts)]
    return all(text.isascii() or all(ord(one) < _KNOWN for one in text) for text in texts)


def _cut(text: str) -> str:
    if len(text) <= _LONGEST_FACT:
        return text
    return f"{text[:_LONGEST_FACT]} {_MORE.format(len(text) - _LONGEST_FACT)}"
