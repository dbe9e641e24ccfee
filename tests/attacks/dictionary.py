"""A dictionary of short comments, 20 to 280 characters: one of them is the true one."""

from __future__ import annotations

import re
from random import Random

__all__ = ["LONGEST", "SHORTEST", "dictionary"]

SHORTEST, LONGEST = 20, 280
_WORDS = re.findall(
    r"\w+",
    """the lamp on our street is broken again please mend hole by school since monday nobody
    answered culvert flooded bus late thanks council meeting budget vote against park trees
    dogs noise night why not mayor library closed water bill wrong call me at number parking""",
)


def dictionary(count: int, seed: str = "") -> list[str]:
    """Return so many different comments, lengths evenly spread, the same for the same seed."""
    chance, found = Random(f"dictionary {seed}"), dict[str, None]()
    while len(found) < count:
        length, text = chance.randint(SHORTEST, LONGEST), ""
        while len(text) < length:
            text += chance.choice(_WORDS) + chance.choice((" ", " ", " ", ", ", ". "))
        text = text[: length - 1].rstrip(" ,.")
        found[text.ljust(length - 1, "o") + "."] = None
    return list(found)
