"""What the people of a made-up city write: plain, quoted, in many scripts, and awkward.

Every name, address and number is invented; the numbers are of the 555-01xx range kept
free for fiction, addresses of RFC 2606 and RFC 5737.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

__all__ = ["AWKWARD", "NAMES", "article", "remark", "title"]

NAMES = (
    "Ann Larkin",
    "Béla Őrsi",
    "Chidi O'Dowd",
    "Đặng Thu",
    'Edna "Eddie" Voss',
    "Фаина Лис",
    "גילה ברק",
    "هند سالم",
    "岩田 淳",
    "José-María Ñíguez",
    "Kaʻiulani K.",  # noqa: RUF001 - a letter of Hawaiian
    "Łucja Żak & Sons",
)
SUBJECTS = (
    "the library roof",
    "Elm Street parking",
    "the skate park",
    "snow clearing",
    "the water bill",
    "bus line 7",
    "the farmers' market",
    "the new school budget",
    "the dog ordinance",
    "storm drains on 3rd Avenue",
)
VERDICTS = (
    "is long overdue",
    "costs too much, and nobody asked us",
    "works well, thank you",
    "should be put to a vote",
    "was promised for spring",
    "makes no sense to me",
    "is the best thing this council did",
    "needs a second look",
)
AWKWARD = (
    "Call me at 555-0142 or 630-555-0117 after six.",
    "Write to fay.lis@residents.example, not to the clerk.",
    "Tom &amp; Ann said 5 < 6 &lt;b&gt; and \"quoted\" it 'twice'.",
    "🌳🚧 👩‍👩‍👧‍👦 finally! 🏳️‍🌈 👍🏽",
    'זו הודעה בעברית עם 12 מספרים ו-"מרכאות".',  # noqa: RUF001 - Hebrew
    "متى تُفتح المكتبة؟ الساعة ١٠ أم ١١؟",  # noqa: RUF001 - Arabic
    "日本語のコメントです。「駐車場」はどこですか。",
    "Cafe\u0301 is not Café; a\u00a0no-break space; zero\u200bwidth; rtl \u202etxet\u202c.",
    'C:\\temp\\new \\u0041 %20 {"json": [1, null]} ]]> <!-- no -->',
    "Line one\nLine two\n\nA new paragraph, after a blank line.",
    '<strong>Bold</strong>, <a href="http://city.example/?a=1&amp;b=2">a link</a>.',
    "€ 1.234,56 – “typographic” … ½ ² µ ﬁ Ǆ ẞ İı",
    "U+2028\u2028and U+2029\u2029stand between these words.",
)


def title(rng: Random, number: int) -> str:
    """Return a headline; some carry quotes, ampersands and other scripts."""
    subject = rng.choice(SUBJECTS)
    forms = (
        f"Notice {number}: {subject}",
        f"“Your voice”: {subject} & you, no. {number}",
        f"Aviso {number}: reunión pública — {subject}",
        f"№ {number}: 公告 {subject} 🏛️",
        f"Q&A {number} about {subject} <draft>",
    )
    return forms[number % len(forms)]


def article(rng: Random, number: int) -> str:
    """Return a post's text, in blocks, of a few hundred to a few thousand characters."""
    paragraphs = [
        f"{rng.choice(SUBJECTS).capitalize()} {rng.choice(VERDICTS)}. {rng.choice(AWKWARD)}"
        for _ in range(rng.randint(2, 9))
    ]
    blocks = [
        f"<!-- wp:paragraph -->\n<p>{text}</p>\n<!-- /wp:paragraph -->" for text in paragraphs
    ]
    return "\n\n".join([*blocks, f"<p>File no. {number}/{rng.randint(1000, 9999)}.</p>"])


def remark(rng: Random, number: int) -> str:
    """Return a comment's text; every second one is awkward in some way, one is very long."""
    text = f"{rng.choice(SUBJECTS).capitalize()} {rng.choice(VERDICTS)} (#{number})."
    if number % 2:
        text = f"{text} {AWKWARD[number // 2 % len(AWKWARD)]}"
    if number % 97 == 5:
        text = "\n".join([text, *(f"{line}. {rng.choice(VERDICTS)}" for line in range(800))])
    return text
