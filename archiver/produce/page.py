"""What the pages of a document say, and the numbers that they bear. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.formats.pages import Numbered
from archiver.produce.bates import Bates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.produce.profile import Profile
    from archiver.produce.text import Told

__all__ = ["LONGEST", "page_of"]

LONGEST = 300_000
"""Characters of one text on pages: some hundred pages. The text file has all of it."""
_SIGNS = "What stands between { and } are characters that this page can't show; the text has them."


def page_of(told: Told, number: str, profile: Profile) -> Numbered:
    """Return the pages of a document that begin with a number."""
    begin = Bates.read(number)
    return Numbered(
        title=_cut(told.title, 300),
        prefix=begin.prefix,
        first=begin.value,
        width=begin.width,
        legend=profile.legend,
        facts=[(name, _cut(value, 3000)) for name, value in told.facts],
        passages=[
            (
                one.heading,
                [(name, _cut(value, 3000)) for name, value in one.facts],
                list(_paragraphs(one.body)),
            )
            for one in told.passages
        ],
        files=[*(_cut(one, 3000) for one in told.files), *([] if _plain(told) else [_SIGNS])],
    )


def _plain(told: Told) -> bool:
    """Tell whether all of it is ASCII: then all of it shows."""
    texts = [told.title, *(value for _, value in told.facts)]
    for one in told.passages:
        texts += [one.body, *(value for _, value in one.facts)]
    return all(text.isascii() for text in texts)


def _paragraphs(body: str) -> Iterator[str]:
    """Yield the lines of a text, which each are a paragraph; empty ones part them."""
    lines = _cut(body, LONGEST).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    yield from (line for line in lines if line.strip())


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    return f"{text[:longest]} [… {len(text) - longest} characters more: see the text file]"
