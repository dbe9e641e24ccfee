"""Detectors of what is said of a person: health, body, children, passwords. Pure.

Words alone are no sign: a city writes of flu shots every week. So they count where somebody is
spoken of, within a few words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archiver.redact.found import LOW, MEDIUM, Found, matches

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["biometric", "medical", "minors", "passwords"]

_SOMEBODY = re.compile(
    r"\b(?:i|me|you|your|mi|i['’]m|i['’]ve|my|our|her|his|he|he['’]s|she|she['’]s|their|mom|mother|dad|father|wife|husband"
    r"|son|daughter|uncle|aunt|neighbou?r|patient)\b",
    re.IGNORECASE,
)
_NEAR = 48
"""Code points on both sides within which somebody is spoken of."""

_MEDICAL = re.compile(
    r"\b(?:cancer|tumou?r|chemo(?:therapy)?|hiv|aids|diabet(?:es|ic)|insulin|depress(?:ion|ed)"
    r"|bipolar|schizophreni[ac]|ptsd|dialysis|prescriptions?|medications?|therapist"
    r"|psychiatrist|psychologist|epilep(?:sy|tic)|seizures?|asthma|autis(?:m|tic)|adhd|pregnan(?:t|cy)"
    r"|miscarriage|abortion|dementia|alzheimer(?:['’]?s)?|parkinson(?:['’]?s)?|stroke|heart\s+attack"
    r"|alcoholi(?:sm|c)|addict(?:ion|ed)?|rehab|overdose|hepatitis|tuberculosis|diagnos(?:is|ed)"
    r"|suicidal|disabilit(?:y|ies)|disabled|covid|lupus|arthritis|multiple\s+sclerosis|leukemia"
    r"|deaf|blind|methadone|antidepressants?|blood\s?work|biopsy|(?:knee|hip)\s+replacement|colonoscopy"
    r"|mental\s+illness|anxiety\s+disorder|panic\s+attacks?|hospice|pacemaker|asma|diabetico|ocd|heroin|cocaine|opioids?"
    r"|(?:(?:heart|brain|back)\s+)?surgery|(?:(?:kidney|liver|heart)\s+)?transplant)\b",
    re.IGNORECASE,
)
_BIOMETRIC = re.compile(
    r"\b(?:(?:finger|thumb)\s?prints?|palm\s?prints?|hand\s?prints?|voice\s?prints?|dna|biometrics?"
    r"|(?:retina|iris|face|facial|hand)\s+(?:scans?|geometry|recognition))\b",
    re.IGNORECASE,
)


def medical(text: str) -> Iterator[Found]:
    """Yield words of illness and treatment."""
    return _of_somebody(_MEDICAL, text, "medical")


def biometric(text: str) -> Iterator[Found]:
    """Yield words for marks of the body that tell people apart."""
    return _of_somebody(_BIOMETRIC, text, "biometric")


def _of_somebody(pattern: re.Pattern[str], text: str, kind: str) -> Iterator[Found]:
    for one in pattern.finditer(text):
        around = text[max(0, one.start() - _NEAR) : one.end() + _NEAR]
        how = (
            (MEDIUM, "where somebody is spoken of") if _SOMEBODY.search(around) else (LOW, "alone")
        )
        yield Found(*one.span(), kind, how[0], f"a {kind} word, {how[1]}")


_TEENS = (
    r"(?:1[0-7]|[1-9]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen"
    r"|fourteen|fifteen|sixteen|seventeen)"
)
_CHILD = (
    r"(?:boy|girl|son|daughter|child|kid|student|nephew|niece|grandson|granddaughter|sister|brother"
    r"|twins?)"
)
_YEARS = rf"\b{_TEENS}[- ](?:years?|yrs?|yr)[- ]old"
_MINOR = (
    re.compile(rf"{_YEARS}\s+{_CHILD}\b", re.IGNORECASE),
    re.compile(
        rf"\b(?:my|our|her|his|their)\s+(?P<it>{_YEARS})(?!\s+(?:roof|car|truck|house|dog|cat|tree|pipe|water|contract)\b)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:he|she)(?:['’]s|\s+is|\s+was)(?:\s+only)?\s+(?P<it>{_YEARS})\b", re.IGNORECASE
    ),
    re.compile(rf"\b{_CHILD}\b[^.\n]{{0,20}}?(?P<it>{_YEARS})\b", re.IGNORECASE),
    re.compile(rf"\baged?\s+{_TEENS}\b(?!\s*(?:and|or)\s+(?:up|over|older))", re.IGNORECASE),
    re.compile(rf"\b{_TEENS}\s?(?:yo|y/o)\b", re.IGNORECASE),
    re.compile(rf"\b{_CHILD}\s+\((?P<it>{_TEENS})\)", re.IGNORECASE),
    re.compile(rf"\b{_CHILD}\s+of\s+{_TEENS}\b", re.IGNORECASE),
    re.compile(rf"\b(?:teenaged?|infant|newborn|baby|[a-z]+th-grade)\s+{_CHILD}\b", re.IGNORECASE),
    re.compile(
        r"\b(?:my|our|her|his|their)\s+(?P<it>toddler|infant|newborn|baby)\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:is|are)\s+in\s+(?:the\s+)?(?P<it>(?:\d{1,2}(?:st|nd|rd|th)|[a-z]+(?:st|nd|rd|th))\s+grade"
        r"|kindergarten)\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:\d(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)\s+grader\b",
        re.IGNORECASE,
    ),
)


def minors(text: str) -> Iterator[Found]:
    """Yield what tells that somebody is a child: an age below 18, a grade."""
    for pattern in _MINOR:
        yield from matches(pattern, text, "minor", (MEDIUM, "the age or grade of a child"))


_PASSWORD = re.compile(
    r"\b(?:(?:temp\s+)?password|passcode|passphrase|pass|psswd|passwd|pwd?|pw|secret\s+answer)\b\s*"
    r"(?:(?:is|was)\s+|[:=]\s*)[\"'“]?(?P<it>[^\s\"'”,;]{4,}[^\s\"'”,;.])",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"\b(?:password|pwd?|pw|passwd|passcode['’]s)\s+(?P<it>(?=[^\s]*\d)(?=[^\s]*[A-Za-z])[^\s\"'”,;]{5,}[^\s\"'”,;.])",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"\b(?P<it>(?=\S*[\d!@#$%&*])\S{5,})\s+(?:is|as)\s+my\s+password\b", re.IGNORECASE
)
_PAIR = re.compile(r"\blog\s?in\s+(?:is\s+)?[\w.]+\s*/\s*(?P<it>(?=\S*\d)\S{4,})", re.IGNORECASE)
_PIN = re.compile(
    r"\bPIN(?:\s+(?:code|number))?\s*(?:is\s+|[:=]\s*)(?P<it>\d{4,6})\b(?![-\d])", re.IGNORECASE
)
_NO_PASSWORD = re.compile(
    r"(?:required|changed|adopted|reset|wrong|expired|not|too|always|never|protected|accepted"
    r"|invalid|incorrect|being|still|only)\b",
    re.IGNORECASE,
)


def passwords(text: str) -> Iterator[Found]:
    """Yield passwords and PINs that somebody wrote down."""
    for pattern in (_PASSWORD, _BARE, _BEFORE, _PAIR, _PIN):
        for one in matches(pattern, text, "password", (MEDIUM, "what follows the word password")):
            if not _NO_PASSWORD.match(text, one.start):
                yield one
