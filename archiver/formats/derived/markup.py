"""XML that may be hostile: it declares no entities, and nothing is fetched for it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn
from xml.parsers import expat

from archiver.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["read_xml"]

DEEPEST = 512


def read_xml(
    data: bytes,
    start: Callable[[str, Mapping[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> None:
    """Read a document: each element's name without its prefix, its attributes, its text.

    Raises `FormatError` where it is damaged, nested too deeply, or declares a type: with
    that come entities (XML 1.0 §4), which no office program writes and attackers do.
    """
    depth = 0

    def opened(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise FormatError("its XML is nested too deeply")
        start(name.rpartition(":")[2], attributes)

    def closed(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(name.rpartition(":")[2])

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _declared
    try:
        parser.Parse(data, True)  # noqa: FBT003 - takes no keyword
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise FormatError("it is damaged") from error


def _declared(*_: object) -> NoReturn:
    raise FormatError("its XML declares entities")
