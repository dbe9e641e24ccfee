"""Detectors of numbers that belong to a person: telephone, social security, licences, accounts.

Forms: SSA numbers (POMS RM 10201), ISO/IEC 7812 cards, ISO 13616 IBANs, ABA routing numbers; check
digits by python-stdnum, telephone numbers by phonenumbers. Pure; nothing is asked of anybody.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from phonenumbers import PhoneNumberMatcher
from stdnum import iban, luhn
from stdnum.us import itin, rtn, ssn

from archiver.redact.found import HIGH, MEDIUM, Found, has_before, matches

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "accounts",
    "births",
    "employees",
    "licences",
    "phones",
    "plates",
    "social_security",
]

REGION = "US"
"""Whose telephone numbers are read without a country code (ISO 3166-1)."""

_OFFICIAL = re.compile(
    r"(?:ordinance|resolution|case|docket|permit|parcel|invoice|bid|project|request|tracking"
    r"|order|chapter|isbn|lot|item|contract|claim)\s*(?:no\.?|number|#|opening for project)?\s*$",
    re.IGNORECASE,
)
"""What a number is not a telephone number after."""

_LOCAL = re.compile(r"(?<![\d-])\d{3}[-. ]\d{4}(?![-\d])")
_LOOSE = re.compile(
    r"(?<![\d/-])\d{3}[-./* \u2010-\u2015]{1,3}\d{3}[-./* \u2010-\u2015]{1,3}\d{4}(?![-\d])"
)
_BARE = re.compile(r"(?<![\d-])\d{7}(?![-\d])")
_CALLED = re.compile(
    r"\b(?:call|phone|cell|tel|mobile|ring|reach|number|text|fax|dial|land\s?line|snap|hmu|no\.)",
    re.IGNORECASE,
)


def phones(text: str) -> Iterator[Found]:
    """Yield telephone numbers: valid ones by their form, local ones where somebody is called."""
    for match in PhoneNumberMatcher(text, REGION):
        if not has_before(_OFFICIAL, text, match.start, 24):
            end = match.start + len(re.split(r"\s*(?:ext|x)\b", match.raw_string)[0])
            yield Found(match.start, end, "phone", HIGH, "a valid telephone number")
    for one in _LOOSE.finditer(text):
        if not has_before(_OFFICIAL, text, one.start(), 24):
            yield Found(*one.span(), "phone", MEDIUM, "formed like a telephone number")
    for pattern in (_LOCAL, _BARE):
        for one in pattern.finditer(text):
            official = has_before(_OFFICIAL, text, one.start(), 24)
            if has_before(_CALLED, text, one.start(), 40) and not official:
                yield Found(*one.span(), "phone", MEDIUM, "seven digits where somebody is called")


_SSN = re.compile(r"(?<![\d-])\d{3}[-. ]\d{2}[-. ]\d{4}(?![-\d])")
_SSN_MASKED = re.compile(r"\b[xX*]{3}-[xX*]{2}-(?P<it>\d{4})\b")
_SSN_TOLD = re.compile(
    r"\b(?:ssn|s\.s\.n\.|ss\s*#|soc(?:ial|\.)(?:\s+sec\w*)?|itin|tax\s+id)[^\d\n]{0,24}(?P<it>\d{9})\b",
    re.IGNORECASE,
)
_SSN_END = re.compile(
    r"\b(?:last\s+(?:4|four)[^\d\n]{0,12}social|(?:ssn|social)[^\d\n]{0,16}(?:end\w*|last|(?:4|four)\s+digits))"
    r"[^\d\n]{0,16}(?P<it>\d{4})\b",
    re.IGNORECASE,
)


def social_security(text: str) -> Iterator[Found]:
    """Yield social security and taxpayer numbers, and the last four digits of one."""
    for one in _SSN.finditer(text):
        good = ssn.is_valid(one[0]) or itin.is_valid(one[0])
        how = (HIGH, "a valid number") if good else (MEDIUM, "formed like a number")
        yield Found(*one.span(), "ssn", how[0], f"{how[1]} of social security, or of a taxpayer")
    yield from matches(_SSN_TOLD, text, "ssn", (HIGH, "nine digits after its name"))
    yield from matches(_SSN_MASKED, text, "ssn", (MEDIUM, "its last four digits, the rest masked"))
    yield from matches(_SSN_END, text, "ssn", (MEDIUM, "its last four digits"))


_LICENCE = re.compile(r"\b[A-Z]\d{3}[- ]?\d{4}[- ]?\d{4}(?:[- ]?\d{2})?\b")
_LICENCE_TOLD = re.compile(
    r"\b(?:driv\w+['’]?s?\s+licen[cs]e|DL|state\s+ID|licen[cs]e\s+(?:n(?:o|umber)|from\s+\w+\s+is)|OLN|learner['’]?s\s+permit)"
    r"\b[^\n\d]{0,12}?(?P<it>\b[A-Z]{0,2}\d[\dA-Z-]{4,16}\b)",
    re.IGNORECASE,
)


def licences(text: str) -> Iterator[Found]:
    """Yield numbers of driver's licences: a letter with 11 or 13 digits, or what is called one."""
    yield from matches(_LICENCE, text, "licence", (HIGH, "a letter and eleven digits or more"))
    yield from matches(_LICENCE_TOLD, text, "licence", (MEDIUM, "a number after its name"))


_PLATE = re.compile(
    r"\b(?:[Pp]lates?(?:\s+of\s+the\s+\w+)?(?:\s*(?:no\.?|number|is|says|#))?|tag\s+number)\b[\s:#.]*"
    r"(?P<it>(?=[A-Z \-]{0,5}\d|\d)[A-Z0-9]{2,8}(?:[ -][A-Z0-9]{2,6})?)\b"
)


def plates(text: str) -> Iterator[Found]:
    """Yield plates of cars, where they are called so."""
    yield from matches(_PLATE, text, "plate", (MEDIUM, "letters and digits after the word plate"))


_CARD = re.compile(r"(?<![\d-])[3-6]\d{3}(?:[ -]?\d{2,6}){2,4}(?![-\d])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{2,4}){3,8}\b")
_ACCOUNT = re.compile(
    r"\b(?:account|acct|kontonummer)\b\.?\s*(?:no\.?|number|#|nr\.?)?\s*[:#]?\s*(?:is\s+)?"
    r"(?P<it>(?:[A-Z]{1,3}-)?\d[\d-]{4,18}\d)\b",
    re.IGNORECASE,
)
_ROUTING = re.compile(r"\b(?:routing|aba)\b[^\d\n]{0,12}(?P<it>\d{9})\b", re.IGNORECASE)
_CARD_TOLD = re.compile(
    r"\b(?:cc|card|visa|amex|mastercard)\b[^\d\n]{0,16}(?P<it>\d{4}(?:[ -]?\d{3,6}){2,4})\b",
    re.IGNORECASE,
)
_CARD_END = re.compile(
    r"\bcard\b[^\d\n]{0,12}(?:ending|ends)(?:\s+in)?\s+(?P<it>\d{4})\b", re.IGNORECASE
)


def accounts(text: str) -> Iterator[Found]:
    """Yield numbers of cards, banks and customers."""
    for one in _CARD.finditer(text):
        digits = re.sub(r"\D", "", one[0])
        if 13 <= len(digits) <= 19 and luhn.is_valid(digits):  # noqa: PLR2004 - ISO/IEC 7812
            yield Found(*one.span(), "account", HIGH, "a card number, its check digit is right")
    for one in _IBAN.finditer(text):
        if iban.is_valid(one[0]):
            yield Found(*one.span(), "account", HIGH, "an IBAN, its check digits are right")
    for one in _ROUTING.finditer(text):
        sure = HIGH if rtn.is_valid(one["it"]) else MEDIUM
        yield Found(*one.span("it"), "account", sure, "a routing number after its name")
    yield from matches(_ACCOUNT, text, "account", (MEDIUM, "a number after the word account"))
    yield from matches(_CARD_TOLD, text, "account", (MEDIUM, "a long number after the word card"))
    yield from matches(_CARD_END, text, "account", (MEDIUM, "the last digits of a card"))


_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = (
    rf"(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}|\d{{4}}-\d{{2}}-\d{{2}}"
    rf"|{_MONTH}\s+(?:\d{{1,2}},?\s+)?\d{{4}}|\d{{1,2}}[\s-]{_MONTH}[\s-]\d{{4}})"
)
_BORN = re.compile(
    rf"\b(?:d\.?o\.?b\.?|date\s+of\s+birth|born(?:\s+(?:on|in))?|b\.|turned\s+\d{{1,3}}\s+on|birth\s?da(?:y|te))[^\w\n]{{0,3}}"
    rf"(?:is\s+)?(?P<it>{_DATE})",
    re.IGNORECASE,
)


def births(text: str) -> Iterator[Found]:
    """Yield dates of birth, where they are called so."""
    yield from matches(_BORN, text, "birth", (MEDIUM, "a date after the word birth or born"))


_EMPLOYEE = re.compile(
    r"\b(?:(?:employee|emp|payroll)\.?\s*(?:id|no\.?|number|#)|badge(?:\s+(?:no\.?|number|#))?)(?:\s+is)?[\s:#]*(?P<it>[A-Z]{0,2}-?\d{3,8})\b",
    re.IGNORECASE,
)


def employees(text: str) -> Iterator[Found]:
    """Yield numbers of employees."""
    yield from matches(_EMPLOYEE, text, "employee-id", (MEDIUM, "a number after its name"))
