"""How WordPress turns what was typed into what is shown, as far as plain prose needs it."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["excerpt", "paragraphs", "plain", "texturize"]

_EXCERPT_WORDS = 55
_BLOCK = re.compile(r"<!-- /?wp:[^>]*-->")
_TAG = re.compile(r"<[^>]*>")
_BARE_AND = re.compile(r"&(?!(?:#\d+|#x[0-9a-fA-F]+|\w+);)")


def texturize(text: str) -> str:
    """Return text with typographic quotes, dashes and dots as character references."""
    parts = re.split(r"(<[^>]*>)", text)
    return "".join(part if part.startswith("<") else _typeset(part) for part in parts)


def paragraphs(text: str) -> str:
    """Return text as HTML: blank lines part paragraphs, other line ends stay as breaks."""
    if _BLOCK.search(text):
        return texturize(_BLOCK.sub("", text))
    text = text.replace(":-)", "🙂")  # the one smiley that people in this city use
    found = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    return "".join(f"<p>{_breaks(texturize(part))}</p>\n" for part in found)


def excerpt(text: str) -> str:
    """Return the first 55 words of a text without its markup."""
    words = _TAG.sub("", _BLOCK.sub("", text)).split()
    if not words:
        return ""
    more = " [&hellip;]" if len(words) > _EXCERPT_WORDS else ""
    return f"<p>{texturize(' '.join(words[:_EXCERPT_WORDS]))}{more}</p>\n"


def plain(text: str) -> str:
    """Return text as MySQL's ``utf8mb4_unicode_ci`` compares it: no case, no accents."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()


def _breaks(text: str) -> str:
    return text.replace("\n", "<br />\n")


def _typeset(text: str) -> str:
    text = _BARE_AND.sub("&#038;", text)
    text = text.replace("--", "&#8212;").replace("...", "&#8230;")
    text = re.sub(r"(?<=\w)'", "&#8217;", text).replace("'", "&#8216;")
    return re.sub(r'(^|(?<=[\s(]))"', "&#8220;", text).replace('"', "&#8221;")
