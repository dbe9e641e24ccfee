"""Plain text of HTML, for searching, reading and redacting. The markup is kept beside it.

Tags are told from text as the HTML standard does it (WHATWG HTML §13.2.5), in linear
time on any input; a tag, comment or script that never ends reaches to the end.
"""

from __future__ import annotations

import html
import re

__all__ = ["plain_text", "storable", "unescaped"]

_TAG = re.compile(
    r"""<(?:
        (?!(?:script|style|br)[\s/>])/?([a-z][^\s/>]*+)
        (?:[^>=]++|=\s*+"[^"]*+(?:"|\Z)|=\s*+'[^']*+(?:'|\Z)|=)*+(?:>|\Z)
      | (script|style)(?=[\s/>]).*?(?:</\2(?=[\s/>])[^>]*+(?:>|\Z)|\Z)
      | (br)(?=[\s/>])[^>]*+(?:>|\Z)(?:\r?\n)?
      | !--.*?(?:-->|\Z)
      | [!?/][^>]*+(?:>|\Z)
    )""",
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)
_LINES = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details",
    "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "legend", "li", "main", "menu",
    "nav", "ol", "option", "p", "pre", "section", "select", "summary", "table", "tbody",
    "tfoot", "thead", "title", "tr", "ul",
})  # fmt: skip
"""Elements that begin and end a line."""
_GAPS = dict.fromkeys(_LINES, "\n") | {"td": " ", "th": " ", "br": "\n"}
_LONG_NUMBER = re.compile(r"&#([0-9]{8,}+);?")
_MOST_DIGITS = 7  # 1114111 is the last code point
_MARGIN = " \t\f\v"


def plain_text(markup: str) -> str:
    """Return the text a reader sees: no tags, scripts or styles; character references read.

    Elements that stand on lines of their own give line feeds, table cells give spaces;
    lines are trimmed, and more than one empty line becomes one. ``<`` before anything
    that begins no tag is text.
    """
    text = markup
    if "<" in text:
        text = _TAG.sub(_gap, text)
    return _tidy(unescaped(text))


def unescaped(text: str) -> str:
    """Return text with its character references read (WHATWG HTML §13.5).

    The standard library refuses numbers of thousands of digits; they are no characters.
    """
    return html.unescape(_LONG_NUMBER.sub(_shorter, text)) if "&" in text else text


def _shorter(reference: re.Match[str]) -> str:
    digits = reference[1].lstrip("0")
    return "\ufffd" if len(digits) > _MOST_DIGITS else f"&#{digits or 0};"


def _gap(tag: re.Match[str]) -> str:
    """Return what stands between the text before and after a tag."""
    name = tag[1]
    if name is None:
        return "\n" if tag[3] else ""
    gap = _GAPS.get(name)
    return _GAPS.get(name.lower(), "") if gap is None else gap


def _tidy(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\n" in text:
        text = "\n".join([line.strip(_MARGIN) for line in text.split("\n")])
        while "\n\n\n" in text:
            text = text.replace("\n\n\n", "\n\n")
    return text.strip(_MARGIN + "\n")


def storable(text: str) -> str:
    r"""Return text that UTF-8 can hold: each lone surrogate as its JSON escape ``\udXXX``."""
    return text.encode("utf-8", "backslashreplace").decode()
