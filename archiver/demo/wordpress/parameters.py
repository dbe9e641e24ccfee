"""Query parameters of the REST API: which there are, and how bad ones are refused.

Measured on WordPress 6.1.9. WordPress checks in two rounds: context, page and per_page
(and a comment's status and type) first, everything else after; each round reports all
its bad parameters together.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from archiver.demo.wordpress.rules import Rule, Value

__all__ = ["LOCAL", "RestError", "parse_query", "values_of"]

LOCAL = timezone(timedelta(hours=-6))
"""The site's own time zone, which dates without a zone are in."""

_INTEGER = re.compile(r"\s*[+-]?\d+(?:\.0*)?\s*")
_DATE = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d(?::?\d\d)?)?")


class RestError(Exception):
    """An error the REST API answers with: HTTP status, code, message, further data."""

    def __init__(
        self, status: int, code: str, message: str, data: dict[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "data": {"status": status, **(data or {})}}


class Problem(NamedTuple):
    """Why one parameter is refused."""

    code: str
    message: str
    data: object = None


def parse_query(query: str) -> dict[str, str | list[str]]:
    """Return a query as PHP reads it: the last of a name wins, ``name[]`` makes a list."""
    parsed: dict[str, str | list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name.endswith("[]"):
            before = parsed.setdefault(name[:-2], [])
            if isinstance(before, list):
                before.append(value)
        else:
            parsed[name] = value
    return parsed


def values_of(
    rules: tuple[Rule, ...], query: dict[str, str | list[str]], *, login: bool
) -> dict[str, Value]:
    """Return the values of all parameters that are given or have a default.

    Raises `RestError` 400 ``rest_invalid_param`` naming every bad one of a round.
    """
    known = {rule.name: rule for rule in rules}
    values = {rule.name: rule.default for rule in rules if rule.default is not None}
    for names in ([r.name for r in rules if r.first], [n for n in query if n in known]):
        read = {n: _read(known[n], query[n], login=login) for n in names if n in query}
        problems = {name: one for name, one in read.items() if isinstance(one, Problem)}
        if problems:
            raise _refusal(problems)
        values |= {name: one for name, one in read.items() if not isinstance(one, Problem)}
    return values


def _refusal(problems: dict[str, Problem]) -> RestError:
    return RestError(
        400,
        "rest_invalid_param",
        f"Invalid parameter(s): {', '.join(problems)}",
        {
            "params": {name: problem.message for name, problem in problems.items()},
            "details": {name: problem._asdict() for name, problem in problems.items()},
        },
    )


def _read(rule: Rule, given: str | list[str], *, login: bool) -> Value | Problem:
    """Return the value of one parameter, or what is wrong with it."""
    if rule.type in {"integers", "words", "statuses"}:
        words = given if isinstance(given, list) else _words(given)
        return _read_list(rule, words, login=login)
    if isinstance(given, list):
        kind = "integer" if rule.type == "integer" else "string"
        return _wrong_type(rule.name, kind)
    return _READERS[rule.type](rule, given)


def _words(given: str) -> list[str]:
    return [word for word in re.split(r"[\s,]+", given) if word]


def _read_list(rule: Rule, words: list[str], *, login: bool) -> Value | Problem:
    if rule.type == "integers":
        return _integers(rule.name, words)
    for word in words if rule.type == "statuses" else []:
        if [word] == rule.default:
            continue
        if not login:
            return Problem("rest_forbidden_status", "Status is forbidden.", {"status": 401})
        if word not in rule.allowed:
            return _not_among(f"{rule.name}[0]", rule.allowed)
    return words


def _integers(name: str, words: list[str]) -> Value | Problem:
    for place, word in enumerate(words):
        if not _INTEGER.fullmatch(word):
            return _wrong_type(f"{name}[{place}]", "integer")
    return [int(float(word)) for word in words]


def _integer(rule: Rule, given: str) -> Value | Problem:
    if not _INTEGER.fullmatch(given):
        return _wrong_type(rule.name, "integer")
    number = int(float(given))
    if rule.low is not None and rule.high is not None and not rule.low <= number <= rule.high:
        bounds = f"between {rule.low} (inclusive) and {rule.high} (inclusive)"
        return Problem("rest_out_of_bounds", f"{rule.name} must be {bounds}")
    if rule.low is not None and number < rule.low:
        message = f"{rule.name} must be greater than or equal to {rule.low}"
        return Problem("rest_out_of_bounds", message)
    return number


def _choice(rule: Rule, given: str) -> Value | Problem:
    return given if given in rule.allowed else _not_among(rule.name, rule.allowed)


def _date(_: Rule, given: str) -> Value | Problem:
    if not _DATE.fullmatch(given):
        return Problem("rest_invalid_date", "Invalid date.")
    try:
        when = datetime.fromisoformat(given.upper())
    except ValueError:
        return Problem("rest_invalid_date", "Invalid date.")
    return (when if when.tzinfo else when.replace(tzinfo=LOCAL)).astimezone(UTC)


def _text(_: Rule, given: str) -> Value | Problem:
    return given


def _key(_: Rule, given: str) -> Value | Problem:
    return re.sub(r"[^a-z0-9_-]", "", given.lower())


_READERS = {"integer": _integer, "enum": _choice, "date": _date, "text": _text, "key": _key}


def _wrong_type(name: str, kind: str) -> Problem:
    return Problem("rest_invalid_type", f"{name} is not of type {kind}.", {"param": name})


def _not_among(name: str, allowed: tuple[str, ...]) -> Problem:
    comma = "," if len(allowed) > 2 else ""  # noqa: PLR2004 - "a and b", but "a, b, and c"
    listed = f"{', '.join(allowed[:-1])}{comma} and {allowed[-1]}"
    return Problem("rest_not_in_enum", f"{name} is not one of {listed}.")
