"""The fonts of numbered pages: those of typst, and Noto for other scripts and for emoji (ADR 0172).

They come as locked packages under the SIL Open Font License, so that the same pages are the same
bytes on every machine; those of the machine are never asked. They are looked through once for each
process, which takes ten times as long as setting a page.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from importlib.resources import files

import typst

__all__ = ["FAMILIES", "PACKAGES", "font_versions", "fonts"]

PACKAGES = {
    "manimgx-fonts": "manimgx_fonts",
    "noto-cjk-sans-jp-regular": "noto_cjk_sans_jp_regular",
}
"""By distribution, the package that has the fonts. The second has Chinese and Korean as well."""
_SCRIPTS = (
    *("Arabic", "Armenian", "Bengali", "Devanagari", "Ethiopic", "Georgian", "Gujarati"),
    *("Gurmukhi", "Hebrew", "Kannada", "Khmer", "Lao", "Malayalam", "Myanmar", "Oriya"),
    *("Sinhala", "Symbols", "Tamil", "Telugu", "Thai"),
)
FAMILIES = (
    "Libertinus Serif",
    "Noto Sans",
    *(f"Noto Sans {script}" for script in _SCRIPTS),
    "Noto Sans CJK JP",
    "Noto Emoji",
)
"""In the order in which they are asked for a letter."""


@cache
def fonts() -> typst.Fonts:
    """Return all fonts of pages."""
    paths = [str(files(package)) for package in PACKAGES.values()]
    return typst.Fonts(include_system_fonts=False, font_paths=paths)


def font_versions() -> dict[str, str]:
    """Return which versions of fonts there are: with others pages have other bytes."""
    return {name: version(name) for name in PACKAGES}
